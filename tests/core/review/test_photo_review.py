"""Reviews by pixels: they say what reviews by frames say; how far they read ahead; late thumbnails."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import DeviceFailure
from camviewer.core.frames import Fit, Frame
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.spec import ModelInfo, WeightsOrigin
from camviewer.core.review import photos_ahead
from camviewer.core.review.helper_process import outcome
from camviewer.core.review.items import Reviewed
from camviewer.core.review.photo_review import RECENT, PhotoReview
from camviewer.core.review.photos_ahead import LEAST_PHOTOS, PhotosAhead, pool_for
from camviewer.core.review.pool import MOST_THREADS, Pool
from camviewer.core.review.prepared import ExplainedPhoto
from camviewer.core.review.preparing import PreparationPlan, PreparedPhoto, prepare_photo
from camviewer.core.review.reviewer import Reviewer
from camviewer.core.review.thumbnails import ThumbnailStore
from camviewer.core.runtimes.device import Device
from camviewer.core.targets import Target

MakeExplanation = Callable[..., Explanation]
REQUEST = ExplainRequest()
SIDE = RESNET18.sizes.smallest
PLAN = PreparationPlan(RESNET18.preprocessing, RESNET18.sizes, Fit.CROP, SIDE)
BATCH = 4
SIZE = (40, 30)


class FakeExplainer:
    """Explains a photo by its grey. fails: whether it raises for a batch of these greys."""

    plan = PLAN

    def __init__(self, make: MakeExplanation, *, by_pixels: bool = True, device: str = "cuda") -> None:
        self._make, self._by_pixels = make, by_pixels
        self.info = ModelInfo(
            "fake", "Fake", Device(device), device.upper(), "0" * 64, "fake.pth", WeightsOrigin.FILE
        )
        self.fails: Callable[[list[int]], bool] = lambda _: False
        self.batches: list[list[int]] = []

    def batch_size(self, request: ExplainRequest) -> int:
        return BATCH

    def for_prepared(self, request: ExplainRequest) -> FakeExplainer | None:
        return self if self._by_pixels else None

    def explain(self, photos: Sequence[PreparedPhoto]) -> list[ExplainedPhoto]:
        greys = self._greys([photo.pixels for photo in photos])
        made = [self._make(seed=grey) for grey in greys]
        return [ExplainedPhoto(p, e.prediction, e.maps) for p, e in zip(photos, made, strict=True)]

    def explain_batch(self, frames: Sequence[Frame], request: ExplainRequest) -> list[Explanation]:
        greys = self._greys([frame.image for frame in frames])
        regions = [PLAN.geometry(frame.width, frame.height).region for frame in frames]
        return [
            replace(self._make(seed=grey), frame=frame, region=region)
            for grey, frame, region in zip(greys, frames, regions, strict=True)
        ]

    def with_maps(self, explanation: Explanation, targets: Sequence[Target]) -> Explanation:
        return explanation

    def _greys(self, images: Sequence[np.ndarray]) -> list[int]:
        greys = [int(image[0, 0, 0]) for image in images]
        self.batches.append(greys)
        if self.fails(greys):
            raise RuntimeError("out of memory")
        return greys


class CallersPool(Pool):
    """Does tasks when it is told to. submitted: functions' keywords and items, in order."""

    def __init__(self, *, processes: bool = False, workers: int = 3) -> None:
        super().__init__(0)
        self.workers, self.processes = workers, processes
        self.submitted: list[tuple[dict[str, Any], list[Any]]] = []
        self.at_once = True
        self._held: list[Callable[[], None]] = []

    def submit(
        self, function: Callable[[Any], Any], items: Sequence[Any], *, first: bool = False
    ) -> Future[list[Any]]:
        future: Future[list[Any]] = Future()
        self.submitted.append((function.keywords, list(items)))  # type: ignore[attr-defined]  # a partial

        def do() -> None:
            future.set_result([outcome(function, item) for item in items])

        if self.at_once:
            do()
        else:
            self._held.append(do)
        return future

    def do(self) -> None:
        """What is held."""
        for do in self._held:
            do()
        self._held.clear()

    @property
    def photos(self) -> list[Path]:
        """Those that were to be prepared."""
        return [path for keywords, items in self.submitted if "plan" in keywords for path in items]

    @property
    def sides(self) -> list[int | None]:
        """Of the thumbnails that were to be made with each of them."""
        return [k["plan"].side for k, items in self.submitted if "plan" in k for _ in items]

    @property
    def again(self) -> list[Path]:
        """Those that were read again."""
        return [path for keywords, items in self.submitted if "plan" not in keywords for path, _ in items]


