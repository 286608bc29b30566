"""`camviewer explain --report`: many photos in; one page about them and a CSV out. No window, no display."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Self

from camviewer.commands import model as command_model
from camviewer.commands.console import (
    DONE,
    FAILED,
    INTERRUPTED,
    print_above_bar,
    print_message,
    progress_bar,
)
from camviewer.commands.drawing import (
    ensure_gui_application,
    overlay_style,
)
from camviewer.commands.inputs import find_photos
from camviewer.commands.options import (
    FolderTruth,
    ReportOptions,
    UsageError,
)
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import (
    CAM,
    ExplainRequest,
)
from camviewer.core.failures import Failure
from camviewer.core.gauge.folder import folder_gauge, photo_gain
from camviewer.core.numbers import signed
from camviewer.core.review.items import Reviewed
from camviewer.core.review.mean_maps import MeanTally
from camviewer.core.review.photos_ahead import pool_for
from camviewer.core.review.pool import Pool
from camviewer.core.review.reviewer import Reviewer
from camviewer.core.review.summary import summarize
from camviewer.core.review.thumbnails import ThumbnailStore
from camviewer.core.review.truth import (
    ClassNames,
    LabelTable,
    Truth,
    folder_truth,
    has_class_folders,
    read_label_table,
    table_truth,
)
from camviewer.core.runtimes.device import (
    AUTO,
    CPU,
)
from camviewer.core.runtimes.registry import resolve_device
from camviewer.core.storage.files import (
    exists,
    is_folder,
)
from camviewer.core.storage.photo_folders import (
    LeftOut,
    class_roots,
)
from camviewer.media.review.report import (
    ReportFacts,
    ShownPhotos,
    csv_path,
    is_report_csv,
    write_report,
)

SIDE = 400
"""Pixels of the overlays' longer side: two of them stand side by side in a column of the page."""


def run(options: ReportOptions) -> int:
    """The exit status. Raises UsageError, Failure and KeyboardInterrupt."""
    _check_places(options)
    table = read_label_table(options.truth) if isinstance(options.truth, Path) else None
    left_out = LeftOut()
    photos = find_photos(options.paths, left_out=left_out)
    readable = [photo.path for photo in photos if photo.problem is None]
    # Folders without photos, mostly.
    unread = [Reviewed(photo.path, problem=photo.problem) for photo in photos if photo.problem is not None]
    _print_problems(unread)
    if not readable:
        print_message("camviewer: there is nothing to report")
        return FAILED
    command_model.check_device(options.model)
    with _EarlyPool(options, len(readable)) as pool:
        loaded = command_model.load(options.model)
        options = replace(options, request=command_model.fitting(loaded, options.request))
        folders = tuple(path for path in options.paths if is_folder(path))
        truth = _truth(options.truth, table, readable, folders, loaded.explainer.labels)
        pool.settle(loaded.explainer, options.request)
        notes = left_out.notes()
        return _report(options, loaded.explainer, readable, unread, folders, truth, pool, notes)


class _EarlyPool:
    """The processes that read photos for a network on a GPU: they start while it is loaded.

    Which network and which methods a file has is known only then: what isn't needed is ended again.
    """

    def __init__(self, options: ReportOptions, photos: int) -> None:
        self._pool: Pool | None = None
        request = options.request
        likely = request.method in (None, CAM) and not request.fine and not options.faithfulness
        if likely and resolve_device(options.model.device or AUTO) != CPU:
            self._pool = pool_for(photos, on_cpu=False)

    def settle(self, explainer: Explainer, request: ExplainRequest) -> None:
        """The model has been loaded."""
        if explainer.info.device == CPU or explainer.for_prepared(request) is None:
            self.__exit__()
            self._pool = None

    @property
    def new_pool(self) -> Callable[[], Pool] | None:
        """For a `Reviewer`."""
        pool = self._pool
        return None if pool is None else lambda: pool

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.close()


def _check_places(options: ReportOptions) -> None:
    """Whether the page and its table can be written, before the work. Raises UsageError and Failure."""
    html, truth = options.html, options.truth
    table = csv_path(html)
    for path in (html, table):
        if is_folder(path):
            raise UsageError(f"argument --report: {path} is a folder, not a file")
    if not is_folder(html.absolute().parent):
        raise UsageError(f"argument --report: there is no folder {html.parent}")
    if isinstance(truth, Path):
        if not exists(truth):
            raise UsageError(f"argument --truth: there is no file {truth}; or did you mean folders?")
        if os.path.realpath(truth) == os.path.realpath(table):
            raise UsageError(f"argument --report: its table would replace {truth}; choose another name")
    if table.exists() and not is_report_csv(table):
        raise UsageError(
            f"argument --report: its table would replace {table}, which is of something else; "
            "choose another name"
        )
    if not os.access(html.absolute().parent, os.W_OK):
        raise Failure(f"camviewer may not write into {html.absolute().parent}.", "Choose another --report.")


