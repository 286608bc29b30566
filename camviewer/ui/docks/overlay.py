"""The Overlay dock: how the CAM is drawn, and what the network is given."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDockWidget,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from camviewer.core import colormaps
from camviewer.core.explanation import ExplainRequest
from camviewer.core.localize import Localization
from camviewer.core.maps import Unit
from camviewer.core.scaling import (
    Interpolation,
    Scale,
)
from camviewer.media.drawing.heat_map import paint_colour_bar
from camviewer.media.drawing.style import OverlayStyle
from camviewer.ui.docks.dock_scroll import DockScroll
from camviewer.ui.docks.input_rows import InputRows
from camviewer.ui.docks.method_rows import MethodRows
from camviewer.ui.widgets.check_box import CheckBox
from camviewer.ui.widgets.form import choice_box, choose, label_of
from camviewer.ui.widgets.icons import (
    fit_icons,
    icon,
)
from camviewer.ui.widgets.words import (
    decimal,
    percent,
    translated,
    whole_percent,
)

_PREVIEW = QSize(72, 14)
_THRESHOLDS = (10, 15, 20, 25, 30, 40, 50, 55, 70)
_LARGE = 24
"""Points of a line of text; the usual ones have 17."""
_NOTED = Qt.ItemDataRole.AccessibleTextRole


class _Noting(QStyledItemDelegate):
    """Says what a colormap is for in the list, where there is room, and not in the closed box."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.text = str(index.data(_NOTED) or option.text)


def colormap_icon(name: str) -> QIcon:
    """A strip of the colormap."""
    pixmap = QPixmap(_PREVIEW * 2)
    pixmap.setDevicePixelRatio(2)
    painter = QPainter(pixmap)
    paint_colour_bar(painter, QRectF(0, 0, _PREVIEW.width(), _PREVIEW.height()), name)
    painter.end()
    return QIcon(pixmap)


