"""Which classes have a tab, and in which order: tabs that do not jump. Pure; no Qt."""

from __future__ import annotations

from collections.abc import Sequence

LINGER = 1.0
"""Seconds that a class keeps its tab after it has dropped out of the top k."""


class TabOrder:
    """Pinned classes first, in the order of pinning; then the classes in the running, each in its place.

    A class keeps its place while it is in the top k and for LINGER seconds after. The chosen class, and the
    one that it is compared with, never leave. A newcomer takes a free place; while there is none it stands
    at the end.
    """

    def __init__(self, k: int = 5) -> None:
        self._k = k
        self._pinned: list[int] = []
        self._running: list[int] = []
        self._last_in: dict[int, float] = {}
        self._top: tuple[int, ...] = ()
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
        """The order after a frame at `now` seconds whose classes in the running are these, k as a rule."""
        self._top = tuple(top)
        in_top = [c for c in top if c not in self._pinned]
        for class_id in in_top:
            self._last_in[class_id] = now
        places: list[int | None] = [c if self._stays(c, now, linger) else None for c in self._running]
        newcomers = [c for c in in_top if c not in self._running]
        # Free places go to the tabs beyond the k-th first (they are waiting for one), then to newcomers.
        for place in [i for i, c in enumerate(places[: max(self._k, len(top))]) if c is None]:
            waiting = next(
                (i for i in range(max(self._k, len(top)), len(places)) if places[i] is not None), None
            )
            if waiting is not None:
                places[place], places[waiting] = places[waiting], None
            elif newcomers:
                places[place] = newcomers.pop(0)
        self._running = [c for c in places if c is not None] + newcomers
        self._last_in = {c: self._last_in[c] for c in self._running if c in self._last_in}
        return self.order

    def _stays(self, class_id: int, now: float, linger: float) -> bool:
        last = self._last_in.get(class_id)
        return class_id in (self.chosen, self.other) or (last is not None and now - last <= linger)
