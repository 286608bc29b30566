"""Reviewing photos batch by batch, what is kept of each, and what they say together."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from camviewer.core.arrays import read_only
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import DeviceFailure, SaveFailure, SourceFailure
from camviewer.core.frames import Frame, Region
from camviewer.core.maps import MapUnavailableError, Unit
from camviewer.core.models.spec import ModelInfo, WeightsOrigin
from camviewer.core.review import thumbnails as thumbnails_module
from camviewer.core.review.items import Reviewed, Score, review, thumbnail_of
from camviewer.core.review.reviewer import Reviewer
from camviewer.core.review.summary import Least, Share, least_certain, summarize
from camviewer.core.review.thumbnails import StoredThumbnail, Thumbnail, ThumbnailStore
from camviewer.core.runtimes.device import Device
from camviewer.core.storage.images import read_photo
from camviewer.core.targets import ClassScore, Target, scores_of
from tests.helpers import cam, computed, drawn_as, drawn_cam, exact

MakeExplanation = Callable[..., Explanation]
REQUEST = ExplainRequest()


class FakeExplainer:
    """Explains a frame by its index. fails: whether it raises for a batch of these indices.

    asked: by index, the maps that were asked for besides.
    """

    def __init__(self, make: MakeExplanation, size: int = 3, device: str = "cpu") -> None:
        self._make = make
        self._size = size
        self.info = ModelInfo(
            "fake", "Fake", Device(device), device.upper(), "0" * 64, "fake.pth", WeightsOrigin.FILE
        )
        self.fails: Callable[[list[int]], bool] = lambda _: False
        self.batches: list[list[int]] = []
        self.asked: dict[int, tuple[Target, ...]] = {}

    def batch_size(self, request: ExplainRequest) -> int:
        return self._size

    def for_prepared(self, request: ExplainRequest) -> None:
        return None

    def explain_batch(self, frames: Sequence[Frame], request: ExplainRequest) -> list[Explanation]:
        indices = [frame.index for frame in frames]
        self.batches.append(indices)
        if self.fails(indices):
            raise RuntimeError("out of memory")
        return [replace(self._make(seed=frame.index), frame=frame, request=request) for frame in frames]

    def with_maps(self, explanation: Explanation, targets: Sequence[Target]) -> Explanation:
        self.asked[explanation.frame.index] = tuple(targets)
        return explanation


def blank(path: Path, index: int) -> Frame:
    return Frame(read_only(np.full((30, 40, 3), index % 256, np.uint8)), index, source=path.name)


def paths(count: int) -> list[Path]:
    return [Path(f"{i}.jpg") for i in range(count)]


@pytest.fixture
def store() -> Iterator[ThumbnailStore]:
    with closing(ThumbnailStore()) as opened:
        yield opened


@pytest.fixture
def explainer(make_explanation: MakeExplanation) -> FakeExplainer:
    return FakeExplainer(make_explanation)


def all_of(reviewer: Reviewer, explainer: FakeExplainer) -> list[Reviewed]:
    items: list[Reviewed] = []
    while batch := reviewer.step(explainer):
        items += batch
        assert reviewer.done == len(items)
    return items


# One photo


def test_what_is_said_of_a_photo(make_explanation: MakeExplanation) -> None:
    explanation = make_explanation(region=Region(8, 0, 48, 48))
    order = explanation.top(7)
    for rank, truth in enumerate(order, 1):
        item = review(Path("a.jpg"), explanation, truth)
        assert (item.size, item.region) == ((64, 48), Region(8, 0, 48, 48))
        assert [score.class_id for score in item.top] == list(order[:5])
        assert (item.rank, item.correct) == (rank, rank == 1)
        assert item.true == Score(
            truth, float(explanation.probabilities[truth]), float(explanation.logits[truth])
        )
        assert item.confidence == pytest.approx(float(explanation.probabilities.max()))
        first, second, *_ = sorted(explanation.probabilities, reverse=True)
        assert item.margin == pytest.approx(first - second)
    unknown = review(Path("a.jpg"), explanation, None)
    assert (unknown.truth, unknown.true, unknown.rank, unknown.correct) == (None, None, None, None)


def test_of_equal_logits_the_lower_id_is_first(make_explanation: MakeExplanation) -> None:
    plain = make_explanation()
    explanation = replace(plain, prediction=replace(plain.prediction, logits=np.zeros(7, np.float32)))
    assert [review(Path(), explanation, truth).rank for truth in range(7)] == [1, 2, 3, 4, 5, 6, 7]


def test_no_numbers_are_a_problem(make_explanation: MakeExplanation) -> None:
    plain, logits = make_explanation(), np.array([1, np.nan, 0, 0, 0, 0, 0], np.float32)
    explanation = replace(plain, prediction=replace(plain.prediction, logits=logits))
    item = review(Path("a.jpg"), explanation, 1)
    assert item.problem == "What the model says of it is no number."
    assert (item.truth, item.correct, item.confidence, item.margin) == (1, None, 0.0, 0.0)


def test_a_thumbnail_has_the_maps_that_are_drawn(make_explanation: MakeExplanation) -> None:
    explanation = make_explanation(width=1000, height=500)
    first, second, *_ = explanation.top(7)
    thumbnail = thumbnail_of(explanation, review(Path(), explanation, second))
    with Image.open(io.BytesIO(thumbnail.jpeg)) as image:
        assert (image.format, image.size) == ("JPEG", (320, 160))
    assert thumbnail.predicted.mean() + exact(explanation).head.bias[first] == pytest.approx(
        explanation.logits[first], abs=1e-5
    )
    assert thumbnail.true is not None
    assert np.array_equal(thumbnail.true, cam(explanation, second))
    for truth in (first, None):
        assert thumbnail_of(explanation, review(Path(), explanation, truth)).true is None
    averaged = drawn_as(explanation, 2 * exact(explanation).features)
    fine = thumbnail_of(averaged, review(Path(), averaged, None))
    assert np.array_equal(fine.predicted, drawn_cam(averaged, first))
    assert not np.array_equal(fine.predicted, thumbnail.predicted)


def test_a_thumbnail_has_the_maps_of_its_targets(make_explanation: MakeExplanation) -> None:
    """The predicted class's, and the true one's if that is another; in the unit of the method."""
    explanation = make_explanation()
    first, second, *_ = explanation.top(7)
    for truth, classes in ((None, (first,)), (first, (first,)), (second, (first, second))):
        item = review(Path(), explanation, truth)
        assert item.targets == scores_of(classes)
        for there in (explanation, *(computed(explanation, item.targets, unit) for unit in Unit)):
            thumbnail = thumbnail_of(there, item)
            assert thumbnail.unit is there.maps.unit
            assert (thumbnail.true is None) == (len(classes) == 1)
            for found, target in zip(thumbnail.maps, item.targets, strict=True):
                np.testing.assert_array_equal(found, there.drawn_map(target).values)
    with pytest.raises(MapUnavailableError):
        thumbnail_of(computed(explanation, [ClassScore(first)]), review(Path(), explanation, second))
    assert Reviewed(Path(), problem="It is empty.").targets == ()


@pytest.mark.parametrize(
    ("size", "small"), [((1, 3000), (1, 320)), ((5, 4), (5, 4)), ((4001, 3001), (320, 240))]
)
def test_thumbnails_of_odd_sizes(
    size: tuple[int, int], small: tuple[int, int], make_explanation: MakeExplanation
) -> None:
    explanation = make_explanation(width=size[0], height=size[1])
    with Image.open(io.BytesIO(thumbnail_of(explanation, review(Path(), explanation, None)).jpeg)) as image:
        assert image.size == small


# The store


def test_the_store_gives_back_what_it_got(store: ThumbnailStore) -> None:
    numbers = np.random.default_rng(0)
    thumbnails = [
        Thumbnail(
            numbers.bytes(10 + i),
            numbers.random((2, 3 + i), np.float32),
            numbers.random((2, 3 + i), np.float32) if i % 2 else None,
            Unit.RELATIVE if i % 3 else Unit.LOGIT,
        )
        for i in range(20)
    ]
    stored = [store.put(thumbnail) for thumbnail in thumbnails]
    for thumbnail, where in reversed(list(zip(thumbnails, stored, strict=True))):
        back = store.get(where)
        assert (back.jpeg, back.unit) == (thumbnail.jpeg, thumbnail.unit)
        assert len(back.maps) == len(thumbnail.maps) == where.maps
        assert np.array_equal(back.predicted, thumbnail.predicted)
        assert (back.true is None) == (thumbnail.true is None)
        assert thumbnail.true is None or (back.true is not None and np.array_equal(back.true, thumbnail.true))
    store.close()
    store.close()
    with pytest.raises(ValueError, match="closed"):
        store.get(stored[0])


def test_many_threads_use_one_store(store: ThumbnailStore) -> None:
    wrong: list[int] = []

    def use(number: int) -> None:
        cam = np.full((3, 3), number, np.float32)
        mine = [store.put(Thumbnail(bytes([number]) * 500, cam)) for _ in range(200)]
        for where in mine:
            back = store.get(where)
            if back.jpeg != bytes([number]) * 500 or not (back.predicted == number).all():
                wrong.append(number)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_full_disk_is_a_failure(
    store: ThumbnailStore, explainer: FakeExplainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Thumbnail) -> StoredThumbnail:
        raise SaveFailure("There is no room.")

    monkeypatch.setattr(store, "put", full)
    reviewer = Reviewer(paths(2), {}, REQUEST, store, read=blank)
    with pytest.raises(SaveFailure):
        reviewer.step(explainer)
    reviewer.close()


def test_no_folder_for_the_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(thumbnails_module, "_large_temporary_folder", lambda: str(tmp_path / "gone"))
    with pytest.raises(SaveFailure, match=r"can't be kept \(No such file"):
        ThumbnailStore()


# Many photos


def test_all_are_reviewed_in_order_and_in_batches(explainer: FakeExplainer, store: ThumbnailStore) -> None:
    truth = {path: i % 7 for i, path in enumerate(paths(8)) if i != 4}
    reviewer = Reviewer(paths(8), truth, REQUEST, store, read=blank)
    items = all_of(reviewer, explainer)
    assert explainer.batches == [[0, 1, 2], [3, 4, 5], [6, 7]]
    assert [item.path for item in items] == paths(8)
    assert [item.truth for item in items] == [0, 1, 2, 3, None, 5, 6, 0]
    for index, item in enumerate(items):
        assert item.thumbnail is not None
        thumbnail = store.get(item.thumbnail)
        assert (thumbnail.true is None) == (item.truth is None or item.correct is True)
        with Image.open(io.BytesIO(thumbnail.jpeg)) as image:
            assert image.getpixel((20, 15)) == (index, index, index)
    assert reviewer.step(explainer) == []
    reviewer.close()


def test_nothing_to_review(explainer: FakeExplainer, store: ThumbnailStore) -> None:
    reviewer = Reviewer([], {}, REQUEST, store)
    assert reviewer.step(explainer) == []
    reviewer.close()


def test_bad_photos_stop_no_other(explainer: FakeExplainer, store: ThumbnailStore) -> None:
    def read(path: Path, index: int) -> Frame:
        if index == 1:
            raise SourceFailure("1.jpg is empty.", "Open a JPEG.")
        if index == 3:
            raise MemoryError("what nobody foresaw")
        return blank(path, index)

    explainer.fails = lambda indices: 5 in indices
    reviewer = Reviewer(paths(8), {Path("1.jpg"): 0}, REQUEST, store, read=read)
    items = all_of(reviewer, explainer)
    reviewer.close()
    assert [item.path for item in items] == paths(8)
    assert {i: item.problem for i, item in enumerate(items) if item.problem is not None} == {
        1: "1.jpg is empty. Open a JPEG.",
        3: "3.jpg can't be explained (MemoryError: what nobody foresaw).",
        5: "5.jpg can't be explained (RuntimeError: out of memory).",
    }
    assert items[1].truth == 0
    assert explainer.batches == [[0, 2], [4, 5], [4], [5], [6, 7]]


def test_a_batch_of_bad_photos_only(explainer: FakeExplainer, store: ThumbnailStore) -> None:
    reviewer = Reviewer(paths(4), {}, REQUEST, store)  # they don't exist
    items = all_of(reviewer, explainer)
    reviewer.close()
    assert [item.problem for item in items] == [f"{i}.jpg doesn't exist. Check the path." for i in range(4)]
    assert explainer.batches == []


def test_a_device_that_gives_up_ends_it(make_explanation: MakeExplanation, store: ThumbnailStore) -> None:
    explainer = FakeExplainer(make_explanation, device="cuda")
    explainer.fails = lambda indices: len(indices) > 1
    reviewer = Reviewer(paths(6), {}, REQUEST, store, read=blank)
    assert [item.problem for item in reviewer.step(explainer)] == [None] * 3, "one by one they fit"
    explainer.fails = lambda _: True
    with pytest.raises(DeviceFailure, match=r"CUDA has too little free memory; .* Or use the CPU\."):
        reviewer.step(explainer)
    reviewer.close()


def test_large_photos_make_small_batches(explainer: FakeExplainer, store: ThumbnailStore) -> None:
    large = np.zeros((1, 1, 3), np.uint8)

    def read(path: Path, index: int) -> Frame:
        shape = (5000, 4000, 3) if index < 4 else (30, 40, 3)
        return Frame(np.broadcast_to(large, shape), index, source=path.name)

    reviewer = Reviewer(paths(8), {}, REQUEST, store, read=read, wants_thumbnail=lambda _: False)
    items = all_of(reviewer, explainer)
    reviewer.close()
    assert explainer.batches == [[0, 1], [2, 3], [4, 5, 6], [7]]
    assert {item.thumbnail for item in items} == {None}


def test_only_wanted_thumbnails_are_kept(explainer: FakeExplainer, store: ThumbnailStore) -> None:
    reviewer = Reviewer(
        paths(5), {}, REQUEST, store, read=blank, wants_thumbnail=lambda item: item.path.stem in "13"
    )
    items = all_of(reviewer, explainer)
    reviewer.close()
    assert [item.path.stem for item in items if item.thumbnail is not None] == ["1", "3"]
    assert explainer.asked == {1: items[1].targets, 3: items[3].targets}, "maps of no others"


class ByRequest(FakeExplainer):
    """Its maps cost work: at first there is the top class's alone. more: called when it is asked again."""

    def __init__(self, make: MakeExplanation) -> None:
        super().__init__(make)
        self.more: Callable[[int], None] = lambda _: None

    def explain_batch(self, frames: Sequence[Frame], request: ExplainRequest) -> list[Explanation]:
        plain = super().explain_batch(frames, request)
        return [computed(e, scores_of(e.top(1)), Unit.RELATIVE, seed=e.frame.index) for e in plain]

    def with_maps(self, explanation: Explanation, targets: Sequence[Target]) -> Explanation:
        self.more(explanation.frame.index)
        super().with_maps(explanation, targets)
        return computed(explanation, targets, Unit.RELATIVE, seed=100 + explanation.frame.index)


