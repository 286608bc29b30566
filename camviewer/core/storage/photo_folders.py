"""Lists the photos of folders, and says what was left out."""

from __future__ import annotations

import os
from collections import (
    Counter,
    deque,
)
from collections.abc import (
    Callable,
    Sequence,
)
from dataclasses import (
    dataclass,
    field,
)
from pathlib import Path

from camviewer.core.failures import SourceFailure
from camviewer.core.storage.file_kinds import (
    FileKind,
    kind_by_name,
)
from camviewer.core.storage.natural_order import (
    name_key,
    path_key,
)
from camviewer.core.text import (
    Text,
    joined,
)

_JUNK_FOLDERS = frozenset(
    {
        *("@eadir", "#recycle", "#snapshot", "$recycle.bin", "system volume information", "lost+found"),
        *("__macosx", ".trashes", ".trash", ".spotlight-v100", ".fseventsd", ".appledouble"),
        *(".ipynb_checkpoints", "__pycache__", ".git", ".thumbnails", ".picasaoriginals", ".dvc", ".cache"),
    }
)
"""Of file systems, servers and programs, which keep thumbnails, waste and copies there. In lower case."""
_OTHER_PICTURES = frozenset(
    {
        *(".jp2", ".j2k", ".jpf", ".jpx", ".jxl", ".jxr", ".svg", ".eps", ".ico", ".icns", ".tga", ".dds"),
        *(".ppm", ".pgm", ".pbm", ".pnm", ".pfm", ".exr", ".hdr", ".psd", ".xcf", ".dcm", ".nii", ".fits"),
        *(".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2", ".raf", ".pef", ".srw", ".raw", ".pcx"),
        *(".qoi", ".bpg"),
    }
)
"""Of pictures that camviewer doesn't open: those that a user may miss."""
SPLITS = (
    ("train", "training", "trainset"),
    ("val", "valid", "validation", "dev"),
    ("test", "testing", "testset", "eval"),
)
"""What the parts of a data set are called, in lower case."""
_MOST_NAMED = 3


@dataclass(slots=True)
class LeftOut:
    """What of a folder is not listed as a photo: how many of each kind.

    junk: photos by name that are none, and those in folders of systems and programs. videos: by name.
    unknown: other pictures and files without a suffix, by suffix. twice: folders that links lead to a second
    time. lost: links that lead nowhere. closed: folders that can't be read. overlays: written by camviewer.
    """

    junk: int = 0
    videos: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    twice: int = 0
    lost: int = 0
    closed: list[str] = field(default_factory=list)
    overlays: int = 0

    def notes(self) -> list[str]:
        """What a user should know, a sentence each."""
        unknown = self.unknown.total()
        named = [suffix or Text("no suffix") for suffix, _ in self.unknown.most_common(_MOST_NAMED)]
        more = len(self.unknown) - _MOST_NAMED
        suffixes: str = joined(", ", named)
        if more > 0:
            suffixes = Text("{names} and {more} more", names=suffixes, more=more)
        closed = ", ".join(repr(name) for name in self.closed[:_MOST_NAMED])
        sentences: tuple[tuple[int, str, str], ...] = (
            (
                unknown,
                Text("1 file that may be a picture is left out, by its name ({names}).", names=suffixes),
                Text(
                    "{count} files that may be pictures are left out, by their names ({names}).",
                    count=unknown,
                    names=suffixes,
                ),
            ),
            (
                self.videos,
                Text("1 video is left out."),
                Text("{count} videos are left out.", count=self.videos),
            ),
            (
                self.overlays,
                Text("1 overlay that camviewer wrote is left out."),
                Text("{count} overlays that camviewer wrote are left out.", count=self.overlays),
            ),
            (
                self.junk,
                Text("1 file of a system or a program (a thumbnail, waste) is left out."),
                Text(
                    "{count} files of systems or programs (thumbnails, waste) are left out.",
                    count=self.junk,
                ),
            ),
            (
                self.twice,
                Text("1 link to a folder that is listed already is left out."),
                Text("{count} links to folders that are listed already are left out.", count=self.twice),
            ),
            (
                self.lost,
                Text("1 link leads nowhere."),
                Text("{count} links lead nowhere.", count=self.lost),
            ),
            (
                len(self.closed),
                Text("1 folder can't be read: {names}.", names=closed),
                Text("{count} folders can't be read: {names}.", count=len(self.closed), names=closed),
            ),
        )
        return [one if count == 1 else several for count, one, several in sentences if count]

    def add(self, other: LeftOut) -> None:
        """Another folder's."""
        self.junk += other.junk
        self.videos += other.videos
        self.unknown += other.unknown
        self.twice += other.twice
        self.lost += other.lost
        self.closed += other.closed
        self.overlays += other.overlays


@dataclass(frozen=True, slots=True)
class PhotoFolder:
    """The photos of a folder and its subfolders, in natural order; its videos; and what was left out."""

    photos: tuple[Path, ...]
    videos: tuple[Path, ...]
    left_out: LeftOut


