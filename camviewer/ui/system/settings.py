"""What the program remembers from one start to the next."""

from __future__ import annotations

import hashlib
import logging
import math
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QByteArray, QSettings

from camviewer.core import colormaps
from camviewer.core.explanation import ExplainRequest
from camviewer.core.frames import Fit
from camviewer.core.models.builtin import MODELS
from camviewer.core.scaling import (
    Interpolation,
    Scale,
)
from camviewer.media.drawing.style import OverlayStyle

log = logging.getLogger(__name__)
E = TypeVar("E", bound=Enum)
RECENT = 10
VERSION = 1
"""Of the file. Raised when older programs would misread it."""
MAX_SIZE = 1_000_000  # bytes; ours has a few thousand


class Settings:
    """Typed access to QSettings. A value that can't be read counts as its default."""

    def __init__(self, file: Path | None = None) -> None:
        """file: another than the user's own."""
        ini = QSettings.Format.IniFormat
        if file is None:
            users_own = QSettings(ini, QSettings.Scope.UserScope, "camviewer", "camviewer")
            file = Path(users_own.fileName())
            del users_own  # Qt shares what it has read between all that are open
        self.put_aside: Path | None = None
        """Where the file is that could not be used; None if it could."""
        if not _is_usable(file):
            self.put_aside = _put_aside(file)
        self._store = QSettings(str(file), ini)
        self._store.setValue("version", str(VERSION))

    def text(self, key: str, default: str = "") -> str:
        value: Any = self._store.value(key, default)
        return value if isinstance(value, str) else default

    def texts(self, key: str) -> list[str]:
        value: Any = self._store.value(key, [])
        if isinstance(value, str):  # an ini file keeps a list of one as a string
            return [value] if value else []
        return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []

    def flag(self, key: str, default: bool) -> bool:
        return self.text(key, "true" if default else "false") == "true"

    def number(self, key: str, default: float, low: float, high: float) -> float:
        try:
            value = float(self.text(key, str(default)))
            return default if math.isnan(value) else min(max(value, low), high)
        except ValueError:
            return default

    def member(self, key: str, default: E) -> E:
        try:
            return type(default)(self.text(key, str(default.value)))
        except ValueError:
            return default

    def set(self, key: str, value: str | bool | float | Enum | list[str]) -> None:
        if isinstance(value, bool):
            value = "true" if value else "false"
        elif isinstance(value, Enum):
            value = str(value.value)
        elif isinstance(value, float):
            value = f"{value:g}"
        self._store.setValue(key, value)

    def blob(self, key: str) -> QByteArray:
        """As it was set, or empty: Qt's restoreState crashes or hangs on some that are damaged."""
        digest, _, coded = self.text(key).partition(" ")
        value = QByteArray.fromBase64(coded.encode("ascii", "replace"))
        return value if digest == _digest(value) else QByteArray()

    def set_blob(self, key: str, value: QByteArray) -> None:
        self._store.setValue(key, f"{_digest(value)} {value.toBase64().toStdString()}")

    def style(self) -> OverlayStyle:
        default = OverlayStyle()
        colormap = self.text("overlay/colormap", default.colormap)
        try:
            colormaps.info(colormap)
        except KeyError:
            colormap = default.colormap
        return OverlayStyle(
            colormap=colormap,
            opacity=self.number("overlay/opacity", default.opacity, 0.0, 1.0),
            visible=True,  # a start without an overlay would look broken
            follow_value=self.flag("overlay/follow_value", default.follow_value),
            scale=self.member("overlay/scale", Scale.MAP),
            interpolation=self.member("overlay/interpolation", Interpolation.BICUBIC),
            fixed=self.number("overlay/fixed", default.fixed, 0.01, 10_000.0),
            threshold=self.number("overlay/threshold", 0.0, 0.0, 0.95) or None,
        )

    def set_style(self, style: OverlayStyle) -> None:
        self.set("overlay/colormap", style.colormap)
        self.set("overlay/opacity", style.opacity)
        self.set("overlay/follow_value", style.follow_value)
        self.set("overlay/scale", style.scale)
        self.set("overlay/interpolation", style.interpolation)
        self.set("overlay/fixed", style.fixed)
        self.set("overlay/threshold", style.threshold or 0.0)

    def request(self) -> ExplainRequest:
        default = ExplainRequest()
        return ExplainRequest(
            self.member("explain/fit", Fit.CROP),
            self._resolution(),
            self.flag("explain/fine", default.fine),
        )

    def smoothing(self) -> float:
        """Seconds over which what is drawn of a live source is averaged."""
        return self.number("explain/smoothing", 0.0, 0.0, 10.0)

    def set_smoothing(self, seconds: float) -> None:
        self.set("explain/smoothing", seconds)

    def _resolution(self) -> int | None:
        """None, the model's own, unless it is one that a model takes."""
        try:
            resolution = int(self.text("explain/resolution"))
        except ValueError:
            return None
        return resolution if any(spec.sizes.takes(resolution) for spec in MODELS.values()) else None

    def set_request(self, request: ExplainRequest) -> None:
        self.set("explain/fit", request.fit)
        self.set("explain/resolution", "" if request.resolution is None else str(request.resolution))
        self.set("explain/fine", request.fine)

    def add_recent(self, path: str) -> None:
        others = [p for p in self.texts("recent") if p != path]
        self.set("recent", [path, *others][:RECENT])

    def add_recent_model(self, path: Path) -> None:
        """An own model file that has loaded."""
        others = [p for p in self.texts("models/recent") if p != str(path)]
        self.set("models/recent", [str(path), *others][:RECENT])
        self.set("models/folder", str(path.parent))

    def sync(self) -> None:
        self._store.sync()
        if self._store.status() != QSettings.Status.NoError:
            log.warning("settings can't be written to %s", self._store.fileName())


def _digest(value: QByteArray) -> str:
    return hashlib.sha256(value.data()).hexdigest()


def _is_usable(file: Path) -> bool:
    """Whether these settings can be read, by this version. A file that isn't there can."""
    try:
        if not file.exists():
            return True
        if not file.is_file() or file.stat().st_size > MAX_SIZE:
            return False
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    except OSError as error:
        log.warning("the settings can't be read: %s", error)
        return True  # nothing is wrong with the file
    store = QSettings(str(file), QSettings.Format.IniFormat)
    version = str(store.value("version", str(VERSION)))
    damaged = "\0" in text or store.status() != QSettings.Status.NoError
    return not damaged and version.isdecimal() and int(version) <= VERSION


def _put_aside(file: Path) -> Path | None:
    """Rename the file; to what. None if that can't be done, and it will be written over."""
    count = 1
    while (place := file.with_name(f"{file.name}.old{count}")).exists():
        count += 1
    try:
        return file.replace(place)
    except OSError as error:
        log.warning("%s can't be put aside: %s", file, error)
        return None
