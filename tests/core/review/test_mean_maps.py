"""Mean maps of a review, and the share of evidence at the border."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from camviewer.core.arrays import FloatArray
from camviewer.core.explanation import Explanation
from camviewer.core.maps import Unit
from camviewer.core.review.border import border_share
from camviewer.core.review.items import Reviewed, Score, review, thumbnail_of, with_thumbnail
from camviewer.core.review.mean_maps import MeanMaps, MeanTally, mean_maps
from camviewer.core.review.order import Listing, Order, listed
from camviewer.core.review.summary import summarize
from camviewer.core.review.thumbnails import Thumbnail, ThumbnailStore
from camviewer.core.targets import ClassScore

Make = Callable[..., Explanation]


@pytest.fixture
def store() -> Iterator[ThumbnailStore]:
    with closing(ThumbnailStore()) as opened:
        yield opened


def stored(
    explanations: Sequence[Explanation], truths: Sequence[int | None], store: ThumbnailStore
) -> list[Reviewed]:
    items = []
    for index, (explanation, truth) in enumerate(zip(explanations, truths, strict=True)):
        item = review(Path(f"{index}.jpg"), explanation, truth)
        thumbnail = thumbnail_of(explanation, item)
        items.append(with_thumbnail(item, thumbnail, store.put(thumbnail)))
    return items


@pytest.fixture
def explanations(make_explanation: Make) -> list[Explanation]:
    return [make_explanation(seed=seed) for seed in range(24)]


def plain_mean(explanations: Sequence[Explanation], class_id: int) -> FloatArray:
    """Of the maps that `explain` makes."""
    maps = np.stack([e.maps.get(ClassScore(class_id)).values for e in explanations])
    mean: FloatArray = maps.astype(np.float64).mean(0).astype(np.float32)
    return mean


def test_they_are_plain_means_of_the_maps_that_explain_makes(
    explanations: list[Explanation], store: ThumbnailStore
) -> None:
    truths = [seed % 3 for seed in range(24)]
    items = stored(explanations, truths, store)
    means = mean_maps(items, store.maps)
    confusions = summarize(items).confusions
    assert max(c.count for c in confusions) > 1
    for confusion in confusions:
        of = [
            e
            for e, truth in zip(explanations, truths, strict=True)
            if truth == confusion.truth and e.top(1)[0] == confusion.predicted
        ]
        predicted, true = means.of_pair(confusion.truth, confusion.predicted)
        assert predicted is not None
        assert true is not None
        assert predicted.count == true.count == confusion.count == len(of)
        np.testing.assert_allclose(
            predicted.values, plain_mean(of, confusion.predicted), rtol=1e-5, atol=1e-6
        )
        np.testing.assert_allclose(true.values, plain_mean(of, confusion.truth), rtol=1e-5, atol=1e-6)
        assert (predicted.unit, predicted.method) == (Unit.LOGIT, "CAM")
    for row in summarize(items).classes:
        mean = means.of_class(row.class_id)
        assert mean is not None
        of = [e for e, truth in zip(explanations, truths, strict=True) if truth == row.class_id]
        assert mean.count == len(of) == row.recall.total
        np.testing.assert_allclose(mean.values, plain_mean(of, row.class_id), rtol=1e-5, atol=1e-6)
    assert means.of_class(6) is None
    assert means.of_pair(6, 0) == (None, None)


def test_parts_merge_to_the_whole(explanations: list[Explanation], store: ThumbnailStore) -> None:
    items = stored(explanations, [seed % 3 for seed in range(24)], store)
    whole, merged = mean_maps(items, store.maps), MeanMaps()
    for part in (items[:5], items[5:6], items[6:]):
        merged = merged.merged(mean_maps(part, store.maps))
    assert merged.by_photos.keys() == whole.by_photos.keys()
    for key, mean in whole.by_photos.items():
        assert merged.by_photos[key].count == mean.count
        np.testing.assert_allclose(merged.by_photos[key].values, mean.values, rtol=1e-5, atol=1e-6)


def test_a_shortcut_glows_and_chance_does_not(store: ThumbnailStore) -> None:
    """A mark in one corner of every photo, beside evidence that is somewhere else in each."""
    numbers = np.random.default_rng(1)
    items = []
    for index in range(40):
        values = np.zeros((7, 7), np.float32)
        values[tuple(numbers.integers(1, 6, 2))] = 10
        values[6, 0] = 5
        item = Reviewed(Path(f"{index}.jpg"), top=(Score(1, 0.9, 3.0),), truth=0)
        thumbnail = Thumbnail(b"", values, np.zeros((7, 7), np.float32))
        items.append(with_thumbnail(item, thumbnail, store.put(thumbnail)))
    predicted, _ = mean_maps(items, store.maps).of_pair(0, 1)
    assert predicted is not None
    assert predicted.values.argmax() == 6 * 7, "the corner"
    assert predicted.values[6, 0] == pytest.approx(5)


def test_maps_of_other_sizes_are_stretched() -> None:
    means = MeanTally()
    item = Reviewed(Path("a"), top=(Score(0, 1.0, 1.0),), truth=0)
    for shape in ((7, 7), (10, 7), (7, 12)):
        means.add(item, {0: np.full(shape, 3.0, np.float32)}, Unit.LOGIT, "CAM")
    mean = means.taken().of_class(0)
    assert mean is not None
    assert (mean.values.shape, mean.count) == ((7, 7), 3)
    np.testing.assert_allclose(mean.values, 3.0, rtol=1e-6)
    wide = MeanTally()
    wide.add(item, {0: np.full((3, 9), 1.0, np.float32)}, Unit.LOGIT, "CAM")
    both = means.taken().merged(wide.taken()).of_class(0)
    assert both is not None
    np.testing.assert_allclose(both.values, (3 * 3.0 + 1.0) / 4, rtol=1e-6)


def test_what_is_no_number_or_of_no_known_class_counts_for_nothing() -> None:
    means = MeanTally()
    values = np.ones((2, 2), np.float32)
    means.add(Reviewed(Path("a"), top=(Score(0, 1.0, 1.0),)), {0: values}, Unit.LOGIT, "CAM")
    means.add(Reviewed(Path("a"), problem="empty", truth=0), {0: values}, Unit.LOGIT, "CAM")
    item = Reviewed(Path("a"), top=(Score(0, 1.0, 1.0),), truth=0)
    means.add(item, {0: np.full((2, 2), np.nan, np.float32)}, Unit.LOGIT, "CAM")
    means.add(item, {}, Unit.LOGIT, "CAM")
    assert means.taken().by_photos == {}


# Corrected labels


def test_a_corrected_label_takes_no_map_of_another_class(
    explanations: list[Explanation], store: ThumbnailStore
) -> None:
    items = stored(explanations, [seed % 3 for seed in range(24)], store)
    item = next(i for i in items if i.correct is False)
    assert item.thumbnail is not None
    assert item.predicted is not None
    assert item.truth is not None
    predicted, was, maps = item.predicted.class_id, item.truth, store.maps(item.thumbnail)
    third = next(c for c in range(7) if c not in (predicted, was))
    assert list(item.known_maps(maps)) == [predicted, was]
    right = item.corrected(predicted)
    assert right.correct
    assert right.rank == 1
    assert right.true == right.top[0]
    assert list(right.known_maps(maps)) == [predicted]
    other = right.corrected(third)
    assert other.correct is False
    assert list(other.known_maps(maps)) == [predicted], "not the map of the class that it was"
    means = mean_maps([other], store.maps)
    assert means.of_pair(third, predicted)[1] is None
    assert means.of_pair(third, predicted)[0] is not None
    back = replace(other, path=Path("moved.jpg")).corrected(was)
    assert back == replace(item, path=Path("moved.jpg")), "it comes back whole, wherever it lies now"


def test_a_class_beyond_the_first_five_counts_without_a_score(explanations: list[Explanation]) -> None:
    items = [review(Path(str(i)), e, None) for i, e in enumerate(explanations)]
    item = items[0]
    last = next(c for c in range(7) if c not in [score.class_id for score in item.top])
    corrected = item.corrected(last)
    assert (corrected.correct, corrected.true, corrected.rank) == (False, None, None)
    second = item.corrected(item.top[1].class_id)
    assert (second.correct, second.true, second.rank) == (False, item.top[1], 2)
    summary = summarize([corrected, second])
    assert (summary.known, summary.top1.count, summary.top5.count) == (2, 0, 1)
    assert {(c.truth, c.count) for c in summary.confusions} == {(last, 1), (item.top[1].class_id, 1)}


# The border


def test_border_share_of_even_evidence_is_the_ring_of_cells() -> None:
    assert border_share(np.ones((7, 7), np.float32)) == pytest.approx(24 / 49)
    assert border_share(np.full((4, 6), 0.5, np.float32)) == pytest.approx(16 / 24)


def test_border_share_is_of_positive_evidence() -> None:
    values = np.full((5, 5), -9.0, np.float32)
    values[0, 3], values[2, 2] = 1.0, 3.0
    assert border_share(values) == pytest.approx(0.25)
    assert border_share(-np.ones((5, 5), np.float32)) is None
    assert border_share(np.full((5, 5), np.nan, np.float32)) is None
    for small in ((1, 1), (2, 5), (7, 2)):
        assert border_share(np.ones(small, np.float32)) == 1.0


def test_most_evidence_at_the_border_comes_first() -> None:
    shares = {"a": 0.2, "b": None, "c": 0.9, "d": 0.0}
    items = [Reviewed(Path(name), border=share) for name, share in shares.items()]
    assert "".join(items[i].path.name for i in listed(items, Listing(order=Order.BORDER))) == "cadb"


def test_a_review_knows_the_border_of_the_predicted_map(
    explanations: list[Explanation], store: ThumbnailStore
) -> None:
    (item,) = stored(explanations[:1], [0], store)
    predicted = explanations[0].maps.get(ClassScore(explanations[0].top(1)[0])).values
    ring = np.ones(predicted.shape, bool)
    ring[1:-1, 1:-1] = False
    positive = predicted.clip(0)
    assert item.border == pytest.approx(positive[ring].sum() / positive.sum(), rel=1e-5)
