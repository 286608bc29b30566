"""What if this weren't there? How classes move when a part of the frame is covered, and what the fill adds.

The prediction of the frame as it was takes one more pass, but not one for each frame:

- of a photo, or of a frame that is explained once more, it is always of that very frame, and is kept: another
  edit of it costs no further pass;
- of live frames it is made anew when the last one is so old that all of these passes together take a
  fiftieth of the time. In between it is the last one's, and says how old that is.

It is never that of another source, size, fit or resolution, nor of another place of a video, nor older than
`OLDEST`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from camviewer.core.arrays import ByteArray, FloatArray, read_only
from camviewer.core.coverage import Coverage
from camviewer.core.covering import Fill
from camviewer.core.edits import FrameEdit
from camviewer.core.explanation import (
    Before,
    ExplainRequest,
    Explanation,
    MadeByFill,
    Prediction,
)
from camviewer.core.frames import Frame
from camviewer.core.painting import Painter, painted

SPARE, SPARE_MOVED = 50, 8
"""A pass for live frames is made at most every so many times its own duration; sooner where the picture has
changed: how another scene was is no answer to what the edit does to this one."""
MOVED = 10.0
"""Of 255, on average over some pixels: by less than that a camera's noise changes a picture that stands."""
_EACH = 16
"""So many rows and columns have one pixel that is looked at."""
OLDEST = 5.0
"""Seconds that what is said of an older frame is good for."""
_JUMP = 0.5
"""Seconds: if a video has moved on by so much more or less than the clock, it was sought."""
ABSENT, PRESENT = 0.05, 0.2
"""A class has appeared if its probability was below the one before the edit, and reaches the other now."""

Predict = Callable[[Frame, ExplainRequest], Prediction]
"""One pass over the frame by the request's fit and resolution, without its edit."""


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What an edit changed, of each class: logits and probabilities float32 [N], after minus before."""

    logits: FloatArray
    probabilities: FloatArray


def changes(explanation: Explanation) -> Changes | None:
    """After minus before; None where nothing is covered, or where nobody asked how it was before."""
    if explanation.before is None:
        return None
    was = explanation.before.prediction
    with np.errstate(invalid="ignore"):  # networks that are broken say infinity
        logits = explanation.logits - was.logits
    return Changes(read_only(logits), read_only(explanation.probabilities - was.probabilities))


@dataclass(frozen=True, slots=True, eq=False)
class _Pass:
    """A prediction that was made. took: seconds. ended: by the clock."""

    frame: Frame
    asked: tuple[object, ...]
    prediction: Prediction
    took: float
    ended: float


class WhatIf:
    """Completes explanations of edited frames: how it was before, and which classes the fill itself makes.

    A fill is something to see, too: a black rectangle may look like a screen. So where a class appears
    (`ABSENT`, `PRESENT`), the same pixels are covered with another fill, in one more pass: from around, or by
    a blur where it was from around. If the class then has less than half of the probability, it isn't because
    something was hidden that it appeared, but because of what it was hidden by.
    """

    def __init__(
        self, predict: Predict, painter: Painter, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._predict, self._painter, self._clock = predict, painter, clock
        self._last: _Pass | None = None
        self._seen: Frame | None = None
        self._checked: tuple[Frame, tuple[object, ...], FrameEdit | None] | None = None
        self._made: tuple[MadeByFill, ...] = ()

    def forget(self) -> None:
        """The edit is gone, and so are the frames that were painted over."""
        self._last = self._seen = self._checked = None
        self._made = ()

    def completed(self, explanation: Explanation, frame: Frame) -> Explanation:
        """With the frame as it was, its prediction, and warnings. Raises RuntimeError if the device fails."""
        before = self._before(frame, explanation.request)
        explanation = replace(explanation, unedited=frame, before=before)
        return replace(explanation, made_by_fill=self._made_by_fill(explanation, before))

    def _before(self, frame: Frame, request: ExplainRequest) -> Before:
        asked = (request.fit, request.resolution, frame.source, frame.image.shape, frame.still)
        again = self._seen is not None and self._seen.image is frame.image
        self._seen = frame
        last = self._last
        if last is not None and last.asked == asked:
            if last.frame.image is frame.image:
                return Before(last.prediction)
            spare = SPARE_MOVED if _has_moved(last.frame.image, frame.image) else SPARE
            is_due = frame.still or again or self._clock() - last.ended >= spare * last.took
            if not is_due and _continues(last.frame, frame):
                return Before(last.prediction, frame.time - last.frame.time)
        start = self._clock()
        prediction = self._predict(frame, request)
        ended = self._clock()
        self._last = _Pass(frame, asked, prediction, ended - start, ended)
        return Before(prediction)

    def _made_by_fill(self, explanation: Explanation, before: Before) -> tuple[MadeByFill, ...]:
        frame, edit, last = explanation.original, explanation.request.edit, self._last
        assert edit is not None, "the frame is edited"
        assert last is not None, "there was a pass"
        now = explanation.probabilities
        if before.age > 0 or (
            self._checked is not None
            and self._checked[0].image is frame.image
            and self._checked[1:] == (last.asked, edit)
        ):
            # Of live frames, what was found a moment ago holds as long as the class is there.
            known = self._made if self._checked is not None and self._checked[2] == edit else ()
            return tuple(
                replace(each, probability=float(now[each.class_id]))
                for each in known
                if now[each.class_id] >= PRESENT
            )
        self._checked, self._made = (frame, last.asked, edit), ()
        appeared = np.flatnonzero((before.prediction.probabilities < ABSENT) & (now >= PRESENT))
        if not len(appeared):
            return ()
        coverage = self._painter.coverage(frame, edit)
        fill = main_fill(coverage)
        instead = Fill.BLUR if fill is Fill.AROUND else Fill.AROUND
        other = replace(frame, image=painted(frame.image, coverage.by(instead)))
        start = self._clock()  # not of the painting: its first time imports for a second
        otherwise = self._predict(other, explanation.request).probabilities
        ended = self._clock()
        self._made = tuple(
            MadeByFill(int(c), fill, float(now[c]), instead, float(otherwise[c]))
            for c in appeared
            if otherwise[c] < now[c] / 2
        )
        self._last = replace(last, took=last.took + ended - start, ended=ended)
        return self._made


def _has_moved(before: ByteArray, now: ByteArray) -> bool:
    """Of two images of one size."""
    one, other = (each[::_EACH, ::_EACH].astype(np.int16) for each in (before, now))
    return float(np.abs(one - other).mean()) > MOVED


def main_fill(coverage: Coverage) -> Fill:
    """The one that covers most. Raises ValueError where nothing is covered."""
    return max(coverage.layers, key=lambda layer: int(np.count_nonzero(layer.where))).fill


def _continues(earlier: Frame, later: Frame) -> bool:
    """Whether a frame of the same source comes shortly after another, without a jump between them."""
    age = later.time - earlier.time
    if not 0 <= age <= OLDEST:
        return False
    if earlier.position is None or later.position is None:
        return earlier.position is later.position
    return abs(later.position - earlier.position - age) <= _JUMP
