"""Names of the files that the window writes, and the folder for them."""

from __future__ import annotations

import datetime
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from camviewer.core.explanation import Explanation
from camviewer.core.storage.file_kinds import (
    FileKind,
    kind_by_name,
)
from camviewer.core.storage.files import safe_name
from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.system.settings import Settings


def save_folder(settings: Settings) -> Path:
    """The folder that was saved into last; at first, `camviewer` in the user's folder of pictures."""
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    return Path(settings.text("save/folder") or str(Path(pictures or Path.home()) / "camviewer"))


def map_stem(state: ViewState) -> str:
    """The start of a file's name: where the frame is from, and what map it is."""
    what = "all" if state.beside else safe_name(state.explanation.title(state.target))
    return f"{source_stem(state.explanation)}.{what}"


def source_stem(explanation: Explanation) -> str:
    """The start of a file's name: where the frame is from, and from which moment."""
    source = explanation.frame.source
    # A file's own name says what it is. Cameras have dots in their names, too: "USB2.0 Camera".
    if kind_by_name(Path(source)) in (FileKind.PHOTO, FileKind.VIDEO):
        name = Path(source).stem
        if explanation.frame.position is not None:
            name += f"_{explanation.frame.position:06.2f}s"
    else:
        name = f"{source} {datetime.datetime.now():%Y-%m-%d %H-%M-%S}"
    return safe_name(name)
