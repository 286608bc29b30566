"""`camviewer train`: a head of one's own classes, from a folder with a folder of photos for each class."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from camviewer.commands import model as command_model
from camviewer.commands.console import DONE, FAILED, print_above_bar, print_message, progress_bar
from camviewer.commands.options import TrainOptions, UsageError
from camviewer.core.explainer import Explainer
from camviewer.core.failures import Failure
from camviewer.core.models.taught import FEWEST, LONGEST, MOST, write_head
from camviewer.core.review.truth import ClassNames, folder_truth
from camviewer.core.storage.files import file_sha256
from camviewer.core.storage.images import read_photo
from camviewer.core.storage.natural_order import name_key
from camviewer.core.storage.photo_folders import list_photos, split_folders
from camviewer.core.training.examples import TaughtExample
from camviewer.core.training.export import export_network
from camviewer.core.training.teaching import Learned, teach
from camviewer.core.training.validation import Validation

_SHOWN = 10
"""Classes up to which a table of confusions is printed."""
_WORST = 5


def run(options: TrainOptions) -> int:
    """The exit status. Raises UsageError, Failure and KeyboardInterrupt."""
    if hasattr(sys.stdout, "reconfigure"):  # a terminal may lack the letters of classes
        sys.stdout.reconfigure(errors="replace")
    photos = find_class_photos(options.folder)
    command_model.check_device(options.model)
    explainer = command_model.load(options.model).explainer
    backbone, own = explainer.backbone, explainer.head
    if backbone is None or own is None:
        raise Failure(
            "{model} can't be taught: it doesn't end in pooling and one linear layer.",
            "Choose another model.",
            model=explainer.info.title,
        )
    examples, paths = _examples(photos, explainer)
    missing = set(range(len(photos.names))) - {each.class_id for each in examples}
    if missing:
        names = ", ".join(photos.names[class_id] for class_id in sorted(missing))
        print_message(f"camviewer: no photo of {names} can be read")
        return FAILED
    learned = teach(examples, photos.names, backbone)
    write_head(learned.head, options.out, overwrite=True)
    print(_report(learned, paths))
    print(f"saved: {options.out} ({options.out.stat().st_size:,} bytes, SHA-256 {file_sha256(options.out)})")
    for path in options.export:
        export_network(learned.head, explainer.info, own, path, overwrite=True)
        print(f"exported: {path} ({path.stat().st_size:,} bytes)")
    return DONE


@dataclass(frozen=True, slots=True)
class ClassPhotos:
    """names: of the classes. photos: each with its class, counted from 0, and what its moment is called."""

    names: tuple[str, ...]
    photos: tuple[tuple[Path, int, str], ...]


def find_class_photos(folder: Path) -> ClassPhotos:
    """Each folder directly below is a class; photos in a folder below that are of one moment.

    Of a data set with parts, the first one is for training. Raises UsageError for anything else.
    """
    parts = split_folders(folder)
    if parts:
        print_message(f"camviewer: {folder} has parts: {parts[0].name} is taken")
        folder = parts[0]
    found = list_photos(folder)
    below = {photo.relative_to(folder).parts[0] for photo in found.photos if photo.parent != folder}
    names = tuple(sorted(below, key=name_key))
    if not FEWEST <= len(names) <= MOST:
        raise UsageError(
            f"{folder} has {len(names)} folders with photos: there must be one for each of {FEWEST} to "
            f"{MOST} classes, called as the class"
        )
    for name in names:
        if len(name) > LONGEST:
            raise UsageError(f"the name {name[:20]}… is longer than {LONGEST} characters")
    for note in found.left_out.notes():
        print_message(f"camviewer: {note}")
    truth = folder_truth(found.photos, (folder,), ClassNames(names))
    listed = []
    for photo, class_id in truth.ids.items():
        inside = photo.relative_to(folder).parts[1:]
        moment = "/".join(inside[:-1]) if len(inside) > 1 else inside[-1] if inside else photo.name
        if photo.parent != folder:
            listed.append((photo, class_id, moment))
    return ClassPhotos(names, tuple(listed))


def _examples(photos: ClassPhotos, explainer: Explainer) -> tuple[list[TaughtExample], list[Path]]:
    """Of all photos that can be read. The others are named."""
    examples, paths = [], []
    with progress_bar("photo", len(photos.photos), "looking at photos") as bar:
        for path, class_id, moment in photos.photos:
            try:
                features = explainer.example_features(read_photo(path))
            except Failure as failure:
                print_above_bar(f"camviewer: {failure}")
            else:
                examples.append(TaughtExample(features, class_id, moment))
                paths.append(path)
            bar.update()
    return examples, paths


def _report(learned: Learned, paths: Sequence[Path]) -> str:
    names, taught, validation = learned.head.head.labels, learned.head.taught, learned.validation
    counts = ", ".join(f"{name} {count}" for name, count in zip(names, taught.examples, strict=True))
    lines = [f"backbone: {learned.head.backbone.title}", f"examples: {counts}"]
    if validation is None:
        lines.append("accuracy: not measured, two examples of each class are needed")
    else:
        low, high = (100 * each for each in validation.interval)
        lines.append(
            f"accuracy: {100 * validation.accuracy:.1f} %, 95 % interval {low:.1f} to {high:.1f} % "
            f"({validation.folds}-fold cross-validated, {validation.independent} moments)"
        )
        if len(names) <= _SHOWN:
            lines += _confusion(names, validation)
        lines += _worst(learned, validation, paths)
    lines += [f"warning: {advice.text}" for advice in learned.advice]
    return "\n".join(lines)


def _confusion(names: Sequence[str], validation: Validation) -> list[str]:
    """A table: a row for each true class, a column for what it was taken for."""
    wide = max(map(len, names))
    cells = max(len(str(int(validation.confusion.max()))), *map(len, names)) + 2
    rows = ["confusion (rows: true, columns: predicted):"]
    rows.append(" " * (wide + 2) + "".join(f"{name:>{cells}}" for name in names))
    for name, counts in zip(names, validation.confusion, strict=True):
        rows.append(f"  {name:{wide}}" + "".join(f"{count:>{cells}}" for count in counts))
    return rows


def _worst(learned: Learned, validation: Validation, paths: Sequence[Path]) -> list[str]:
    names, lines = learned.head.head.labels, []
    for index in validation.worst(_WORST):
        true, predicted = learned.examples[index].class_id, int(validation.predicted[index])
        if predicted != true:
            certainty = 100 * float(validation.certainty[index])
            lines.append(
                f"mistake: {paths[index]} is {names[true]} ({certainty:.0f} %), taken for {names[predicted]}"
            )
    return lines
