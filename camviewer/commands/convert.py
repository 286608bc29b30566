"""`camviewer explain VIDEO`: the whole video with its overlay as a movie, and a line of JSON a frame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from camviewer.commands.console import progress_bar
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import (
    ExplainRequest,
    Explanation,
)
from camviewer.core.targets import ClassScore
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import (
    ViewState,
    view_state,
)
from camviewer.media.movies.conversion import (
    Conversion,
    Converted,
    Progress,
)

ClassIds = Callable[[Explanation], tuple[int, ...]]


def convert(
    video: Path,
    movie: Path,
    lines: Path,
    explainer: Explainer,
    request: ExplainRequest,
    ids: ClassIds,
    style: OverlayStyle,
) -> dict[str, object]:
    """What the JSON says about one video; its movie and its lines are written, or, if that fails, neither.

    ids: the classes asked for, in a frame; the first of them is drawn. Raises Failure.
    """

    def make_state(explanation: Explanation) -> ViewState:
        return view_state(explanation, ClassScore(ids(explanation)[0]), style)

    conversion = Conversion(
        video,
        movie,
        make_state,
        lines=lines,
        request=request,
        classes=ids,
        threshold=style.threshold,
        caption=True,
        overwrite=True,
    )
    bar = progress_bar("frame", title=video.name)

    def on_progress(progress: Progress) -> None:
        bar.total = progress.total
        bar.update(progress.done - bar.n)

    conversion.progressed.connect(on_progress)
    try:
        converted = conversion.run(explainer)
    finally:
        bar.close()
    assert converted is not None, "nobody cancels it"
    return _record(video, converted, explainer)


def _record(video: Path, converted: Converted, explainer: Explainer) -> dict[str, object]:
    record: dict[str, object] = {
        "path": str(video),
        "movie": str(converted.movie),
        "lines": str(converted.lines),
        "frames": converted.frames,
        "seconds": round(converted.seconds, 6),
        "model": explainer.info.name,
        "device": explainer.info.device,
        "precision": explainer.info.precision.value,
    }
    return record | ({"damaged": converted.damaged} if converted.damaged else {})


def summary(record: dict[str, object]) -> str:
    """In a line, for people."""
    damaged = f", {record['damaged']} damaged parts are missing" if "damaged" in record else ""
    return f"{record['path']}: {record['frames']} frames into {record['movie']}{damaged}"