class OverlayDock(QDockWidget):
    """Shows a style, and emits it changed by the user; how the map is made (`how`) and what the
    network is given (`given`) lie below."""

    style_changed = Signal(object)
    """OverlayStyle"""

    def __init__(self, style: OverlayStyle, request: ExplainRequest, smoothing: float) -> None:
        super().__init__()
        self._style = style
        self._unit, self._side_by_side = Unit.LOGIT, False
        self._last_sequential, self._last_diverging = colormaps.DEFAULT, colormaps.DIVERGING

        self._visible = CheckBox(self.tr("Show the overlay"))
        self._visible.toggled.connect(self._on_visible_toggled)
        self._colormap = QComboBox()
        self._colormap.setIconSize(_PREVIEW)
        self._colormap.activated.connect(self._on_colormap_activated)
        for name, info in colormaps.COLORMAPS.items():
            self._colormap.addItem(name, name)
            if info.note:
                noted = f"{name} ({translated(info.note)})"
                self._colormap.setItemData(self._colormap.count() - 1, noted, _NOTED)
        self._colormap.setItemDelegate(_Noting(self._colormap))
        listed = self._colormap.view()
        listed.setMinimumWidth(listed.sizeHintForColumn(0) + 2 * _PREVIEW.height())
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
        self._opacity_value.setMinimumWidth(self.fontMetrics().horizontalAdvance(whole_percent(1.0)))
        self._opacity_value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        opacity = QHBoxLayout()
        opacity.addWidget(self._opacity, 1)
        opacity.addWidget(self._opacity_value)

        self._follow_value = CheckBox(self.tr("Fade where there is little evidence"))
        self._follow_value.toggled.connect(self._on_follow_value_toggled)
        self._signs = choice_box(
            ((False, self.tr("evidence for the class")), (True, self.tr("evidence for and against")))
        )
        self._signs.setToolTip(
            self.tr("Negative values count against the class. They need a colormap with two sides.")
        )
        self._scale = choice_box(
            (
                (Scale.MAP, self.tr("this map")),
                (Scale.SHARED, self.tr("shared by all tabs")),
                (Scale.FIXED, self.tr("fixed")),
            )
        )
        self._scale.setToolTip(
            self.tr(
                "This map: its own largest value is the brightest. Shared: classes compare. "
                "Fixed: frames compare, and nothing flickers; drag the colour bar to set the range."
            )
        )
        self._fixed = QDoubleSpinBox()
        self._fixed.setRange(0.01, 10_000.0)
        self._fixed.setDecimals(4)
        self._fixed.setSuffix(" " + self.tr("logit"))
        self._fixed.setKeyboardTracking(False)
        self._fixed.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self._fixed.valueChanged.connect(self._on_fixed_changed)
        self._threshold = choice_box(
            (
                (None, self.tr("no box")),
                *((t / 100, self.tr("{0} % of the maximum").format(t)) for t in _THRESHOLDS),
            )
        )
        self._threshold.setToolTip(
            self.tr("Outlines where the map is above this share of its maximum, and boxes the largest part.")
        )
        self._found = QLabel()
        self._found.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._interpolation = choice_box(
            (
                (Interpolation.NEAREST, self.tr("nothing (the true cells)")),
                (Interpolation.BILINEAR, self.tr("bilinear")),
                (Interpolation.BICUBIC, self.tr("bicubic")),
            )
        )
        for combo in (self._scale, self._interpolation, self._threshold):
            combo.activated.connect(self._on_style_activated)
        self._signs.activated.connect(self._on_signs_activated)

        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.addRow(self._visible)
        form.addRow(label_of(self._colormap, self.tr("&Colours")), colours)
        form.addRow(label_of(self._opacity, self.tr("&Opacity")), opacity)
        form.addRow(self._follow_value)
        form.addRow(label_of(self._signs, self.tr("&Shows")), self._signs)
        form.addRow(label_of(self._scale, self.tr("Sc&ale")), self._scale)
        form.addRow(label_of(self._fixed, self.tr("Brightest at")), self._fixed)
        form.addRow(label_of(self._interpolation, self.tr("&Between cells")), self._interpolation)
        form.addRow(label_of(self._threshold, self.tr("Bo&x at")), self._threshold)
        form.addRow(self._found)
        self.how = MethodRows(form, self)
        self.given = InputRows(form, self)
        self._form = form
        # A click must not take the keys of the view (Space, arrows) away from it.
        for widget in (
            self._visible,
            self._follow_value,
            self._colormap,
            self._reverse,
            self._opacity,
            self._scale,
            self._interpolation,
            self._signs,
            self._fixed,
            self._threshold,
            *self.how.widgets,
            *self.given.widgets,
        ):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 8, 12, 12)
        column.addLayout(form)
        column.addStretch(1)
        self.setWidget(DockScroll(body, self))
        self._fit_text()
        self.show_style(style)
        self.given.show_request(request, smoothing)

    def _fit_text(self) -> None:
        """Large text has no room for labels beside the boxes."""
        fit_icons(self._reverse)
        large = self.fontMetrics().height() > _LARGE
        policy = QFormLayout.RowWrapPolicy
        self._form.setRowWrapPolicy(policy.WrapAllRows if large else policy.DontWrapRows)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_text()

    def show_style(self, style: OverlayStyle) -> None:
        """Show a style without emitting it."""
        old_reversed = colormaps.split_reversed(self._style.colormap)[1]
        self._style = style
        if style.signed:
            self._last_diverging = style.colormap
        else:
            self._last_sequential = style.colormap
        name, is_reversed = colormaps.split_reversed(style.colormap)
        if is_reversed != old_reversed or self._colormap.itemIcon(0).isNull():
            for index in range(self._colormap.count()):
                item = str(self._colormap.itemData(index))
                shown = colormaps.reversed_name(item) if is_reversed else item
                self._colormap.setItemIcon(index, colormap_icon(shown))
        self._colormap.setCurrentIndex(self._colormap.findData(name))
        self._reverse.setChecked(is_reversed)
        blocked = (self._opacity, self._visible, self._follow_value, self._fixed)
        for widget in blocked:
            widget.blockSignals(True)
        self._fixed.setValue(style.fixed)
        self._follow_value.setChecked(style.follow_value)
        self._visible.setChecked(style.visible)
        self._opacity.setValue(round(100 * style.opacity))
        self._opacity_value.setText(whole_percent(style.opacity))
        for widget in blocked:
            widget.blockSignals(False)
        choose(self._signs, style.signed)
        choose(self._threshold, style.threshold)
        self.show_unit(self._unit, self._side_by_side)
        self._form.setRowVisible(self._found, style.threshold is not None)
        choose(self._interpolation, style.interpolation)

    @property
    def found_text(self) -> str:
        """The text about the box and the area; empty while none are drawn."""
        return self._found.text() if self._found.isVisible() else ""

    def show_unit(self, unit: Unit, side_by_side: bool = False) -> None:
        """Of the map in view: a range in logits can't be fixed for a map that has no unit.

        side_by_side: the maps of all tabs are in view, under one range whatever was chosen for one.
        """
        self._unit, self._side_by_side = unit, side_by_side
        is_shared = side_by_side and self._style.scale is Scale.MAP
        choose(self._scale, Scale.SHARED if is_shared else self._style.scale)
        self._form.setRowVisible(self._fixed, self._style.scale is Scale.FIXED and unit is Unit.LOGIT)

    def show_found(self, found: Localization | None) -> None:
        """Read out the box and the area of the map in view; None while there is no map."""
        if found is None:
            text = ""
        elif found.box is None:
            text = self.tr("no evidence, no box")
        else:
            corners = ", ".join(decimal(side, 0) for side in found.box)
            text = self.tr("box {0}\n{1} of the region").format(corners, percent(found.area))
        if text != self._found.text():
            self._found.setText(text)

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
                scale=self._chosen_scale,
                threshold=self._threshold.currentData(),
                interpolation=self._interpolation.currentData(),
            )
        )

    @property
    def _chosen_scale(self) -> Scale:
        """What side by side is shown as shared stays what was chosen for one map."""
        chosen: Scale = self._scale.currentData()
        is_told = self._side_by_side and chosen is Scale.SHARED
        return self._style.scale if is_told and self._style.scale is Scale.MAP else chosen

    def _on_fixed_changed(self, value: float) -> None:
        self._set_style(replace(self._style, fixed=value, scale=Scale.FIXED))

    def _on_signs_activated(self, _index: int) -> None:
        signed = bool(self._signs.currentData())
        self._set_style(
            replace(self._style, colormap=self._last_diverging if signed else self._last_sequential)
        )
