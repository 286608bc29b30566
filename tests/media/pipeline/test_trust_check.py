"""The quick check of a model: a photo a step, as the model was trained, and nothing of another model."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

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
