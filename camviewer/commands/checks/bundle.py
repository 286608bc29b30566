"""Is a bundle as it was built? Its manifest names every file, with its size and checksum."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from camviewer.core.finding import INSTALL_AGAIN, Finding, State, about_to, ok
from camviewer.core.text import Text

MANIFEST = "camviewer-manifest.json"
"""Of a bundle; packaging/contents.py writes it."""
NAMED = 8
"""So many damaged files are named; more say no more."""


def bundle_folder() -> Path | None:
    """The folder that a bundle's manifest speaks of; None if this is no bundle."""
    if not getattr(sys, "frozen", False):
        return None
    folder = Path(sys.executable).parent
    return folder.parent if folder.name == "MacOS" else folder  # a macOS app's Contents


def bundle_files(folder: Path) -> Iterator[Finding]:
    """Every file of a bundle is there and as it was built: they are read in full, gigabytes in seconds."""
    bundle = Text("bundle")
    found = [
        path for path in (folder / "_internal" / MANIFEST, folder / "Resources" / MANIFEST) if path.is_file()
    ]
    about_to(f"read {MANIFEST}")
    try:
        manifest = json.loads(found[0].read_text(encoding="utf-8"))
        files: dict[str, tuple[int, str]] = manifest["files"]
        links: dict[str, str] = manifest["links"]
    except (OSError, ValueError, LookupError, TypeError):
        text = Text("{name} is missing or damaged.", name=MANIFEST)
        yield Finding(bundle, State.PROBLEM, text, INSTALL_AGAIN)
        return
    about_to(f"read {len(files)} files below {folder}")
    with ThreadPoolExecutor(2) as pool:
        wrong = [
            text for text in pool.map(lambda name: _file_problem(folder / name, *files[name]), files) if text
        ]
    wrong += [
        Text("{path} is missing", path=folder / name)
        for name, target in links.items()
        if not (folder / name).is_symlink() or str((folder / name).readlink()) != target
    ]
    for text in wrong[:NAMED]:
        yield Finding(bundle, State.PROBLEM, Text("{problem}.", problem=text), INSTALL_AGAIN)
    if len(wrong) > NAMED:
        text = Text("{count} more files are missing or damaged.", count=len(wrong) - NAMED)
        yield Finding(bundle, State.PROBLEM, text, INSTALL_AGAIN)
    if not wrong:
        total = sum(size for size, _ in files.values())
        text = Text("{count} files as they were built, {size} MB", count=len(files), size=round(total / 1e6))
        yield ok(bundle, text)


def _file_problem(path: Path, size: int, sha256: str) -> Text | None:
    """What is wrong with a file; None if nothing is."""
    try:
        with path.open("rb") as file:
            there = os.fstat(file.fileno()).st_size
            if there != size:
                return Text(
                    "{path} is damaged: it has {there} bytes, not {size}", path=path, there=there, size=size
                )
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                return Text("{path} is damaged: its checksum is wrong", path=path)
    except FileNotFoundError:
        return Text("{path} is missing", path=path)
    except OSError as error:
        return Text("{path} can't be read: {reason}", path=path, reason=error.strerror)
    return None
