"""TrustRow: a few photos with what the model says of them: a wrong mean or order of colours shows here."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from camviewer.media.pipeline.trust_check import Checked
from camviewer.ui.widgets.fitting import FittingWidget
from camviewer.ui.widgets.words import (
    percent,
    translated,
)

_CHARACTERS = 17
"""Of a line of text that a photo's column has room for."""


class _Photo(QWidget):
    """One photo, and the labels below it."""

    def __init__(self) -> None:
        super().__init__()
        self._checked: Checked | None = None
        self._picture, self._labels = QLabel(), QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        self._labels.setWordWrap(True)
        self._labels.setTextFormat(Qt.TextFormat.PlainText)
        self._labels.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self._picture)
        column.addWidget(self._labels, 1)

    @property
    def text(self) -> str:
        return self._labels.text()

    def show_checked(self, checked: Checked | None) -> None:
        """None: not looked at yet."""
        self._checked = checked
        if checked is None:
            text = "…"
        elif checked.failure is not None:
            text = translated(checked.failure.text)
        else:
            text = "\n".join(f"{percent(share)} {label}" for label, share in checked.top)
        self._labels.setText(text)
        name = checked.path.name if checked is not None else ""
        self._picture.setToolTip(name)
        self._picture.setAccessibleName(name)
        self.fit(self.width())

    def fit(self, width: int) -> None:
        """Show the thumbnail as large as there is room for."""
        side = min(width, self.fontMetrics().averageCharWidth() * _CHARACTERS)
        checked = self._checked
        if checked is None or checked.thumbnail is None:
            self._picture.setPixmap(QPixmap())
            self._picture.setFixedHeight(round(side * 0.75))
            return
        ratio = self.devicePixelRatioF()
        size = QSize(side, round(side * 0.75)) * ratio
        fit, smooth = (
            Qt.AspectRatioMode.KeepAspectRatioByExpanding,
            Qt.TransformationMode.SmoothTransformation,
        )
        scaled = QPixmap.fromImage(checked.thumbnail).scaled(size, fit, smooth)
        left, top = (scaled.width() - size.width()) // 2, (scaled.height() - size.height()) // 2
        cut = scaled.copy(left, top, size.width(), size.height())
        cut.setDevicePixelRatio(ratio)
        self._picture.setPixmap(cut)
        self._picture.setFixedHeight(round(side * 0.75))


class TrustRow(FittingWidget):
    """As many columns as there is room for."""

    def __init__(self) -> None:
        super().__init__()
        self._photos: list[_Photo] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 4, 0, 4)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(8)

    @property
    def texts(self) -> tuple[str, ...]:
        """What stands below each photo."""
        return tuple(photo.text for photo in self._photos)

    def begin(self, count: int) -> None:
        """So many photos are being looked at."""
        for photo in self._photos:
            photo.deleteLater()
        self._photos = [_Photo() for _ in range(count)]
        for photo in self._photos:
            photo.show_checked(None)
        self._columns = 0
        self.fit()

    def show_checked(self, checked: Checked) -> None:
        if checked.index < len(self._photos):
            self._photos[checked.index].show_checked(checked)
            self.updateGeometry()

    def fit(self) -> None:
        least = self.fontMetrics().averageCharWidth() * _CHARACTERS
        columns = max(1, min(len(self._photos), self.width() // (least + self._grid.horizontalSpacing())))
        if columns != self._columns:
            for column in range(max(self._columns, columns)):
                self._grid.setColumnStretch(column, 1 if column < columns else 0)
            self._columns = columns
            for index, photo in enumerate(self._photos):
                self._grid.addWidget(photo, index // columns, index % columns)
        for photo in self._photos:
            photo.fit(least)
