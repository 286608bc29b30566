"""`camviewer explain`: photos in; overlays, raw maps and predictions out. No window, no display.

One photo at a time, in one thread; only a photo's entry in the JSON is kept.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from camviewer.commands import model as command_model
from camviewer.commands.console import (
    DONE,
    FAILED,
    INTERRUPTED,
    print_above_bar,
    print_message,
    progress_bar,
)
from camviewer.commands.cover import (
    by_map,
    rectangles_of,
    sentences,
)
from camviewer.commands.drawing import (
    ensure_gui_application,
    overlay_style,
)
from camviewer.commands.explain_records import (
    class_names,
    photo_record,
    plain_summary,
    write_records,
)
from camviewer.commands.inputs import (
    Input,
    find_photos,
    path_key,
    with_stems,
)
from camviewer.commands.options import (
    STDOUT,
    ExplainOptions,
    UsageError,
)
from camviewer.core.agreement import correlation
from camviewer.core.classes import (
    ClassChoice,
    parse_classes,
)
from camviewer.core.edits import FrameEdit
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import Explanation
from camviewer.core.failures import Failure
from camviewer.core.gauge.facts import gauge_facts
from camviewer.core.maps import Unit
from camviewer.core.methods.offers import most_faithful
from camviewer.core.models.builtin import spec_named
from camviewer.core.models.label_reading import read_labels
from camviewer.core.models.labels import known_labels
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.device_faults import device_reason
from camviewer.core.storage.export import (
    write_npz,
)
from camviewer.core.storage.file_kinds import (
    FileKind,
    kind_of,
)
from camviewer.core.storage.files import (
    make_folder,
    numbered,
)
from camviewer.core.storage.images import read_photo
from camviewer.core.storage.snapshot import read_snapshot
from camviewer.core.targets import (
    ClassScore,
    scores_of,
)

log = logging.getLogger(__name__)


def run(options: ExplainOptions) -> int:
    """The exit status. Raises UsageError, Failure and KeyboardInterrupt, as long as nothing is explained."""
    choice = options.model.choice()
    source = spec_named(choice.name).labels
    # Where the labels are known without the model, a mistyped name is found before the model loads.
    if choice.labels is not None:
        _parse_classes(options.classes, read_labels(choice.labels))
    elif choice.file is None and choice.weights is None and source is not None:
        _parse_classes(options.classes, known_labels(source))
    photos = with_stems(find_photos(options.paths, takes_videos=True))
    videos = [photo.path.name for photo in photos if kind_of(photo.path) is FileKind.VIDEO]
    if videos and options.faithfulness:
        raise UsageError(f"{videos[0]} is a video: --faithfulness measures photos")
    if videos and (options.raw or not options.images or options.out is None):
        raise UsageError(
            f"{videos[0]} is a video, which becomes one: give --out, without --raw and --no-images"
        )
    _check_cover(options, photos)
    if all(kind_of(photo.path) is FileKind.SNAPSHOT for photo in photos):
        if options.out is not None:
            make_folder(options.out, "Choose another --out.")
        return ExplainRun(options, None, photos).run()
    command_model.check_device(options.model)
    if options.out is not None:
        make_folder(options.out, "Choose another --out.")
    loaded = command_model.load(options.model)
    options = replace(options, request=command_model.fitting(loaded, options.request))
    _parse_classes(options.classes, loaded.explainer.labels)
    on_cpu = replace(options.model, device=CPU, precision=None)
    run = ExplainRun(options, loaded.explainer, photos, lambda: command_model.load(on_cpu).explainer)
    del loaded  # if it fails, nothing is to keep its memory
    return run.run()


def _check_cover(options: ExplainOptions, photos: list[Input]) -> None:
    """Before the work: raises UsageError where something can't be covered."""
    if options.cover.nothing:
        return
    for photo in photos:
        kind = kind_of(photo.path)
        if kind is FileKind.SNAPSHOT:
            raise UsageError(f"{photo.path.name} is a snapshot, which stays as it was explained")
        if kind is FileKind.VIDEO and options.cover.by_map is not None:
            raise UsageError(f"{photo.path.name} is a video: cover a place of it, by --cover")


