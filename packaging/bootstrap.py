"""Start camviewer, or run its checks, on a machine that has nothing but Python.

    python3 packaging/bootstrap.py run [ARGS]          install what is missing, start the program
    python3 packaging/bootstrap.py run --light [ARGS]  the same without PyTorch, for a smaller download
    python3 packaging/bootstrap.py test [PYTEST ARGS]  the same with the developers' tools: all checks

Standard library only. The libraries go into .venv beside pyproject.toml; a stamp in there lets the next start
go straight to the program. Nothing at module level needs a newer Python than 3.7, so that an old one
gets as far as saying which one is needed.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Run = Callable[[Sequence[str]], int]

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "camviewer-bootstrap.json"
OLDEST_PYTHON = (3, 11)

USAGE = """\
usage: python3 packaging/bootstrap.py run [ARGS]          start camviewer (run --help: its options)
       python3 packaging/bootstrap.py run --light [ARGS]  … without installing PyTorch: a smaller download
       python3 packaging/bootstrap.py test [PYTEST ARGS]  run all checks and the tests
The first start installs the libraries into .venv; later ones start at once."""

# What Qt's Linux wheel links and does not carry: Debian's package → the file that the loader looks for.
# What these packages depend on themselves (libxcb1, libdrm2, …) comes along.
LIBRARIES = {
    "libegl1": "libEGL.so.1",
    "libgl1": "libGL.so.1",
    "libglib2.0-0": "libglib-2.0.so.0",
    "libxkbcommon-x11-0": "libxkbcommon-x11.so.0",
    "libxcb-cursor0": "libxcb-cursor.so.0",
    "libxcb-icccm4": "libxcb-icccm.so.4",
    "libxcb-keysyms1": "libxcb-keysyms.so.1",
    "libxcb-shape0": "libxcb-shape.so.0",
    "libxcb-image0": "libxcb-image.so.0",
    "libxcb-render-util0": "libxcb-render-util.so.0",
    "libxrandr2": "libXrandr.so.2",
    "libwayland-cursor0": "libwayland-cursor.so.0",
    "libwayland-egl1": "libwayland-egl.so.1",
    "libdbus-1-3": "libdbus-1.so.3",
    "libfontconfig1": "libfontconfig.so.1",
    "libgssapi-krb5-2": "libgssapi_krb5.so.2",
    "libpulse0": "libpulse.so.0",
}
FONT_PACKAGE = "fonts-dejavu-core"  # Qt draws no text at all where there is no font
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")

CHECKS = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("codespell_lib",),
    ("vulture",),
    ("mypy",),
)
"""What is checked before the tests, each as `python -m` takes it. What they do stands in pyproject.toml."""
LIGHT = "--light"
"""Straight after `run`, it is for us; anywhere else, for the program."""
SUBCOMMANDS = ("explain", "bench", "doctor")
QUESTIONS = ("-h", "--help", "--version")


def say(text: str) -> None:
    """Tell the user, on stderr: stdout belongs to the program."""
    print(text, file=sys.stderr, flush=True)


def run(command: Sequence[str]) -> int:
    """Run a command whose output is for the user to see (on stderr) and return its exit status."""
    return subprocess.call(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)


def run_quietly(command: Sequence[str]) -> int:
    """Run a command of which only the errors are for the user to see, and return its exit status."""
    return subprocess.call(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def run_silently(command: Sequence[str]) -> int:
    """Run a command whose exit status is the answer."""
    quiet = subprocess.DEVNULL
    return subprocess.call(command, stdin=quiet, stdout=quiet, stderr=quiet)


# The system: Python and the libraries that pip cannot bring.


def too_old(version: tuple[int, int]) -> str | None:
    """The sentence for a Python that is too old; None for one that will do."""
    if version >= OLDEST_PYTHON:
        return None
    needed, found = (".".join(map(str, numbers)) for numbers in (OLDEST_PYTHON, version))
    return (
        f"camviewer needs Python {needed} or newer; this is {found}. "
        "Install one (python.org) and run this with it, such as: python3.13 packaging/bootstrap.py run"
    )


def has_library(soname: str) -> bool:
    """Whether the loader finds a shared library, and all that it links."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def has_font(folders: Sequence[str] = FONT_FOLDERS) -> bool:
    """Whether any font that Qt can draw with is installed."""
    return any(
        name.lower().endswith((".ttf", ".otf", ".ttc"))
        for folder in folders
        for _, _, names in os.walk(Path(folder).expanduser())
        for name in names
    )


def has_venv() -> bool:
    """Whether this Python can make an environment with pip in it (Debian's cannot without a package)."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return False
    return True


def missing_packages(
    library: Callable[[str], bool], font: bool, venv: bool, python: tuple[int, int]
) -> list[str]:
    """Debian's names of what is missing; `library` answers for a soname, `python` names the venv package."""
    packages = [] if venv else [f"python{python[0]}.{python[1]}-venv"]
    packages += [package for package, soname in LIBRARIES.items() if not library(soname)]
    return packages if font else [*packages, FONT_PACKAGE]


