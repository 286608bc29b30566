"""`camviewer explain`: photos in; overlays, raw maps and predictions out. No window, no display.

One photo at a time, in one thread: nothing of a photo is kept but its line of the JSON.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tqdm import tqdm

from camviewer.commands.inputs import Photo, find_photos, folded, is_snapshot, is_video, named, path_key
from camviewer.core.classes import ClassChoice, parse_classes
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import Failure, ModelFailure
from camviewer.core.frames import Fit
from camviewer.core.loading import LoadedModel, ModelChoice, load_model
from camviewer.core.localize import PAPER_THRESHOLD, localize
from camviewer.core.maps import is_held, shown_values
from camviewer.core.models.builtin import spec_named
from camviewer.core.models.labels import known_labels, read_labels
from camviewer.core.models.weights import chosen_weights
from camviewer.core.runtimes.registry import resolve_device
from camviewer.core.storage.files import is_folder, number, safe_name, write_json
from camviewer.core.storage.images import read_photo
from camviewer.core.storage.snapshot import read_snapshot
from camviewer.media.export import found_facts, save_overlay, write_npz

if TYPE_CHECKING:
    from PySide6.QtGui import QGuiApplication

    from camviewer.media.drawing.compositor import OverlayStyle

log = logging.getLogger(__name__)

UsageError = Callable[[str], NoReturn]
DONE, FAILED, INTERRUPTED = 0, 1, 130
_STDOUT = Path("-")
_application: QGuiApplication | None = None  # Qt's fonts live as long as it does


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
    _check_json(args.json, args.out, usage_error)
    spec = spec_named(args.model)
    weights = chosen_weights(args.weights, spec)
    # Where the labels are known without the model, a mistyped name needn't wait for it.
    if args.labels is not None:
        _parse_classes(args.classes, read_labels(args.labels), usage_error)
    elif weights is None and spec.labels is not None:
        _parse_classes(args.classes, known_labels(spec.labels), usage_error)
    photos = named(find_photos(args.paths))
    if args.raw or args.no_images or args.out is None:
        films = [photo.path.name for photo in photos if is_video(photo.path)]
        if films:
            usage_error(
                f"{films[0]} is a video, which becomes one: give --out, without --raw and --no-images"
            )
    if all(is_snapshot(photo.path) for photo in photos):
        if args.out is not None:
            _make_folder(args.out)
        return _Run(args, None, photos).run()
    try:
        resolve_device(args.device)
    except ModelFailure as failure:
        usage_error(f"argument --device: {failure}")
    if args.out is not None:
        _make_folder(args.out)
    loaded = load_model(ModelChoice(spec.name, weights, args.labels, args.device))
    tell_model(loaded)
    _parse_classes(args.classes, loaded.explainer.head.labels, usage_error)
    return _Run(args, loaded.explainer, photos).run()


class _Run:
    """All photos through one model. Snapshots need none."""

    def __init__(self, args: argparse.Namespace, explainer: Explainer | None, photos: list[Photo]) -> None:
        self._args, self._explainer, self._photos = args, explainer, photos
        self._choices: dict[tuple[str, ...], ClassChoice] = {}
        self._request = ExplainRequest(Fit(args.fit), args.resolution, fine=args.fine)
        self._threshold: float | None = None
        if args.boxes:
            self._threshold = PAPER_THRESHOLD if args.threshold is None else args.threshold
        self._records: list[dict[str, object]] = []
        self._inputs = {path_key(photo.path) for photo in photos}

    def run(self) -> int:
        if not self._args.no_images:
            ensure_gui_application()
        failed, interrupted = 0, False
        # Without its monitor tqdm starts no thread.
        tqdm.monitor_interval = 0
        bar = tqdm(self._photos, unit="photo", file=sys.stderr, disable=not is_terminal(sys.stderr))
        try:
            for index, photo in enumerate(bar):
                record = self._one(photo, index)
                failed += "error" in record
                if self._args.json is not None:
                    self._records.append(record)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            bar.close()
        if self._args.json is not None:
            _write_records(self._records, self._args.json)
        if interrupted:
            tell("camviewer: stopped; what was done is kept")
            return INTERRUPTED
        if failed:
            tell(f"camviewer: {failed} of {len(self._photos)} failed")
        return FAILED if failed or not self._photos else DONE

    def _one(self, photo: Photo, index: int) -> dict[str, object]:
        """What the JSON says about one photo; its files are written."""
        try:
            if photo.problem is not None:
                raise Failure(photo.problem)
            record, summary = self._film(photo) if is_video(photo.path) else self._photo(photo, index)
        except Failure as failure:
            error = str(failure)
        except Exception as unexpected:  # one photo's trouble is not the others'
            log.debug("%s can't be explained", photo.path, exc_info=True)
            error = f"It can't be explained ({type(unexpected).__name__}: {unexpected})."
        else:
            if self._args.json != _STDOUT:
                tqdm.write(summary, file=sys.stderr)
            return record
        tqdm.write(f"camviewer: {photo.path}: {error}", file=sys.stderr)
        return {"path": str(photo.path), "error": error}

    def _photo(self, photo: Photo, index: int) -> tuple[dict[str, object], str]:
        start = time.perf_counter()
        explanation = self._explanation(photo.path, index)
        seconds = time.perf_counter() - start
        ids = self._ids(photo.path, explanation)
        self._write(photo, explanation, ids)
        record = _record(photo.path, explanation, ids, seconds, self._threshold)
        return record, _summary(photo.path, explanation, ids)

    def _film(self, photo: Photo) -> tuple[dict[str, object], str]:
        from camviewer.commands import convert as video_command

        assert self._explainer is not None
        movie, lines = self._free(f"{photo.stem}.cam", ".mp4"), self._free(photo.stem, ".jsonl")

        def ids(explanation: Explanation) -> tuple[int, ...]:
            return self._ids(photo.path, explanation)

        record = video_command.convert(
            photo.path, movie, lines, self._explainer, self._request, ids, self._style()
        )
        return record, video_command.summary(record)

    def _explanation(self, path: Path, index: int) -> Explanation:
        if is_snapshot(path):
            return read_snapshot(path)
        assert self._explainer is not None
        return self._explainer.explain(read_photo(path, index), self._request)

    def _ids(self, path: Path, explanation: Explanation) -> tuple[int, ...]:
        labels = explanation.head.labels
        if labels not in self._choices:  # a snapshot may be of another model's classes
            try:
                self._choices[labels] = parse_classes(self._args.classes, labels)
            except ValueError as error:
                raise Failure(f"Of {path.name}: {error}.") from error
        ids = self._choices[labels].resolve(explanation)
        missing = [explanation.label(i) for i in ids if not is_held(explanation, i)]
        if missing:
            raise Failure(
                f"{path.name} doesn't hold the maps of {', '.join(missing[:5])}.",
                "It has those of the tabs that it was saved with, and of the most probable classes.",
            )
        return ids

    def _write(self, photo: Photo, explanation: Explanation, ids: tuple[int, ...]) -> None:
        if self._args.raw:
            write_npz(explanation, ids, self._free(photo.stem, ".npz"), overwrite=True)
        if self._args.no_images:
            return
        from camviewer.media.drawing.compositor import shown_range

        style = self._style()
        for class_id, name in class_names(explanation, ids).items():
            shown = shown_range(explanation, (class_id,), style)
            path = self._free(f"{photo.stem}.{name}", ".png")
            save_overlay(explanation, class_id, style, shown, path, overwrite=True)

    def _style(self) -> OverlayStyle:
        from camviewer.media.drawing.compositor import OverlayStyle

        style = OverlayStyle(threshold=self._threshold)
        if self._args.colormap is not None:
            style = replace(style, colormap=self._args.colormap)
        if self._args.opacity is not None:
            style = replace(style, opacity=self._args.opacity)
        return style

    def _free(self, stem: str, suffix: str) -> Path:
        """A path in the folder for the files that isn't one of the inputs."""
        path, count = self._args.out / f"{stem}{suffix}", 1
        while path_key(path) in self._inputs:
            count += 1
            path = self._args.out / f"{stem}-{count}{suffix}"
        return Path(path)


