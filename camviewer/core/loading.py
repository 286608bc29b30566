"""How a chosen model becomes an explainer: its weights are found, read, and put on a device."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Frame
from camviewer.core.models.builtin import BACKBONES, DEFAULT, EMBEDDED, Backbone
from camviewer.core.models.spec import ModelInfo
from camviewer.core.models.weights import WeightsFile, find_weights, read_state_dict
from camviewer.core.runtimes.libraries import import_without_gc, leave_out_triton, limit_thread_pools
from camviewer.core.runtimes.torch_cpu import TorchEngine, resolve_device
from camviewer.core.text import Text

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model to run. weights and labels: files that the user chose. device: auto, cpu, cuda, mps."""

    name: str = DEFAULT.name
    weights: Path | None = None
    labels: Path | None = None
    device: str = "auto"


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """missing: why the wanted model is not the one that runs; device_problem: why its device is not."""

    explainer: Explainer
    missing: ModelFailure | None = None
    device_problem: str | None = None


def backbone_named(name: str) -> Backbone:
    """Raises ModelFailure for a name that is not in the registry."""
    try:
        return BACKBONES[name]
    except KeyError:
        raise ModelFailure(
            "There is no model {name!r}.", "Use one of {names}.", name=name, names=", ".join(BACKBONES)
        ) from None


def load_model(choice: ModelChoice, allow_embedded: bool = True) -> LoadedModel:
    """Build and load the chosen model, or, where its weights are nowhere, the embedded one.

    Files that the user chose are used or fail: ModelFailure. So does a model without weights, if
    allow_embedded is off. A device that fails is replaced by the CPU.
    """
    limit_thread_pools()
    leave_out_triton()
    backbone = backbone_named(choice.name)
    missing: ModelFailure | None = None
    file = find_weights(backbone, choice.weights)
    if file is not None:
        try:
            return _load(backbone, file, choice, None)
        except ModelFailure as failure:
            if file.origin == "file" or not allow_embedded or backbone is EMBEDDED:
                raise
            missing = failure
    if missing is None:
        missing = ModelFailure(
            "The weights of {model} are not on this computer.",
            "Download them once, or open a weights file.",
            model=backbone.title,
        )
    if not allow_embedded or backbone is EMBEDDED:
        raise missing
    embedded = find_weights(EMBEDDED)
    if embedded is None:
        raise missing
    return _load(EMBEDDED, embedded, choice, missing)


def _load(
    backbone: Backbone, file: WeightsFile, choice: ModelChoice, missing: ModelFailure | None
) -> LoadedModel:
    try:
        import_without_gc("torch.nn.utils.fusion", "camviewer.core.runtimes.packing", backbone.library)
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        # Damaged libraries, or such as weren't made for each other.
        raise _unfit(backbone, error) from error
    state, digest = read_state_dict(file)
    wanted = resolve_device(choice.device)
    problem = None
    for device in dict.fromkeys((wanted, "cpu")):
        try:
            engine = TorchEngine(backbone, state, device, choice.labels)
            info = ModelInfo(
                backbone.name,
                backbone.title,
                device,
                engine.device_title,
                digest,
                str(file.path),
                file.origin,
                backbone.preprocessing,
            )
            explainer = Explainer(engine, backbone.preprocessing, info)
            # A device may accept the weights and fail on the first pass; and the first pass is slow.
            explainer.explain(Frame(np.zeros((224, 224, 3), np.uint8)), ExplainRequest())
        except (RuntimeError, AssertionError, ImportError) as error:  # what torch's devices raise
            if device == "cpu":
                raise _unfit(backbone, error) from error
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            problem = Text("{device} failed: {reason}", device=device, reason=reason)
            log.warning("device %s failed, using the CPU", device, exc_info=True)
            continue
        log.info("loaded %s from %s (%s) on %s", backbone.title, file.path, file.origin, device)
        return LoadedModel(explainer, missing, problem)
    raise AssertionError("unreachable: the CPU was tried last")  # pragma: no cover


def _unfit(backbone: Backbone, error: Exception) -> ModelFailure:
    return ModelFailure(
        "{model} doesn't run on this computer.", "See the log.", repr(error), model=backbone.title
    )
