"""HistoryBar: the last seconds of a live source, to go back in. Below the picture, as the bar of a video."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSlider, QToolButton, QWidget

from camviewer.core.history import Span
from camviewer.ui.picture.video_bar import SeekSlider, tool_button
from camviewer.ui.widgets.icons import fit_icons
from camviewer.ui.widgets.menu_button import MenuButton
from camviewer.ui.widgets.words import decimal, whole


@dataclass(frozen=True, slots=True)
class Shown:
    """What the bar says. time: of the frame in view, if an earlier moment is. mark: what else is to be known
    of it. budget: bytes that may be kept."""

    span: Span | None
    time: float | None
    mark: str
    budget: int


class HistoryBar(QWidget):
    """Hidden unless a live source is kept."""

    moment_chosen = Signal(float)
    """Seconds, as `Frame.time`."""

    def __init__(self, freeze: QAction, previous: QAction, following: QAction, live: QAction) -> None:
        super().__init__()
        self._first = 0.0
        self._freeze = tool_button(freeze)
        self._previous, self._next = tool_button(previous), tool_button(following)
        self._slider = SeekSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName(self.tr("Moment"))
        self._slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._slider.setSingleStep(100)
        self._slider.setPageStep(1000)
        self._slider.sliderMoved.connect(self._on_slider_moved)
        self._slider.actionTriggered.connect(self._on_slider_action_triggered)
        self._place = QLabel()
        self._place.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._live = tool_button(live)
        self._live.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 12, 4)
        for widget in (self._freeze, self._previous, self._next):
            layout.addWidget(widget)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._place)
        layout.addWidget(self._live)
        self._layout = layout
        self._buttons: tuple[QToolButton, ...] = (self._freeze, self._previous, self._next, self._live)
        self._fit()
        self.hide()

    def set_menu(self, menu: QMenu) -> None:
        """What else can be done with what is kept."""
        more = MenuButton(menu)
        more.setText("⋯")
        more.setAutoRaise(True)
        more.setToolTip(self.tr("More about what is kept"))
        more.setAccessibleName(self.tr("More about what is kept"))
        self._layout.addWidget(more)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        fit_icons(*self._buttons)
        metrics = self.fontMetrics()
        # The slider must not move while the numbers change.
        self._place.setMinimumWidth(
            metrics.horizontalAdvance(self.tr("{0} s · {1} MB").format("00.0", "000"))
        )

    @property
    def text(self) -> str:
        """What stands beside the slider."""
        return self._place.text()

    @property
    def slider(self) -> QSlider:
        return self._slider

    def show_history(self, shown: Shown) -> None:
        """Where the frame in view is, and how much is kept."""
        span = shown.span
        self._slider.setEnabled(span is not None)
        if span is None:
            self._place.setText("")
            self._place.setToolTip("")
            self._slider.setRange(0, 0)
            return
        time = span.last if shown.time is None else shown.time
        if not self._slider.isSliderDown():
            self._first = span.first
            self._slider.setRange(0, round(1000 * span.seconds))
            self._slider.setValue(round(1000 * (time - span.first)))
        if shown.time is None:
            text = self.tr("{0} s · {1} MB").format(decimal(span.seconds, 1), whole(round(span.size / 1e6)))
        else:
            text = self.tr("−{0} s").format(decimal(max(span.last - time, 0.0), 2))
            text = f"{text} · {shown.mark}" if shown.mark else text
        self._place.setText(text)
        self._place.setToolTip(self._explanation(span, shown.budget))

    def _explanation(self, span: Span, budget: int) -> str:
        kept = self.tr("Kept: {0} pictures of {1} s, in {2} of {3} MB of memory.").format(
            whole(span.count),
            decimal(span.seconds, 1),
            whole(round(span.size / 1e6)),
            whole(round(budget / 1e6)),
        )
        exact = self.tr("Exact: logits and probabilities. Rounded: the picture (JPEG) and the map (float16).")
        return f"{kept}\n{exact}"

    @Slot(int)
    def _on_slider_moved(self, value: int) -> None:
        self.moment_chosen.emit(self._first + value / 1000)

    @Slot(int)
    def _on_slider_action_triggered(self, action: int) -> None:
        """By keys: Page Up and Down, Home, End, and the arrows up and down."""
        if action != QSlider.SliderAction.SliderMove.value:
            self._on_slider_moved(self._slider.sliderPosition())
