"""Build the bundle of camviewer that runs without Python: one archive for people who don't program.

    python3 packaging/build.py [--light] [--weights RESNET18.pth] [--torch-index URL] [--clean]

In build/bundle it makes an environment with nothing but what camviewer needs, collects the program
(PyInstaller, by camviewer.spec), leaves out what isn't used, adds the licences of others and a manifest, lets
the program test itself, and packs it into dist/. The flavour is a part of the archive's name: light (without
torch), or, by which torch pip installs, cpu, cuda or metal. Standard library only; Python 3.11 or newer.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import archive
import contents
import platform_files
import standins

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "packaging"
BUILD = ROOT / "build" / "bundle"
SELF_TEST_S = 600
_begun = time.monotonic()


def say(text: str) -> None:
    """One step, with the minutes since the start."""
    seconds = time.monotonic() - _begun
    print(f"[{seconds // 60:2.0f}:{seconds % 60:02.0f}] {text}", file=sys.stderr, flush=True)


def run(command: Sequence[str | Path], **environment: str) -> None:
    """Run a step. Raises SystemExit if it fails."""
    done = subprocess.run([str(part) for part in command], env={**os.environ, **environment}, check=False)
    if done.returncode != 0:
        raise SystemExit(f"This failed (exit status {done.returncode}): {' '.join(map(str, command))}")


def answer(command: Sequence[str | Path]) -> str:
    """What a command prints. Raises SystemExit if it fails."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"This failed (exit status {done.returncode}): {' '.join(map(str, command))}")
    return done.stdout.strip()


# The steps.


def make_environment(folder: Path, light: bool, torch_index: str | None) -> Path:
    """An environment with camviewer and PyInstaller, made anew; its interpreter."""
    run([sys.executable, "-m", "venv", "--clear", folder])
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    pip += ["install", "-qq"]
    if torch_index:
        run([*pip, "--index-url", torch_index, "torch", "torchvision"])
    run([*pip, f"{ROOT}[bundle]" if light else f"{ROOT}[torch,bundle]"])
    return python


def flavour_of_torch(python: Path) -> str:
    """The flavour that the installed torch makes of a bundle."""
    facts = "import torch.version as v; print(v.cuda or '-', v.hip or '-')"
    cuda, hip = answer([python, "-P", "-c", facts]).replace("-", "").split(" ")
    return archive.flavour(cuda or None, hip or None)


def refuse_torch(python: Path) -> None:
    """Raises SystemExit if torch came into the environment of the light flavour: something depends on it."""
    code = "import importlib.util as u; print(*filter(u.find_spec, ('torch', 'torchvision', 'timm')))"
    if found := answer([python, "-P", "-c", code]):
        raise SystemExit(f"The light bundle must not have {found}: what in pyproject.toml depends on it?")


def checked_weights(python: Path, weights: Path, folder: Path) -> Path:
    """A copy of ResNet18's weights, named as camviewer looks for them. SystemExit if they are others."""
    code = (
        "from camviewer.core.models.builtin import DEFAULT; official = DEFAULT.official; "
        "print(official.file_name, official.sha256)"
    )
    name, digest = answer([python, "-P", "-c", code]).split()
    if contents.sha256(weights) != digest:
        raise SystemExit(
            f"{weights} is not {name} (its SHA-256 isn't {digest}): the program would refuse it."
        )
    copy = folder / name
    shutil.copyfile(weights, copy)
    return copy


