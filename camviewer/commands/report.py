"""`camviewer explain --report`: many photos in; one page about them and a CSV out. No window, no display."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tqdm import tqdm

from camviewer.commands.explain import (
    DONE,
    FAILED,
    INTERRUPTED,
    UsageError,
    ensure_gui_application,
    is_terminal,
    tell,
    tell_model,
)
from camviewer.commands.inputs import find_photos
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import Failure, ModelFailure
from camviewer.core.frames import Fit
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.localize import PAPER_THRESHOLD
from camviewer.core.models.builtin import spec_named
from camviewer.core.models.weights import chosen_weights
from camviewer.core.review.reviewer import PictureStore, Reviewed, Reviewer
from camviewer.core.review.summary import summarize
from camviewer.core.review.truth import (
    ClassNames,
    LabelTable,
    Truth,
    folder_truth,
    has_class_folders,
    read_label_table,
    table_truth,
)
from camviewer.core.runtimes.registry import resolve_device
from camviewer.core.storage.files import exists, is_folder
from camviewer.media.drawing.compositor import OverlayStyle
from camviewer.media.review.report import ReportFacts, ShownPhotos, csv_path, is_report_csv, write_report

FOLDERS = "folders"
SIDE = 400
"""Pixels of the pictures' longer side: two of them stand side by side in a column of the page."""


def run(args: argparse.Namespace, usage_error: UsageError) -> int:
    """The exit status. usage_error says what was wrong in the command and leaves the program."""
    try:
        return _run(args, usage_error)
    except Failure as failure:
        tell(f"camviewer: {failure}")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(args: argparse.Namespace, usage_error: UsageError) -> int:
    _check_usage(args, usage_error)
    table = read_label_table(Path(args.truth)) if args.truth not in (None, FOLDERS) else None
    photos = find_photos(args.paths)
    readable = [photo.path for photo in photos if photo.problem is None]
    # Folders without photos, mostly.
    others = [Reviewed(photo.path, problem=photo.problem) for photo in photos if photo.problem is not None]
    _tell_problems(others)
    if not readable:
        tell("camviewer: there is nothing to report")
        return FAILED
    try:
        resolve_device(args.device)
    except ModelFailure as failure:
        usage_error(f"argument --device: {failure}")
    spec = spec_named(args.model)
    loaded = load_model(ModelChoice(spec.name, chosen_weights(args.weights, spec), args.labels, args.device))
    tell_model(loaded)
    folders = tuple(path for path in args.paths if is_folder(path))
    truth = _truth(args.truth, table, readable, folders, loaded.explainer.head.labels)
    return _report(args, loaded.explainer, readable, others, folders, truth)


def _check_usage(args: argparse.Namespace, usage_error: UsageError) -> None:
    """All that can be known before the work. Raises Failure too."""
    for given, option in (
        (args.out is not None, "--out"),
        (args.json is not None, "--json"),
        (args.raw, "--raw"),
        (args.no_images, "--no-images"),
        (args.classes != "top5", "--classes"),
    ):
        if given:
            usage_error(f"--report goes without {option}: explain the photos twice to have both")
    html: Path = args.report
    if html.suffix.lower() not in (".html", ".htm"):
        usage_error(f"argument --report: {html} is no name of an HTML file; add .html")
    table = csv_path(html)
    for path in (html, table):
        if is_folder(path):
            usage_error(f"argument --report: {path} is a folder, not a file")
    if not is_folder(html.absolute().parent):
        usage_error(f"argument --report: there is no folder {html.parent}")
    if args.truth not in (None, FOLDERS):
        if not exists(Path(args.truth)):
            usage_error(f"argument --truth: there is no file {args.truth}; or did you mean {FOLDERS}?")
        if os.path.realpath(args.truth) == os.path.realpath(table):
            usage_error(f"argument --report: its table would replace {args.truth}; choose another name")
    if table.exists() and not is_report_csv(table):
        usage_error(
            f"argument --report: its table would replace {table}, which is of something else; "
            "choose another name"
        )
    if not os.access(html.absolute().parent, os.W_OK):
        raise Failure(f"camviewer may not write into {html.absolute().parent}.", "Choose another --report.")


