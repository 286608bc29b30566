"""`camviewer explain VIDEO`: the whole film with its overlay as a movie, and a line of JSON a frame."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tqdm import tqdm

from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.targets import ClassScore
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import ViewState, view_state
from camviewer.media.movies.conversion import Conversion, Converted, Progress

Ids = Callable[[Explanation], tuple[int, ...]]


def convert(
    film: Path,
    movie: Path,
    lines: Path,
    explainer: Explainer,
    request: ExplainRequest,
    ids: Ids,
    style: OverlayStyle,
) -> dict[str, object]:
    """What the JSON says about one film; its movie and its lines are written, or, if that fails, neither.

    ids: the classes asked for, in a frame; the first of them is drawn. Raises Failure.
    """

    def look(explanation: Explanation) -> ViewState:
        return view_state(explanation, ClassScore(ids(explanation)[0]), style)

    def classes(explanation: Explanation) -> Sequence[int]:
        return ids(explanation)

    conversion = Conversion(
        film,
        movie,
        look,
        lines=lines,
        request=request,
        classes=classes,
        threshold=style.threshold,
        caption=True,
        overwrite=True,
    )
    # Without its monitor tqdm starts no thread.
    tqdm.monitor_interval = 0
    bar = tqdm(unit="frame", file=sys.stderr, disable=not sys.stderr.isatty(), leave=False, desc=film.name)

    def on_progress(progress: Progress) -> None:
        bar.total = progress.total
        bar.update(progress.done - bar.n)

    conversion.progressed.connect(on_progress)
    try:
        converted = conversion.run(explainer)
    finally:
        bar.close()
    assert converted is not None, "nobody cancels it"
    return _record(film, converted, explainer)


def _record(film: Path, converted: Converted, explainer: Explainer) -> dict[str, object]:
    record: dict[str, object] = {
        "path": str(film),
        "movie": str(converted.movie),
        "lines": str(converted.lines),
        "frames": converted.frames,
        "seconds": round(converted.seconds, 6),
        "model": explainer.info.name,
        "device": explainer.info.device,
    }
    return record | ({"damaged": converted.damaged} if converted.damaged else {})


def summary(record: dict[str, object]) -> str:
    """In a line, for people."""
    damaged = f", {record['damaged']} damaged parts are missing" if "damaged" in record else ""
    return f"{record['path']}: {record['frames']} frames into {record['movie']}{damaged}"