class ExplainRun:
    """All photos through one model. Snapshots need none."""

    def __init__(
        self,
        options: ExplainOptions,
        explainer: Explainer | None,
        photos: list[Input],
        on_cpu: Callable[[], Explainer] | None = None,
    ) -> None:
        """on_cpu: loads the same model on the CPU, for when a device fails."""
        self._options, self._explainer, self._photos, self._on_cpu = options, explainer, photos, on_cpu
        self._choices: dict[tuple[str, ...], ClassChoice] = {}
        self._records: list[dict[str, object]] = []
        self._inputs = {path_key(photo.path) for photo in photos}

    def run(self) -> int:
        if self._options.images:
            ensure_gui_application()
        failed, interrupted = 0, False
        bar = progress_bar("photo", len(self._photos))
        try:
            for index, photo in enumerate(self._photos):
                record = self._explain_input(photo, index)
                failed += "error" in record
                if self._options.json is not None:
                    self._records.append(record)
                bar.update()
        except KeyboardInterrupt:
            interrupted = True
        finally:
            bar.close()
        if self._options.json is not None:
            write_records(self._records, self._options.json)
        if interrupted:
            print_message("camviewer: stopped; what was done is kept")
            return INTERRUPTED
        if failed:
            print_message(f"camviewer: {failed} of {len(self._photos)} failed")
        return FAILED if failed or not self._photos else DONE

    def _explain_input(self, photo: Input, index: int) -> dict[str, object]:
        """What the JSON says about one input; its files are written. If the device fails, by the CPU."""
        device_fault = None
        try:
            if photo.problem is not None:
                raise Failure(photo.problem)
            if kind_of(photo.path) is FileKind.VIDEO:
                record, summary = self._explain_video(photo)
            else:
                record, summary = self._explain_photo(photo, index)
        except Failure as failure:
            error = str(failure)
        except Exception as unexpected:  # one faulty photo must not end the others
            log.debug("%s can't be explained", photo.path, exc_info=True)
            error = f"It can't be explained ({type(unexpected).__name__}: {unexpected})."
            device_fault = self._device_fault(unexpected)
        else:
            if self._options.json != STDOUT:
                print_above_bar(summary)
            return record
        if device_fault is not None and self._on_cpu is not None:
            print_above_bar(f"camviewer: {device_fault} camviewer goes on with the CPU.")
            self._explainer = None  # what it has of the device's memory goes first
            self._explainer = self._on_cpu()
            return self._explain_input(photo, index)
        print_above_bar(f"camviewer: {photo.path}: {error}")
        return {"path": str(photo.path), "error": error}

    def _device_fault(self, error: Exception) -> str | None:
        """Why the device failed, for people; None if it isn't the device."""
        info = self._explainer.info if self._explainer is not None else None
        if info is None or info.device == CPU or not isinstance(error, RuntimeError):
            return None
        return device_reason(error, info.device_title)

    def _explain_photo(self, photo: Input, index: int) -> tuple[dict[str, object], str]:
        start = time.perf_counter()
        explanation = self._explanation(photo.path, index)
        seconds = time.perf_counter() - start
        ids = self._class_ids(photo.path, explanation)
        if self._explainer is not None:
            explanation = self._explainer.with_maps(explanation, scores_of(ids))
        self._check_maps(photo.path, explanation, ids)
        self._write(photo, explanation, ids)
        record = photo_record(photo.path, explanation, ids, seconds, self._options.drawing.threshold)
        record |= self._agreement(photo.path, explanation, ids)
        summary = self._summary(photo.path, explanation, ids)
        if self._options.faithfulness and ids:
            record["faithfulness"] = measured = self._measured(photo.path, explanation, ids[0])
            summary += f"\n  {measured.get('verdict') or measured['problem']}"
        return record, summary

    def _measured(self, path: Path, explanation: Explanation, class_id: int) -> dict[str, object]:
        """How much the network uses what a map shows; or the problem why that can't be measured."""
        try:
            if self._explainer is None or kind_of(path) is FileKind.SNAPSHOT:
                raise Failure("A snapshot is explained without a model, so its map can't be measured.")
            measurement = self._explainer.measuring(explanation, ClassScore(class_id)).finish()
        except Failure as failure:
            return {"problem": str(failure)}
        return gauge_facts(measurement, explanation.labels)

    def _summary(self, path: Path, explanation: Explanation, ids: tuple[int, ...]) -> str:
        """In a line, for people; of an edited photo with what was likely before, and with warnings."""
        if explanation.before is None:
            return plain_summary(path, explanation, ids)
        was = explanation.before.prediction
        ids = tuple(dict.fromkeys((*self._class_ids(path, replace(explanation, prediction=was)), *ids)))
        changes = (
            f"{explanation.label(i)} {100 * was.probabilities[i]:.1f} → "
            f"{100 * explanation.probabilities[i]:.1f} % (logit {explanation.logits[i] - was.logits[i]:+.2f})"
            for i in ids
        )
        return "\n".join((f"{path}: {', '.join(changes)}", *sentences(explanation)))

    def _agreement(self, path: Path, explanation: Explanation, ids: tuple[int, ...]) -> dict[str, object]:
        """How much place and cause go together: each class's map, and that of the most faithful method."""
        explainer = self._explainer
        usual = most_faithful(explainer.methods) if explainer is not None else None
        if explanation.maps.unit is not Unit.LOGIT_CHANGE or explainer is None or usual is None:
            return {}
        if usual.unit is Unit.LOGIT_CHANGE or kind_of(path) is FileKind.SNAPSHOT:
            return {}  # a snapshot may be of another model
        targets = scores_of(ids)
        request = replace(explanation.request, method=usual.name, fine=False, targets=tuple(targets))
        other = explainer.explain(explanation.original, request)
        found = [correlation(other.map(t).values, explanation.map(t).values) for t in targets]
        return {"correlation": {"method": usual.name, "layer": other.maps.layer, "of_classes": found}}

    def _explain_video(self, photo: Input) -> tuple[dict[str, object], str]:
        from camviewer.commands import convert  # needs Qt, which photos without overlays don't

        assert self._explainer is not None
        record = convert.convert(
            photo.path,
            self._output_path(f"{photo.stem}.cam", ".mp4"),
            self._output_path(photo.stem, ".jsonl"),
            self._explainer,
            replace(self._options.request, edit=self._video_edit(photo.path)),
            lambda explanation: self._class_ids(photo.path, explanation),
            overlay_style(self._options.drawing),
        )
        return record, convert.summary(record)

    def _video_edit(self, path: Path) -> FrameEdit | None:
        """What is covered of each of its frames."""
        if self._options.cover.nothing:
            return None
        from camviewer.media.movies.video_reader import VideoReader

        reader = VideoReader(path)
        try:
            first = reader.read()
        finally:
            reader.close()
        assert first is not None, "it raises for a video without frames"
        return rectangles_of(self._options.cover, first[0], path)

    def _explanation(self, path: Path, index: int) -> Explanation:
        if kind_of(path) is FileKind.SNAPSHOT:
            return read_snapshot(path).explanation
        assert self._explainer is not None
        frame, request, cover = read_photo(path, index), self._options.request, self._options.cover
        edit = rectangles_of(cover, frame, path)
        if cover.by_map is not None:
            plain = self._explainer.explain(frame, request)
            first = self._class_ids(path, plain)[0]
            plain = self._explainer.with_maps(plain, [ClassScore(first)])
            edit = by_map(cover, plain, first, path)
        return self._explainer.explain(frame, replace(request, edit=edit))

    def _class_ids(self, path: Path, explanation: Explanation) -> tuple[int, ...]:
        labels = explanation.labels
        if labels not in self._choices:  # a snapshot may be of another model's classes
            try:
                self._choices[labels] = parse_classes(self._options.classes, labels)
            except ValueError as error:
                raise Failure(f"Of {path.name}: {error}.") from error
        return self._choices[labels].resolve(explanation)

    def _check_maps(self, path: Path, explanation: Explanation, ids: tuple[int, ...]) -> None:
        missing = [explanation.label(i) for i in ids if not explanation.maps.available(ClassScore(i))]
        if missing:
            raise Failure(
                f"{path.name} doesn't hold the maps of {', '.join(missing[:5])}.",
                "It has those of the tabs that it was saved with, and of the most probable classes.",
            )

    def _write(self, photo: Input, explanation: Explanation, ids: tuple[int, ...]) -> None:
        if self._options.raw:
            write_npz(explanation, ids, self._output_path(photo.stem, ".npz"), overwrite=True)
        if not self._options.images:
            return
        from camviewer.media.drawing.view_state import view_state
        from camviewer.media.image_export import save_overlay

        style = overlay_style(self._options.drawing)
        for class_id, name in class_names(explanation, ids).items():
            path = self._output_path(f"{photo.stem}.{name}", ".png")
            save_overlay(view_state(explanation, ClassScore(class_id), style), path, overwrite=True)

    def _output_path(self, stem: str, suffix: str) -> Path:
        """A path in the folder for the files that isn't one of the inputs."""
        folder = self._options.out
        assert folder is not None, "the parser wants one where files are written"
        paths = (folder / f"{name}{suffix}" for name in numbered(stem))
        return next(path for path in paths if path_key(path) not in self._inputs)


def _parse_classes(spec: str, labels: tuple[str, ...]) -> ClassChoice:
    try:
        return parse_classes(spec, labels)
    except ValueError as error:
        raise UsageError(f"argument --classes: {error}") from error
