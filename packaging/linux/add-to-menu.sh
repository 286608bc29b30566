#!/bin/sh
# Add this folder's camviewer to the desktop's menu, for the user who runs it; --remove takes it out.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
data=${XDG_DATA_HOME:-$HOME/.local/share}
entry=$data/applications/camviewer.desktop
if [ "${1:-}" = --remove ]; then
    rm -f -- "$entry" "$data"/icons/hicolor/*/apps/camviewer.png "$data"/icons/hicolor/scalable/apps/camviewer.svg
    echo "camviewer is no longer in the menu."
    exit 0
fi
mkdir -p -- "$data/applications" "$data/icons"
cp -R -- "$here/usr/share/icons/hicolor" "$data/icons/"
# In Exec, the desktop's own quoting: \ " ` $ are escaped twice, and % is doubled.
program=$(printf '%s' "$here/usr/bin/camviewer" | sed -e 's/[\\"`$]/\\\\&/g' -e 's/%/%%/g')
while IFS= read -r line; do
    case $line in
        Exec=*) printf 'Exec="%s" %%F\n' "$program" ;;
        TryExec=*) printf 'TryExec=%s\n' "$here/usr/bin/camviewer" ;;
        *) printf '%s\n' "$line" ;;
    esac
done < "$here/usr/share/applications/camviewer.desktop" > "$entry"
if command -v update-desktop-database > /dev/null; then update-desktop-database -q "$data/applications" || true; fi
echo "camviewer is in the menu now. If the folder moves, run this again."
