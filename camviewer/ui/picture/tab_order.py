"""Which classes have a tab, and in which slot: tabs that do not jump. Pure; no Qt."""

from __future__ import annotations

from collections.abc import Sequence

LINGER = 0.7
"""Seconds that a class keeps its slot after it has dropped out of the top k, though another waits for it."""


class TabOrder:
    """Pinned classes first, in the order of pinning; then the classes in the running, each in its slot.

    There are k slots, and one more for the chosen class and for the one that it is compared with where they
    are not in the top k: those two never leave. A class that drops out of the top k keeps its slot until a
    newcomer takes it, and is not made to go before LINGER seconds are over; a newcomer that is the most
    probable class of all doesn't wait. So the row is never longer, and no tab moves another.
    """

    def __init__(self, k: int = 5) -> None:
        self._k = k
        self._pinned: list[int] = []
        self._running: list[int] = []
        self._last_in: dict[int, float] = {}
        self._top: tuple[int, ...] = ()
        self._now = self._linger = 0.0
        self.chosen: int | None = None
        self.other: int | None = None
        """The class that the chosen one is compared with; it doesn't leave either."""

    @property
    def order(self) -> tuple[int, ...]:
        return (*self._pinned, *self._running)

    @property
    def pinned(self) -> tuple[int, ...]:
        return tuple(self._pinned)

    @property
    def waiting(self) -> bool:
        """Whether a class of the top k waits for a slot."""
        return not set(self._top) <= {*self._pinned, *self._running}

    @property
    def k(self) -> int:
        """How many of the most probable classes have a tab."""
        return self._k

    def reset(self) -> None:
        """The next frame has nothing to do with the last one: only the pinned classes stay."""
        self._running.clear()
        self._last_in.clear()

    def pin(self, class_id: int) -> None:
        if class_id not in self._pinned:
            self._pinned.append(class_id)
            if class_id in self._running:
                self._running.remove(class_id)

    def add(self, class_id: int) -> None:
        """Give it a tab until the next update that doesn't find it in the top k."""
        if class_id not in self.order:
            self._running.append(class_id)

    def unpin(self, class_id: int) -> None:
        """It leaves like any other class: at the next update that doesn't find it in the top k."""
        if class_id in self._pinned:
            self._pinned.remove(class_id)
            if class_id in self._top or class_id == self.chosen:
                self._running.insert(0, class_id)

    def update(self, top: Sequence[int], now: float, linger: float = LINGER) -> tuple[int, ...]:
        """The order after a frame at `now` seconds whose classes in the running are these, k as a rule.

        linger: 0 for stills: what is not in the top k goes at once.
        """
        self._top, self._now, self._linger = tuple(top), now, linger
        in_top = [c for c in top if c not in self._pinned]
        for class_id in in_top:
            self._last_in[class_id] = now
        for class_id in in_top:
            if class_id not in self._running:
                self._let_in(class_id)
        if linger <= 0:
            self._running = [c for c in self._running if self._stays(c)]
        while len(self._running) > max(self._k, len(top)):
            gone = next((i for i, c in enumerate(self._running) if self.age(c) >= 1), None)
            if gone is None:
                break
            last = self._running.pop()  # the one that is too many takes the free slot: no other moves
            if gone < len(self._running):
                self._running[gone] = last
        self._last_in = {c: self._last_in[c] for c in self._running if c in self._last_in}
        return self.order

    def age(self, class_id: int) -> float:
        """How far a class is on its way out, 0..1: 0 while it is in the top k, 1 when it may be replaced."""
        if self._stays(class_id) or self._linger <= 0:
            return 0.0
        last = self._last_in.get(class_id)
        return min(1.0, (self._now - last) / self._linger) if last is not None else 1.0

    def _stays(self, class_id: int) -> bool:
        return class_id in self._top or class_id in self._pinned or class_id in (self.chosen, self.other)

    def _let_in(self, class_id: int) -> None:
        """A free slot for a newcomer, or that of the class that has been out of the top k longest."""
        held = sum(c in (self.chosen, self.other) and c not in self._top for c in self._running)
        if len(self._running) < max(self._k, len(self._top)) + held:
            self._running.append(class_id)
            return
        leaving = [i for i, c in enumerate(self._running) if not self._stays(c)]  # one at least
        slot = min(leaving, key=lambda i: self._last_in.get(self._running[i], float("-inf")))
        first = class_id == self.chosen or class_id == self._top[0]
        if first or self.age(self._running[slot]) >= 1 or self._linger <= 0:
            self._running[slot] = class_id
