"""Loads a chosen model: finds its weights, reads them and puts them on a device."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Frame
from camviewer.core.loading_steps import announce
from camviewer.core.models.builtin import (
    BUILT_IN,
    DEFAULT,
    EMBEDDED,
    spec_named,
)
from camviewer.core.models.card import (
    FileFormat,
    ModelCard,
)
from camviewer.core.models.corrections import asked_for
from camviewer.core.models.files import ModelFile, find_model_file
from camviewer.core.models.spec import (
    ModelInfo,
    ModelSpec,
    WeightsOrigin,
)
from camviewer.core.models.weights import (
    OtherNetworkFailure,
    WeightsFile,
    find_weights,
    has_one_score,
    read_state_dict,
)
from camviewer.core.runtimes.base import ModelRun
from camviewer.core.runtimes.comparison import compared
from camviewer.core.runtimes.device import (
    AUTO,
    CPU,
    CPU_OFFER,
    WEBGPU,
    Device,
    DeviceOffer,
    NoDeviceFailure,
)
from camviewer.core.runtimes.device_faults import (
    DeviceProblem,
    DeviceRefused,
    device_reason,
)
from camviewer.core.runtimes.precision import Precision
from camviewer.core.runtimes.registry import (
    DEVICE_ERRORS,
    device_offers,
    device_title,
    release_memory,
    resolve_device,
    runtime_for,
)
from camviewer.core.runtimes.trials import trial
from camviewer.core.text import (
    Text,
    joined,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model to run. weights and labels: files that the user chose.

    device: as the user wrote it, such as auto, cuda:1, h200; `resolve_device` says what it means. file: a
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
    precision: Precision | None = None
    """None: the device's usual one."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """missing: why the wanted model is not the one that runs; device_problem: why its device is not.

    precision_problem: why its precision is not. devices: those that can be chosen; () if nobody asked.
    """

    explainer: Explainer
    missing: ModelFailure | None = None
    device_problem: str | None = None
    precision_problem: str | None = None
    card: ModelCard | None = None
    """What was found out about an own model file; None for built-in models."""
    devices: tuple[DeviceOffer, ...] = ()
    refused: Mapping[Device, Text] = field(default_factory=dict)
    """Devices that auto didn't take although they work, and why: they compute wrongly, or slowly."""


def load_with_devices(choice: ModelChoice) -> LoadedModel:
    """As `load_model`, and which devices there are.

    A device that isn't there is not a failure: auto is used.
    """
    try:
        loaded = load_model(choice)
    except NoDeviceFailure as failure:
        log.warning("%s", failure)
        loaded = load_model(replace(choice, device=AUTO))
        problems = [failure.message, *filter(None, [loaded.device_problem])]
        loaded = replace(loaded, device_problem=joined(" ", problems))
    offers = (replace(o, problem=loaded.refused.get(o.device, o.problem)) for o in device_offers())
    return replace(loaded, devices=tuple(offers))


def load_model(choice: ModelChoice, allow_embedded: bool = True) -> LoadedModel:
    """Build and load the chosen model, or, where its weights are nowhere, the embedded one.

    The steps are announced: see `loading_steps`. Files that the user chose are used or fail: ModelFailure.
    So does a model without weights, if allow_embedded is off. A device that fails is replaced by the CPU.
    """
    if choice.file is not None:
        return _load_file(choice.file, choice)
    spec = spec_named(choice.name)
    may_replace = allow_embedded and spec is not EMBEDDED
    file = find_weights(spec, choice.weights)
    if file is not None:
        try:
            return _load(spec, file, choice, None)
        except ModelFailure as failure:
            if file.origin is WeightsOrigin.FILE and isinstance(failure, OtherNetworkFailure):
                return _load_variant(spec, file.path, choice, failure)
            if file.origin is WeightsOrigin.FILE or not may_replace:
                raise
            missing = failure
    else:
        missing = ModelFailure(
            "The weights of {model} are not on this computer.",
            "Download them once, or open a model file.",
            model=spec.title,
        )
    embedded = find_weights(EMBEDDED) if may_replace else None
    if embedded is None:
        raise missing
    return _load(EMBEDDED, embedded, choice, missing)


def _load(
    spec: ModelSpec, file: WeightsFile, choice: ModelChoice, missing: ModelFailure | None
) -> LoadedModel:
    announce(_loading(spec.title))
    state, digest = read_state_dict(file)
    if has_one_score(spec, state):
        from camviewer.core.models.graphs import misfit, network_graph

        if not misfit(network_graph(spec), state):
            # A built-in network gives a score for each class. One score has two sides: own files' way.
            return _load_file(file.path, choice)

    def load_on(device: Device) -> Explainer:
        with trial() if device == WEBGPU else nullcontext():
            run = runtime_for(device, choice.precision).load(
                spec, state, device, choice.labels, choice.precision
            )
            if device == WEBGPU:
                _compare_with_cpu(run, runtime_for(CPU).load(spec, state, CPU), spec, choice.device == AUTO)
        return Explainer(run, spec, _info(spec, run, file, digest))

    refused: dict[Device, Text] = {}
    explainer, problem = _on_device(choice.device, spec.title, load_on, refused=refused)
    log.info("loaded %s from %s (%s)", spec.title, file.path, file.origin)
    return LoadedModel(
        explainer,
        missing,
        problem,
        None if problem else _precision_problem(choice, explainer),
        refused=refused,
    )


