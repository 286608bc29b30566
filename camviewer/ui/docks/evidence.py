"""The Evidence dock, "How it adds up": from the frame to the probability, drawn, and with its numbers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDockWidget, QLabel, QVBoxLayout, QWidget

from camviewer.media.drawing.view_state import ViewState
from camviewer.media.frames import array_to_image
from camviewer.ui.adding_up.contents import Channel, Contents, Pictures, Pointed
from camviewer.ui.adding_up.drawing import ScoreDrawing
from camviewer.ui.adding_up.page import DrawingPage
from camviewer.ui.adding_up.texts import flatten_words, rounded, share
from camviewer.ui.adding_up.ways import WayBar
from camviewer.ui.docks.details import Details
from camviewer.ui.docks.dock_scroll import DockScroll
from camviewer.ui.docks.evidence_lists import Bar, Bars, Rows
from camviewer.ui.docks.evidence_rows import detail_rows, faithfulness_text, step_rows
from camviewer.ui.docks.network_input_view import NetworkInputView
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.class_words import class_name
from camviewer.ui.widgets.form import heading
from camviewer.ui.widgets.words import percent

REFRESH_MS, RAREST_MS = 200, 2000
"""Five times a second: faster numbers can't be read, and every painting takes time from the network."""
SHARE = 0.03
"""Of the time may be spent here; what takes longer is done more rarely."""
translate = QCoreApplication.translate


