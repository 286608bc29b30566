"""Opens ONNX files: what the graph says, and what it shows when it runs. ONNX Runtime is imported then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from camviewer.core.failures import ModelFailure
from camviewer.core.models.builtin import DEFAULT
from camviewer.core.models.card import (
    Fact,
    FactOrigin,
    FileFormat,
    ModelCard,
)
from camviewer.core.models.corrections import (
    Corrections,
)
from camviewer.core.models.files import (
    ModelFile,
)
from camviewer.core.models.label_files import find_labels
from camviewer.core.models.spec import (
    Preprocessing,
    per_channel,
)
from camviewer.core.opened import (
    ANY_SIZE,
    ONNX,
    OpenedModel,
    corrected,
    given_for,
    measured,
)

if TYPE_CHECKING:
    from camviewer.core.models.onnx_file import OnnxFile
    from camviewer.core.runtimes.onnx_run import OnnxRun


def open_onnx(file: ModelFile, asked: Corrections | None) -> OpenedModel:
    """As `opening.open_model`, of an ONNX file; on the CPU."""
    from camviewer.core.models.onnx_file import read_onnx
    from camviewer.core.runtimes.onnx_run import onnx_run, onnx_sizes

    found = read_onnx(file.path)
    given = given_for(file, found.sha256, asked)
    labels = find_labels(
        file.path, found.classes, _as_objects(found.metadata), file.config or {}, imagenet_allowed=True
    )
    usual = DEFAULT.preprocessing
    side = found.side or usual.crop
    origin, place = FactOrigin.ASSUMED, ""
    mean, std = (
        per_channel(usual.mean, found.input.channels, 0.0),
        per_channel(usual.std, found.input.channels, 1.0),
    )
    if found.mean is not None and found.std is not None:
        mean, std, origin, place = found.mean, found.std, FactOrigin.FILE, "metadata"
    card = ModelCard(
        path=file.path,
        sha256=found.sha256,
        format=FileFormat.ONNX,
        architecture=Fact(ONNX, FactOrigin.FILE, found.producer),
        parameters=found.parameters,
        classes=found.classes,
        channels=Fact(found.input.channels, FactOrigin.FILE),
        preprocessing=Fact(
            Preprocessing(round(side * usual.resize / usual.crop), side, mean, std), origin, place
        ),
        sizes=Fact(ANY_SIZE, FactOrigin.ASSUMED),
        labels=labels.labels,
        link=Fact(found.link, FactOrigin.FILE),
        left_out=found.left_out,
        passed_over=labels.passed_over,
        one_score=found.outputs == 1,
    )
    card = corrected(card, given)
    crops = [g.corrections.crop for g in given if g.corrections.crop is not None]
    if found.side is None and found.input.height is None and not crops:
        card, run = _onnx_of_some_size(card, found)
    else:
        run = onnx_run(found, card.preprocessing.value, card.labels.value)
    return OpenedModel(measured(card, run, onnx_sizes(run)), run)


_USUAL_SIDES = (96, 128, 160, 192, 256, 299, 384)
"""That networks are trained with, besides the most usual one."""


def _onnx_of_some_size(card: ModelCard, file: OnnxFile) -> tuple[ModelCard, OnnxRun]:
    """The network of a file that leaves its input's size open, with the first size that it runs with."""
    from camviewer.core.runtimes.onnx_run import onnx_run

    usual = card.preprocessing.value
    first: ModelFailure | None = None
    for side in (usual.crop, *_USUAL_SIDES):
        preprocessing = replace(usual, crop=side, resize=round(side * usual.resize / usual.crop))
        try:
            run = onnx_run(file, preprocessing, card.labels.value)
        except ModelFailure as failure:
            first = first or failure
            continue
        if side != usual.crop:
            fact = Fact(preprocessing, FactOrigin.MEASURED, "crop")
            return replace(card, preprocessing=fact), run
        return card, run
    assert first is not None
    raise first


def _as_objects(metadata: Mapping[str, str]) -> Mapping[str, object]:
    return dict(metadata)
