"""THIRD-PARTY-NOTICES.txt and licences/ of a bundle: whose work is in it, under which licences.

    python notices.py LIBRARIES DATA WORK     with the Python that the bundle was made from

LIBRARIES: the bundle's folder of libraries. DATA: that of its other files (another on macOS only), where both
are written. WORK: PyInstaller's folder, whose tables of contents say what came from where. Nothing is listed
that isn't in the bundle. A package without any licence text is an error.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import notices_text
import platform_files
import standins

HERE = Path(__file__).resolve().parent
NOTICES, FOLDER = "THIRD-PARTY-NOTICES.txt", "licences"
_LICENCE_FILE = re.compile(r"(licen[cs]e|copying|notice|copyright|authors|eula)", re.IGNORECASE)
_NO_TEXT = re.compile(r"\.(py|pyc|pyi|so|h|json|toml)$")
TOOLS = {"pip", "altgraph", "pyinstaller-hooks-contrib", "hatchling", "wheel"}
"""In the environment to build with; nothing of them is in a bundle."""


@dataclass
class Package:
    """An installed Python package. texts: the licence files that it brings, by a path of their own."""

    name: str
    version: str
    licence: str
    home: str
    texts: dict[str, str] = field(default_factory=dict)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def entry(facts: metadata.PackageMetadata, key: str) -> str:
    """A field of a package's metadata; empty if it isn't there."""
    return str(facts[key]).strip() if key in facts else ""


def licence_of(facts: metadata.PackageMetadata) -> str:
    """In a few words, from the fields that packages use for it."""
    expression = entry(facts, "License-Expression")
    if expression:
        return expression
    classifiers = [
        c.split("::")[-1].strip() for c in facts.get_all("Classifier") or [] if c.startswith("License")
    ]
    text = entry(facts, "License").splitlines()
    if text and text[0].upper() != "UNKNOWN" and len(text[0]) < 100:
        return text[0]
    return "; ".join(classifiers) or "see its licence text"


def home_of(facts: metadata.PackageMetadata) -> str:
    urls: dict[str, str] = {}
    for line in facts.get_all("Project-URL") or []:
        label, _, url = line.partition(", ")
        urls[label.lower()] = url
    named = (urls[key] for key in ("source", "source code", "repository", "homepage", "home") if key in urls)
    return next(named, "") or entry(facts, "Home-page") or next(iter(urls.values()), "")


def is_licence_file(path: str) -> bool:
    """Whether a file of a package is a licence text, by its path among the package's files."""
    if _NO_TEXT.search(path):
        return False
    in_metadata = re.search(r"\.dist-info/(licenses|license_files)/", path) is not None
    return in_metadata or _LICENCE_FILE.search(Path(path).name) is not None


def collected_sources(work: Path) -> dict[str, str]:
    """What PyInstaller collected: source file → path in the bundle (modules: their names)."""
    sources = {}
    for table in sorted(work.glob("*.toc")):
        if not table.name.startswith(("PYZ-", "COLLECT-")):
            continue
        contents = ast.literal_eval(table.read_text(encoding="utf-8"))
        for part in contents:
            for entry in part if isinstance(part, list) else ():
                if isinstance(entry, tuple) and len(entry) >= 3 and isinstance(entry[1], str):
                    sources[str(Path(entry[1]))] = entry[0]
    return sources


def packages(sources: Iterable[str]) -> Iterator[Package]:
    """The installed packages of which a file was collected, by name."""
    collected = set(sources)
    for found in sorted(metadata.distributions(), key=lambda d: normal(d.metadata["Name"])):
        name = normal(found.metadata["Name"])
        if name in TOOLS or name == "camviewer":
            continue
        files = [str(file) for file in found.files or ()]
        own = (file for file in files if ".dist-info" not in file)
        if name != "pyinstaller" and not any(str(found.locate_file(file)) in collected for file in own):
            continue
        texts = {}
        for relative in filter(is_licence_file, files):
            path = Path(str(found.locate_file(relative)))
            if path.is_file():
                inside = relative.split(".dist-info/")[-1].removeprefix("licenses/")
                texts[inside] = path.read_text(encoding="utf-8", errors="replace")
        licence = licence_of(found.metadata)
        if name == "pyinstaller":  # only its bootloader is in a bundle
            licence = "GPL-2.0-or-later with an exception for bundles, which may have any licence"
        yield Package(name, found.version, licence, home_of(found.metadata), texts)