def class_names(explanation: Explanation, ids: tuple[int, ...]) -> dict[int, str]:
    """Class id → its part of the files' names; with the id where two labels would give the same."""
    names = {class_id: safe_name(explanation.label(class_id)) for class_id in ids}
    plain = [folded(name) for name in names.values()]
    return {i: f"{name}-{i}" if plain.count(folded(name)) > 1 else name for i, name in names.items()}


def ensure_gui_application() -> None:
    """A QGuiApplication, which text on overlays needs; without a display."""
    global _application
    from PySide6.QtGui import QGuiApplication

    if QGuiApplication.instance() is not None:
        return
    arguments = ["camviewer"]
    if sys.platform != "win32":
        # An argument, because it goes before QT_QPA_PLATFORM: that may ask for a display that isn't there,
        # and Qt aborts. Windows' normal platform needs no display, and its offscreen one has no fonts.
        arguments += ["-platform", "offscreen"]
    _application = QGuiApplication(arguments)


def _parse_classes(spec: str, labels: tuple[str, ...], usage_error: UsageError) -> ClassChoice:
    try:
        return parse_classes(spec, labels)
    except ValueError as error:
        usage_error(f"argument --classes: {error}")


def _check_json(path: Path | None, out: Path | None, usage_error: UsageError) -> None:
    """Before the work, not after it. The folder of --out may be made by this run."""
    if path is None or path == _STDOUT or (out is not None and path.absolute().parent == out.absolute()):
        return
    if not is_folder(path.absolute().parent):
        usage_error(f"argument --json: there is no folder {path.parent}")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(
            f"The folder {folder} can't be made ({error.strerror}).", "Choose another --out."
        ) from error


