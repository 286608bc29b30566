"""Loads a chosen model: finds its weights, reads them and puts them on a device."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Frame
from camviewer.core.models.builtin import (
    DEFAULT,
    EMBEDDED,
    spec_named,
)
from camviewer.core.models.card import ModelCard
from camviewer.core.models.spec import (
    ModelInfo,
    ModelSpec,
    WeightsOrigin,
)
from camviewer.core.models.weights import (
    WeightsFile,
    find_weights,
    read_state_dict,
)
from camviewer.core.runtimes.base import ModelRun
from camviewer.core.runtimes.device import (
    AUTO,
    CPU,
)
from camviewer.core.runtimes.registry import (
    prepare_libraries,
    resolve_device,
    runtime_for,
)
from camviewer.core.text import Text

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model to run. weights and labels: files that the user chose.

    device: as the user wrote it, such as auto, cpu, cuda:1; `resolve_device` says what it means. file: a
    model file, or the folder of one, instead of the built-in model called so. card: a saved card for it.
    live: the network of the Python program that opened the window, and no other; see `live.loader`.
    """

    name: str = DEFAULT.name
    weights: Path | None = None
    labels: Path | None = None
    device: str = AUTO
    file: Path | None = None
    card: Path | None = None
    live: bool = False


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """missing: why the wanted model is not the one that runs; device_problem: why its device is not."""

    explainer: Explainer
    missing: ModelFailure | None = None
    device_problem: str | None = None
    card: ModelCard | None = None
    """What was found out about an own model file; None for built-in models."""


def load_model(choice: ModelChoice, allow_embedded: bool = True) -> LoadedModel:
    """Build and load the chosen model, or, where its weights are nowhere, the embedded one.

    Files that the user chose are used or fail: ModelFailure. So does a model without weights, if
    allow_embedded is off. A device that fails is replaced by the CPU.
    """
    spec = spec_named(choice.name)
    may_replace = allow_embedded and spec is not EMBEDDED
    file = find_weights(spec, choice.weights)
    if file is not None:
        try:
            return _load(spec, file, choice, None)
        except ModelFailure as failure:
            if file.origin is WeightsOrigin.FILE or not may_replace:
                raise
            missing = failure
    else:
        missing = ModelFailure(
            "The weights of {model} are not on this computer.",
            "Download them once, or open a weights file.",
            model=spec.title,
        )
    embedded = find_weights(EMBEDDED) if may_replace else None
    if embedded is None:
        raise missing
    return _load(EMBEDDED, embedded, choice, missing)


def _load(
    spec: ModelSpec, file: WeightsFile, choice: ModelChoice, missing: ModelFailure | None
) -> LoadedModel:
    try:
        prepare_libraries(spec.architecture.library)
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        raise _does_not_run(spec, error) from error
    state, digest = read_state_dict(file)
    wanted = resolve_device(choice.device)
    problem = None
    for device in dict.fromkeys((wanted, CPU)):
        try:
            run = runtime_for(device).load(spec, state, device, choice.labels)
            explainer = Explainer(run, spec, _info(spec, run, file, digest))
            # A device may accept the weights and fail on the first pass; and the first pass is slow.
            side = spec.preprocessing.crop
            explainer.explain(Frame(np.zeros((side, side, 3), np.uint8)), ExplainRequest())
        except (RuntimeError, AssertionError, ImportError) as error:  # what torch's devices raise
            if device == CPU:
                raise _does_not_run(spec, error) from error
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            problem = Text("{device} failed: {reason}", device=device, reason=reason)
            log.warning("device %s failed, using the CPU", device, exc_info=True)
            continue
        log.info("loaded %s from %s (%s) on %s", spec.title, file.path, file.origin, device)
        return LoadedModel(explainer, missing, problem)
    raise AssertionError("unreachable: the CPU was tried last")  # pragma: no cover


def _info(spec: ModelSpec, run: ModelRun, file: WeightsFile, digest: str) -> ModelInfo:
    return ModelInfo(
        name=spec.name,
        title=spec.title,
        device=run.device,
        device_title=run.device_title,
        weights_sha256=digest,
        weights_file=str(file.path),
        weights_origin=file.origin,
        preprocessing=spec.preprocessing,
        sizes=spec.sizes,
        layer=spec.layer,
        link=spec.link,
    )


def _does_not_run(spec: ModelSpec, error: Exception) -> ModelFailure:
    return ModelFailure(
        "{model} doesn't run on this computer.", "See the log.", repr(error), model=spec.title
    )