def borrowed_texts(package: Package) -> Sequence[str]:
    """For packages that bring no text of their own: ours that is right for them."""
    if package.name.startswith(("pyside6", "shiboken6")):
        return ("LGPL-3.txt", "GPL-3.txt")
    if "Apache" in package.licence:
        return ("Apache-2.0.txt",)
    if package.name.startswith("nvidia-"):
        return ("NVIDIA-cusparselt.txt",) if "cusparselt" in package.name else ()
    return ()


def python_licence() -> str:
    """The text that came with the Python that is in the bundle."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    base = Path(sys.base_prefix)
    places = [base / "lib" / version / "LICENSE.txt", base / "LICENSE.txt", base / "LICENSE"]
    places += [Path("/usr/share/doc") / version / "copyright", base / "Resources" / "LICENSE.txt"]
    found = next((place for place in places if place.is_file()), None)
    return found.read_text(encoding="utf-8", errors="replace") if found else str(license)


def debian_package(library: Path) -> str | None:
    """The Debian package that a library came with; None elsewhere."""
    if shutil.which("dpkg") is None:
        return None
    resolved = str(library.resolve())
    for path in (resolved, resolved.removeprefix("/usr")):
        done = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    return None


def system_libraries(sources: dict[str, str]) -> dict[str, list[str]]:
    """Debian package (or "the system") → its libraries that were collected."""
    packages: dict[str, list[str]] = {}
    for source, target in sources.items():
        if source.startswith(("/usr/lib", "/lib", "/usr/local/lib/lib")) and "/" not in target:
            packages.setdefault(debian_package(Path(source)) or "the system", []).append(target)
    return {name: sorted(files) for name, files in sorted(packages.items())}


def write(libraries: Path, data: Path, work: Path) -> list[Package]:
    """Write both below `data`. Raises SystemExit, naming them, if packages have no licence text."""
    sources = {
        source: target for source, target in collected_sources(work).items() if is_kept(libraries, target)
    }
    folder = data / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    general = HERE / "licences"
    found = list(packages(sources))
    for package in found:
        if not package.texts:
            package.texts = {name: (general / name).read_text("utf-8") for name in borrowed_texts(package)}
        for name, text in package.texts.items():
            target = folder / package.name / re.sub(r"[^\w./-]", "_", name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    without = [package.name for package in found if not package.texts]
    if without:
        raise SystemExit(f"No licence text for {', '.join(without)}: add one to notices.borrowed_texts.")
    # On Windows they came with torch, in no package of their own.
    nvidia = has_cuda(libraries)
    for licence in sorted(general.glob("*.txt")):
        if nvidia or not licence.name.startswith("NVIDIA"):
            shutil.copyfile(licence, folder / licence.name)
    (folder / "Python.txt").write_text(python_licence(), encoding="utf-8")
    system = system_libraries(sources)
    for name in system:
        copyright_file = Path("/usr/share/doc") / name / "copyright"
        if copyright_file.is_file():
            (folder / "system").mkdir(exist_ok=True)
            shutil.copyfile(copyright_file, folder / "system" / f"{name}.txt")
    media = sorted(
        {path.name for pattern in ("av.libs/*", "av/*dylibs/*") for path in libraries.glob(pattern)}
    )
    (data / NOTICES).write_text(
        notices_text.notices(
            own_licence=(HERE.parent / "LICENSE").read_text(encoding="utf-8"),
            packages=[(p.name, p.version, p.licence, p.home) for p in found],
            system=system,
            media_libraries=media,
            stand_ins=[path.name for path in standins.encoders(libraries) if standins.is_stand_in(path)],
            nvidia=nvidia,
            resnet=any(data.glob("camviewer/resources/weights/*")),
            home=platform_files.HOME,
        ),
        encoding="utf-8",
    )
    return found


def has_cuda(libraries: Path) -> bool:
    """Whether libraries of NVIDIA's are there, by their names."""
    return any(any(libraries.glob(pattern)) for pattern in ("**/libcudart*.so*", "torch/lib/cudart64*.dll"))


def is_kept(libraries: Path, target: str) -> bool:
    """Whether what was collected is (still) there: modules always are, in the program's file."""
    is_file = "/" in target or re.search(r"\.(so|dll|pyd|dylib)", target) is not None
    return not is_file or (libraries / target).exists()


if __name__ == "__main__":
    listed = write(*(Path(argument) for argument in sys.argv[1:4]))
    print(f"Notices of {len(listed)} packages.")