def tell_model(loaded: LoadedModel) -> None:
    info = loaded.explainer.info
    if loaded.missing is not None:
        tell(f"camviewer: {loaded.missing} Until then {info.title} runs, which comes with camviewer.")
    if loaded.device_problem is not None:
        tell(f"camviewer: {loaded.device_problem}; the CPU is used")
    tell(f"camviewer: {info.title} on {info.device_title} ({info.weights_origin}: {info.weights_file})")


def _record(
    path: Path, explanation: Explanation, ids: tuple[int, ...], seconds: float, threshold: float | None
) -> dict[str, object]:
    """threshold: where boxes are, None for none."""
    region = explanation.region
    record: dict[str, object] = {
        "path": str(path),
        "width": explanation.frame.width,
        "height": explanation.frame.height,
        "region": [region.left, region.top, region.width, region.height],
        "model": explanation.model.name,
        "device": explanation.model.device,
        "predictions": [
            {
                "class_id": class_id,
                "label": explanation.label(class_id),
                "probability": number(explanation.probabilities[class_id]),
                "logit": number(explanation.logits[class_id]),
                **_box(explanation, class_id, threshold),
            }
            for class_id in ids
        ],
        "seconds": round(seconds, 4),
    }
    if explanation.request.fine:
        record["fine"] = True
    if explanation.frame.original_size is not None:
        record["original_size"] = list(explanation.frame.original_size)
    return record


def _box(explanation: Explanation, class_id: int, threshold: float | None) -> dict[str, object]:
    if threshold is None:
        return {}
    found = localize(shown_values(explanation, class_id), explanation.region, threshold)
    return found_facts(found)


def _summary(path: Path, explanation: Explanation, ids: tuple[int, ...]) -> str:
    named = (f"{explanation.label(i)} {100 * explanation.probabilities[i]:.1f} %" for i in ids)
    return f"{path}: {', '.join(named)}"


def _write_records(records: list[dict[str, object]], path: Path) -> None:
    if path != _STDOUT:
        write_json(records, path, overwrite=True)
        return
    try:
        print(json.dumps(records, indent=2, allow_nan=False), flush=True)
    except BrokenPipeError:
        # Whoever read it has gone; the interpreter must not stumble over it again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)
    return isatty is not None and bool(isatty())


def tell(text: str) -> None:
    print(text, file=sys.stderr)
