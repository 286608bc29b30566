"""Take encoders that camviewer never uses out of the bundle: libraries that stand in for them are compiled.

Why is said in standins/encoders.c. Standard library only; needs a C compiler.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

SOURCE = Path(__file__).resolve().parent / "standins" / "encoders.c"
COMPILERS = ("cc", "gcc", "clang")
GPL = ("x264", "x265")
"""Those that must not be in a bundle. The other, SVT-AV1, is only large."""
_NAME = re.compile(r"^(?:lib)?(x26[45]|SvtAv1Enc)(?:[-.][^/]*)?\.(?:so[.\d]*|dll|dylib)$")
MARK = b"nothing that encodes: camviewer's stand-in"
"""Is in the source, too."""


def encoders(folder: Path) -> list[Path]:
    """The libraries of these encoders below a folder (stand-ins too); links don't count."""
    return sorted(path for path in folder.rglob("*") if _NAME.match(path.name) and not path.is_symlink())


def is_stand_in(path: Path) -> bool:
    return MARK in path.read_bytes()


def build_number(encoder: str, neighbours: Sequence[Path]) -> int | None:
    """The number in the name of the function by which libavcodec opens an encoder; 0 if it has none in it."""
    if encoder not in GPL:
        return 0
    function = {"x264": rb"x264_encoder_open_(\d+)", "x265": rb"x265_api_get_(\d+)"}[encoder]
    for library in neighbours:
        if "avcodec" in library.name and (found := re.search(function, library.read_bytes())):
            return int(found[1])
    return None


def compile_command(compiler: str, library: Path, output: Path, number: int) -> list[str]:
    """The call that makes the stand-in of a library. Windows' libraries don't hold their own name."""
    match = _NAME.match(library.name)
    assert match is not None
    command = [compiler, "-O2", f"-D{match[1].upper()}_BUILD={number}"]
    if library.suffix == ".dylib":  # any version that its users ask for
        command += ["-dynamiclib", "-install_name", f"@rpath/{library.name}"]
        command += ["-compatibility_version", "65535", "-current_version", "65535"]
    else:
        command.append("-shared")
    if ".so" in library.name:
        command += ["-fPIC", f"-Wl,-soname,{library.name}"]
    return [*command, "-o", str(output), str(SOURCE)]


def replace_encoders(folder: Path) -> list[Path]:
    """Replace the encoders below a folder, and return those under the GPL that couldn't be.

    On macOS the linker signs what it makes ad hoc; `build.seal` signs it again.
    """
    compiler = next((path for name in COMPILERS if (path := shutil.which(name))), None)
    left = []
    for library in encoders(folder):
        match = _NAME.match(library.name)
        number = build_number(match[1], list(library.parent.iterdir())) if match else None
        if compiler is None or number is None:
            if match and match[1] in GPL:
                left.append(library)
            continue
        new = library.with_name(f"{library.name}.new")
        subprocess.run(compile_command(compiler, library, new, number), check=True)
        new.chmod(0o755)
        new.replace(library)
    return left
