"""VideoBar: play, step, seek and loop, shown while a video is the source; previous/next for photos."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QStyle, QStyleOptionSlider, QToolButton, QWidget

from camviewer.media.sources.source import (
    Countable,
    Seekable,
    Source,
)
from camviewer.ui.widgets.icons import (
    fit_icons,
    icon,
)
from camviewer.ui.widgets.words import (
    decimal,
    whole,
)


class SeekSlider(QSlider):
    """A click goes to that place, instead of a page on."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        control, part = QStyle.ComplexControl.CC_Slider, QStyle.SubControl.SC_SliderHandle
        handle = self.style().subControlRect(control, option, part, self)
        if event.button() == Qt.MouseButton.LeftButton and not handle.contains(event.position().toPoint()):
            span = self.width() - handle.width()
            place = round(event.position().x()) - handle.width() // 2
            value = QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), place, span)
            self.setSliderPosition(value)
            self.sliderMoved.emit(value)
        super().mousePressEvent(event)


class VideoBar(QWidget):
    """Hidden unless the source can be leafed through or seeked in."""

    def __init__(self, play: QAction, previous: QAction, following: QAction) -> None:
        super().__init__()
        self._source: Source | None = None
        self._play = tool_button(play)
        self._previous, self._next = tool_button(previous), tool_button(following)
        self._slider = SeekSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName(self.tr("Position"))
        self._slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._slider.sliderMoved.connect(self._on_slider_moved)
        self._slider.actionTriggered.connect(self._on_slider_action_triggered)
        self._place = QLabel()
        self._loop = QToolButton()
        self._loop.setIcon(icon("loop"))
        self._loop.setCheckable(True)
        self._loop.setAutoRaise(True)
        self._loop.setToolTip(self.tr("Start again at the end"))
        self._loop.setAccessibleName(self.tr("Loop"))
        self._loop.clicked.connect(self._on_loop_clicked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 12, 4)
        for widget in (self._play, self._previous, self._next):
            layout.addWidget(widget)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._place)
        layout.addWidget(self._loop)
        self._buttons = (self._play, self._previous, self._next, self._loop)
        fit_icons(*self._buttons)
        self.hide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            fit_icons(*self._buttons)

    @Slot(object)
    def set_source(self, source: Source | None) -> None:
        self._source = source
        for widget in (self._play, self._loop):
            widget.setVisible(isinstance(source, Seekable))
        if source is not None:
            source.changed.connect(self._on_source_changed)
        self._on_source_changed()

    @Slot()
    def _on_source_changed(self) -> None:
        source = self._source
        if source is None:
            self.hide()
        elif isinstance(source, Seekable):
            self.show()
            self._loop.setChecked(source.loop)
            if not self._slider.isSliderDown():
                self._slider.setRange(0, round(source.duration * 1000))
                self._slider.setSingleStep(1000)
                self._slider.setPageStep(10_000)
                self._slider.setValue(round(source.position * 1000))
            self._place.setText(f"{_clock(source.position)} / {_clock(source.duration)}")
        elif isinstance(source, Countable) and source.can_step:
            self.show()
            self._slider.setRange(0, source.count - 1)
            self._slider.setSingleStep(1)
            self._slider.setPageStep(10)
            self._slider.setValue(source.index)
            self._place.setText(self.tr("{0} of {1}").format(whole(source.index + 1), whole(source.count)))
        else:
            self.hide()

    @Slot(int)
    def _on_slider_moved(self, value: int) -> None:
        source = self._source
        if source is None:
            return
        if isinstance(source, Seekable):
            source.seek(value / 1000)
        elif isinstance(source, Countable):
            source.step(value - source.index)

    @Slot(int)
    def _on_slider_action_triggered(self, action: int) -> None:
        """By keys: Page Up and Down, Home, End, and the arrows up and down."""
        if action != QSlider.SliderAction.SliderMove.value:
            self._on_slider_moved(self._slider.sliderPosition())

    @Slot(bool)
    def _on_loop_clicked(self, loop: bool) -> None:
        source = self._source
        if source is not None and isinstance(source, Seekable):
            source.set_loop(loop)


def tool_button(action: QAction) -> QToolButton:
    """A flat button for an action, below a picture."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}:{decimal(rest, 1).rjust(4, '0')}"