@pytest.fixture
def store() -> Iterator[ThumbnailStore]:
    with closing(ThumbnailStore()) as opened:
        yield opened


def photos_in(folder: Path, count: int) -> list[Path]:
    """Each in the grey of its number."""
    paths = [folder / f"{number:03}.png" for number in range(count)]
    for number, path in enumerate(paths):
        Image.new("RGB", SIZE, (number, number, number)).save(path)
    return paths


def all_of(reviewer: Reviewer, explainer: FakeExplainer) -> list[Reviewed]:
    items: list[Reviewed] = []
    with closing(reviewer):
        while batch := reviewer.step(explainer):
            items += batch
            assert reviewer.done == len(items)
        assert reviewer.step(explainer) == []
    return items


def without_place(items: Sequence[Reviewed]) -> list[Reviewed]:
    return [replace(item, thumbnail=None) for item in items]


def grey_of(store: ThumbnailStore, item: Reviewed) -> int:
    assert item.thumbnail is not None
    with Image.open(io.BytesIO(store.get(item.thumbnail).jpeg)) as image:
        assert image.size == SIZE
        return int(np.asarray(image)[15, 20, 0])


# What they say


@pytest.mark.parametrize(
    "pool", [lambda: Pool(1), lambda: Pool(2, processes=True)], ids=["thread", "processes"]
)
@pytest.mark.parametrize("wanted", [1, 9], ids=["all thumbnails", "few thumbnails"])
def test_they_say_what_reviews_by_frames_say(
    pool: Callable[[], Pool],
    wanted: int,
    tmp_path: Path,
    make_explanation: MakeExplanation,
    store: ThumbnailStore,
) -> None:
    photos = photos_in(tmp_path, 150)
    photos[5:5] = [tmp_path / "gone.png"]
    truth = {path: number % 7 for number, path in enumerate(photos) if number % 3}

    def wants(item: Reviewed) -> bool:
        return int(item.path.stem) % wanted == 0

    def reviewed(by_pixels: bool) -> list[Reviewed]:
        explainer = FakeExplainer(make_explanation, by_pixels=by_pixels)
        reviewer = Reviewer(photos, truth, REQUEST, store, wants_thumbnail=wants, side=50, new_pool=pool)
        return all_of(reviewer, explainer)

    expected, found = reviewed(by_pixels=False), reviewed(by_pixels=True)
    assert [item.path for item in found] == photos
    assert without_place(found) == without_place(expected)
    assert found[5].problem == "gone.png doesn't exist. Check the path."
    for ours, theirs in zip(found, expected, strict=True):
        assert (ours.thumbnail is None) == (theirs.thumbnail is None)
        if ours.thumbnail is not None and theirs.thumbnail is not None:
            one, other = store.get(ours.thumbnail), store.get(theirs.thumbnail)
            assert one.jpeg == other.jpeg
            assert (one.unit, one.method, len(one.maps)) == (other.unit, other.method, len(other.maps))
            for our_map, their_map in zip(one.maps, other.maps, strict=True):
                np.testing.assert_array_equal(our_map, their_map)
    assert sum(item.thumbnail is not None for item in found) == len(range(0, 150, wanted))