def list_photos(folder: Path, stopped: Callable[[], bool] = lambda: False) -> PhotoFolder:
    """Look through a folder. Links are followed, and each folder is listed once.

    Raises SourceFailure if the folder can't be read. stopped: called for every file; when it returns True,
    what was found so far is returned. Large folders take minutes.
    """
    try:
        search = _Search(folder, stopped)
        search.run()
    except OSError as error:
        raise SourceFailure(
            "The folder {folder} can't be read ({reason}).", folder=folder, reason=error.strerror
        ) from error
    found = search.left_out
    found.videos = len(search.videos)
    photos, videos = (tuple(sorted(files, key=path_key)) for files in (search.photos, search.videos))
    return PhotoFolder(photos, videos, found)


def no_photos(names: str, videos: int, mend: str) -> SourceFailure:
    """What to say where no photo is found: that there are videos, if there are."""
    if not videos:
        return SourceFailure("There are no photos in {names}.", mend, names=names)
    return SourceFailure(
        "There are no photos in {names}, but 1 video."
        if videos == 1
        else "There are no photos in {names}, but {count} videos.",
        "Open a video by itself.",
        names=names,
        count=videos,
    )


def photos_in(folder: Path, stopped: Callable[[], bool] = lambda: False) -> list[Path]:
    """The photos alone, as `list_photos` lists them. Raises SourceFailure."""
    return list(list_photos(folder, stopped).photos)


def is_junk(name: str, *, folder: bool = False) -> bool:
    """Whether files and folders of such a name belong to a system or a program, and are no one's photos."""
    lower = name.lower()
    if lower.startswith("._"):  # macOS writes a file's attributes there on other systems' disks
        return True
    return lower in _JUNK_FOLDERS or lower.startswith(".trash-") if folder else lower == "thumbs.db"


class _Search:
    """One look through a folder. Links come last, so that folders are listed under their own names."""

    def __init__(self, folder: Path, stopped: Callable[[], bool]) -> None:
        self.photos: list[Path] = []
        self.videos: list[Path] = []
        self.left_out = LeftOut()
        self._stopped = stopped
        self._root = folder
        self._seen: set[tuple[int, int]] = set()
        self._folders: deque[Path] = deque([folder])
        self._links: deque[Path] = deque()

    def run(self) -> None:
        """Raises OSError if the folder itself can't be read."""
        while self._folders or self._links:
            linked = not self._folders
            folder = self._links.popleft() if linked else self._folders.popleft()
            try:
                status = folder.stat()
                key = (status.st_dev, status.st_ino)
                if key in self._seen:
                    self.left_out.twice += linked
                    continue
                self._seen.add(key)
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if self._stopped():
                            return
                        self._look_at(entry)
            except OSError:
                if folder is self._root:
                    raise
                self.left_out.closed.append(folder.name)

    def _look_at(self, entry: os.DirEntry[str]) -> None:
        path = Path(entry.path)
        try:
            is_folder, is_file = entry.is_dir(), entry.is_file()
        except OSError:  # a link to itself
            is_folder = is_file = False
        if is_folder:
            if is_junk(entry.name, folder=True):
                self.left_out.junk += _count_photos(path, self._stopped)
            else:
                (self._links if entry.is_symlink() else self._folders).append(path)
        elif is_file:
            self._take(path)
        elif entry.is_symlink() and (kind_by_name(path) is FileKind.PHOTO or "." not in path.name):
            self.left_out.lost += not is_junk(path.name)

    def _take(self, path: Path) -> None:
        kind, suffix = kind_by_name(path), path.suffix.lower()
        if is_junk(path.name):
            self.left_out.junk += kind is not FileKind.OTHER
        elif kind is FileKind.PHOTO:
            self.photos.append(path)
        elif kind is FileKind.VIDEO:
            self.videos.append(path)
        elif suffix in _OTHER_PICTURES or (not suffix and not path.name.startswith(".")):
            self.left_out.unknown[suffix] += 1


def _count_photos(folder: Path, stopped: Callable[[], bool]) -> int:
    """How many files that are photos by their names lie in a folder; links are not followed."""
    count = 0
    for _, _, files in os.walk(folder):
        count += sum(kind_by_name(Path(name)) is FileKind.PHOTO for name in files)
        if stopped():
            break
    return count


def split_folders(folder: Path) -> tuple[Path, ...]:
    """The parts of a data set (``train``, ``val``, ``test``), training first; else empty.

    Of a folder that holds two or more of them and no other folder. Only these names are looked at.
    """
    parts: list[tuple[int, Path]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.is_dir() or is_junk(entry.name, folder=True) or entry.name.startswith("."):
                    continue
                place = next((i for i, names in enumerate(SPLITS) if entry.name.lower() in names), None)
                if place is None:
                    return ()
                parts.append((place, folder / entry.name))
    except OSError:
        return ()
    parts.sort(key=lambda part: (part[0], name_key(part[1].name)))
    return tuple(path for _, path in parts) if len(parts) > 1 else ()


def class_roots(folders: Sequence[Path]) -> tuple[Path, ...]:
    """The folders whose subfolders are classes: a data set's parts where there are some, else the folder."""
    return tuple(root for folder in folders for root in (split_folders(folder) or (folder,)))