def test_the_true_class_s_map_is_asked_for(make_explanation: MakeExplanation, store: ThumbnailStore) -> None:
    """Also where the prediction is right: the explainer knows what it has."""
    explainer = ByRequest(make_explanation)
    tops = [make_explanation(seed=i).top(2) for i in range(7)]
    truth = {path: tops[i][i % 2] for i, path in enumerate(paths(7))}
    reviewer = Reviewer(paths(7), truth, REQUEST, store, read=blank)
    items = all_of(reviewer, explainer)
    reviewer.close()
    assert [item.correct for item in items] == [True, False] * 3 + [True]
    for index, item in enumerate(items):
        assert item.problem is None
        assert item.thumbnail is not None
        assert explainer.asked[index] == item.targets
        thumbnail = store.get(item.thumbnail)
        assert thumbnail.unit is Unit.RELATIVE
        expected = computed(make_explanation(), item.targets, Unit.RELATIVE, seed=100 + index)
        for found, target in zip(thumbnail.maps, item.targets, strict=True):
            np.testing.assert_array_equal(found, expected.map(target).values)


def test_a_photo_whose_maps_fail_stops_no_other(
    make_explanation: MakeExplanation, store: ThumbnailStore
) -> None:
    """The network runs again for them, so it may fail again."""

    def more(index: int) -> None:
        if index == 1:
            raise RuntimeError("out of memory")

    explainer = ByRequest(make_explanation)
    explainer.more = more
    reviewer = Reviewer(paths(4), dict.fromkeys(paths(4), 0), REQUEST, store, read=blank)
    with closing(reviewer):
        items = all_of(reviewer, explainer)
    assert [item.problem is None for item in items] == [True, False, True, True]
    assert items[1].problem == "1.jpg can't be explained (RuntimeError: out of memory)."


