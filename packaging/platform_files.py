"""What each desktop wants to know of the program: icons, versions, permissions, menu entries.

Standard library only: the spec and `build.py` read it. The texts lie in linux/, macos/ and windows/.
"""

from __future__ import annotations

import re
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
IDENTIFIER = "io.github.camviewer.camviewer"
"""Of the app on macOS and of the component in AppStream's catalogue."""
HOME = "https://github.com/camviewer/camviewer"
"""Where the source is."""
SUMMARY = "See, live, where an image classifier looks"
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def icon(folder: Path | None, system: str = sys.platform) -> str | None:
    """The icon that the program's file carries; None where it can't, or where none was drawn."""
    name = {"win32": "camviewer.ico", "darwin": "camviewer.icns"}.get(system)
    return str(folder / name) if folder is not None and name is not None else None


def version_resource(version: str) -> str:
    """What Windows shows in the program's properties, in PyInstaller's notation."""
    numbers = [int("".join(c for c in part if c.isdigit()) or 0) for part in version.split(".")[:3]]
    four = tuple([*numbers, 0, 0, 0, 0][:4])
    texts = {
        "CompanyName": "camviewer",
        "FileDescription": f"camviewer: {SUMMARY[0].lower()}{SUMMARY[1:]}",
        "FileVersion": version,
        "InternalName": "camviewer",
        "LegalCopyright": "MIT licence; libraries under their own, see THIRD-PARTY-NOTICES.txt",
        "OriginalFilename": "camviewer.exe",
        "ProductName": "camviewer",
        "ProductVersion": version,
    }
    strings = ", ".join(f"StringStruct({key!r}, {text!r})" for key, text in texts.items())
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={four}, prodvers={four}, mask=0x3F, flags=0, OS=0x40004, "
        "fileType=1, subtype=0, date=(0, 0)), kids=["
        f"StringFileInfo([StringTable('040904B0', [{strings}])]), "
        "VarFileInfo([VarStruct('Translation', [1033, 1200])])])\n"
    )


def version_resource_file(folder: Path, version: str, system: str = sys.platform) -> str | None:
    """`version_resource` in a file, on Windows; None elsewhere."""
    if system != "win32":
        return None
    path = folder / "version-resource.txt"
    path.write_text(version_resource(version), encoding="utf-8")
    return str(path)


def info_plist(version: str) -> dict[str, Any]:
    """macOS shows the two reasons when the program first asks for the camera or the screen."""
    return {
        "CFBundleDisplayName": "camviewer",
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "LSApplicationCategoryType": "public.app-category.education",
        "LSMinimumSystemVersion": "14.0",  # that of torch's and numpy's wheels
        "CFBundleDevelopmentRegion": "en",
        "CFBundleLocalizations": ["en", "ko"],
        "NSHighResolutionCapable": True,
        "NSSupportsAutomaticGraphicsSwitching": True,
        "NSCameraUsageDescription": "camviewer shows where an image classifier looks in the camera's view. "
        "What is seen stays on this computer.",
        "NSScreenCaptureUsageDescription": "camviewer shows where an image classifier looks on the screen. "
        "What is seen stays on this computer.",
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "Photo or video",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Alternate",
                "LSItemContentTypes": ["public.image", "public.movie", "public.folder"],
            }
        ],
        "NSHumanReadableCopyright": "MIT licence; libraries under their own.",
    }


def glibc_needed(libraries: Path) -> int:
    """The N of the GNU C library 2.N that a Linux bundle needs: that of where it was built, or less."""
    found = {28}  # what the wheels ask for, and so the large libraries, which aren't looked at
    for pattern in ("*.so*", "python3*/lib-dynload/*.so", "PySide6/*.so*", "PySide6/Qt/lib/*.so*"):
        for library in libraries.glob(pattern):
            if library.stat().st_size < 100_000_000:
                numbers = re.findall(rb"\0GLIBC_2\.(\d+)(?=\0)", library.read_bytes())
                found |= {int(number) for number in numbers}
    return max(found)


def systems_with(glibc: int) -> str:
    """The oldest releases of some distributions that have glibc 2.N."""
    known = {
        31: ("20.04", "11", "32"),
        35: ("22.04", "12", "36"),
        36: ("23.04", "12", "37"),
        41: ("25.04", "13", "42"),
    }
    ubuntu, debian, fedora = known[min((n for n in known if n >= glibc), default=max(known))]
    return f"Ubuntu {ubuntu}, Debian {debian} or Fedora {fedora}"


def app_dir(program: Path, folder: Path, icons: Path, version: str, today: date | None = None) -> None:
    """Move a Linux program's folder into a new AppDir: AppRun and .desktop at the top, the rest below usr/.

    icons: the folder with camviewer-SIZE.png; app.svg lies in the program's resources.
    """
    linux = HERE / "linux"
    library = folder / "usr" / "lib" / "camviewer"
    library.parent.mkdir(parents=True)
    shutil.move(program, library)
    svg = library / "_internal" / "camviewer" / "resources" / "icons" / "app.svg"
    share = folder / "usr" / "share"
    pictures = {share / "icons" / "hicolor" / "scalable" / "apps" / "camviewer.svg": svg}
    for size in ICON_SIZES:
        pictures[share / "icons" / "hicolor" / f"{size}x{size}" / "apps" / "camviewer.png"] = (
            icons / f"camviewer-{size}.png"
        )
    pictures[folder / "camviewer.png"] = icons / "camviewer-256.png"
    pictures[share / "applications" / "camviewer.desktop"] = linux / "camviewer.desktop"
    for target, source in pictures.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    metainfo = (linux / "metainfo.xml").read_text(encoding="utf-8")
    for key, value in (
        ("ID", IDENTIFIER),
        ("HOME", HOME),
        ("VERSION", version),
        ("DATE", str(today or date.today())),
    ):
        metainfo = metainfo.replace(f"@{key}@", value)
    (share / "metainfo").mkdir()
    (share / "metainfo" / f"{IDENTIFIER}.metainfo.xml").write_text(metainfo, encoding="utf-8")
    glibc = glibc_needed(library / "_internal")
    readme = (linux / "README.txt").read_text(encoding="utf-8")
    readme = readme.replace("@GLIBC@", str(glibc)).replace("@SYSTEMS@", systems_with(glibc))
    (folder / "README.txt").write_text(readme, encoding="utf-8")
    shutil.copyfile(linux / "add-to-menu.sh", folder / "add-to-menu.sh")
    (folder / "add-to-menu.sh").chmod(0o755)
    (folder / "usr" / "bin").mkdir()
    links = {
        "usr/bin/camviewer": "../lib/camviewer/camviewer",
        "camviewer": "usr/bin/camviewer",  # what a person starts
        "AppRun": "usr/bin/camviewer",  # what an AppImage starts
        ".DirIcon": "camviewer.png",
        "camviewer.desktop": "usr/share/applications/camviewer.desktop",
        "guide": "usr/lib/camviewer/_internal/camviewer/resources/guide/html",
        "THIRD-PARTY-NOTICES.txt": "usr/lib/camviewer/_internal/THIRD-PARTY-NOTICES.txt",
    }
    for name, destination in links.items():
        (folder / name).symlink_to(destination)