def test_bad_photos_stop_no_other(
    tmp_path: Path, make_explanation: MakeExplanation, store: ThumbnailStore, caplog: pytest.LogCaptureFixture
) -> None:
    photos = photos_in(tmp_path, 8)
    explainer = FakeExplainer(make_explanation)
    explainer.fails = lambda greys: 5 in greys
    items = all_of(Reviewer(photos, {photos[5]: 3}, REQUEST, store), explainer)
    assert [item.problem for item in items] == [
        *[None] * 5,
        "005.png can't be explained (RuntimeError: out of memory).",
        *[None] * 2,
    ]
    assert items[5].truth == 3
    assert explainer.batches == [[0, 1, 2, 3], [4, 5, 6, 7], [4], [5], [6], [7]]


def test_what_is_lost_is_told(
    tmp_path: Path,
    make_explanation: MakeExplanation,
    store: ThumbnailStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In this process: what another one does is `test_pool`'s."""
    photos = photos_in(tmp_path, 3)

    def prepare(path: Path, plan: PreparationPlan) -> PreparedPhoto | str:
        if path == photos[1]:
            raise MemoryError("what nobody foresaw")
        return prepare_photo(path, plan)

    monkeypatch.setattr(photos_ahead, "prepare_photo", prepare)
    items = all_of(Reviewer(photos, {}, REQUEST, store), FakeExplainer(make_explanation))
    assert [item.problem for item in items] == [
        None,
        "001.png can't be explained (MemoryError: what nobody foresaw).",
        None,
    ]


def test_a_device_that_gives_up_ends_it_after_what_was_explained(
    tmp_path: Path, make_explanation: MakeExplanation, store: ThumbnailStore
) -> None:
    """Photos before the failure may still wait for their thumbnails."""
    photos, pool = photos_in(tmp_path, 80), CallersPool()
    explainer = FakeExplainer(make_explanation)

    def fails(greys: list[int]) -> bool:
        pool.do()
        return greys[-1] >= 76

    explainer.fails = fails
    reviewer = Reviewer(
        photos,
        {},
        REQUEST,
        store,
        wants_thumbnail=lambda item: item.path == photos[73],
        new_pool=lambda: pool,
    )
    with closing(reviewer):
        while reviewer.done < 72:
            assert reviewer.step(explainer)
        pool.at_once = False
        assert [item.path for item in reviewer.step(explainer)] == photos[72:73], "the next one has to wait"
        assert [item.path for item in reviewer.step(explainer)] == photos[73:76]
        with pytest.raises(DeviceFailure, match="CUDA has too little free memory"):
            reviewer.step(explainer)
        assert reviewer.done == 76


# How far they read ahead


@pytest.mark.parametrize("processes", [False, True], ids=["threads", "processes"])
def test_only_so_many_photos_are_prepared_ahead(
    processes: bool, tmp_path: Path, make_explanation: MakeExplanation, store: ThumbnailStore
) -> None:
    """However slow the network is: a pool that is done at once is the quickest that there can be."""
    photos, pool = photos_in(tmp_path, 200), CallersPool(processes=processes)
    explainer = FakeExplainer(make_explanation)
    most = PhotosAhead(photos, pool, PLAN, BATCH).most
    assert most == 2 * BATCH + (2 * 8 * 3 if processes else 0)
    ahead: list[int] = []

    def look(greys: list[int]) -> bool:
        assert photos[greys[0]] in pool.photos
        ahead.append(len(pool.photos) - (greys[-1] + 1))
        return False

    explainer.fails = look
    items = all_of(Reviewer(photos, {}, REQUEST, store, new_pool=lambda: pool), explainer)
    assert [item.path for item in items] == pool.photos == photos, "each once, in order"
    assert max(ahead) <= most
    assert min(ahead[: 100 // BATCH]) >= most - 8, "the network needn't wait"
    assert len(ahead) == 200 / BATCH


def test_large_inputs_are_few(tmp_path: Path) -> None:
    """In bytes it is the same, roughly; and each process has one at least."""
    photos, pool = photos_in(tmp_path, 3), CallersPool(processes=True, workers=15)
    small = PhotosAhead(photos, pool, replace(PLAN, resolution=224), 32)
    large = PhotosAhead(photos, pool, replace(PLAN, resolution=1024, fit=Fit.WHOLE), 32)
    assert small.most == 2 * 32 + 2 * 8 * 15
    assert small.most * 224 * 224 * 3 < photos_ahead.AHEAD_BYTES
    assert large.most == 15


def test_a_batch_of_large_inputs_ends_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos_ahead, "BATCH_BYTES", 3 * SIDE * SIDE * 2)
    ahead = PhotosAhead(photos_in(tmp_path, 5), CallersPool(), PLAN, BATCH)
    assert [len(ahead.take(BATCH, None)) for _ in range(4)] == [2, 2, 1, 0]


def test_towards_the_end_all_processes_have_work(tmp_path: Path) -> None:
    pool = CallersPool(processes=True)
    ahead = PhotosAhead(photos_in(tmp_path, 100), pool, PLAN, 32)
    while ahead.take(32, None):
        pass
    sizes = [len(items) for _, items in pool.submitted]
    assert sum(sizes) == 100
    assert sizes == sorted(sizes, reverse=True)
    assert (max(sizes), sizes[-6:]) == (8, [1] * 6)


@pytest.mark.parametrize("by_pixels", [True, False])
def test_waiting_for_photos_takes_only_so_long(
    by_pixels: bool, tmp_path: Path, make_explanation: MakeExplanation, store: ThumbnailStore
) -> None:
    go_on = threading.Event()

    class SlowPool(Pool):
        def submit(self, function: Any, items: Any, *, first: bool = False) -> Any:
            return super().submit(lambda item: go_on.wait(10) and function(item), items, first=first)

    def read(path: Path, index: int) -> Frame:
        assert go_on.wait(10)
        return Frame(np.full((30, 40, 3), index, np.uint8), index)

    photos = photos_in(tmp_path, 3)
    explainer = FakeExplainer(make_explanation, by_pixels=by_pixels)
    reviewer = Reviewer(photos, {}, REQUEST, store, new_pool=lambda: SlowPool(1), read=read)
    with closing(reviewer):
        assert not reviewer.wait(explainer, 0.01)
        assert explainer.batches == []
        go_on.set()
        assert reviewer.wait(explainer, 10)
        assert len(reviewer.step(explainer)) == 3
        assert reviewer.wait(explainer, 0), "there are no more"


# Thumbnails


def test_thumbnails_are_made_at_once_while_many_are_wanted(
    tmp_path: Path, make_explanation: MakeExplanation, store: ThumbnailStore
) -> None:
    photos, pool = photos_in(tmp_path, 250), CallersPool()

    def wants(item: Reviewed) -> bool:
        number = int(item.path.stem)
        return number < 50 or number >= 150 or number % 25 == 0

    reviewer = Reviewer(photos, {}, REQUEST, store, wants_thumbnail=wants, side=50, new_pool=lambda: pool)
    items = all_of(reviewer, FakeExplainer(make_explanation))
    at_once = [path for path, side in zip(pool.photos, pool.sides, strict=True) if side == 50]
    assert photos[:50] == at_once[:50]
    assert not set(photos[50 + RECENT : 150]) & set(at_once)
    assert set(photos[150 + RECENT :]) <= set(at_once), "many again"
    assert photos[125] in pool.again
    assert len(pool.again) < RECENT
    for number, item in enumerate(items):
        assert (item.thumbnail is not None) == wants(item)
        if item.thumbnail is not None:
            assert abs(grey_of(store, item) - number) <= 1


def late(
    photos: list[Path], make: MakeExplanation, store: ThumbnailStore
) -> tuple[Reviewer, FakeExplainer, CallersPool]:
    """A review of 80 photos at number 72: 73 wants a thumbnail, which is made when the pool is told to."""
    pool, explainer = CallersPool(), FakeExplainer(make)
    reviewer = Reviewer(
        photos, {}, REQUEST, store, wants_thumbnail=lambda i: i.path == photos[73], new_pool=lambda: pool
    )
    while reviewer.done < 72:
        assert reviewer.step(explainer)
    pool.at_once = False
    return reviewer, explainer, pool


def test_a_photo_is_done_when_it_has_its_thumbnail(
    tmp_path: Path, make_explanation: MakeExplanation, store: ThumbnailStore
) -> None:
    photos = photos_in(tmp_path, 80)
    reviewer, explainer, pool = late(photos, make_explanation, store)
    with closing(reviewer):
        assert [item.path for item in reviewer.step(explainer)] == photos[72:73]
        assert reviewer.done == 73
        assert pool.again == [photos[73]]
        pool.do()
        fresh = reviewer.step(explainer)
        assert [item.path for item in fresh] == photos[73:80]
        assert abs(grey_of(store, fresh[0]) - 73) <= 1


@pytest.mark.parametrize("what", ["changed", "gone"])
def test_a_photo_that_has_changed_keeps_what_was_said_of_it(
    what: str,
    tmp_path: Path,
    make_explanation: MakeExplanation,
    store: ThumbnailStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Without a thumbnail: other pixels must not get under its maps."""
    photos = photos_in(tmp_path, 80)
    reviewer, explainer, pool = late(photos, make_explanation, store)
    with closing(reviewer):
        reviewer.step(explainer)
        if what == "gone":
            photos[73].unlink()
        else:
            os.utime(photos[73], (1, 1))
        pool.do()
        item = reviewer.step(explainer)[0]
    assert (item.path, item.problem, item.thumbnail) == (photos[73], None, None)
    assert item.top
    reason = (
        "it has changed" if what == "changed" else "SourceFailure: 073.png doesn't exist. Check the path."
    )
    assert f"{photos[73]} has no thumbnail: {reason}" in caplog.text


# Which pool


@pytest.mark.parametrize(
    ("cores", "photos", "on_cpu", "workers", "processes"),
    [
        (16, LEAST_PHOTOS, False, 15, True),
        (4, LEAST_PHOTOS, False, 3, True),
        (16, LEAST_PHOTOS - 1, False, MOST_THREADS, False),
        (3, 10_000, False, 2, False),
        (1, 10_000, False, 1, False),
        (16, 10_000, True, 1, False),
    ],
)
def test_the_pool_is_one_that_pays(
    cores: int,
    photos: int,
    on_cpu: bool,
    workers: int,
    processes: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[tuple[int, bool]] = []

    class NoPool(Pool):
        def __init__(self, workers: int, *, processes: bool = False) -> None:
            made.append((workers, processes))

    monkeypatch.setattr(photos_ahead, "usable_cores", lambda: cores)
    monkeypatch.setattr(photos_ahead, "PROCESS_BYTES", 1)
    monkeypatch.setattr(photos_ahead, "Pool", NoPool)
    pool_for(photos, on_cpu=on_cpu)
    monkeypatch.setattr(photos_ahead, "PROCESS_BYTES", 1 << 50)
    pool_for(photos, on_cpu=on_cpu)
    assert made == [(workers, processes), (2 if processes else workers, processes)], "little memory: two"


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_the_device_chooses_the_pool(
    device: str, tmp_path: Path, make_explanation: MakeExplanation, store: ThumbnailStore
) -> None:
    explainer = FakeExplainer(make_explanation, device=device)
    with closing(Reviewer(photos_in(tmp_path, 3), {}, REQUEST, store)) as reviewer:
        reviewer.step(explainer)
        assert isinstance(reviewer._way, PhotoReview)
        expected = pool_for(3, on_cpu=device == "cpu")
        expected.close()
        assert reviewer._way._pool.workers == expected.workers