def test_the_next_batch_is_read_meanwhile_and_closing_ends_it(
    explainer: FakeExplainer, store: ThumbnailStore
) -> None:
    """The test would hang if reading and the network waited for each other."""
    begun, go_on = threading.Event(), threading.Event()

    def read(path: Path, index: int) -> Frame:
        if index == 3:
            begun.set()
            assert go_on.wait(10)
        return blank(path, index)

    def meanwhile(_: list[int]) -> bool:
        assert begun.wait(10)
        return False

    explainer.fails = meanwhile
    reviewer = Reviewer(paths(9), {}, REQUEST, store, read=read)
    assert len(reviewer.step(explainer)) == 3
    closing = threading.Thread(target=reviewer.close)
    closing.start()
    go_on.set()
    closing.join()
    assert not any(thread.name.startswith("review") for thread in threading.enumerate())
    assert reviewer.step(explainer) == []
    reviewer.close()


def test_real_photos(make_explanation: MakeExplanation, samples: Path, store: ThumbnailStore) -> None:
    photos = sorted(p for p in samples.iterdir() if p.suffix in (".png", ".jpg"))
    reviewer = Reviewer(photos, {}, REQUEST, store)
    items = all_of(reviewer, FakeExplainer(make_explanation))
    reviewer.close()
    for photo, item in zip(photos, items, strict=True):
        frame = read_photo(photo)
        assert item.size == (frame.width, frame.height)
        assert item.thumbnail is not None
        with Image.open(io.BytesIO(store.get(item.thumbnail).jpeg)) as image:
            small = np.asarray(image.resize((8, 8)), np.float32)
        whole = np.asarray(Image.fromarray(frame.image).resize((8, 8)), np.float32)
        assert np.abs(small - whole).mean() < 4