def collect(python: Path, weights: Path | None) -> Path:
    """Let PyInstaller collect the program; its folder (on macOS, the app)."""
    run([python, HERE / "icons.py", ROOT / "resources" / "icons" / "app.svg", BUILD / "icons"])
    run([python, "-P", HERE / "guide.py", BUILD / "guide"])
    own: list[str | Path] = ["--icons", BUILD / "icons", "--guide", BUILD / "guide"]
    own += ["--weights", weights] if weights else []
    places: list[str | Path] = ["--distpath", BUILD / "program", "--workpath", BUILD / "work"]
    pyinstaller: list[str | Path] = [python, "-P", "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    # PyInstaller's sets have another order every time unless they are told not to.
    run([*pyinstaller, *places, HERE / "camviewer.spec", "--", *own], PYTHONHASHSEED="0")
    return BUILD / "program" / ("camviewer.app" if sys.platform == "darwin" else "camviewer")


def strip_symbols(libraries: Path) -> None:
    """Take debugging symbols out of Python's libraries and of packages' modules. Qt's stay as they are."""
    tool = shutil.which("strip")
    if sys.platform != "linux" or tool is None:
        return
    patterns = ("libpython3.*", "python3*/lib-dynload/*.so", "**/*.cpython-3*.so", "**/*.abi3.so")
    found = {library for pattern in patterns for library in libraries.glob(pattern)}
    for library in sorted(found):
        package = library.relative_to(libraries).parts[0]
        if not library.is_symlink() and package not in ("PySide6", "shiboken6", "torch"):
            run([tool, "--strip-unneeded", library])


def program_file(program: Path) -> Path:
    name = {"win32": "camviewer.exe", "darwin": "Contents/MacOS/camviewer"}.get(sys.platform, "camviewer")
    return program / name


def libraries_of(program: Path) -> Path:
    return program / ("Contents/Frameworks" if sys.platform == "darwin" else "_internal")


def data_of(program: Path) -> Path:
    """Where everything goes that isn't code: on macOS, what lies with the code must be signed like it."""
    return program / "Contents/Resources" if sys.platform == "darwin" else libraries_of(program)


@contextlib.contextmanager
def hidden(*folders: Path) -> Iterator[None]:
    """Folders are under another name meanwhile, so that nothing can be taken from them."""
    moved = [(folder, folder.with_name(f"{folder.name}.hidden")) for folder in folders if folder.exists()]
    for folder, place in moved:
        folder.rename(place)
    try:
        yield
    finally:
        for folder, place in moved:
            place.rename(folder)


def bare_environment(environ: Mapping[str, str], home: Path, **more: str) -> dict[str, str]:
    """Nothing of this shell but what a system sets: no Python in PATH, a home that is empty."""
    kept = (
        "SYSTEMROOT",
        "SYSTEMDRIVE",
        "WINDIR",
        "COMSPEC",
        "NUMBER_OF_PROCESSORS",
        "PROCESSOR_ARCHITECTURE",
    )
    bare = {key: value for key, value in environ.items() if key.upper() in kept}
    bare |= {"PATH": str(home / "empty"), "HOME": str(home), "USERPROFILE": str(home), "LANG": "C.UTF-8"}
    bare |= {
        "TMPDIR": str(home),
        "TEMP": str(home),
        "TMP": str(home),
        "APPDATA": str(home),
        "LOCALAPPDATA": str(home),
    }
    return {**bare, **more}


def displays() -> Iterator[tuple[str, dict[str, str]]]:
    """The places where the window is tried: name, and what the environment needs for it."""
    if sys.platform != "linux":
        yield "the desktop", {}
        return
    yield "offscreen", {"QT_QPA_PLATFORM": "offscreen"}
    xvfb = shutil.which("Xvfb")
    if xvfb is None:
        say("No Xvfb here: the window is not tried on an X server.")
        return
    reader, writer = os.pipe()
    command = [xvfb, "-displayfd", str(writer), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL) as server:
        os.close(writer)
        with open(reader, encoding="ascii") as pipe:  # noqa: PTH123
            number = pipe.readline().strip()
        try:
            yield "Xvfb", {"DISPLAY": f":{number}"}
        finally:
            server.terminate()


def self_test(program: Path) -> None:
    """The program tests itself, with no Python and no build folder to be found. SystemExit if it fails."""
    with tempfile.TemporaryDirectory() as name, hidden(BUILD / "venv", BUILD / "work"):
        for place, display in displays():
            say(f"Self-test, {place}")
            environment = bare_environment(os.environ, Path(name), **display)
            command = [str(program_file(program)), "--self-test"]
            done = subprocess.run(command, env=environment, cwd=name, timeout=SELF_TEST_S, check=False)
            if done.returncode != 0:
                raise SystemExit(f"The self-test failed ({place}, exit status {done.returncode}).")


def build(args: argparse.Namespace) -> Path:
    """All steps; the archive."""
    if args.clean:
        shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True, exist_ok=True)
    say("An environment of its own")
    python = make_environment(BUILD / "venv", args.light, args.torch_index)
    if args.light:
        refuse_torch(python)
    run([python, "-P", HERE / "translations.py", "check"])
    version = answer([python, "-P", "-c", "import camviewer; print(camviewer.__version__)"])
    flavour = archive.LIGHT if args.light else flavour_of_torch(python)
    name = archive.bundle_name(version, flavour)
    weights = checked_weights(python, args.weights, BUILD) if args.weights else None
    say(f"Collecting {name}")
    program = collect(python, weights)
    libraries, data = libraries_of(program), data_of(program)

    left = standins.replace_encoders(libraries)
    if left:
        raise SystemExit(
            f"{', '.join(p.name for p in left)} are under the GPL, and so would be the bundle, "
            "with which NVIDIA's libraries can't go. A C compiler (cc, gcc, clang) makes what replaces them."
        )
    strip_symbols(libraries)
    if sys.platform == "linux":
        say(f"Copies of files became links: {contents.link_duplicates(libraries) / 1e6:.1f} MB less")
    elif sys.platform == "win32":
        say(f"Copies of Microsoft's runtime: {contents.drop_copies_of_crt(libraries) / 1e6:.1f} MB less")
    archive.make_readable(program)
    say("Notices")
    run([python, HERE / "notices.py", libraries, data, BUILD / "work" / "camviewer"])
    notices_name = "THIRD-PARTY-NOTICES.txt"
    if sys.platform == "win32":
        shutil.copyfile(HERE / "windows" / "README.txt", program / "README.txt")
        shutil.copyfile(data / notices_name, program / notices_name)
    folder = BUILD / name
    shutil.rmtree(folder, ignore_errors=True)
    say("Manifest")
    seal(program)
    print(contents.size_table(contents.sizes_by_part(program, {libraries, data})))
    self_test(program)

    if sys.platform == "linux":
        folder.mkdir()
        platform_files.app_dir(program, folder, BUILD / "icons", version)
    elif sys.platform == "darwin":
        folder.mkdir()
        program.rename(folder / program.name)
        shutil.copyfile(HERE / "macos" / "README.txt", folder / "README.txt")
        shutil.copyfile(data_of(folder / program.name) / notices_name, folder / notices_name)
    else:
        program.rename(folder)
    say("Packing")
    packed = archive.pack(folder, args.output / name, small=args.light)
    checksum = archive.write_checksum(packed)
    say(f"{packed} ({packed.stat().st_size / 1e6:.1f} MB), {checksum.name}")
    return packed