def _truth(
    wanted: FolderTruth | Path | None,
    table: LabelTable | None,
    photos: Sequence[Path],
    folders: Sequence[Path],
    labels: Sequence[str],
) -> Truth | None:
    names, roots = ClassNames(labels), class_roots(folders)
    if wanted is None:
        if roots and has_class_folders(photos, roots, names):
            print_message(
                "camviewer: the folders are called as classes are; --truth folders says what is right, too"
            )
        return None
    truth = folder_truth(photos, roots, names)
    if table is not None:
        truth = table_truth(table, photos, folders, names)
    for note in truth.notes:
        print_message(f"camviewer: {note}")
    print_message(
        f"camviewer: the class of {len(truth.ids)} of {len(photos)} photos is known from {truth.origin}"
    )
    return truth


def _report(
    options: ReportOptions,
    explainer: Explainer,
    photos: Sequence[Path],
    unread: Sequence[Reviewed],
    folders: tuple[Path, ...],
    truth: Truth | None,
    pool: _EarlyPool,
    notes: Sequence[str],
) -> int:
    ensure_gui_application()
    request = options.request
    total = len(photos) + len(unread)
    facts = ReportFacts(
        _title(options.paths),
        explainer.info,
        request,
        explainer.labels,
        total,
        folders,
        truth,
        left_out=tuple(notes),
    )
    ids = truth.ids if truth is not None else {}
    wants = ShownPhotos(bool(ids)).wants
    items, means = list(unread), MeanTally()
    with _interruptible() as stop, closing(ThumbnailStore()) as store:
        reviewer = Reviewer(
            photos,
            ids,
            request,
            store,
            wants_thumbnail=wants,
            side=SIDE,
            new_pool=pool.new_pool,
            measure=partial(photo_gain, explainer) if options.faithfulness else None,
            means=means,
        )
        with closing(reviewer):
            failure = _review(reviewer, explainer, items, stop)
        if len(items) == len(unread):
            print_message("camviewer: stopped before the first photo; there is no report")
        else:
            style = overlay_style(options.drawing)
            html, table = write_report(options.html, items, store, facts, style, means=means.taken())
            print_message(_outcome(items, total))
            print_message(f"camviewer: {html} and {table.name} are written")
    if failure is not None:
        raise failure
    if len(items) < total:
        return INTERRUPTED
    return FAILED if any(item.problem is not None for item in items) else DONE


def _review(
    reviewer: Reviewer, explainer: Explainer, items: list[Reviewed], stop: _StopRequest
) -> Failure | None:
    """Add all photos to the items, until stopped or until a failure that is not one photo's."""
    bar = progress_bar("photo", reviewer.total)
    try:
        while not stop.asked and (batch := reviewer.step(explainer)):
            items += batch
            bar.update(len(batch))
            _print_problems(batch)
    except Failure as failure:
        return failure
    finally:
        bar.close()
    return None


def _outcome(items: Sequence[Reviewed], total: int) -> str:
    summary = summarize(items)
    parts = [
        f"camviewer: {len(items)} of {total} photos" if len(items) < total else f"camviewer: {total} photos"
    ]
    if summary.top1.value is not None:
        parts.append(f"{summary.top1.count} of {summary.known} right ({100 * summary.top1.value:.1f} %)")
    if summary.unread:
        parts.append(f"{summary.unread} failed")
    gauge = folder_gauge(item.gain for item in items if item.gain is not None)
    if gauge is not None:
        interval = f" (95 %: {signed(gauge.low)} to {signed(gauge.high)})" if gauge.above.total > 1 else ""
        parts.append(f"the maps' relevance gain is {signed(gauge.mean)}{interval}")
    return ", ".join(parts)


@dataclass(slots=True)
class _StopRequest:
    """asked: Ctrl+C was pressed."""

    asked: bool = False


@contextmanager
def _interruptible() -> Iterator[_StopRequest]:
    """The first Ctrl+C asks to stop, so that nothing is left half done; the second interrupts."""
    stop = _StopRequest()

    def on_interrupt(*_: object) -> None:
        if stop.asked:
            raise KeyboardInterrupt
        stop.asked = True
        # No print: the signal may have interrupted one.
        os.write(2, b"\ncamviewer: stopping; Ctrl+C once more gives up the report\n")

    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield stop  # another handler is set, such as nohup's
        return
    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _title(paths: Sequence[Path]) -> str:
    first = paths[0].resolve().name or str(paths[0])
    return first if len(paths) == 1 else f"{first} and {len(paths) - 1} more"


def _print_problems(items: Sequence[Reviewed]) -> None:
    for item in items:
        if item.problem is not None:
            print_above_bar(f"camviewer: {item.path}: {item.problem}")