# All together


def item(truth: int | None, predicted: int, confidence: float, rank: int = 2) -> Reviewed:
    top = (Score(predicted, confidence, 0.0), Score(99, confidence / 2, 0.0))
    if truth is None:
        return Reviewed(Path(), (1, 1), Region(0, 0, 1, 1), top)
    rank = 1 if truth == predicted else rank
    return Reviewed(Path(), (1, 1), Region(0, 0, 1, 1), top, truth, Score(truth, 0.1, 0.0), rank)


BAD = Reviewed(Path("bad.jpg"), truth=3, problem="It is empty.")
ITEMS = [
    *[item(0, 0, 0.9)] * 3,
    item(0, 1, 0.5),
    item(1, 0, 0.8, rank=5),
    item(1, 0, 0.6, rank=6),
    item(2, 1, 1.0, rank=30),
    item(2, 2, 0.3),
    item(None, 7, 0.2),
    BAD,
]


def test_what_they_say_together() -> None:
    summary = summarize(iter(ITEMS))
    assert (summary.photos, summary.unread, summary.known) == (10, 1, 8)
    assert (summary.top1, summary.top5) == (Share(4, 8), Share(6, 8))
    assert summary.mean_recall == pytest.approx((0.75 + 0 + 0.5) / 3)
    assert summary.confidence == pytest.approx((2.7 + 0.5 + 0.8 + 0.6 + 1 + 0.3) / 8)
    rows = [(row.class_id, row.recall, row.precision) for row in summary.classes]
    assert rows == [
        (1, Share(0, 2), Share(0, 2)),
        (2, Share(1, 2), Share(1, 1)),
        (0, Share(3, 4), Share(3, 5)),
    ]
    assert [row.confidence for row in summary.classes] == pytest.approx([0.7, 0.65, 0.8])
    pairs = [(c.truth, c.predicted, c.count) for c in summary.confusions]
    assert pairs == [(1, 0, 2), (2, 1, 1), (0, 1, 1)]
    assert summary.confusions[0].confidence == pytest.approx(0.7)
    assert [mistake.confidence for mistake in summary.mistakes] == [1.0, 0.8, 0.6, 0.5]
    bins = [(b.low, b.high, b.correct) for b in summary.bins]
    assert bins == [
        (0.2, 0.4, Share(1, 1)),
        (0.4, 0.6, Share(0, 1)),
        (0.6, 0.8, Share(0, 1)),
        (0.8, 1.0, Share(3, 5)),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.floats(0, 1), st.integers(2, 9)), max_size=40)
)
def test_the_parts_add_up(photos: list[tuple[int, int, float, int]]) -> None:
    items = [item(*photo) for photo in photos]
    summary = summarize(items)
    truths, predictions = [p[0] for p in photos], [p[1] for p in photos]
    assert summary.top1.count + len(summary.mistakes) == summary.known == len(photos)
    assert sum(c.count for c in summary.confusions) == len(summary.mistakes)
    for tallies in (
        [row.recall for row in summary.classes],
        [confidence_bin.correct for confidence_bin in summary.bins],
    ):
        assert sum(share.count for share in tallies) == summary.top1.count
        assert sum(share.total for share in tallies) == len(photos)
    for row in summary.classes:
        assert row.recall.total == truths.count(row.class_id)
        assert row.precision.total == predictions.count(row.class_id)