def seal(program: Path) -> None:
    """Write the manifest. Signing changes files: the libraries are signed before, the program after this."""
    contents_folder = program / "Contents" if sys.platform == "darwin" else program
    # What signing the app writes, which is done last.
    signed_last = ["MacOS/camviewer", "_CodeSignature/CodeResources"] if sys.platform == "darwin" else []
    identity = os.environ.get("CAMVIEWER_CODESIGN_IDENTITY") or "-"
    runtime = ["--options", "runtime", "--timestamp"] if identity != "-" else []
    sign = ["codesign", "--force", "--sign", identity, *runtime]
    if sys.platform == "darwin":
        for library in standins.encoders(libraries_of(program)):  # PyInstaller signed what was there before
            run([*sign, library])
    contents.write_manifest(contents_folder, data_of(program), leave_out=signed_last)
    if sys.platform == "darwin":
        # The new file breaks the seal that PyInstaller put on the app.
        run([*sign, "--entitlements", HERE / "macos" / "entitlements.plist", program])


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("build.py", description="Build the bundle of camviewer.")
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help="ResNet18's official weights, to go along"
    )
    parser.add_argument("--light", action="store_true", help="without torch: the light flavour")
    parser.add_argument(
        "--torch-index", metavar="URL", help="where pip takes torch from, for another flavour"
    )
    parser.add_argument("--output", type=Path, default=ROOT / "dist", metavar="DIR", help="default: dist")
    parser.add_argument("--clean", action="store_true", help="remove what an earlier build left")
    parser.add_argument(
        "--seal", type=Path, metavar="DIR", help="only seal a program that was signed since, and pack it"
    )
    args = parser.parse_args(arguments)
    if args.light and args.torch_index:
        parser.error("--light has no torch, so --torch-index has nothing to say")
    if args.seal:
        seal(args.seal)
        small = args.seal.name.endswith(f"-{archive.LIGHT}")
        archive.write_checksum(archive.pack(args.seal, args.output / args.seal.name, small=small))
        return 0
    build(args)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
