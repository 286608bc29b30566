"""How wide each class tab is, and which ones have no room. Pure; no Qt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """In pixels. room: for all tabs; least: of a tab whose name is cut; most: of one that has room to spare;
    more: of the button that lists the tabs without room."""

    room: int
    least: int
    most: int
    more: int


@dataclass(frozen=True, slots=True)
class Widths:
    """tabs: width of each, 0 of one that has no room. limits: that they were made for."""

    tabs: tuple[int, ...]
    limits: Limits

    @property
    def hidden(self) -> tuple[int, ...]:
        """Places of the tabs without room."""
        return tuple(i for i, width in enumerate(self.tabs) if width == 0)

    def serve(self, needs: Sequence[int], whole: Collection[int], slack: int) -> bool:
        """Whether they do for other names, too, so that no tab need move: all names are whole, or only those
        that may be cut are, while none has more than `slack` that another could use."""
        if len(needs) != len(self.tabs):
            return False
        pairs = list(zip(needs, self.tabs, strict=True))
        if all(need <= width for need, width in pairs):
            return True
        spare = sum(width - need for need, width in pairs if width > need)
        spare += self.limits.room - sum(self.tabs) - (self.limits.more if self.hidden else 0)
        return spare <= slack and all(0 < needs[i] <= self.tabs[i] for i in whole)


def widths(needs: Sequence[int], whole: Collection[int], limits: Limits) -> Widths:
    """Widths for tabs that need so much to be whole.

    All are equally wide where that does. Else the narrow ones give what they don't need to the wide ones, and
    the wide ones are cut where there is not enough, but those at the places `whole` are not, as long as they
    have room themselves. Where not even `least` is left for each, the last ones go.
    """
    if not needs:
        return Widths((), limits)
    shown, room = set(range(len(needs))), limits.room
    least = [
        min(need, limits.room) if i in whole else min(need, limits.least) for i, need in enumerate(needs)
    ]
    for place in reversed(range(len(needs))):
        if sum(least[i] for i in shown) <= room:
            break
        if place not in whole:
            room = limits.room - limits.more
            shown.remove(place)
    given = _shared([needs[i] for i in sorted(shown)], [least[i] for i in sorted(shown)], room, limits.most)
    by_place = dict(zip(sorted(shown), given, strict=True))
    return Widths(tuple(by_place.get(i, 0) for i in range(len(needs))), limits)


def _shared(needs: Sequence[int], least: Sequence[int], room: int, most: int) -> list[int]:
    """room shared out as evenly as `least` and, where there is enough, the needs allow."""
    floor = needs if sum(needs) <= room else least
    total = sum(floor)
    if total > room:  # the names that are to be whole have no room themselves
        return [width * room // total for width in floor]
    ceiling = [max(most, need) for need in needs] if floor is needs else list(needs)
    # The level up to which all narrower ones are filled.
    low, high = 0, max(ceiling, default=0)
    while low < high:
        level = (low + high + 1) // 2
        if sum(min(max(f, level), c) for f, c in zip(floor, ceiling, strict=True)) <= room:
            low = level
        else:
            high = level - 1
    return [min(max(f, low), c) for f, c in zip(floor, ceiling, strict=True)]
