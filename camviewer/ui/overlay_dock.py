"""The Overlay dock: how the CAM is drawn, and what the network is given."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TypeVar

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDockWidget,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from camviewer.core import colormaps
from camviewer.core.scaling import Interpolation, Scale
from camviewer.core.types import ExplainRequest, Fit
from camviewer.media.compositor import OverlayStyle, paint_colour_bar
from camviewer.ui.icons import icon

_PREVIEW = QSize(72, 14)
_RESOLUTIONS = (160, 224, 288, 320, 384, 448, 512, 640, 768, 896)
E = TypeVar("E", bound=Enum)


class OverlayDock(QDockWidget):
    """Shows a style and a request; emits them changed by the user."""

    style_changed = Signal(object)
    """OverlayStyle"""
    request_changed = Signal(object)
    """ExplainRequest"""

    def __init__(self, style: OverlayStyle, request: ExplainRequest) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Overlay"))
        self.setObjectName("overlay_dock")
        self._style, self._request = style, request

        self._visible = QCheckBox(self.tr("Show the overlay"))
        self._visible.toggled.connect(self._on_visible_toggled)
        self._colormap = QComboBox()
        self._colormap.setIconSize(_PREVIEW)
        self._colormap.activated.connect(self._on_colormap_activated)
        for name, info in colormaps.COLORMAPS.items():
            self._colormap.addItem(f"{name} ({info.note})" if info.note else name, name)
        self._reverse = QToolButton()
        self._reverse.setIcon(icon("reverse"))
        self._reverse.setCheckable(True)
        self._reverse.setToolTip(self.tr("Reverse the colours"))
        self._reverse.setAccessibleName(self.tr("Reverse the colours"))
        self._reverse.clicked.connect(self._on_reverse_clicked)
        colours = QHBoxLayout()
        colours.setSpacing(4)
        colours.addWidget(self._colormap, 1)
        colours.addWidget(self._reverse)

        self._opacity = QSlider(Qt.Orientation.Horizontal)
        self._opacity.setRange(0, 100)
        self._opacity.setPageStep(10)
        self._opacity.valueChanged.connect(self._on_opacity_changed)
        self._opacity_value = QLabel()
        self._opacity_value.setMinimumWidth(self.fontMetrics().horizontalAdvance("100 %"))
        self._opacity_value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        opacity = QHBoxLayout()
        opacity.addWidget(self._opacity, 1)
        opacity.addWidget(self._opacity_value)

        self._follow_value = QCheckBox(self.tr("Fade where there is little evidence"))
        self._follow_value.toggled.connect(self._on_follow_value_toggled)
        self._scale = _combo(
            ((Scale.MAP, self.tr("this map")), (Scale.SHARED, self.tr("shared by all tabs")))
        )
        self._interpolation = _combo(
            (
                (Interpolation.NEAREST, self.tr("nothing (the true cells)")),
                (Interpolation.BILINEAR, self.tr("bilinear")),
                (Interpolation.BICUBIC, self.tr("bicubic")),
            )
        )
        self._fit = _combo(
            (
                (Fit.CROP, self.tr("centre crop (as trained)")),
                (Fit.SQUASH, self.tr("squeezed to a square")),
                (Fit.WHOLE, self.tr("whole frame, own aspect")),
            )
        )
        self._resolution = _combo(
            tuple(
                (r, self.tr("{0} pixels").format(r) + (self.tr(" (as trained)") if r == 224 else ""))
                for r in _RESOLUTIONS
            )
        )
        for combo in (self._scale, self._interpolation):
            combo.activated.connect(self._on_style_activated)
        for combo in (self._fit, self._resolution):
            combo.activated.connect(self._on_request_activated)

        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.addRow(self._visible)
        form.addRow(_label(self.tr("&Colours"), self._colormap), colours)
        form.addRow(_label(self.tr("&Opacity"), self._opacity), opacity)
        form.addRow(self._follow_value)
        form.addRow(_label(self.tr("&Scale"), self._scale), self._scale)
        form.addRow(_label(self.tr("&Between cells"), self._interpolation), self._interpolation)
        form.addRow(_heading(self.tr("What the network is given")))
        form.addRow(_label(self.tr("F&it"), self._fit), self._fit)
        form.addRow(_label(self.tr("&Resolution"), self._resolution), self._resolution)
        # A click must not take the keys of the picture (Space, arrows) away from it.
        for widget in (
            self._visible,
            self._follow_value,
            self._colormap,
            self._reverse,
            self._opacity,
            self._scale,
            self._interpolation,
            self._fit,
            self._resolution,
        ):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 8, 12, 12)
        column.addLayout(form)
        column.addStretch(1)
        self.setWidget(body)
        self.show_style(style)
        self.show_request(request)

    def show_style(self, style: OverlayStyle) -> None:
        """Show a style without emitting it."""
        old_reversed = colormaps.split_reversed(self._style.colormap)[1]
        self._style = style
        name, is_reversed = colormaps.split_reversed(style.colormap)
        if is_reversed != old_reversed or self._colormap.itemIcon(0).isNull():
            for index in range(self._colormap.count()):
                item = str(self._colormap.itemData(index))
                shown = colormaps.reversed_name(item) if is_reversed else item
                self._colormap.setItemIcon(index, colormap_icon(shown))
        self._colormap.setCurrentIndex(self._colormap.findData(name))
        self._reverse.setChecked(is_reversed)
        for widget in (self._opacity, self._visible, self._follow_value):
            widget.blockSignals(True)
        self._follow_value.setChecked(style.follow_value)
        self._visible.setChecked(style.visible)
        self._opacity.setValue(round(100 * style.opacity))
        self._opacity_value.setText(f"{round(100 * style.opacity)} %")
        for widget in (self._opacity, self._visible, self._follow_value):
            widget.blockSignals(False)
        _select(self._scale, style.scale)
        _select(self._interpolation, style.interpolation)

    def show_request(self, request: ExplainRequest) -> None:
        self._request = request
        _select(self._fit, request.fit)
        _select(self._resolution, request.resolution)

    def _set_style(self, style: OverlayStyle) -> None:
        self.show_style(style)
        self.style_changed.emit(style)

    def _on_visible_toggled(self, visible: bool) -> None:
        self._set_style(replace(self._style, visible=visible))

    def _on_follow_value_toggled(self, follow: bool) -> None:
        self._set_style(replace(self._style, follow_value=follow))

    def _on_opacity_changed(self, value: int) -> None:
        self._set_style(replace(self._style, opacity=value / 100))

    def _on_colormap_activated(self, _index: int) -> None:
        name = str(self._colormap.currentData())
        if self._reverse.isChecked():
            name = colormaps.reversed_name(name)
        self._set_style(replace(self._style, colormap=name))

    def _on_reverse_clicked(self, _checked: bool) -> None:
        self._set_style(replace(self._style, colormap=colormaps.reversed_name(self._style.colormap)))

    def _on_style_activated(self, _index: int) -> None:
        self._set_style(
            replace(
                self._style,
                scale=self._scale.currentData(),
                interpolation=self._interpolation.currentData(),
            )
        )

    def _on_request_activated(self, _index: int) -> None:
        self._request = ExplainRequest(self._fit.currentData(), int(self._resolution.currentData()))
        self.request_changed.emit(self._request)


def colormap_icon(name: str) -> QIcon:
    """A strip of the colormap."""
    pixmap = QPixmap(_PREVIEW * 2)
    pixmap.setDevicePixelRatio(2)
    painter = QPainter(pixmap)
    paint_colour_bar(painter, QRectF(0, 0, _PREVIEW.width(), _PREVIEW.height()), name)
    painter.end()
    return QIcon(pixmap)


def _combo(items: tuple[tuple[object, str], ...]) -> QComboBox:
    combo = QComboBox()
    for data, text in items:
        combo.addItem(text, data)
    combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return combo


def _select(combo: QComboBox, data: object) -> None:
    # Not findData: it compares Python objects by identity through QVariant on some versions.
    for index in range(combo.count()):
        if combo.itemData(index) == data:
            combo.setCurrentIndex(index)


def _label(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setBuddy(buddy)
    buddy.setAccessibleName(text.replace("&", ""))
    return label


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    label.setContentsMargins(0, 12, 0, 2)
    return label
