"""How far a computation is: told to whoever listens, and to nobody else."""

from __future__ import annotations

from camviewer.core.progress import report, reported_to


def test_who_listens_is_told() -> None:
    inner: list[tuple[int, int]] = []
    outer: list[tuple[int, int]] = []
    report(1, 9)
    with reported_to(lambda *told: outer.append(told)):
        report(2, 9)
        with reported_to(lambda *told: inner.append(told)):
            report(3, 9)
        report(4, 9)
    report(5, 9)
    assert (outer, inner) == ([(2, 9), (4, 9)], [(3, 9)])
