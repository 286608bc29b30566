"""Writes files whole or not at all, under names that are valid on every system.

Every file is written beside its place and moved there when it is complete: nobody ever reads half of one, and
a file that was there before stays until then.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import math
import os
import re
import secrets
import shutil
import stat
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from camviewer.core.cancelling import check_wanted
from camviewer.core.failures import SaveFailure
from camviewer.core.text import Text

_NO_HARD_LINKS = frozenset(
    {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}
)
_ELSEWHERE = Text("Choose another folder.")

_unfinished: set[Path] = set()
"""Files that are being written."""


# What a path leads to. For names that are too long, and in folders without permission, pathlib's methods
# raise OSError (before Python 3.14) where os.path's return False.


def exists(path: Path) -> bool:
    """Whether there is anything at a path."""
    return os.path.exists(path)  # noqa: PTH110


def is_file(path: Path) -> bool:
    """Whether a path is a regular file: reading a pipe, for example, might wait for ever."""
    return os.path.isfile(path)  # noqa: PTH113


def is_folder(path: Path) -> bool:
    """Whether a path is a folder, or leads to one."""
    return os.path.isdir(path)  # noqa: PTH112


_BLOCK = 1 << 20
"""Bytes: read at once, before it is asked whether they are still wanted."""


def file_sha256(path: Path) -> str:
    """In hexadecimal. Raises OSError if the file can't be read; CancelledError: films have gigabytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            check_wanted()
            digest.update(block)
    return digest.hexdigest()


def discard_unfinished_files() -> None:
    """Remove half-written files, for a process that ends while other threads write."""
    for temporary in tuple(_unfinished):
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def number(value: float) -> float | None:
    """A float that JSON can hold; None for nan and the infinities."""
    value = float(value)
    return value if math.isfinite(value) else None


def write_json(value: object, path: Path, *, overwrite: bool = False) -> Path:
    """Write a value as indented JSON in ASCII, with a newline at the end; return the path.

    Raises SaveFailure; ValueError for nan and the infinities, which JSON doesn't know (see `number`).
    """
    text = json.dumps(value, indent=2, allow_nan=False) + "\n"
    with atomic_write(path, overwrite=overwrite) as file:
        file.write(text.encode("ascii"))
    return path


