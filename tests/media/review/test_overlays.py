"""The small overlays of a review: painted as the window paints, in one range for both maps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from camviewer.core.explanation import Explanation
from camviewer.core.frames import Region
from camviewer.core.maps import Unit
from camviewer.core.review.items import Reviewed, review, thumbnail_of
from camviewer.core.review.thumbnails import Thumbnail, ThumbnailStore
from camviewer.core.targets import ClassScore, scores_of
from camviewer.media.drawing.compositor import compose
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import view_state
from camviewer.media.frames import array_to_image, image_to_array
from camviewer.media.review.overlays import overlay_range, overlays
from tests.media.fakes import computed

pytestmark = pytest.mark.usefixtures("qapp")

STYLE = OverlayStyle(threshold=0.3)
Make = Callable[..., Explanation]


@pytest.fixture
def store() -> Iterator[ThumbnailStore]:
    with closing(ThumbnailStore()) as opened:
        yield opened


@pytest.fixture
def explanation(make_explanation: Make) -> Explanation:
    return make_explanation(region=Region(8, 0, 48, 48))


def reviewed(
    explanation: Explanation, truth: int | None, store: ThumbnailStore
) -> tuple[Reviewed, Thumbnail]:
    item = review(Path("a.jpg"), explanation, truth)
    thumbnail = store.get(store.put(thumbnail_of(explanation, item)))
    return item, thumbnail


def mistake(explanation: Explanation) -> int:
    """A class that isn't the predicted one."""
    return explanation.top(2)[1]


def test_they_are_what_the_window_shows_of_the_same_photo(
    explanation: Explanation, store: ThumbnailStore
) -> None:
    item, thumbnail = reviewed(explanation, mistake(explanation), store)
    painted = overlays(array_to_image(explanation.frame.image), item, thumbnail, STYLE)
    targets = scores_of(explanation.top(2))
    assert len(painted) == 2
    for image, target in zip(painted, targets, strict=True):
        state = view_state(explanation, target, STYLE, compared=targets)
        assert overlay_range(thumbnail, STYLE) == state.shown
        assert image == compose(state, caption=False, full_resolution=False)
        assert image.format() == QImage.Format.Format_RGB32


@pytest.mark.parametrize("truth", ["unknown", "right", "wrong"])
@pytest.mark.parametrize("unit", Unit)
def test_there_is_one_for_each_map(
    truth: str, unit: Unit, explanation: Explanation, store: ThumbnailStore
) -> None:
    seen = computed(explanation, unit, scores_of(explanation.top(5)))
    class_id = {"unknown": None, "right": explanation.top(1)[0], "wrong": mistake(explanation)}[truth]
    item, thumbnail = reviewed(seen, class_id, store)
    assert thumbnail.unit is unit
    painted = overlays(array_to_image(seen.frame.image), item, thumbnail, STYLE)
    assert len(painted) == len(thumbnail.maps) == (2 if truth == "wrong" else 1)
    if unit is Unit.RELATIVE:
        assert overlay_range(thumbnail, STYLE).high == 1.0


def test_they_are_of_the_size_that_is_wanted(explanation: Explanation, store: ThumbnailStore) -> None:
    item, thumbnail = reviewed(explanation, None, store)
    photo = array_to_image(explanation.frame.image)
    (small,) = overlays(photo, item, thumbnail, STYLE, QSize(30, 20))
    assert (small.width(), small.height()) == (30, 20)
    (own,) = overlays(photo, item, thumbnail, STYLE)
    assert own.size() == photo.size()
    (hidden,) = overlays(photo, item, thumbnail, OverlayStyle(visible=False, mark_region=False))
    np.testing.assert_array_equal(image_to_array(hidden), explanation.frame.image)


def test_there_are_none_of_what_could_not_be_read(explanation: Explanation, store: ThumbnailStore) -> None:
    item, thumbnail = reviewed(explanation, None, store)
    assert overlays(QImage(), item, thumbnail, STYLE) == []
    photo = array_to_image(explanation.frame.image)
    assert overlays(photo, replace(item, size=None, region=None), thumbnail, STYLE) == []
    assert overlays(photo, item, thumbnail, STYLE) != []


def test_of_the_true_class_it_is_the_true_classs_map(explanation: Explanation, store: ThumbnailStore) -> None:
    class_id = mistake(explanation)
    _, thumbnail = reviewed(explanation, class_id, store)
    assert thumbnail.true is not None
    np.testing.assert_array_equal(thumbnail.true, explanation.map(ClassScore(class_id)).values)