def apt_commands(packages: Sequence[str], prefix: Sequence[str]) -> list[list[str]]:
    """The two apt-get calls that install the packages; `prefix` is what gives them root's rights."""
    options = ["-qq", "-o", "DPkg::Lock::Timeout=120"]
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *options]
    return [[*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", *packages]]


def line_to_type(packages: Sequence[str]) -> str:
    """The one line with which a user installs the packages."""
    return "sudo apt-get update && sudo apt-get install -y --no-install-recommends " + " ".join(packages)


def root_prefix(root: bool, sudo: bool, run: Run) -> list[str] | None:
    """What to put before a command that needs root without asking anybody; None where that cannot be had."""
    if root:
        return []
    return ["sudo", "-n"] if sudo and run(["sudo", "-n", "true"]) == 0 else None


def install_packages(packages: Sequence[str], prefix: Sequence[str] | None, run: Run) -> bool:
    """Install Debian packages, or say what the user has to type. True if they were installed."""
    if prefix is not None:
        say(f"Installing system packages: {' '.join(packages)}")
        update, install = apt_commands(packages, prefix)
        run(update)  # where this fails, the lists that are there may still do
        if run(install) == 0:
            return True
    say(f"These system packages are missing. Please type:\n\n    {line_to_type(packages)}\n")
    return False


def prepare_system(makes_venv: bool) -> None:
    """Install, or name, what the system lacks. Raises SystemExit if no environment can be made without it."""
    venv = not makes_venv or has_venv()
    if sys.platform == "linux":
        missing = missing_packages(has_library, has_font(), venv, sys.version_info[:2])
        if not missing:
            return
        if shutil.which("apt-get") and shutil.which("dpkg"):
            prefix = root_prefix(os.geteuid() == 0, shutil.which("sudo") is not None, run_silently)
            if install_packages(missing, prefix, run_quietly):
                return
        else:
            names = [LIBRARIES.get(name, name) for name in missing if name != FONT_PACKAGE]
            names += ["any TrueType font"] if FONT_PACKAGE in missing else []
            say(f"Missing from this system; install them with its package manager: {', '.join(names)}")
    if not venv:
        raise SystemExit("Python's venv and ensurepip modules are needed for the rest. Then run this again.")
    say("Going on; the window may not open.")


# The environment: .venv and what pip puts into it.


def venv_python(venv: Path, platform: str = sys.platform) -> Path:
    """The environment's interpreter."""
    return venv / "Scripts" / "python.exe" if platform == "win32" else venv / "bin" / "python"


def venv_is_whole(venv: Path) -> bool:
    """Whether the environment's interpreter, and the Python that it was made from, are (still) there."""
    try:
        configuration = (venv / "pyvenv.cfg").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    home = re.search(r"^home\s*=\s*(.+?)\s*$", configuration, re.MULTILINE)
    return home is not None and Path(home[1]).exists() and venv_python(venv).exists()


def stamp_for(
    pyproject: bytes, python: tuple[int, int], root: Path, extras: Sequence[str]
) -> dict[str, object]:
    """What an environment is good for: pyproject.toml's text, Python, checkout (pip's -e), extras."""
    return {
        "pyproject": hashlib.sha256(pyproject).hexdigest(),
        "python": ".".join(map(str, python)),
        "root": str(root),
        "extras": sorted(extras),
    }


def read_stamp(path: Path) -> dict[str, object] | None:
    """The stamp of an environment: None without one, empty while (or if ever) an installation was cut off."""
    try:
        stamp = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return None
    except ValueError:
        return {}
    return stamp if isinstance(stamp, dict) else {}


def stamp_covers(found: Mapping[str, object] | None, wanted: Mapping[str, object]) -> bool:
    """Whether an environment stamped `found` will do for `wanted`: all equal, and at least its extras."""
    if not found or any(found.get(key) != value for key, value in wanted.items() if key != "extras"):
        return False
    has, needs = found.get("extras"), wanted["extras"]
    return isinstance(has, list) and isinstance(needs, list) and set(needs) <= set(has)


def reason_to_remake(
    venv: Path, stamp: Mapping[str, object] | None, probe: Callable[[Path], str]
) -> str | None:
    """Why an environment cannot be kept; None if it can, or if there is none.

    `probe` returns the "major.minor" of a working interpreter with pip, and "" for any other.
    """
    if not venv.exists():
        return None
    if not venv_is_whole(venv):
        return "is not whole"
    if stamp is not None and not stamp:
        return "was cut off while it was being installed"
    version = probe(venv_python(venv))
    if not version:
        return "does not work"
    current = ".".join(map(str, sys.version_info[:2]))
    return None if version == current else f"is for Python {version}, this is {current}"


def probe_python(python: Path) -> str:
    """The "major.minor" of an interpreter that starts and has pip, else ""."""
    code = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run(
            [str(python), "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def pip_command(python: Path, extras: Sequence[str], terminal: bool) -> list[str]:
    """The pip call that installs this checkout, editable; its progress shows on a terminal only."""
    target = str(ROOT) + (f"[{','.join(extras)}]" if extras else "")
    quiet = [] if terminal else ["--quiet"]
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    return [*pip, *quiet, "--editable", target]


def size_of(extras: Sequence[str], found: Mapping[str, object] | None) -> str:
    """What is said of an installation's size before it begins; `found`: the stamp of what is there."""
    has = found.get("extras") if found else None
    if "torch" in extras and not (isinstance(has, list) and "torch" in has):
        return " (several GB on Linux, once; this takes minutes)"
    return "" if isinstance(has, list) else " (about 1 GB, once)"


def prepare(extras: Sequence[str]) -> Path:
    """Bring .venv up to date and return its interpreter. Raises SystemExit with the reason if that fails."""
    python = venv_python(VENV)
    wanted = stamp_for((ROOT / "pyproject.toml").read_bytes(), sys.version_info[:2], ROOT, extras)
    stamp = read_stamp(STAMP)
    if venv_is_whole(VENV) and stamp_covers(stamp, wanted):
        prepare_system(makes_venv=False)
        return python

    reason = reason_to_remake(VENV, stamp, probe_python)
    make = reason is not None or not VENV.exists()
    prepare_system(makes_venv=make)
    if make:
        say(f"{VENV} {reason}: making it anew." if reason else f"Making {VENV}")
        # The base interpreter: this one may be the very .venv that is being cleared.
        base = getattr(sys, "_base_executable", None) or sys.executable
        if run([base, "-m", "venv", "--clear", str(VENV)]) != 0:
            raise SystemExit(f"{VENV} could not be made.")
    say(f"Installing camviewer's libraries{size_of(extras, None if make else stamp)} …")
    STAMP.write_text("{}", encoding="utf-8")  # stays so if we are killed: pip may leave half a package behind
    if run(pip_command(python, extras, sys.stderr.isatty())) != 0:
        STAMP.unlink()  # pip gave up by itself and cleaned up
        raise SystemExit("pip could not install them: see above (network? disk full?). Then run this again.")
    STAMP.write_text(json.dumps(wanted), encoding="utf-8")
    return python


# The commands.


def lacks_display(environ: Mapping[str, str], platform: str) -> bool:
    """Whether a window has nowhere to open."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return platform == "linux" and not any(environ.get(name) for name in names)


def opens_window(arguments: Sequence[str]) -> bool:
    """Whether camviewer, called so, wants a display."""
    return arguments[:1] == [] or not (
        arguments[0] in SUBCOMMANDS or any(argument in QUESTIONS for argument in arguments)
    )


def program_command(python: Path, arguments: Sequence[str]) -> list[str]:
    """The call of camviewer; -P keeps modules in the user's folder from taking the place of its own."""
    return [str(python), "-P", "-m", "camviewer", *arguments]


def sample_arguments(output: Path) -> list[str]:
    """What camviewer does instead of a window where there is no display."""
    return ["explain", str(ROOT / "resources" / "samples"), "--out", str(output)]


def become(command: Sequence[str]) -> NoReturn:
    """Let a command take this process's place (on Windows, where execv returns to the shell, end with it)."""
    if sys.platform == "win32":
        sys.exit(subprocess.call(command))
    os.execv(command[0], list(command))


def start(arguments: Sequence[str]) -> int:
    """Start camviewer, or explain the sample photos where no window can open."""
    light = list(arguments[:1]) == [LIGHT]
    arguments = arguments[1:] if light else arguments
    python = prepare(extras=[] if light else ["torch"])
    if lacks_display(os.environ, sys.platform) and opens_window(arguments):
        output = Path.cwd() / "camviewer-output"
        say("There is no display here, so no window can open. Explaining the sample photos instead.")
        status = subprocess.call(program_command(python, sample_arguments(output)))
        say(f"The pictures are in {output}" if status == 0 else f"That failed (exit status {status}).")
        return status
    become(program_command(python, arguments))


def check_commands(arguments: Sequence[str]) -> list[list[str]]:
    """The checks, then pytest with its arguments."""
    # Two processes, on larger machines too: each holds torch and a model.
    return [*map(list, CHECKS), ["pytest", "-n", "2", "--dist", "worksteal", *arguments]]


def check(arguments: Sequence[str]) -> int:
    """Run all checks and pytest, whatever each says. Non-zero if any failed; pytest speaks last."""
    python = prepare(extras=["dev", "torch"])
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    failed = 0
    for tool in check_commands(arguments):
        say(f"--- {shlex.join(tool)}" + (" (the checks before it failed: see above)" if failed else ""))
        failed = subprocess.call([str(python), "-m", *tool], cwd=ROOT) or failed
    return failed


def main(arguments: Sequence[str]) -> int:
    """Carry out one command line (without the program's name) and return the exit status."""
    complaint = too_old(sys.version_info[:2])
    if complaint:
        say(complaint)
        return 1
    command, rest = (arguments[0], list(arguments[1:])) if arguments else ("--help", [])
    commands = {"run": start, "test": check}
    if command not in commands:
        asked = command in ("-h", "--help")
        print(USAGE, file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    try:
        return commands[command](rest)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
