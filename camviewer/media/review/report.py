"""Writes a review: one self-contained HTML page for people, and a CSV beside it with a row for each photo.

The page is written piece by piece, each overlay painted when its turn comes: a report of any folder takes
little memory. It needs no network and no script; its policy allows none but its own script.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from camviewer import __version__
from camviewer.core import colormaps
from camviewer.core.explanation import (
    CAM,
    ExplainRequest,
)
from camviewer.core.frames import Fit
from camviewer.core.gauge.folder import folder_gauge
from camviewer.core.models.spec import ModelInfo
from camviewer.core.numbers import percent, signed
from camviewer.core.resources import resource_path
from camviewer.core.review.items import (
    TOP,
    Reviewed,
    Score,
)
from camviewer.core.review.mean_maps import MeanMap, MeanMaps, mean_maps
from camviewer.core.review.summary import (
    Confusion,
    Least,
    Share,
    least_certain,
    summarize,
)
from camviewer.core.review.thumbnails import ThumbnailStore
from camviewer.core.review.truth import Truth
from camviewer.core.storage.files import atomic_write
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.review.cards import Cards

if TYPE_CHECKING:
    from jinja2 import Environment

MAX_MISTAKES, MAX_BARELY, MAX_GALLERY = 100, 24, 200
"""Photos that are shown: mistakes, those that are barely right, those of unknown class if none is known."""
MAX_MEANS = 24
"""Mean maps that are shown, of confused classes and of classes."""
MAX_LABEL = 100
"""Characters of a label that are shown."""
BARELY = 0.5
"""The margin below which a photo counts as barely right."""
MAX_ROWS = 200
"""Of confusions, and of files that can't be read."""
_CSV_START = ("path", "predicted_id", "predicted", "probability", "margin", "truth_id", "truth")
_FITS = {Fit.CROP: "centre crop", Fit.SQUASH: "squeezed to a square", Fit.WHOLE: "whole photos"}
_DIMMED = {
    Fit.CROP: "The network sees the middle of a photo; the rest is dimmed.",
    Fit.SQUASH: "The network sees all of a photo, squeezed to a square.",
    Fit.WHOLE: "The network sees all of a photo.",
}


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What a report says besides its photos.

    title: what was reviewed. total: photos there were to review, more than were if it was stopped.
    folders: those that were opened; photos are named within them. truth: None where none was given.
    left_out: what of the folders was not reviewed, a sentence each.
    """

    title: str
    model: ModelInfo
    request: ExplainRequest
    labels: Sequence[str]
    total: int
    folders: tuple[Path, ...] = ()
    truth: Truth | None = None
    time: datetime = field(default_factory=lambda: datetime.now().astimezone())
    left_out: tuple[str, ...] = ()


class ShownPhotos:
    """Says, while a review runs, which photos its report may show: only their thumbnails are kept."""

    def __init__(self, has_truth: bool) -> None:
        """has_truth: whether classes of photos are known at all."""
        self._mistakes, self._barely = Least(MAX_MISTAKES), Least(MAX_BARELY)
        self._unknown = Least(_gallery_size(has_truth))

    def wants(self, item: Reviewed) -> bool:
        """For `Reviewer.wants_thumbnail`: whether the photo is among the first of its kind so far."""
        if item.correct is None:
            return self._unknown.offer(item.confidence)
        if item.correct:
            return item.margin < BARELY and self._barely.offer(item.margin)
        return self._mistakes.offer(-item.confidence)


def _gallery_size(has_truth: bool) -> int:
    return MAX_BARELY if has_truth else MAX_GALLERY


def csv_path(html: Path) -> Path:
    """Where the CSV of a report lies: beside it, with its name."""
    return html.with_suffix(".csv")


def is_report_csv(path: Path) -> bool:
    """Whether the file is one that `write_report` wrote. Raises OSError."""
    with path.open("rb") as file:
        return file.read(200).startswith(",".join(_CSV_START).encode())


def write_report(
    html: Path,
    items: Sequence[Reviewed],
    store: ThumbnailStore,
    facts: ReportFacts,
    style: OverlayStyle,
    *,
    overwrite: bool = True,
    means: MeanMaps | None = None,
) -> tuple[Path, Path]:
    """Write the page and, first, the CSV beside it; return both paths. What was there is replaced, whole;
    without overwrite only a CSV is, and an existing page is a SaveFailure.

    Photos without a thumbnail in the store are listed without overlays. means: of all items; None for those
    whose maps are in the store. May run in any thread.
    Raises SaveFailure; then neither file is half there.
    """
    table = csv_path(html)
    means = mean_maps(items, store.maps) if means is None else means
    with atomic_write(html, overwrite=overwrite) as file:
        write_csv(table, items, facts)
        for piece in _page(items, store, facts, style, table.name, means):
            file.write(piece.encode("utf-8", "replace"))
    return html, table


# CSV


def write_csv(path: Path, items: Iterable[Reviewed], facts: ReportFacts) -> Path:
    """One row a photo, in the order of the review; return the path. UTF-8; probabilities are 0..1.

    gain and border are the last columns, where any photo has them.

    Nothing in it begins as a formula does, which spreadsheets would run: such paths begin with ``./``,
    such texts with ``'``. Raises SaveFailure.
    """
    further = [f"{what}_{place}" for place in range(2, TOP + 1) for what in ("id", "label", "probability")]
    items = list(items)
    measured = any(item.gain is not None for item in items)
    mapped = any(item.border is not None for item in items)
    with atomic_write(path, overwrite=True) as file:
        text = io.TextIOWrapper(file, "utf-8", errors="replace", newline="", write_through=True)
        rows = csv.writer(text, lineterminator="\n")
        header = [*_CSV_START, "truth_probability", "truth_rank", "correct", *further, "problem"]
        rows.writerow([*header, *(["gain"] if measured else []), *(["border"] if mapped else [])])
        for item in items:
            gain = "" if item.gain is None else f"{item.gain:.4f}"
            border = "" if item.border is None else f"{item.border:.4f}"
            more = [*([gain] if measured else []), *([border] if mapped else [])]
            rows.writerow([*_row(item, facts.labels), *more])
        text.detach()  # `atomic_write` closes the file
    return path


def _row(item: Reviewed, labels: Sequence[str]) -> list[str]:
    def scored(score: Score | None) -> list[str]:
        if score is None:
            return ["", "", ""]
        return [str(score.class_id), _tame(labels[score.class_id]), f"{score.probability:.6g}"]

    truth = "" if item.truth is None else labels[item.truth]
    return [
        _tame(str(item.path), "./"),
        *scored(item.predicted),
        f"{item.margin:.6g}" if item.top else "",
        "" if item.truth is None else str(item.truth),
        _tame(truth),
        "" if item.true is None else f"{item.true.probability:.6g}",
        "" if item.rank is None else str(item.rank),
        "" if item.correct is None else str(item.correct).lower(),
        *(
            cell
            for place in range(1, TOP)
            for cell in scored(item.top[place] if place < len(item.top) else None)
        ),
        _tame(item.problem or ""),
    ]


def _tame(text: str, prefix: str = "'") -> str:
    return prefix + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


# HTML


def _page(
    items: Sequence[Reviewed],
    store: ThumbnailStore,
    facts: ReportFacts,
    style: OverlayStyle,
    csv_name: str,
    means: MeanMaps,
) -> Iterator[str]:
    """The page in pieces."""
    from markupsafe import Markup

    summary = summarize(items, len(facts.labels))
    labels = [label if len(label) <= MAX_LABEL else f"{label[:MAX_LABEL]}…" for label in facts.labels]
    cards = Cards(store, labels, facts.folders, style)
    barely = [i for i in least_certain(items) if i.correct and i.margin < BARELY][:MAX_BARELY]
    unknown = sorted((i for i in items if i.correct is None and i.top), key=lambda i: i.confidence)
    mistakes = summary.mistakes[:MAX_MISTAKES]
    gallery = unknown[: _gallery_size(summary.known > 0)]
    examples: dict[tuple[int, int], str] = {}
    for place, item in enumerate(mistakes, 1):
        if item.truth is not None:
            examples.setdefault((item.truth, item.top[0].class_id), f"mistake-{place}")
    css, script = _resource("report.css"), _resource("report.js")
    css = css.replace("{", "{" + f" --colours: {_gradient(style.colormap)};", 1)
    pairs = [pair for pair in summary.confusions if pair.count > 1 and any(means.of_pair(*_ids(pair)))]
    of_classes = [row.class_id for row in summary.classes if _has_mean(means.of_class(row.class_id))]
    # Painted one by one, when the template comes to them.
    lazy = {
        "pair_means": (cards.pair(p, f"pair-{n}", means) for n, p in enumerate(pairs[:MAX_MEANS], 1)),
        "class_means": (cards.class_mean(c, f"class-{c}", means) for c in of_classes[:MAX_MEANS]),
        "mistakes": (cards.mistake(item, f"mistake-{place}") for place, item in enumerate(mistakes, 1)),
        "barely_right": (cards.single(item, f"barely-{place}") for place, item in enumerate(barely, 1)),
        "gallery": (cards.single(item, f"photo-{place}") for place, item in enumerate(gallery, 1)),
    }
    unread = (item for item in items if item.problem is not None)
    drawn = next((item.thumbnail for item in items if item.thumbnail is not None), None)
    yield from (
        _environment()
        .get_template("report.html.jinja")
        .generate(
            **lazy,
            pair_mean_count=min(len(pairs), MAX_MEANS),
            class_mean_count=min(len(of_classes), MAX_MEANS),
            mistake_count=len(mistakes),
            barely_count=len(barely),
            gallery_count=len(gallery),
            unknown_count=len(unknown),
            summary=summary,
            gauge=folder_gauge(item.gain for item in items if item.gain is not None),
            confusions=summary.confusions[:MAX_ROWS],
            examples=examples,
            unread=[(cards.name(i), i.problem) for i, _ in zip(unread, range(MAX_ROWS), strict=False)],
            title=facts.title,
            time=facts.time,
            total=facts.total,
            stopped=len(items) < facts.total,
            notes=(*facts.left_out, *(facts.truth.notes if facts.truth is not None else ())),
            truth=facts.truth.origin if facts.truth is not None else "",
            labels=labels,
            model=facts.model,
            fit=_FITS[facts.request.fit],
            dimmed=_DIMMED[facts.request.fit],
            resolution=facts.request.resolution or facts.model.native_resolution,
            fine=facts.request.fine,
            method=drawn.method if drawn is not None else CAM,
            unit=drawn.unit.value if drawn is not None else "",
            colormap=style.colormap,
            threshold=style.threshold,
            barely=BARELY,
            csv_name=csv_name,
            version=__version__,
            style=Markup(css),
            style_hash=_hash(css),
            script=Markup(script),
            script_hash=_hash(script),
        )
    )


def _ids(pair: Confusion) -> tuple[int, int]:
    return pair.truth, pair.predicted


def _has_mean(mean: MeanMap | None) -> bool:
    """Whether it is of more than one photo, which has a card of its own."""
    return mean is not None and mean.count > 1


def _gradient(colormap: str) -> str:
    colours = colormaps.table(colormap)[:: 255 // 15]
    return f"linear-gradient(to right, {', '.join('#{:02x}{:02x}{:02x}'.format(*c) for c in colours)})"


def _hash(text: str) -> str:
    """By which the page's policy knows its own style and script."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _resource(name: str) -> str:
    return resource_path(f"report/{name}").read_text("utf-8")


@cache
def _environment() -> Environment:
    import jinja2  # here, because the window imports this module long before it is used

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource_path("report")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {
        "number": lambda value: f"{value:,}",
        "rounded": _rounded,
        "percent": _percent,
        "breakable": _breakable,
        "signed": signed,
        "share": lambda value: f"{100 * value:.2f}%",
    }
    environment.filters.update(filters)
    return environment


def _rounded(value: float) -> str:
    """`percent`, in one piece: lines don't break before the sign."""
    text = percent(value) if value else "0 %"
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _percent(share: Share) -> str:
    """With a decimal where there are enough photos for it."""
    if share.value is None:
        return "–"
    exact = 0 < share.count < share.total and share.total >= 200
    return f"{100 * share.value:.{1 if exact else 0}f}\N{NO-BREAK SPACE}%"


def _breakable(path: str) -> str:
    """Escaped; lines may break after the parts of a path's names."""
    from markupsafe import Markup

    return Markup("<wbr>").join(re.split(r"(?<=[/_-])", path))