def test_without_truth_there_is_no_accuracy() -> None:
    for items in ([], [item(None, 1, 0.5)]):
        summary = summarize(items)
        assert (summary.top1.value, summary.mean_recall, summary.confidence) == (None, None, None)
        assert (summary.classes, summary.confusions, summary.mistakes, summary.bins) == ((), (), (), ())


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [  # scipy.stats.binomtest(count, total).proportion_ci(method="wilson")
        (Share(33, 42), 0.6406015, 0.8829420),
        (Share(0, 10), 0.0, 0.2775328),
        (Share(10, 10), 0.7224672, 1.0),
        (Share(1, 1), 0.2065493, 1.0),
        (Share(5000, 10000), 0.4902021, 0.5097979),
    ],
)
def test_wilsons_interval(share: Share, low: float, high: float) -> None:
    assert share.interval == pytest.approx((low, high), abs=1e-6)
    assert Share(0, 0).interval == (0, 1)


def test_the_least_certain_come_first() -> None:
    assert [i.margin for i in least_certain(ITEMS)] == sorted(i.margin for i in ITEMS if i.problem is None)


@given(st.lists(st.floats(-5, 5)), st.integers(0, 5))
def test_the_least_are_never_missed(values: list[float], limit: int) -> None:
    least = Least(limit)
    taken = [value for value in values if least.offer(value)]
    assert sorted(taken)[:limit] == sorted(values)[:limit]
