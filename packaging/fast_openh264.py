"""Builds OpenH264 with its assembly, in place of the one in PyAV's wheels, which has none.

    python packaging/fast_openh264.py SOURCE OUT      SOURCE: a checkout of github.com/cisco/openh264, v2.6.0
    python packaging/fast_openh264.py --ask [LIBRARY]

PyAV's wheels for Linux (15.1 to 17.0, x86-64) were built so that OpenH264 finds no features of the processor:
all of it is plain C, and a frame of 1080p takes 57 ms of a core instead of 21, with the same bytes as result.
What this builds is the same version, under the same licence. OUT has the name that FFmpeg asks for in the
wheel: put it into av.libs of a bundle, or let a program use it by LD_PRELOAD=OUT. Needs make, g++ and nasm.
--ask says of a library (by default PyAV's) which version it is, and whether it uses the processor's features.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path


class _Version(ctypes.Structure):
    """OpenH264Version of its header."""

    _fields_ = [(name, ctypes.c_uint) for name in ("major", "minor", "revision", "reserved")]


@dataclass(frozen=True, slots=True)
class Found:
    """version: FFmpeg refuses another than its own. features: of the processor, as bits; 0: plain C."""

    version: tuple[int, int, int]
    features: int


def ask(library: Path) -> Found:
    """Of a library that can be loaded. Raises OSError."""
    loaded = ctypes.CDLL(str(library))
    version = _Version()
    loaded.WelsGetCodecVersionEx(ctypes.byref(version))
    loaded.WelsCPUFeatureDetect.restype = ctypes.c_uint
    features = int(loaded.WelsCPUFeatureDetect(None))
    return Found((version.major, version.minor, version.revision), features)


def wheels_library() -> Path:
    """PyAV's, whose name is the one that FFmpeg asks for. Raises FileNotFoundError."""
    import av

    folder = Path(av.__file__).parent.parent / "av.libs"
    found = sorted(folder.glob("libopenh264*"))
    if not found:
        raise FileNotFoundError(f"{folder} has no OpenH264")
    return found[0]


def build(source: Path, out: Path, name: str) -> None:
    """name: the library's own (its soname). Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "openh264"
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns(".git"))
        command = ["make", f"-j{os.cpu_count()}", "ENABLE64BIT=Yes", f"SHLDFLAGS=-Wl,-soname,{name}"]
        subprocess.run([*command, "libopenh264.so"], cwd=copy, check=True, stdout=subprocess.DEVNULL)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile((copy / "libopenh264.so").resolve(), out)


def main() -> int:
    """As the module says; 1 if what was built can't take the place of the wheel's."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["--ask"]:
        library = Path(arguments[1]) if arguments[1:] else wheels_library()
        print(library, ask(library))
        return 0
    if len(arguments) != 2:
        print(__doc__)
        return 2
    source, out = map(Path, arguments)
    wheels = wheels_library()
    build(source, out.absolute(), wheels.name)
    before, built = ask(wheels), ask(out.absolute())
    print(f"{wheels}: {before}\n{out}: {built}")
    if built.version != before.version or not built.features:
        print("This can't take its place.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
