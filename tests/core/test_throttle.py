"""At most so often."""

from __future__ import annotations

from camviewer.core.throttle import Throttle


def test_once_in_so_many_seconds() -> None:
    now = 0.0
    throttle = Throttle(0.25, lambda: now)
    assert throttle.ready(), "the first time, whatever the clock says"
    assert not throttle.ready()
    now = 0.2
    assert not throttle.ready()
    now = 0.25
    assert throttle.ready()
    now = 0.45
    assert not throttle.ready(), "counted from the last time that it was ready"
    now = 0.5
    assert throttle.ready()
