"""The curve of a whole video: some of its frames, each with the prediction that `predict` gives."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from camviewer.core.explanation import ExplainRequest, Prediction, predicted
from camviewer.core.failures import Failure, SourceFailure
from camviewer.core.frames import Fit, Frame
from camviewer.media.movies.movie import MovieWriter
from camviewer.media.pipeline import video_curve
from camviewer.media.pipeline.video_curve import MOST_ROWS, VideoCurve, stride
from tests.media.fakes import FakeExplainer
from tests.media.videos import VP9, number_of, numbered


class Reading(FakeExplainer):
    """Its logits are the number that the frame shows."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: set[ExplainRequest | None] = set()

    def predict(self, frame: Frame, request: ExplainRequest | None = None) -> Prediction:
        self.requests.add(request)
        return predicted(np.array([number_of(frame.image), 0.0], np.float32), self.labels)


def movie_of(frames: int, folder: Path) -> Path:
    path = folder / "film.mp4"
    with path.open("wb") as file:
        writer = MovieWriter(file, encoders=(VP9,))
        for index in range(frames):
            writer.write(numbered(index), Fraction(index, 30))
        writer.close(Fraction(frames, 30))
    return path


def run(curve: VideoCurve, explainer: FakeExplainer) -> list[Failure | None]:
    ends: list[Failure | None] = []
    curve.ended.connect(ends.append)
    failure: Failure | None = None
    try:
        while curve.step(explainer):
            pass
    except Failure as expected:
        failure = expected
    curve.end(failure)
    return ends


def test_each_so_many_th_frame_is_there_at_its_own_time(qapp: object, tmp_path: Path) -> None:
    video = movie_of(24, tmp_path)
    explainer, request = Reading(), ExplainRequest(Fit.SQUASH)
    curve = VideoCurve(video, request)
    assert run(curve, explainer) == [None]
    rows = curve.take()
    assert curve.is_whole
    assert curve.share == 1.0
    assert explainer.requests == {request}
    assert [round(float(prediction.logits[0])) for _, prediction in rows] == list(range(0, 24, 3))
    assert [time for time, _ in rows] == pytest.approx([index / 30 for index in range(0, 24, 3)], abs=1e-4)
    assert curve.take() == []


def test_a_long_video_has_no_more_rows_than_can_be_seen() -> None:
    assert stride(30.0, 360) == 3
    assert stride(5.0, 100) == 1
    assert stride(30.0, None) == 3
    assert stride(30000 / 1001, None) == 3
    assert stride(25.0, None) == 3, "10 a second at most"
    total = 10 * 3600 * 30
    assert total / stride(30.0, total) <= MOST_ROWS


def test_it_ends_when_it_is_cancelled_or_the_model_changes(
    qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_curve, "STEP_SECONDS", 0.0)
    video = movie_of(9, tmp_path)
    curve, explainer = VideoCurve(video, ExplainRequest()), Reading()
    assert curve.step(explainer)
    curve.cancel()
    assert run(curve, explainer) == [None]
    assert not curve.is_whole
    changed = VideoCurve(video, ExplainRequest())
    changed.step(explainer)
    other = FakeExplainer("other")
    assert run(changed, other) == [None], "no failure: it begins anew"
    assert not changed.is_whole
    (missing,) = run(VideoCurve(video.with_name("none.mp4"), ExplainRequest()), explainer)
    assert isinstance(missing, SourceFailure)
