"""Opens weights of torch: finds out whose they are, builds the network, looks at its head.

torch, timm and transformers are imported when a file needs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import floor

from camviewer.core.arrays import AnyArray
from camviewer.core.failures import ModelFailure
from camviewer.core.models.builtin import DEFAULT
from camviewer.core.models.card import (
    ArchitectureName,
    Fact,
    FactOrigin,
    ModelCard,
)
from camviewer.core.models.checkpoint import (
    Checkpoint,
    read_checkpoint,
)
from camviewer.core.models.corrections import (
    Corrections,
    size_mend,
)
from camviewer.core.models.files import (
    ModelFile,
)
from camviewer.core.models.hub_config import (
    HubConfig,
    from_config,
    from_training,
)
from camviewer.core.models.label_files import find_labels
from camviewer.core.models.programs import EXPORT
from camviewer.core.models.ready import ready_with_sha256
from camviewer.core.models.signature_index import known_input
from camviewer.core.models.signatures import (
    Candidate,
    Recognition,
    recognise,
)
from camviewer.core.models.spec import (
    Link,
    Preprocessing,
    per_channel,
)
from camviewer.core.opened import (
    ANY_SIZE,
    Given,
    OpenedModel,
    corrected,
    given_for,
    measured,
)
from camviewer.core.opening_builtin import (
    check_builtin,
    opened_builtin,
    other_than_builtin,
    parameter_count,
)
from camviewer.core.runtimes.device import (
    CPU,
    Device,
)
from camviewer.core.runtimes.libraries import (
    has_torch,
    prepare_torch,
)
from camviewer.core.runtimes.precision import Precision
from camviewer.core.runtimes.registry import (
    runtime_for,
)
from camviewer.core.text import (
    Text,
    joined,
)

_LIBRARIES = {"torchvision": "torchvision.models", "timm": "timm", "transformers": "transformers"}
"""What each builds its networks with, for one import without pauses."""


def open_torch(
    file: ModelFile, asked: Corrections | None, device: Device, precision: Precision | None = None
) -> OpenedModel:
    """As `opening.open_model`, of weights. Raises RuntimeError where another device than the CPU may fail."""
    checkpoint = read_checkpoint(file.path, file.format)
    given = given_for(file, checkpoint.sha256, asked)
    if file.config is not None:
        config = from_config(file.config, file.preprocessor)
    else:
        config = from_training(checkpoint.extras)
    tensors, recognition = _recognised(checkpoint)
    architecture, candidate, others = _architecture(file, recognition.candidates, config, given)
    on_cpu = device == CPU and precision in (None, Precision.FLOAT32)
    if has_torch() and not (on_cpu and not other_than_builtin(architecture.value, tensors)):
        prepare_torch(_LIBRARIES[architecture.value.library])
        from camviewer.core.models.networks import build_network

        network = build_network(architecture.value, tensors, file.config)
        parameters = sum(parameter.numel() for parameter in network.parameters())
    else:
        check_builtin(file.path, architecture.value, tensors)
        network, parameters = None, parameter_count(tensors)
    classes = max(candidate.classes, 2)
    labels = find_labels(
        file.path,
        classes,
        checkpoint.extras,
        _with_labels(file.config, config),
        imagenet_allowed=architecture.value.library != "transformers",
    )
    link = Fact(Link.SOFTMAX, FactOrigin.ASSUMED)
    if candidate.classes == 1:
        link = Fact(Link.SIGMOID, FactOrigin.WEIGHTS, "one score")
    elif config.link is not None:
        link = Fact(config.link, FactOrigin.CONFIG)
    card = ModelCard(
        path=file.path,
        sha256=checkpoint.sha256,
        format=file.format,
        architecture=architecture,
        parameters=parameters,
        classes=classes,
        channels=Fact(candidate.channels, FactOrigin.WEIGHTS),
        preprocessing=_preprocessing(architecture.value, candidate, config, checkpoint.sha256),
        sizes=Fact(ANY_SIZE, FactOrigin.ASSUMED),
        labels=labels.labels,
        link=link,
        fits_as_well=others,
        left_out=(*checkpoint.left_out, *candidate.left_out),
        passed_over=labels.passed_over,
        assumed=candidate.assumed,
        one_score=candidate.classes == 1,
    )
    card = corrected(card, given)
    if network is None:
        return opened_builtin(card, tensors)
    from camviewer.core.runtimes.torch_module import module_run
    from camviewer.core.runtimes.torch_precision import usable

    preprocessing, title = card.preprocessing.value, runtime_for(device).title(device)
    try:
        own = usable(precision, device)
        run = module_run(network, preprocessing, None, card.labels.value, device, title, own)
    except (RuntimeError, ValueError, AssertionError, IndexError, TypeError, LookupError) as error:
        if device != CPU:
            raise RuntimeError(str(error)) from error  # perhaps it is the device that fails
        raise ModelFailure(
            "{name} can't be run with an image of {side} × {side} pixels ({reason}).",
            size_mend(file.path),
            repr(error),
            name=file.path.name,
            side=preprocessing.crop,
            reason=str(error).splitlines()[0] if str(error) else type(error).__name__,
        ) from error
    return OpenedModel(measured(card, run, run.sizes), run)


def _recognised(checkpoint: Checkpoint) -> tuple[Mapping[str, AnyArray], Recognition]:
    """What the tensors may be of, and they by the names that fit: a prefix may be the network's own."""
    tensors = checkpoint.tensors
    found = recognise({name: tensor.shape for name, tensor in tensors.items()})
    if checkpoint.prefix and not any(candidate.fits for candidate in found.candidates):
        prefixed = {f"{checkpoint.prefix}{name}": tensor for name, tensor in tensors.items()}
        other = recognise({name: tensor.shape for name, tensor in prefixed.items()})
        if any(candidate.fits for candidate in other.candidates):
            return prefixed, other
    return tensors, found


