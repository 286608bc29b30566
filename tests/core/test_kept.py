"""What is kept of an explanation: exact numbers, a JPEG, float16 features."""

from __future__ import annotations

import gc
import io
import weakref
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from camviewer.core.arrays import read_only
from camviewer.core.covering import Fill
from camviewer.core.edits import FrameEdit, Rectangle
from camviewer.core.explanation import Before, Delivery, Explanation, Origin
from camviewer.core.frames import Frame
from camviewer.core.kept import encode, keep
from camviewer.core.maps import ExactMaps, Unit
from camviewer.core.painting import Painter
from camviewer.core.targets import ClassScore, ScoreDifference
from tests.media.fakes import computed

MakeExplanation = Callable[..., Explanation]


def smooth_picture(width: int = 64, height: int = 48) -> np.ndarray:
    across, down = np.linspace(0, 255, width), np.linspace(0, 255, height)
    picture = np.stack(np.broadcast_arrays(across[None], down[:, None], np.float64(128)), axis=-1)
    return picture.astype(np.uint8)


def test_numbers_are_exact_and_the_rest_is_near(make_explanation: MakeExplanation) -> None:
    made = make_explanation()
    frame = Frame(read_only(smooth_picture()), 7, 12.5, "camera")
    explanation = replace(made, frame=frame)
    kept = keep(Delivery(explanation, Origin(0.25)))
    delivery = kept.delivery()
    again = delivery.explanation
    assert np.array_equal(again.logits, explanation.logits)
    assert np.array_equal(again.probabilities, explanation.probabilities)
    assert (again.frame.index, again.frame.time, again.frame.source) == (7, 12.5, "camera")
    assert (again.region, again.timing, again.model) == (made.region, made.timing, made.model)
    assert again.request == made.request
    assert delivery.origin == Origin(0.25, from_history=True)
    assert np.abs(again.frame.image.astype(int) - frame.image).max() <= 6
    assert not again.frame.image.flags.writeable
    # float16 has 11 bits: each feature is rounded by 2⁻¹¹ of itself at most.
    assert isinstance(made.maps, ExactMaps)
    bound = np.abs(made.maps.head.weight) @ made.maps.features.mean((1, 2)) * 2.0**-11
    for class_id in range(len(made.labels)):
        score = again.map(ClassScore(class_id)).score
        assert score is not None
        assert abs(score - float(made.logits[class_id])) <= bound[class_id] + 1e-6


def test_an_edit_is_painted_again_over_the_frame_that_is_kept(make_explanation: MakeExplanation) -> None:
    """One picture is kept, the original: what is undone then, or explained again, is not burned in."""
    edit = FrameEdit((64, 48), (Rectangle(10, 10, 30, 30, Fill.BLACK),))
    original = Frame(read_only(smooth_picture()), 7, 12.5, "camera")
    frame = Painter().edited(original, edit)
    made = make_explanation()
    before = Before(made.prediction)
    explanation = replace(
        made, frame=frame, unedited=original, before=before, request=replace(made.request, edit=edit)
    )
    gone = [weakref.ref(original.image), weakref.ref(frame.image)]
    kept = keep(Delivery(explanation))
    bare = keep(Delivery(replace(made, frame=original)))
    counted = made.logits.nbytes + made.probabilities.nbytes
    assert kept.size == bare.size + counted
    again = kept.delivery().explanation
    assert again.edited
    assert (again.frame.image[12:28, 12:28] == 0).all()
    assert np.abs(again.original.image.astype(int) - original.image).max() <= 6
    assert again.before is before
    del original, frame, explanation
    gc.collect()
    assert [ref() for ref in gone] == [None, None]


def test_the_jpeg_is_the_one_that_pillow_reads(make_explanation: MakeExplanation) -> None:
    picture = smooth_picture()
    stored = Image.open(io.BytesIO(encode(picture)))
    assert (stored.format, stored.size) == ("JPEG", (64, 48))


def test_features_that_float16_cannot_hold_stay_as_they_are(make_explanation: MakeExplanation) -> None:
    made = make_explanation()
    assert isinstance(made.maps, ExactMaps)
    large = read_only(made.maps.features * np.float32(1e6))
    explanation = replace(made, maps=ExactMaps(large, made.maps.head, "layer4"))
    again = keep(Delivery(explanation)).delivery().explanation
    assert np.array_equal(again.maps.planes, large)


@pytest.mark.parametrize("unit", [Unit.LOGIT, Unit.RELATIVE])
def test_computed_maps_stay_as_they_are(make_explanation: MakeExplanation, unit: Unit) -> None:
    targets = (ClassScore(1), ScoreDifference(1, 2))
    explanation = computed(make_explanation(), unit, targets)
    again = keep(Delivery(explanation)).delivery().explanation
    for target in targets:
        assert np.array_equal(again.map(target).values, explanation.map(target).values)
        assert again.map(target).remainder == explanation.map(target).remainder


def test_an_average_is_kept_for_drawing_only(make_explanation: MakeExplanation) -> None:
    made = make_explanation()
    explanation = replace(made, drawn=made.maps.drawn_from(made.maps.planes))
    again = keep(Delivery(explanation)).delivery().explanation
    assert again.drawn is not None
    assert again.drawn.get(ClassScore(0)).remainder is None
    assert again.map(ClassScore(0)).remainder is not None


def test_nothing_of_the_pixels_and_the_features_is_referred_to(make_explanation: MakeExplanation) -> None:
    made = make_explanation()
    assert isinstance(made.maps, ExactMaps)
    made.map(ClassScore(0))
    gone: list[weakref.ref[object]] = [weakref.ref(made.frame.image), weakref.ref(made.maps.features)]
    kept = keep(Delivery(made))
    arrays = kept.maps.planes.nbytes + made.logits.nbytes + made.probabilities.nbytes
    assert kept.size >= len(kept.jpeg) + arrays
    del made
    gc.collect()
    assert [ref() for ref in gone] == [None, None]
