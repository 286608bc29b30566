"""The quick check of a model: a photo a step, as the model was trained, and nothing of another model."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import Failure
from camviewer.core.frames import Frame
from camviewer.media.pipeline.trust_check import Checked, TrustCheck
from tests.media.fakes import FakeExplainer

pytestmark = pytest.mark.usefixtures("qapp")


def checked_by(check: TrustCheck) -> list[Checked]:
    found: list[Checked] = []
    check.checked.connect(found.append)
    return found


def test_a_photo_a_step(samples: Path, qtbot: QtBot) -> None:
    explainer = FakeExplainer()
    photos = [samples / "cat.png", samples / "missing.png", samples / "rocket.jpg"]
    check = TrustCheck(photos, explainer.info)
    found = checked_by(check)
    assert [check.step(explainer) for _ in photos] == [True, True, False]
    assert [c.index for c in found] == [0, 1, 2]
    assert [c.path for c in found] == photos
    first, missing, last = found
    assert first.top == (("a", 0.5), ("b", 0.5))
    assert first.thumbnail is not None
    assert max(first.thumbnail.width(), first.thumbnail.height()) == 320
    assert last.failure is None
    assert missing.thumbnail is None
    assert missing.failure is not None
    assert "missing.png" in missing.failure.text
    assert not check.step(explainer), "there are no more"


class NoMaps(FakeExplainer):
    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        raise AssertionError("nobody looks at a map here")


def test_it_makes_no_maps(samples: Path) -> None:
    explainer = NoMaps()
    check = TrustCheck([samples / "cat.png"], explainer.info)
    found = checked_by(check)
    check.step(explainer)
    assert [c.top for c in found] == [(("a", 0.5), ("b", 0.5))]


def test_what_fails_is_told_of_all_photos_that_are_left(samples: Path) -> None:
    explainer = FakeExplainer()
    check = TrustCheck([samples / "cat.png"] * 3, explainer.info)
    found = checked_by(check)
    check.step(explainer)
    explainer.fail = lambda _: RuntimeError("out of memory")
    with pytest.raises(RuntimeError):
        check.step(explainer)
    check.end(failure := Failure("Something went wrong."))
    assert [(c.index, c.failure) for c in found] == [(0, None), (1, failure), (2, failure)]
    check.cancel()
    check.end(failure)
    assert len(found) == 3, "nobody listens any more"


def test_another_model_ends_it(samples: Path) -> None:
    check = TrustCheck([samples / "cat.png"] * 2, FakeExplainer("one").info)
    found = checked_by(check)
    assert not check.step(FakeExplainer("other"))
    assert found == []


def test_it_can_be_cancelled(samples: Path) -> None:
    explainer = FakeExplainer()
    check = TrustCheck([samples / "cat.png"] * 2, explainer.info)
    found = checked_by(check)
    check.cancel()
    assert not check.step(explainer)
    assert found == []
