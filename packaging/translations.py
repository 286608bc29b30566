"""The window's languages: from the source into resources/translations/camviewer_XX.ts, and on into .qm.

    python packaging/translations.py update [XX …]   bring every .ts up to date; XX (such as de) begins one
    python packaging/translations.py release         make the .qm of every .ts, which the program reads
    python packaging/translations.py check           exit status 1 if a .ts or .qm is old or incomplete

Texts are translated in between, with Qt Linguist (pyside6-linguist) or any editor. Needs PySide6, whose
lupdate and lrelease do the work. lupdate knows calls of tr and translate; texts of `core` and `media`, which
know no Qt, are found here: what is written into a `Text` or a failure, as a template in the context "core".
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "translations"
SOURCES = tuple(ROOT / "camviewer" / part for part in ("core", "media", "ui", "commands/checks"))
ALONE = tuple(ROOT / "camviewer" / file for file in ("app.py", "commands/doctor.py"))
"""Of the other commands nothing is shown in the window: they speak English."""
_CALLS = {"Text": 1, "DamagedError": 1, "Failure": 2, "SourceFailure": 2, "ModelFailure": 2} | {
    "DeviceFailure": 2,
    "NoDeviceFailure": 2,
    "OtherNetworkFailure": 2,
    "SaveFailure": 2,
}
"""How many of a call's first arguments are templates. (A Defect is told by its log record.)"""


def source_files() -> list[Path]:
    return sorted([*ALONE, *(file for folder in SOURCES for file in folder.rglob("*.py"))])


def core_templates(files: Sequence[Path]) -> list[str]:
    """The templates that are written as literals in these files, each once."""
    found: dict[str, None] = {}
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
                name = node.func.id if isinstance(node.func, ast.Name) else name
                for argument in node.args[: _CALLS.get(name, 0)]:
                    found |= dict.fromkeys(_literals(argument))
    return list(found)


def _literals(node: ast.expr) -> Iterator[str]:
    """A literal; both of ``a if condition else b``. Nothing that is put together."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if re.search(r"[A-Za-z]", re.sub(r"{[^}]*}", "", node.value)):  # there is something to translate
            yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


def run(tool: str, *arguments: str | Path) -> str:
    """One of PySide6's own tools, wherever it is installed; what it says. Raises SystemExit if it fails."""
    import PySide6

    program = Path(PySide6.__file__).parent / (f"{tool}.exe" if sys.platform == "win32" else tool)
    command = [str(program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{tool} failed (exit status {done.returncode}): {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def update(files: Sequence[Path]) -> None:
    """Bring .ts files up to date; those that aren't there are begun. Their names say the language."""
    templates = core_templates(source_files())
    lines = [f'translate("core", {json.dumps(text, ensure_ascii=False)})' for text in templates]
    with tempfile.TemporaryDirectory() as name:
        core = Path(name) / "core_templates.py"
        core.write_text("\n".join(lines) + "\n", encoding="utf-8")
        for file in files:
            # No line numbers: they would change with every line of the source.
            options = ["-silent", "-no-obsolete", "-locations", "none", "-source-language", "en"]
            language = file.stem.removeprefix("camviewer_")
            run("lupdate", *options, "-target-language", language, *source_files(), core, "-ts", file)


def release(file: Path, folder: Path | None = None) -> Path:
    """The .qm of a .ts, beside it or in another folder. Only finished translations are in it."""
    qm = (folder or file.parent) / f"{file.stem}.qm"
    run("lrelease", "-silent", file, "-qm", qm)
    return qm


def messages(file: Path) -> Iterator[tuple[str, str, str | None]]:
    """Context, text and translation of a .ts file's messages; None for a translation that isn't finished."""
    for context in ElementTree.parse(file).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            finished = translation is not None and translation.get("type") is None and translation.text
            name, source = context.findtext("name", ""), message.findtext("source", "")
            yield name, source, str(translation.text) if finished and translation is not None else None


def problems(folder: Path = FOLDER) -> list[str]:
    """What is to be done for the languages that there are; empty if nothing is."""
    found = []
    files = sorted(folder.glob("camviewer_*.ts"))
    with tempfile.TemporaryDirectory() as name:
        for file in files:
            copy = Path(name) / file.name
            copy.write_bytes(file.read_bytes())
            update([copy])
            if copy.read_bytes() != file.read_bytes():
                found.append(f"{file.name} is not up to date: run update.")
            open_ones = [text for _, text, translation in messages(copy) if translation is None]
            found += [f"{file.name} has no translation of {text!r}." for text in open_ones]
            qm = file.with_suffix(".qm")
            if not qm.is_file() or qm.read_bytes() != release(file, Path(name)).read_bytes():
                found.append(f"{qm.name} is not what lrelease makes of {file.name}: run release.")
    return found


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("translations.py", description="The window's languages.")
    parser.add_argument("command", choices=("update", "release", "check"))
    parser.add_argument("languages", metavar="XX", nargs="*", help="with update: languages to begin")
    args = parser.parse_args(arguments)
    FOLDER.mkdir(exist_ok=True)
    files = sorted(FOLDER.glob("camviewer_*.ts"))
    if args.command == "update":
        update(sorted({*files, *(FOLDER / f"camviewer_{code}.ts" for code in args.languages)}))
    elif args.command == "release":
        for file in files:
            release(file)
    else:
        found = problems()
        print("\n".join(found))
        return 1 if found else 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
