"""``camviewer bench --quality``: how good the maps of a model's methods are, in the field's figures.

docs/quality.md says what each figure is and what it can't tell.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

from camviewer.commands.console import (
    DONE,
    FAILED,
    print_above_bar,
    print_message,
    progress_bar,
)
from camviewer.commands.model import fitting, load
from camviewer.commands.options import (
    STDOUT,
    QualityOptions,
    UsageError,
)
from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import Failure, SourceFailure
from camviewer.core.frames import Fit
from camviewer.core.loading import LoadedModel
from camviewer.core.models.spec import ModelInfo
from camviewer.core.quality.comparison import METRICS, Figure, Metric, compared
from camviewer.core.quality.items import Item, check_classes, read_items
from camviewer.core.quality.measuring import SLOW, QualityMeasuring, rows_for
from camviewer.core.storage.files import is_folder, number, write_json
from camviewer.core.storage.photo_folders import list_photos

_NOTE = """\
* differs from {first}: the paired 95 % bootstrap interval of the difference, over photos, leaves out 0
↑ more is better, ↓ less is better; in percent, but for insertion, deletion and gain"""

Figures = Mapping[str, Mapping[str, Figure]]
"""Row → metric → figure."""


def run(options: QualityOptions) -> int:
    """Exit status 0, or 1 if a photo can't be measured. Raises Failure, UsageError."""
    file = options.json if options.json != STDOUT else None
    if file is not None and not is_folder(file.absolute().parent):
        raise UsageError(f"argument --json: there is no folder {file.parent}")
    items = _items(options)
    loaded = load(options.model)
    check_classes(items, len(loaded.explainer.labels))
    resolution = _resolution(loaded, options.resolution)
    explainer, info = loaded.explainer, loaded.explainer.info
    rows = rows_for(explainer.methods, info.sizes, resolution, options.slow)
    measuring = QualityMeasuring(explainer, rows)
    start, failed = time.perf_counter(), 0
    with progress_bar("photo", len(items)) as bar:
        for item in items:
            try:
                measuring.add(item)
            except SourceFailure as failure:
                print_above_bar(f"camviewer: {item.path}: {failure}")
                failed += 1
            bar.update()
    photos = len(items) - failed
    if not photos:
        raise Failure("No photo could be measured.")
    seconds = time.perf_counter() - start
    figures = compared(measuring.scores)
    if options.json != STDOUT:
        print(f"{info.title} on {info.computed_on}, photos squeezed to {resolution}: {_count(photos)}\n")
        print(_table(figures))
        print()
        print(_NOTE.format(first=rows[0].name))
        print_message(f"camviewer: {seconds:.0f} seconds")
        if not options.slow and any(o.name in SLOW and o.missing is None for o in explainer.methods):
            print_message(f"camviewer: {' and '.join(SLOW)} take many passes a map: --slow measures them too")
    if options.json is not None:
        facts = _facts(info, resolution, photos, seconds) | {"rows": _figure_facts(figures)}
        if file is None:
            print(json.dumps(facts, indent=2, allow_nan=False))
        else:
            write_json(facts, file, overwrite=True)
    return FAILED if failed else DONE


def _items(options: QualityOptions) -> list[Item]:
    if options.boxes is not None and options.labels is not None:
        items, missing = read_items(options.images, options.boxes, options.labels)
        if missing:
            print_message(f"camviewer: {_count(missing)} of {options.boxes} not in {options.images}")
    else:
        items = [Item(path) for path in list_photos(options.images).photos]
        if not items:
            raise Failure(f"There are no photos in {options.images}.")
    return items[: options.limit]


def _resolution(loaded: LoadedModel, asked: int | None) -> int:
    """Raises UsageError for one that the model doesn't take, and for a model that doesn't say any."""
    info = loaded.explainer.info
    fitting(loaded, ExplainRequest(Fit.SQUASH, asked))
    if asked is None and info.native_resolution is None:
        raise UsageError("this model doesn't say its resolution: add --resolution N")
    wanted = asked or info.native_resolution or 0
    return info.sizes.chosen(asked, wanted) if info.sizes is not None else wanted


def _count(photos: int) -> str:
    return "1 photo" if photos == 1 else f"{photos} photos"


def _table(figures: Figures) -> str:
    """As Markdown, in columns."""
    first = next(iter(figures.values()))
    metrics = [metric for metric in METRICS if metric.name in first]
    boxes = metrics[0].name == "max_box_acc_v2"
    heads = [f"{metric.title} {'↑' if metric.rises else '↓'}" for metric in metrics]
    lines = [["method", *heads]]
    for name, row in figures.items():
        cells = [_cell(row[metric.name], metric) for metric in metrics]
        if boxes:
            cells.insert(1, _interval(row[metrics[0].name]))
        lines.append([name, *cells])
    if boxes:
        lines[0].insert(2, "difference, 95 %")
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def _cell(figure: Figure, metric: Metric) -> str:
    text = f"{100 * figure.value:.1f}" if metric.percent else f"{figure.value:.3f}"
    return text + (" *" if figure.differs else "")


def _interval(figure: Figure) -> str:
    if figure.difference is None or figure.low is None or figure.high is None:
        return ""
    return f"{100 * figure.difference:+.1f} [{100 * figure.low:.1f}, {100 * figure.high:.1f}]"


def _facts(info: ModelInfo, resolution: int, photos: int, seconds: float) -> dict[str, object]:
    return {
        "model": info.name,
        "device": info.device,
        "precision": info.precision.value,
        "resolution": resolution,
        "photos": photos,
        "seconds": round(seconds, 1),
    }


def _figure_facts(figures: Figures) -> dict[str, object]:
    """Shares are of 1, not in percent. difference: from the first row, with its 95 % interval."""
    return {name: {metric: _one(figure) for metric, figure in row.items()} for name, row in figures.items()}


def _one(figure: Figure) -> dict[str, object]:
    facts: dict[str, object] = {"value": number(figure.value)}
    if figure.difference is not None and figure.low is not None and figure.high is not None:
        facts["difference"] = number(figure.difference)
        facts["interval"] = [number(figure.low), number(figure.high)]
    return facts
