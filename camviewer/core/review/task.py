"""What a review is to do, and what both its ways do alike: many in one pass, and one by one if that fails."""

from __future__ import annotations

import logging
from collections.abc import (
    Callable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from pathlib import Path
from typing import (
    Protocol,
    TypeVar,
)

from camviewer.core.explanation import (
    ExplainRequest,
    Explanation,
)
from camviewer.core.failures import DeviceFailure
from camviewer.core.frames import Frame
from camviewer.core.maps import Maps
from camviewer.core.models.spec import ModelInfo
from camviewer.core.review.items import Reviewed
from camviewer.core.review.mean_maps import MeanTally
from camviewer.core.review.prepared import PhotoExplainer
from camviewer.core.review.thumbnails import ThumbnailStore
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.device_faults import device_reason
from camviewer.core.targets import Target
from camviewer.core.text import Text

log = logging.getLogger(__name__)


class BatchExplainer(Protocol):
    """What a review needs of `core.explainer.Explainer`."""

    @property
    def info(self) -> ModelInfo:
        """What is known of the model that runs."""
        ...

    def batch_size(self, request: ExplainRequest) -> int:
        """As `Explainer.batch_size`."""
        ...

    def explain_batch(self, frames: Sequence[Frame], request: ExplainRequest) -> list[Explanation]:
        """As `Explainer.explain_batch`."""
        ...

    def for_prepared(self, request: ExplainRequest) -> PhotoExplainer | None:
        """As `Explainer.for_prepared`."""
        ...

    def with_maps(self, explanation: Explanation, targets: Sequence[Target]) -> Explanation:
        """As `Explainer.with_maps`."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class ReviewTask:
    """photos: in the order in which they are reviewed. truth: the class id of each whose class is known.

    wants_thumbnail: called with each photo that has been explained, in order; whether to keep its thumbnail.
    side: pixels of the thumbnails' longer side. measure: makes `Reviewed.gain`, with more passes. means: adds
    up the maps of all photos, also of those without a thumbnail, where they cost no further pass.
    """

    photos: Sequence[Path]
    truth: Mapping[Path, int]
    request: ExplainRequest
    store: ThumbnailStore
    wants_thumbnail: Callable[[Reviewed], bool]
    side: int
    measure: Callable[[Explanation], float | None] | None = None
    means: MeanTally | None = None

    def add_to_means(self, item: Reviewed, maps: Maps) -> None:
        """Of those of the item's targets that the maps have."""
        if self.means is not None and item.truth is not None:
            found = {t.class_id: maps.get(t).values for t in item.targets if maps.available(t)}
            self.means.add(item, found, maps.unit, maps.method)

    def problem(self, path: Path, problem: str) -> Reviewed:
        """A photo that can't be read or explained."""
        return Reviewed(path, truth=self.truth.get(path), problem=problem)


class Named(Protocol):
    """A frame, or a photo without it."""

    @property
    def source(self) -> str:
        """Its file's name."""
        ...


S = TypeVar("S", bound=Named)
E = TypeVar("E")


def explained(
    explain: Callable[[Sequence[S]], Sequence[E]], photos: Sequence[S], model: ModelInfo
) -> list[E | str]:
    """All in one batch; one by one if that fails, so that one photo's failure doesn't stop the others.

    What can't be explained is a sentence. Raises DeviceFailure if a device that is no CPU does none of them.
    """
    if not photos:
        return []
    try:
        return list(explain(photos))
    except Exception as error:
        log.warning("a batch can't be explained; its photos are tried one by one", exc_info=True)
        first = error
    outcomes: list[E | str] = []
    for photo in photos:
        try:
            outcomes += explain([photo])
        except Exception as error:
            log.info("%s can't be explained", photo.source, exc_info=True)
            outcomes.append(unforeseen(photo.source, f"{type(error).__name__}: {error}"))
    all_failed = all(isinstance(outcome, str) for outcome in outcomes)
    if all_failed and model.device != CPU and isinstance(first, RuntimeError):
        # The device is out of memory, or gone: all later photos would fail too.
        reason = device_reason(first, model.device_title)
        raise DeviceFailure(reason, "Or use the CPU.", repr(first)) from first
    return outcomes


def unforeseen(name: str, reason: str) -> Text:
    """The sentence about a photo for what no `Failure` foresaw."""
    return Text("{name} can't be explained ({reason}).", name=name, reason=reason)
