"""What is in view: the newest that the source brought, or an earlier moment of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from camviewer.core.explanation import Delivery


class InView(QObject):
    """Lives in the GUI thread. The source goes on while an earlier moment is in view, unless it is frozen."""

    shown = Signal(object)
    """Explanation"""
    looking_back_changed = Signal(bool)

    def __init__(
        self,
        is_current: Callable[[Delivery], bool],
        explain_again: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        """is_current: whether it is by the present model and as asked for now. explain_again: the newest."""
        super().__init__(parent)
        self._is_current, self._explain_again = is_current, explain_again
        self.delivery: Delivery | None = None
        """What is in view, with what travels around it."""
        self.newest: Delivery | None = None
        """Of the source."""
        self.looks_back = False
        """Whether an earlier moment is in view."""

    def clear(self) -> None:
        """There is another source, or its frame can't be explained."""
        self._look_back(False)
        self.delivery = self.newest = None

    def bring(self, delivery: Delivery) -> None:
        """The source's newest. It comes into view unless an earlier moment is."""
        self.newest = delivery
        if not self.looks_back:
            self.delivery = delivery
            self.shown.emit(delivery.explanation)

    def show_earlier(self, delivery: Delivery) -> None:
        """Show an earlier moment of the source until `return_to_live`, or until there is another source."""
        self.delivery = delivery
        self._look_back(True)
        self.shown.emit(delivery.explanation)

    def return_to_live(self) -> None:
        """Show what the source brings; at once, the newest that it has brought."""
        if not self.looks_back:
            return
        newest = self.delivery = self.newest
        self._look_back(False)
        if newest is not None:
            self.shown.emit(newest.explanation)
            if not self._is_current(newest):
                self._explain_again()

    def _look_back(self, on: bool) -> None:
        if on != self.looks_back:
            self.looks_back = on
            self.looking_back_changed.emit(on)