def _architecture(
    file: ModelFile, candidates: Sequence[Candidate], config: HubConfig, given: tuple[Given, ...]
) -> tuple[Fact[ArchitectureName], Candidate, tuple[ArchitectureName, ...]]:
    """The network to build, what the weights say of it, and what else they fit. Raises ModelFailure."""
    fitting = [candidate for candidate in candidates if candidate.fits]
    chosen = next((g for g in reversed(given) if g.corrections.architecture is not None), None)
    if chosen is not None and chosen.corrections.architecture is not None:
        fact = Fact(chosen.corrections.architecture, chosen.origin)
    elif config.architecture is not None and (
        config.origin is FactOrigin.CONFIG or config.architecture in [c.architecture for c in fitting]
    ):
        place = "arch" if config.origin is FactOrigin.FILE else ""
        fact = Fact(config.architecture, config.origin, place)
    elif fitting:
        fact = Fact(fitting[0].architecture, FactOrigin.WEIGHTS)
    else:
        raise _unknown(file, candidates)
    candidate = next((c for c in fitting if c.architecture == fact.value), None)
    if candidate is None:
        candidate = Candidate(fact.value, True, config.classes or 0, config.channels or 3)
    others = tuple(c.architecture for c in fitting if c.architecture != fact.value)
    return fact, candidate, others


def _unknown(file: ModelFile, nearest: Sequence[Candidate]) -> ModelFailure:
    """With the nearest architectures, and what doesn't fit."""
    mend = Text("Export the network to ONNX, and open that file: {line}", line=EXPORT)
    if not nearest:
        return ModelFailure(
            "The weights in {name} are of no network that camviewer knows.", mend, name=file.path.name
        )
    near = joined(
        "; ",
        [
            Text(
                "{architecture} ({problems})", architecture=c.architecture, problems=joined(", ", c.problems)
            )
            for c in nearest
        ],
    )
    return ModelFailure(
        Text(
            "The weights in {name} are of no network that camviewer knows. The nearest: {near}.",
            name=file.path.name,
            near=near,
        ),
        mend,
    )


def _with_labels(config: Mapping[str, object] | None, said: HubConfig) -> Mapping[str, object]:
    """The config, with the labels that people read instead of the names of directories."""
    if config is None or said.labels is None:
        return config or {}
    others = {key: value for key, value in config.items() if key not in ("label_names", "label_descriptions")}
    return {"labels": list(said.labels), **others}


def _preprocessing(
    architecture: ArchitectureName, candidate: Candidate, config: HubConfig, sha256: str
) -> Fact[Preprocessing]:
    """As the config says; else as the architecture's published weights; else as most networks."""
    ready = ready_with_sha256(sha256)
    if ready is not None:
        return Fact(ready.preprocessing, FactOrigin.ARCHITECTURE, ready.weights_name)
    known = known_input(architecture)
    if known is not None:
        origin, place = FactOrigin.ARCHITECTURE, str(architecture)
        found = Preprocessing(known.resize, known.crop, known.mean, known.std, known.bicubic)
    else:
        origin, place, found = FactOrigin.ASSUMED, "", DEFAULT.preprocessing
    if candidate.side is not None and candidate.side != found.crop:
        found = replace(found, resize=round(candidate.side * found.resize / found.crop), crop=candidate.side)
    said = dict(config.preparation)
    if config.share is not None:
        said["resize"] = floor(found.crop / config.share)
    if "crop" in said and "resize" not in said:
        said["resize"] = round(said["crop"] * found.resize / found.crop)
    if said:
        origin, place = config.origin, config.place
        found = replace(found, **said)
    if len(found.mean) != candidate.channels:
        # Grey: as bright as colours are on average. What comes after the colours: as it is, in 0..1.
        origin, place = FactOrigin.ASSUMED, ""
        found = replace(
            found,
            mean=per_channel(found.mean, candidate.channels, 0.0),
            std=per_channel(found.std, candidate.channels, 1.0),
        )
    return Fact(found, origin, place)