@contextmanager
def atomic_write(path: Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """A binary file to write to, which becomes `path` when the block ends well, and vanishes otherwise.

    It lies in the same folder until then, and is synced to the disk first. Without overwrite an existing
    file is never replaced, not even one that appears meanwhile. Links are followed; devices and pipes are
    written to as they are. Raises SaveFailure for every OSError, of the block too.
    """
    try:
        if overwrite:
            path = path.resolve()  # a link stays a link
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not overwrite and (path.exists() or path.is_symlink()):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            with path.open("wb") as device:  # replacing /dev/stdout would do harm
                yield device
            return
        temporary = path.with_name(f".camviewer-{secrets.token_hex(8)}.part")
        _unfinished.add(temporary)
        try:
            with temporary.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            if overwrite:
                temporary.replace(path)
            else:
                _publish_new(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
            _unfinished.discard(temporary)
    except OSError as error:
        raise save_failure(path, error) from error


def _publish_new(temporary: Path, path: Path) -> None:
    """Give a file its name. Raises FileExistsError if the name is taken, with nothing changed."""
    if sys.platform == "win32":
        temporary.rename(path)  # Windows renames to free names only
        return
    try:
        path.hardlink_to(temporary)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        # FAT and some network disks: claim the name with an empty file, then replace only that one.
        path.open("xb").close()
        try:
            temporary.replace(path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def move_new(source: Path, path: Path) -> None:
    """Give a file another name or place. Never replaces anything: of a name that is taken, a SaveFailure.

    To another disk it is copied, with its times, and removed when the copy is whole. Raises SaveFailure; then
    the file is where it was.
    """
    if source.is_symlink() or not _linked(source, path):
        copy_new(source, path)  # of a link, what it leads to
    try:
        source.unlink(missing_ok=True)
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise SaveFailure(
            "{name} can't be taken out of {folder} ({reason}).",
            "Copy it instead.",
            repr(error),
            name=source.name,
            folder=source.parent,
            reason=error.strerror or error,
        ) from error


def _linked(source: Path, path: Path) -> bool:
    """Whether the file has its new name; False if that is on another disk. Raises SaveFailure."""
    try:
        _publish_new(source, path)
    except OSError as error:
        if error.errno == errno.EXDEV:
            return False
        raise save_failure(path, error) from error
    return True


def copy_new(source: Path, path: Path) -> None:
    """Copy a file, with its times. Never replaces anything: of a name that is taken, a SaveFailure.

    Raises SaveFailure; then there is nothing new.
    """
    try:
        opened = source.open("rb")
    except OSError as error:
        raise SaveFailure(
            "{name} can't be read ({reason}).",
            "Is it still there?",
            repr(error),
            name=source,
            reason=error.strerror or error,
        ) from error
    with opened, atomic_write(path) as file:
        shutil.copyfileobj(opened, file, 1 << 20)
    with suppress(OSError):  # some disks keep none
        shutil.copystat(source, path)


def save_failure(path: Path, error: OSError) -> SaveFailure:
    """What to say of an error of the system at writing a file."""
    reason = error.strerror or str(error) or type(error).__name__
    values = {"name": path.name, "folder": path.parent, "path": path, "reason": reason}
    messages = {
        errno.EEXIST: (Text("{name} already exists in {folder}.", **values), Text("Choose another name.")),
        errno.EISDIR: (Text("{path} is a folder.", **values), Text("Choose the name of a file.")),
        errno.ENOENT: (Text("The folder {folder} doesn't exist.", **values), _ELSEWHERE),
        errno.ENOTDIR: (Text("{folder} is not a folder.", **values), _ELSEWHERE),
        errno.ENOSPC: (
            Text("There is no room for {name} on the disk.", **values),
            Text("Make room, or choose another folder."),
        ),
        errno.ENAMETOOLONG: (Text("The name {name} is too long.", **values), Text("Choose a shorter name.")),
    }
    refused = (Text("camviewer may not write into {folder}.", **values), _ELSEWHERE)
    messages |= dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), refused)
    other = (Text("{name} can't be written ({reason}).", **values), _ELSEWHERE)
    message, mend = messages.get(error.errno or 0, other)
    return SaveFailure(message, mend, repr(error))


def make_folder(folder: Path, mend: str = _ELSEWHERE) -> None:
    """With those above it, if need be. mend: what to do if it can't be made. Raises SaveFailure."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror
        message = Text("The folder {folder} can't be made ({reason}).", folder=folder, reason=reason)
        raise SaveFailure(message, mend, repr(error)) from error


def save_new(folder: Path, stem: str, suffix: str, write: Callable[[Path], Path]) -> Path:
    """Let `write` write to the first free name in the folder, which is made if need be; return its path.

    Another program may take a name after it was found free: then the next one is tried.
    Raises SaveFailure.
    """
    make_folder(folder)
    while True:
        try:
            return write(unique_path(folder, stem, suffix))
        except SaveFailure as failure:
            if not isinstance(failure.__cause__, FileExistsError):
                raise


def unique_path(folder: Path, stem: str, suffix: str) -> Path:
    """The first path that is free, such as ``stem.png``, else ``stem-2.png``, else ``stem-3.png``.

    Free now: save without overwrite, in case another program takes it meanwhile.
    """
    paths = (folder / f"{name}{suffix}" for name in numbered(stem))
    return next(path for path in paths if not (path.exists() or path.is_symlink()))


def numbered(stem: str) -> Iterator[str]:
    """``stem``, ``stem-2``, ``stem-3``, … without end: the names to try, in order."""
    yield stem
    for count in itertools.count(2):
        yield f"{stem}-{count}"


_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)  # names of devices on Windows
MAX_NAME, MAX_NAME_BYTES = 80, 120


def safe_name(label: str) -> str:
    """A label as a part of a file name, on any system: letters of any script, digits, ``-`` and ``_``.

    Never empty, no device of Windows, at most 80 characters (and 120 bytes: files' names have 255).
    """
    text = re.sub("['’`\"]", "", unicodedata.normalize("NFKC", label))
    # Marks belong to the letters before them in many scripts.
    kept = "".join(c if c == "-" or unicodedata.category(c)[0] in "LNM" else "_" for c in text)
    name = cut(re.sub("__+", "_", kept).strip("_-"), MAX_NAME, MAX_NAME_BYTES).rstrip("_-") or "unnamed"
    return f"{name}_" if _RESERVED.fullmatch(name) else name


def cut(text: str, characters: int, size: int) -> str:
    """The start of a text: at most so many characters, and bytes of a file's name."""
    text = text[:characters]
    while len(text.encode("utf-8", "surrogatepass")) > size:
        text = text[:-1]
    return text
