#!/usr/bin/env bash
# Fetches software Vulkan for the tests marked `vulkan`:   bash tests/vulkan.sh FOLDER
#
# Mesa 25 from Debian's backports, which computes, and bookworm's own 22.3, which WebGPU refuses as too old; 20 MB.
# Both are only unpacked into FOLDER, and nothing is installed: needs no root. Then CAMVIEWER_TEST_VULKAN=FOLDER
# has the tests run. Ends with 1, and one line that says why, where that can't be had: not on Debian 12, no network.
set -u
folder=$1
fail() { echo "no software Vulkan: $1" >&2; exit 1; }
if [ -e "$folder/old.json" ]; then exit 0; fi
if ! grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release || ! command -v dpkg >/dev/null; then
    fail "this is not Debian 12"
fi
mkdir -p "$folder" || exit 1
folder=$(cd "$folder" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/debs"
signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
for suite in bookworm bookworm-backports; do
    echo "deb $signed http://deb.debian.org/debian $suite main"
done >"$work/sources.list"
apt() {
    timeout 60 apt-get -qq -o Acquire::Retries=1 -o Acquire::http::Timeout=10 -o Debug::NoLocking=1 \
        -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=- \
        -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work" -o APT::Sandbox::User= "$@"
}
apt update >&2 || fail "Debian's server doesn't answer"
cd "$work/debs" || exit 1
fetch() { apt download "$2" >&2 && dpkg -x "${2%%/*}"_*.deb "$work/$1" && rm -- *.deb; }
fetch new mesa-vulkan-drivers/bookworm-backports || fail "Mesa 25 can't be fetched"
fetch old mesa-vulkan-drivers/bookworm || fail "Mesa 22.3 can't be fetched"
for package in libvulkan1 libllvm15 libdrm2 libwayland-client0 libx11-xcb1 libxcb-dri3-0 libxcb-present0 \
    libxcb-randr0 libxcb-shm0 libxcb-sync1 libxcb-xfixes0 libxshmfence1; do
    # The loader always: it is not to be installed, so that a test can do without.
    if [ $package = libvulkan1 ] || ! dpkg -s $package >/dev/null 2>&1; then
        fetch libraries $package || fail "$package can't be fetched"
    fi
done
place=usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo x86_64-linux-gnu)
mkdir -p "$folder/lib"
cp -a "$work/libraries/$place/." "$folder/lib/"
for age in new old; do
    cp "$work/$age/$place/libvulkan_lvp.so" "$folder/$age.so" || fail "the package has no lavapipe"
    echo '{"file_format_version": "1.0.0", "ICD": {"api_version": "1.1.0", "library_path": "'"$folder/$age.so"'"}}' \
        >"$folder/$age.json"
done