def _load_variant(spec: ModelSpec, path: Path, choice: ModelChoice, failure: ModelFailure) -> LoadedModel:
    """Weights of a built-in architecture under other names, or with another head, such as ``fc.1``.

    Raises the failure if they are of another architecture; the file's own one if it can't be opened at all.
    """
    loaded = _load_file(path, replace(choice, file=path, weights=None))
    card = loaded.card
    fits = (card.architecture.value, *card.fits_as_well) if card is not None else ()
    if spec not in map(BUILT_IN.get, fits):
        raise failure
    return loaded


def _compare_with_cpu(gpu: ModelRun, cpu: ModelRun, spec: ModelSpec, may_be_refused: bool) -> None:
    """Raises DeviceProblem for a GPU that computes wrongly, or, if it may be refused, more slowly."""
    found = compared(gpu, cpu, spec.preprocessing, spec.sizes)
    log.info("%s: %s", gpu.device_title, found)
    if found.problem is None:
        return
    if may_be_refused:
        raise DeviceRefused(found.problem)
    if not found.right:
        raise DeviceProblem(found.problem)


def _load_file(path: Path, choice: ModelChoice) -> LoadedModel:
    from camviewer.core.opening import open_model  # its readers of formats: the window shows without them

    announce(_loading(path.name))
    asked = asked_for(choice.card, choice.labels)
    file = find_model_file(path)
    cards: list[ModelCard] = []

    def load_on(device: Device) -> Explainer:
        opened = open_model(file, asked, device, choice.precision)
        cards.append(opened.card)
        return Explainer(opened.run, opened, opened.info, taught=opened.taught)

    device, problem = _device_for_file(file, choice.device)
    explainer, failed = _on_device(device, path.name, load_on, _offers_for_files)
    problem = problem or failed
    log.info("loaded %s as %s", path, explainer.info.name)
    slower = None if problem else _precision_problem(choice, explainer)
    return LoadedModel(explainer, None, problem, slower, cards[-1])


def _offers_for_files() -> Sequence[DeviceOffer]:
    return [offer for offer in device_offers() if offer.device != WEBGPU]


def _device_for_file(file: ModelFile, wanted: str) -> tuple[str, Text | None]:
    """The device for a network that is not built in, and why it isn't the wanted one."""
    if wanted.casefold() in (AUTO, CPU):
        return (CPU if file.format is FileFormat.ONNX else wanted), None
    if file.format is FileFormat.ONNX:
        return CPU, Text("{name} is an ONNX file, which runs on the CPU only.", name=file.path.name)
    if resolve_device(wanted) != WEBGPU:
        return wanted, None
    text = Text("{name} runs on the CPU: on this GPU only built-in networks run.", name=file.path.name)
    return CPU, text


def _precision_problem(choice: ModelChoice, explainer: Explainer) -> Text | None:
    """A sentence where another precision than the wanted one is used."""
    wanted, info = choice.precision, explainer.info
    if wanted is None or wanted is info.precision:
        return None
    return Text(
        "{model} on {device} is computed with {precision}, not {wanted}.",
        model=info.title,
        device=info.device_title,
        precision=info.precision.title,
        wanted=wanted.title,
    )


def _on_device(
    wanted: str,
    title: str,
    load_on: Callable[[Device], Explainer],
    offers: Callable[[], Sequence[DeviceOffer]] = device_offers,
    refused: dict[Device, Text] | None = None,
) -> tuple[Explainer, Text | None]:
    """A model that has explained a frame on the wanted device, else, and why, on the CPU.

    auto tries all devices, the best one first. refused: gets those that were refused, which is no problem.
    Raises ModelFailure where it runs on none; NoDeviceFailure.
    """
    problem = None
    for offer in _wanted_offers(wanted, offers):
        release_memory()  # what a model before it had, which may be just what this one needs
        if offer.problem is None:
            gpu = Text("Starting {name} on the GPU…", name=title)
            announce(_loading(title) if offer.device == CPU else gpu)
        try:
            found = offer.problem or _tried_on(offer.device, title, load_on)
        except DeviceRefused as refusal:
            if refused is not None:
                refused[offer.device] = refusal.reason
            continue
        if not isinstance(found, Text):
            return found, problem
        problem = problem or found
        gc.collect()  # the memory that it had is to be free now, also what only a circle of objects holds
    raise AssertionError("unreachable: the CPU was tried last")  # pragma: no cover


def _wanted_offers(wanted: str, offers: Callable[[], Sequence[DeviceOffer]]) -> Sequence[DeviceOffer]:
    """Those that are tried, in order. Other devices than the wanted one are asked for nothing."""
    if wanted == AUTO:
        return offers()
    device = CPU if wanted == CPU else resolve_device(wanted)
    return (CPU_OFFER,) if device == CPU else (DeviceOffer(device, device), CPU_OFFER)


def _tried_on(device: Device, title: str, load_on: Callable[[Device], Explainer]) -> Explainer | Text:
    """The model there, or why it isn't. Then nothing holds what it had of the device's memory."""
    try:
        explainer = load_on(device)
        # A device may accept the weights and fail on the first pass; and the first pass is slow.
        side = explainer.info.native_resolution or 1
        explainer.explain(Frame(np.zeros((side, side, 3), np.uint8)), ExplainRequest())
    except DeviceRefused:
        raise
    except DEVICE_ERRORS as error:
        if device == CPU:
            raise _does_not_run(title, error) from error
        log.info("device %s failed", device, exc_info=True)
        return device_reason(error, device_title(device))
    return explainer


def _loading(title: str) -> Text:
    return Text("Loading {name}…", name=title)


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
        precision=run.precision,
    )


def _does_not_run(title: str, error: Exception) -> ModelFailure:
    return ModelFailure("{model} doesn't run on this computer.", "See the log.", repr(error), model=title)
