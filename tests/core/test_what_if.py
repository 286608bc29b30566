"""Before and after an edit, and warnings of what a fill makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from camviewer.core.arrays import ByteArray, read_only
from camviewer.core.averaging import Smoother
from camviewer.core.coverage import coverage_of
from camviewer.core.covering import Covering, Fill
from camviewer.core.edits import FrameEdit, Inversion, Rectangle, Stroke
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest, Explanation, Prediction, predicted
from camviewer.core.frames import Fit, Frame
from camviewer.core.geometry import InputGeometry
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.map_outlines import all_else, looked_at
from camviewer.core.methods.occlusion import Occlusion
from camviewer.core.painting import Painter, painted
from camviewer.core.runtimes.base import ForwardPass
from camviewer.core.runtimes.device import CPU
from camviewer.core.storage.images import read_photo
from camviewer.core.targets import ClassScore
from camviewer.core.what_if import OLDEST, SPARE, SPARE_MOVED, WhatIf, changes
from tests.edits_fakes import EVERYTHING
from tests.method_fakes import DeepRun, deep_explainer, local

SIZE = (64, 48)
LEFT = FrameEdit(SIZE, (Rectangle(0, 0, 32, 48, Fill.BLACK),))
RIGHT = FrameEdit(SIZE, (Rectangle(32, 0, 64, 48, Fill.GREY),))


def photo(seed: int = 0, *, still: bool = True, at: float = 0.0, **facts: object) -> Frame:
    image = np.random.default_rng(seed).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    return Frame(read_only(image), time=at, still=still, **facts)  # type: ignore[arg-type]


class Counting(DeepRun):
    """Keeps what it was given."""

    def __init__(self) -> None:
        self.seen: list[ByteArray] = []

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        self.seen.append(image)
        size = geometry.crop.width, geometry.crop.height
        saw = np.asarray(Image.fromarray(np.ascontiguousarray(image)).resize(size))
        return replace(super().run(image, geometry), network_input=read_only(saw))


@pytest.fixture
def run() -> Counting:
    return Counting()


@pytest.fixture
def explainer(run: Counting) -> Explainer:
    return deep_explainer(local(), Occlusion(), run=run)


def request(edit: FrameEdit | None = None) -> ExplainRequest:
    return ExplainRequest(method="Local", edit=edit)


# The explainer


def test_the_edited_frame_is_explained_and_what_was_before_is_told(explainer: Explainer) -> None:
    frame = photo()
    plain = explainer.explain(frame, request())
    assert (plain.original, plain.edited, plain.before, changes(plain)) == (frame, False, None, None)
    edited = explainer.explain(frame, request(LEFT))
    assert edited.original is frame
    assert edited.edited
    np.testing.assert_array_equal(edited.frame.image, painted(frame.image, coverage_of(LEFT, *SIZE)))
    as_it_is = explainer.explain(edited.frame, request())
    np.testing.assert_array_equal(edited.logits, as_it_is.logits)
    assert edited.before is not None
    np.testing.assert_array_equal(edited.before.prediction.logits, plain.logits)
    change = changes(edited)
    assert change is not None
    np.testing.assert_array_equal(change.logits, edited.logits - plain.logits)
    np.testing.assert_array_equal(change.probabilities, edited.probabilities - plain.probabilities)
    assert np.abs(change.logits).max() > 0.01


def test_a_cleared_edit_is_no_edit(explainer: Explainer, run: Counting) -> None:
    frame = photo()
    for edit in (
        FrameEdit(SIZE),
        FrameEdit(SIZE, (*LEFT.parts, replace(EVERYTHING, right=99.0, bottom=99.0))),
    ):
        run.seen.clear()
        cleared = explainer.explain(frame, request(edit))
        assert cleared.frame is frame
        assert (cleared.edited, cleared.before) == (False, None)
        assert [image is frame.image for image in run.seen] == [True]


def test_no_edit_is_applied_twice(explainer: Explainer, run: Counting) -> None:
    """An inversion, applied twice, would cover something else."""
    edit = FrameEdit(SIZE, (Stroke(((5, 5), (50, 40)), 9, Fill.NOISE), Inversion(Fill.NOISE)))
    edited = explainer.explain(photo(), request(edit))
    more = explainer.with_maps(edited, [ClassScore(7), ClassScore(3)])
    np.testing.assert_array_equal(more.frame.image, edited.frame.image)
    assert more.original is edited.original
    assert more.before is edited.before
    again = explainer.explain(more.original, more.request)
    np.testing.assert_array_equal(again.frame.image, edited.frame.image)
    np.testing.assert_array_equal(run.seen[-1], edited.frame.image)


def test_many_at_once_are_edited_too(explainer: Explainer) -> None:
    frames = [photo(1), photo(2)]
    together = explainer.explain_batch(frames, request(LEFT))
    for frame, found in zip(frames, together, strict=True):
        alone = explainer.explain(frame, request(LEFT))
        np.testing.assert_array_equal(found.logits, alone.logits)
        np.testing.assert_array_equal(found.frame.image, alone.frame.image)
        assert found.original is frame
        assert found.before is None, "nobody asked"
    assert explainer.for_prepared(request(LEFT)) is None, "pixels that are prepared are not the frame's"


def test_occlusion_slides_over_the_edited_frame(explainer: Explainer) -> None:
    asked = ExplainRequest(method="Occlusion", covering=Covering(64), edit=LEFT)
    edited = explainer.explain(photo(), asked)
    as_it_is = explainer.explain(edited.frame, replace(asked, edit=None))
    np.testing.assert_array_equal(edited.maps.planes, as_it_is.maps.planes)
    plain = explainer.explain(edited.original, replace(asked, edit=None))
    assert np.abs(plain.maps.planes - edited.maps.planes).max() > 1e-4


def test_an_average_over_time_begins_anew_with_another_edit(explainer: Explainer) -> None:
    smoother = Smoother()
    edits = [None, None, LEFT, LEFT, RIGHT]
    drawn = [
        smoother.smoothed(explainer.explain(photo(i, still=False, at=i), request(edit)), 5.0).drawn
        is not None
        for i, edit in enumerate(edits)
    ]
    assert drawn == [False, True, False, True, False]


# How often it is asked what was before


@dataclass
class Clock:
    """Each pass takes `took` seconds."""

    now: float = 100.0
    took: float = 0.1
    passes: list[Frame] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def predict(self, frame: Frame, _: ExplainRequest) -> Prediction:
        self.passes.append(frame)
        self.now += self.took
        return predicted(np.zeros(2, np.float32), ("a", "b"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def completed(clock: Clock, explainer: Explainer) -> Callable[..., Explanation]:
    what_if = WhatIf(clock.predict, Painter(), clock)

    def complete(frame: Frame, asked: ExplainRequest | None = None) -> Explanation:
        asked = asked or request(LEFT)
        explanation = replace(explainer.explain(frame, replace(asked, edit=None)), request=asked)
        small = predicted(np.zeros(2, np.float32), ("a", "b"))
        return what_if.completed(replace(explanation, prediction=small), frame)

    return complete


def age(explanation: Explanation) -> float:
    assert explanation.before is not None
    return explanation.before.age


def test_of_a_photo_it_is_asked_once_however_it_is_edited(
    clock: Clock, completed: Callable[..., Explanation]
) -> None:
    frame = photo(3)
    for edit in (LEFT, RIGHT, LEFT.with_part(RIGHT.parts[0])):
        assert age(completed(replace(frame), request(edit))) == 0
    assert len(clock.passes) == 1
    other = photo(4)
    assert age(completed(other)) == 0
    assert clock.passes[1] is other
    assert age(completed(other, replace(request(LEFT), fit=Fit.WHOLE))) == 0
    assert len(clock.passes) == 3, "of another fit"


@pytest.mark.parametrize(("moves", "spare"), [(False, SPARE), (True, SPARE_MOVED)])
def test_of_live_frames_it_is_asked_seldom_and_says_how_old_it_is(
    moves: bool, spare: int, clock: Clock, completed: Callable[..., Explanation]
) -> None:
    """Sooner where the scene changes: how another one was says nothing of what the edit does to this one."""
    clock.took, start = 0.01, clock.now
    ages = []
    for i in range(90):
        clock.now = start + i / 30
        ages.append(age(completed(photo(i if moves else 0, still=False, at=clock.now))))
    spent = len(clock.passes) * clock.took
    assert spent <= 3.0 / spare + clock.took
    assert len(clock.passes) >= 5
    assert max(ages) == pytest.approx(spare * clock.took, abs=0.05)
    assert [a == 0 for a in ages].count(True) == len(clock.passes)


def test_a_live_frame_that_is_explained_again_gets_its_own(
    clock: Clock, completed: Callable[..., Explanation]
) -> None:
    first, second = photo(1, still=False, at=10.0), photo(2, still=False, at=10.5)
    assert age(completed(first)) == 0
    assert age(completed(second)) == 0.5
    assert age(completed(second, request(RIGHT))) == 0, "it is frozen"
    assert clock.passes == [first, second]


@pytest.mark.parametrize(
    "later",
    [
        photo(2, still=False, at=10.1, source="another"),
        photo(2, still=False, at=9.0),
        photo(2, still=False, at=10.1 + OLDEST),
        photo(2, still=False, at=10.1, source="video", position=60.0),
        photo(2, still=False, at=10.1, source="video", position=4.0),
        Frame(np.zeros((24, 32, 3), np.uint8), time=10.1, source="video", position=5.1),
    ],
    ids=["another source", "earlier", "much later", "sought", "sought back", "another size"],
)
def test_what_was_before_is_never_of_something_else(
    later: Frame, clock: Clock, completed: Callable[..., Explanation]
) -> None:
    source = later.source if later.position is not None else ""
    position = 5.0 if later.position is not None else None
    completed(photo(1, still=False, at=10.0, source=source, position=position))
    assert age(completed(later)) == 0
    assert clock.passes[-1] is later


def test_in_a_video_that_plays_it_may_be_of_a_moment_ago(
    clock: Clock, completed: Callable[..., Explanation]
) -> None:
    for at in (10.0, 10.2):
        found = completed(photo(1, still=False, at=at, source="video", position=at - 5))
    assert age(found) == pytest.approx(0.2)
    assert len(clock.passes) == 1


# What the fill makes


class Screens:
    """Says class 1 of what is black in the middle, else class 0. It is as sure as it is black."""

    def __init__(self) -> None:
        self.passes = 0

    def __call__(self, frame: Frame, _: ExplainRequest) -> Prediction:
        self.passes += 1
        black = float((frame.image[20:28, 28:36] == 0).all())
        return predicted(np.array([1.0, 9 * black - 4], np.float32), ("dog", "screen"))


@pytest.mark.parametrize(("fill", "told"), [(Fill.BLACK, True), (Fill.GREY, False), (Fill.AROUND, False)])
def test_a_class_that_the_fill_makes_is_told(fill: Fill, told: bool, explainer: Explainer) -> None:
    screens = Screens()
    what_if, frame = WhatIf(screens, Painter()), replace(photo(), image=np.full((48, 64, 3), 90, np.uint8))
    asked = request(FrameEdit(SIZE, (Rectangle(20, 10, 50, 40, fill),)))
    edited = Painter().edited(frame, asked.edit)
    explanation = replace(
        explainer.explain(edited, request()), request=asked, prediction=screens(edited, asked)
    )
    screens.passes = 0
    found = what_if.completed(explanation, frame).made_by_fill
    assert screens.passes == (2 if told else 1), "a pass more only where a class appears"
    assert [(m.class_id, m.fill, m.instead) for m in found] == (
        [(1, Fill.BLACK, Fill.AROUND)] if told else []
    )
    if told:
        assert found[0].probability > 0.9
        assert found[0].otherwise < 0.05
        assert what_if.completed(explanation, frame).made_by_fill == found
        assert screens.passes == 2, "it is kept"


# What the map looks at


def test_what_is_looked_at_and_all_else_are_the_whole_frame(explainer: Explainer) -> None:
    explanation = explainer.explain(photo(), ExplainRequest(Fit.WHOLE, method="Local"))
    target = ClassScore(explanation.top(1)[0])
    outline = looked_at(explanation, target, 0.5, Fill.BLUR)
    assert outline is not None
    one, other = (
        coverage_of(FrameEdit(SIZE, (part,)), *SIZE).share for part in (outline, all_else(outline, *SIZE))
    )
    assert 0 < one < 1
    assert one + other == pytest.approx(1)
    more = looked_at(explanation, target, 0.1, Fill.BLUR)
    assert more is not None
    assert coverage_of(FrameEdit(SIZE, (more,)), *SIZE).share > one


# A real network


@pytest.mark.weights
def test_without_the_dogs_face_the_boxer_goes_and_the_cat_comes(assets: Path) -> None:
    weights = assets / "weights" / "resnet18-imagenet1k-pq.pth"
    explainer = load_model(ModelChoice("resnet18", weights, device=CPU)).explainer
    frame = read_photo(assets / "images" / "dog_and_cat.png", 0)
    for fill in Fill:
        face = FrameEdit((frame.width, frame.height), (Rectangle(78, 12, 140, 75, fill),))
        explanation = explainer.explain(frame, ExplainRequest(edit=face))
        change = changes(explanation)
        assert change is not None
        boxer, tiger_cat = (explanation.labels.index(name) for name in ("boxer", "tiger cat"))
        assert change.probabilities[boxer] < -0.25
        assert change.probabilities[tiger_cat] > 0.05
        assert explanation.made_by_fill == ()
