"""The archive that people get: its name, how it is packed, and its checksum. Standard library only."""

from __future__ import annotations

import platform
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from contents import files_below, sha256

SYSTEMS = {"linux": "linux", "win32": "windows", "darwin": "macos"}
MACHINES = {"amd64": "x86_64", "x64": "x86_64", "aarch64": "arm64"}


LIGHT = "light"
"""The flavour without torch."""


def flavour(cuda: str | None, hip: str | None = None, system: str = sys.platform) -> str:
    """What the torch that is installed computes with besides the CPU; cuda, hip: `torch.version`'s."""
    if system == "darwin":
        return "metal"
    return "cuda" if cuda else "rocm" if hip else "cpu"


def bundle_name(version: str, kind: str, system: str = sys.platform, machine: str = "") -> str:
    """The archive's name but for its ending, and its folder's: camviewer-0.1.0-linux-x86_64-cuda."""
    machine = (machine or platform.machine()).lower()
    return f"camviewer-{version}-{SYSTEMS.get(system, system)}-{MACHINES.get(machine, machine)}-{kind}"


def pack(
    folder: Path,
    target: Path,
    system: str = sys.platform,
    compressor: str | None = None,
    small: bool = False,
) -> Path:
    """Pack a folder (it is the archive's only entry) into `target` plus an ending, and return the file.

    Windows: .zip, which Explorer opens. macOS: .dmg. Elsewhere .tar.xz, which every desktop's tar and archive
    manager opens; where there is no xz to pack with, .tar.gz.

    small: as small as it gets within some minutes, for bundles without CUDA's code.

    Otherwise xz at its lowest level: higher ones take four times as long, and make CUDA's code, most of
    which is compressed already, no smaller; gzip leaves 15 % more. zstd would be as small and eight times as
    fast, but a desktop's tar opens it only where zstd was installed. (Two cores, libtorch_cuda.so of 503 MB:
    xz -1 20 s, 308 MB; xz -3 88 s, 305 MB; gzip -6 10 s, 356 MB; zstd -9 2.5 s, 307 MB.)
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if system == "win32":
        return _zip(folder, target.with_name(f"{target.name}.zip"), 9 if small else 6)
    if system == "darwin":
        return _dmg(folder, target.with_name(f"{target.name}.dmg"))
    xz = compressor if compressor is not None else shutil.which("xz")
    if xz:
        return _tar_xz(folder, target.with_name(f"{target.name}.tar.xz"), xz, 6 if small else 1)
    archive = target.with_name(f"{target.name}.tar.gz")
    with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
        tar.add(folder, folder.name, filter=_as_anybody)
    return archive


def _as_anybody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the builder's user and umask: all may read; what one may run, all may."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    if not entry.issym():
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


def _tar_xz(folder: Path, archive: Path, xz: str, level: int) -> Path:
    with archive.open("wb") as output:
        command = [xz, f"-{level}", "--threads=0", "--stdout"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output) as process:
            assert process.stdin is not None
            with tarfile.open(fileobj=process.stdin, mode="w|", bufsize=1 << 20) as tar:
                tar.add(folder, folder.name, filter=_as_anybody)
            process.stdin.close()
            status = process.wait()
    if status != 0:
        archive.unlink()
        raise SystemExit(f"{xz} failed ({status}); is there room for the archive?")
    return archive


def _zip(folder: Path, archive: Path, level: int) -> Path:
    """No links: a zip on Windows can't hold them, and PyInstaller makes none there."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as file:
        for path in files_below(folder):
            file.write(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")
    return archive


def _dmg(folder: Path, archive: Path) -> Path:
    """A disk image with the app, and a link to where it goes."""
    if not (folder / "Applications").is_symlink():
        (folder / "Applications").symlink_to("/Applications")
    command = [
        "hdiutil",
        "create",
        "-volname",
        "camviewer",
        "-srcfolder",
        str(folder),
        "-ov",
        "-format",
        "ULFO",
    ]
    subprocess.run([*command, str(archive)], check=True)
    return archive


def write_checksum(archive: Path) -> Path:
    """The file that `sha256sum --check` and `shasum -a 256 --check` read."""
    path = archive.with_name(f"{archive.name}.sha256")
    path.write_text(f"{sha256(archive)}  {archive.name}\n", encoding="ascii", newline="\n")
    return path


def make_readable(folder: Path) -> None:
    """All may read and enter, as in the archive."""
    for path in files_below(folder):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