def _truth(
    choice: str | None,
    table: LabelTable | None,
    photos: Sequence[Path],
    folders: Sequence[Path],
    labels: Sequence[str],
) -> Truth | None:
    names = ClassNames(labels)
    if choice is None:
        if len(folders) == 1 and has_class_folders(photos, folders[0], names):
            tell("camviewer: the folders are called as classes are; --truth folders says what is right, too")
        return None
    truth = folder_truth(photos, folders, names)
    if table is not None:
        truth = table_truth(table, photos, folders, names)
    for note in truth.notes:
        tell(f"camviewer: {note}")
    tell(f"camviewer: the class of {len(truth.ids)} of {len(photos)} photos is known from {truth.origin}")
    return truth


def _report(
    args: argparse.Namespace,
    explainer: Explainer,
    photos: Sequence[Path],
    others: Sequence[Reviewed],
    folders: tuple[Path, ...],
    truth: Truth | None,
) -> int:
    ensure_gui_application()
    request = ExplainRequest(Fit(args.fit), args.resolution, fine=args.fine)
    total = len(photos) + len(others)
    facts = ReportFacts(
        _title(args.paths), explainer.info, request, explainer.head.labels, total, folders, truth
    )
    ids = truth.ids if truth is not None else {}
    wants = ShownPhotos(bool(ids)).wants
    items = list(others)
    with _interruptible() as stop, closing(PictureStore()) as store:
        with closing(Reviewer(photos, ids, request, store, wants_picture=wants, side=SIDE)) as reviewer:
            failure = _review(reviewer, explainer, items, stop)
        if len(items) == len(others):
            tell("camviewer: stopped before the first photo; there is no report")
        else:
            html, table = write_report(args.report, items, store, facts, _style(args))
            tell(_outcome(items, total))
            tell(f"camviewer: {html} and {table.name} are written")
    if failure is not None:
        raise failure
    if len(items) < total:
        return INTERRUPTED
    return FAILED if any(item.problem is not None for item in items) else DONE


def _review(reviewer: Reviewer, explainer: Explainer, items: list[Reviewed], stop: _Stop) -> Failure | None:
    """Add all photos to the items, until stopped or until a failure that is not one photo's."""
    # Without its monitor tqdm starts no thread.
    tqdm.monitor_interval = 0
    bar = tqdm(total=reviewer.total, unit="photo", file=sys.stderr, disable=not is_terminal(sys.stderr))
    try:
        while not stop.asked and (batch := reviewer.step(explainer)):
            items += batch
            bar.update(len(batch))
            _tell_problems(batch)
    except Failure as failure:
        return failure
    finally:
        bar.close()
    return None


def _outcome(items: Sequence[Reviewed], total: int) -> str:
    summary = summarize(items)
    said = [
        f"camviewer: {len(items)} of {total} photos" if len(items) < total else f"camviewer: {total} photos"
    ]
    if summary.top1.value is not None:
        said.append(f"{summary.top1.count} of {summary.known} right ({100 * summary.top1.value:.1f} %)")
    if summary.unread:
        said.append(f"{summary.unread} failed")
    return ", ".join(said)


@dataclass(slots=True)
class _Stop:
    asked: bool = False


@contextmanager
def _interruptible() -> Iterator[_Stop]:
    """The first Ctrl+C asks to stop, so that nothing is left half done; the second interrupts."""
    stop = _Stop()

    def on_interrupt(*_: object) -> None:
        if stop.asked:
            raise KeyboardInterrupt
        stop.asked = True
        # No print: the signal may have come in the middle of one.
        os.write(2, b"\ncamviewer: stopping; Ctrl+C once more gives up the report\n")

    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield stop  # somebody else decides, such as nohup
        return
    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _style(args: argparse.Namespace) -> OverlayStyle:
    style = OverlayStyle()
    if args.boxes:
        style = replace(style, threshold=PAPER_THRESHOLD if args.threshold is None else args.threshold)
    if args.colormap is not None:
        style = replace(style, colormap=args.colormap)
    if args.opacity is not None:
        style = replace(style, opacity=args.opacity)
    return style


def _title(paths: Sequence[Path]) -> str:
    first = paths[0].resolve().name or str(paths[0])
    return first if len(paths) == 1 else f"{first} and {len(paths) - 1} more"


def _tell_problems(items: Sequence[Reviewed]) -> None:
    for item in items:
        if item.problem is not None:
            tqdm.write(f"camviewer: {item.path}: {item.problem}", file=sys.stderr)