class EvidenceDock(QDockWidget):
    """Shows how the chosen class's logit adds up; a click on a channel shows its map."""

    channel_chosen = Signal(object)
    """A channel (int), or None to go back to the class's own map."""
    class_chosen = Signal(int)
    handout_wanted = Signal()
    refreshed = Signal()
    """All parts show the newest state."""

    def __init__(self, settings: Settings | None = None) -> None:
        """settings: None remembers nothing."""
        super().__init__()
        self._state: ViewState | None = None
        self._in_view = False
        self._cost = 0.0  # seconds of this refresh, of this thread alone
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._parts: Iterator[Callable[[], object]] = iter(())
        # Real timers have their turn with all others; what QTimer.singleShot(0, …) posts comes before them.
        self._step_timer = QTimer(self, interval=0)
        self._step_timer.timeout.connect(self._on_step_timer_timeout)
        self.ways = WayBar(self.tr("Wide page"), self.tr("The drawing in a window of its own"))
        self.drawing = ScoreDrawing()
        self.page: DrawingPage | None = None
        """The drawing in a window of its own; None until it is asked for."""
        self.steps = Rows(self.tr("Steps"))
        self.details = Details(settings)
        self.channels = Bars(self.tr("Channels for and against"))
        self.channels.setAccessibleDescription(self.tr("Enter shows the map of a channel, and hides it"))
        self.logits = Bars(self.tr("Logits"))
        self.probabilities = Bars(self.tr("Probabilities"))
        self.network_input = NetworkInputView(self.tr("What the network sees"))
        self._note, self._other_way = QLabel(), QLabel()
        self._of_linear_heads: list[QWidget] = [self.ways.choice]
        self._place()
        self._connect()
        self.set_flatten(False)

    def _place(self) -> None:
        for text in (self._note, self._other_way):
            text.setWordWrap(True)
        self._note.hide()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(4)
        for widget in (self._note, self.ways, self.drawing, self._other_way):
            column.addWidget(widget)
        for title, part in (
            (self.tr("Channels for and against"), self.channels),
            (self.tr("Logits"), self.logits),
            (self.tr("Probabilities"), self.probabilities),
            (self.tr("Steps"), self.steps),
        ):
            column.addWidget(name := heading(title))
            column.addWidget(part)
            name.setWordWrap(True)
            if part is self.channels:
                self._of_linear_heads += [name, part]
        column.addWidget(self.details)
        column.addWidget(name := heading(self.tr("What the network sees")))
        name.setWordWrap(True)
        column.addWidget(self.network_input)
        column.addStretch(1)
        self.setWidget(DockScroll(body, self))

    def _connect(self) -> None:
        self.visibilityChanged.connect(self._on_visibility_changed)
        self.channels.picked.connect(self._on_channel_picked)
        self.channels.hovered.connect(lambda key: self._point_at(None if key is None else Channel(key)))
        for bars in (self.logits, self.probabilities):
            bars.setAccessibleDescription(self.tr("Enter chooses a class"))
            bars.picked.connect(self.class_chosen)
        self._connect_drawing(self.ways, self.drawing)
        self.ways.pressed.connect(self.open_page)
        self.details.toggled.connect(self._refresh)

    def _connect_drawing(self, ways: WayBar, drawing: ScoreDrawing) -> None:
        ways.flatten_chosen.connect(self.set_flatten)
        drawing.pointed_changed.connect(self._point_at)
        drawing.channel_picked.connect(self._on_channel_picked)

    @property
    def waits(self) -> bool:
        """Whether a frame is to be shown soon."""
        return self._timer.isActive() or self._step_timer.isActive()

    @property
    def note_text(self) -> str:
        """What may be said of the map in view."""
        return self._note.text()

    @property
    def other_way_text(self) -> str:
        """The text about networks that flatten."""
        return self._other_way.text()

    @property
    def _page_in_view(self) -> DrawingPage | None:
        return self.page if self.page is not None and self.page.isVisible() else None

    def show_state(self, state: ViewState) -> None:
        """Show soon; the newest wins. Nothing is computed while the dock is closed."""
        same_frame = self._state is not None and state.explanation is self._state.explanation
        self._state = state
        if not self._in_view and self._page_in_view is None:
            return
        if same_frame:
            self._refresh()
        elif not self._timer.isActive():
            self._timer.start()

    def clear(self) -> None:
        """There is no frame any more: show no numbers of the last one."""
        self._state = None
        self._step_timer.stop()
        _say(self._note, "")
        self.steps.show_rows(())
        self.details.show_rows(())
        for bars in (self.channels, self.logits, self.probabilities):
            bars.show_bars(())
        self.drawing.show_state(None)
        if self.page is not None:
            self.page.show_state(None)
        self.network_input.show_image(None)

    @Slot(bool)
    def set_flatten(self, on: bool) -> None:
        """Draw what changes where a network flattens instead of pooling."""
        self._other_way.setVisible(on and bool(self.other_way_text))
        for shown in (self, self.page):
            if shown is not None:
                shown.ways.show_flatten(on)
                shown.drawing.set_flatten(on)
        self._refresh()

    def open_page(self) -> None:
        """Show the drawing in a window of its own."""
        if self.page is None:
            self.page = DrawingPage(self)
            self._connect_drawing(self.page.ways, self.page.drawing)
            self.page.ways.pressed.connect(self.handout_wanted)
            self.set_flatten(self.ways.flatten.isChecked())
        self.page.open()
        self._refresh()

    def _on_visibility_changed(self, visible: bool) -> None:
        # Not isVisible(): a dock behind another's tab is that, too.
        self._in_view = visible
        if visible:
            self._refresh()

    def _refresh(self) -> None:
        """All parts at once."""
        self._step_timer.stop()
        seen = self._in_view or self._page_in_view is not None
        self._parts = self._parts_of(self._state) if seen and self._state is not None else iter(())
        while self._show_part():
            pass

    @Slot()
    def _on_timer_timeout(self) -> None:
        """Part by part, all of the state of now; between two of them the event loop does other things.

        All at once they take as long as two pictures, which would have to wait.
        """
        if self._step_timer.isActive():
            self._timer.start()  # on a busy machine the last parts would never have their turn
            return
        seen = self._in_view or self._page_in_view is not None
        if seen and self._state is not None:
            self._cost = 0.0
            self._parts = self._parts_of(self._state)
            self._step_timer.start()

    @Slot()
    def _on_step_timer_timeout(self) -> None:
        begun = time.thread_time()
        more = self._show_part()
        self._cost += time.thread_time() - begun
        if not more:
            self._step_timer.stop()
            page = self._page_in_view
            painted = self.drawing.cost + (page.drawing.cost if page is not None else 0.0)
            self._timer.setInterval(interval_ms(self._cost + painted))

    def _show_part(self) -> bool:
        """The next one; whether there was one."""
        show = next(self._parts, None)
        if show is None:
            return False
        show()
        return True

    def _parts_of(self, state: ViewState) -> Iterator[Callable[[], object]]:
        """What shows a part of the dock, one after the other."""
        explanation, target = state.explanation, state.target
        held = held_channels(self.drawing.contents, self.drawing.pointed, state)
        yield lambda: self._show_channels(state, held)
        yield lambda: _say(self._note, faithfulness_text(state))
        yield lambda: self.steps.show_rows(step_rows(state))
        yield lambda: self.details.show_rows(detail_rows(state))
        ordered = sorted(state.classes, key=lambda c: -float(explanation.logits[c]))
        logits = [(c, float(explanation.logits[c])) for c in ordered]
        shares = [(c, float(explanation.probabilities[c])) for c in ordered]
        names, chosen = {c: class_name(explanation.labels, c) for c in ordered}, target.class_id
        yield lambda: self.logits.show_bars(
            tuple(Bar(names[c], v, rounded(v), c, chosen=c == chosen) for c, v in logits)
        )
        yield lambda: self.probabilities.show_bars(
            tuple(Bar(names[c], v, percent(v), c, chosen=c == chosen) for c, v in shares)
        )
        seen = explanation.network_input
        yield lambda: self.network_input.show_image(array_to_image(seen) if seen is not None else None)
        page = self._page_in_view
        if page is not None:
            yield lambda: page.show_state(state, held)
        yield self.refreshed.emit

    def _show_channels(self, state: ViewState, held: tuple[int, ...]) -> None:
        """In the drawing and in the list at once: they must not speak of two frames."""
        self.drawing.show_state(state, held)
        contents, pictures = self.drawing.contents, self.drawing.pictures
        assert contents is not None, "it was shown before"
        assert pictures is not None, "as the contents"
        for part in self._of_linear_heads:
            part.setVisible(bool(contents.parts.channels))
        self.channels.show_bars(_channel_bars(contents, pictures, self.details.is_open))
        words = flatten_words(contents)
        self._other_way.setVisible(contents.flattens)
        if words != self._other_way.text():
            self._other_way.setText(words)

    @Slot(object)
    def _point_at(self, pointed: Pointed) -> None:
        """Light the same in the drawing, on the page and in the list."""
        self.drawing.light(pointed)
        if self.page is not None:
            self.page.drawing.light(pointed)
        self.channels.light(pointed.channel if isinstance(pointed, Channel) else None)

    @Slot(int)
    def _on_channel_picked(self, channel: int) -> None:
        shown = self._state is not None and self._state.target.channel == channel
        self.channel_chosen.emit(None if shown else channel)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves the chosen channel."""
        chosen = self._state is not None and self._state.target.channel is not None
        if event.key() == Qt.Key.Key_Escape and chosen:
            self.channel_chosen.emit(None)
        else:
            super().keyPressEvent(event)


def _say(label: QLabel, text: str) -> None:
    """Hidden where there is nothing to say. Another text is laid out anew, which takes time."""
    if text != label.text():
        label.setText(text)
    label.setVisible(bool(text))


def held_channels(before: Contents | None, pointed: Pointed, state: ViewState) -> tuple[int, ...]:
    """The channels that are listed, while one is chosen or pointed at: the list must not move then."""
    chosen = state.target.channel is not None
    if before is None or not (chosen or isinstance(pointed, Channel)):
        return ()
    target, explanation = before.parts.target, before.explanation
    if not explanation.model.same_network(state.explanation.model):
        return ()
    same = target.class_id == state.target.class_id and (chosen or target.other == state.target.other)
    same = same and explanation.maps.signature == state.explanation.maps.signature
    return tuple(each.channel for each in before.parts.channels) if same else ()


def interval_ms(cost: float) -> int:
    """How long to wait before the next refresh, where the last took `cost` seconds."""
    return round(min(max(REFRESH_MS, 1000 * cost / SHARE), RAREST_MS))


def _channel_bars(contents: Contents, pictures: Pictures, details: bool) -> tuple[Bar, ...]:
    chosen = contents.state.target.channel
    text = share if details else rounded
    name = translate("evidence", "channel {0}")
    return tuple(
        Bar(
            name.format(each.channel),
            each.value,
            text(each.value),
            each.channel,
            image,
            each.channel == chosen,
        )
        for each, image in zip(contents.parts.channels, pictures.tiles, strict=True)
    )
