"""Opens a model file: finds out what it is, builds its network, looks at its head, and writes its card.

torch, timm and ONNX Runtime are imported when a file needs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from platformdirs import user_data_path

from camviewer.core.arrays import AnyArray
from camviewer.core.failures import ModelFailure
from camviewer.core.models.builtin import DEFAULT
from camviewer.core.models.card import (
    ArchitectureName,
    Fact,
    FactOrigin,
    FileFormat,
    ModelCard,
)
from camviewer.core.models.checkpoint import (
    Checkpoint,
    read_checkpoint,
)
from camviewer.core.models.corrections import (
    Corrections,
    apply,
    card_path,
    read_card,
    remembered,
)
from camviewer.core.models.files import (
    ModelFile,
    find_model_file,
)
from camviewer.core.models.hub_config import (
    HubConfig,
    from_config,
)
from camviewer.core.models.label_files import find_labels
from camviewer.core.models.ready import ready_with_sha256
from camviewer.core.models.signature_index import known_input
from camviewer.core.models.signatures import (
    Candidate,
    Recognition,
    recognise,
)
from camviewer.core.models.spec import (
    Link,
    ModelInfo,
    Preprocessing,
    SizeRule,
    WeightsOrigin,
)
from camviewer.core.runtimes.base import ModelRun
from camviewer.core.runtimes.device import (
    CPU,
    Device,
)
from camviewer.core.runtimes.registry import (
    prepare_libraries,
    runtime_for,
)
from camviewer.core.storage.files import is_file
from camviewer.core.text import (
    Text,
    joined,
)

_LIBRARIES = {"torchvision": "torchvision.models", "timm": "timm", "transformers": "transformers"}
"""What each builds its networks with, for one import without pauses."""
_ONNX = ArchitectureName("onnx", "graph")
_ANY_SIZE = SizeRule(1, 1, 4096)
"""Until the network has run, and shows which it takes."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenedModel:
    """A model file that runs, and its card. To an explainer it is what it needs to know of its input."""

    card: ModelCard
    run: ModelRun

    @property
    def preprocessing(self) -> Preprocessing:
        """What its weights expect."""
        return self.card.preprocessing.value

    @property
    def sizes(self) -> SizeRule:
        """Which inputs it takes."""
        return self.card.sizes.value

    @property
    def link(self) -> Link:
        """How its logits become probabilities."""
        return self.card.link.value

    @property
    def info(self) -> ModelInfo:
        """As saved files and the window describe it."""
        architecture, stem = self.card.architecture.value, self.card.path.stem
        says_it = architecture == _ONNX or _plain(architecture.name) in _plain(stem)
        return ModelInfo(
            name=stem if architecture == _ONNX else architecture.name,
            title=stem if says_it else f"{stem} ({architecture.name})",
            device=self.run.device,
            device_title=self.run.device_title,
            weights_sha256=self.card.sha256,
            weights_file=str(self.card.path),
            weights_origin=WeightsOrigin.FILE,
            preprocessing=self.preprocessing,
            sizes=self.sizes,
            layer=self.run.layer,
            link=self.link,
        )


def _plain(name: str) -> str:
    """Without what people write differently: ``resnet18`` for ``ResNet-18``."""
    return "".join(c for c in name.lower() if c.isalnum())


@dataclass(frozen=True, slots=True)
class _Given:
    """Corrections of a card, and where they come from."""

    corrections: Corrections
    origin: FactOrigin


def cards_folder() -> Path:
    """Where corrections of model cards are remembered, by the hash of the model file."""
    return user_data_path("camviewer", appauthor=False) / "cards"


def open_model(file: ModelFile, asked: Corrections | None = None, device: Device = CPU) -> OpenedModel:
    """The model in a file, whatever its architecture.

    asked: what is said of it for this time. It counts more than what the user corrected before, and that
    more than a card that lies beside the file. Raises ModelFailure, which says what the file is and what to
    do; RuntimeError, AssertionError or ImportError if the device fails.
    """
    if file.format is FileFormat.ONNX:
        return _open_onnx(file, asked)
    return _open_torch(file, asked, device)


def open_card(path: Path, asked: Corrections | None = None) -> ModelCard:
    """The card alone. Raises ModelFailure."""
    try:
        return open_model(find_model_file(path), asked).card
    except (RuntimeError, AssertionError, ImportError) as error:
        raise ModelFailure("{name} can't be run.", str(error), repr(error), name=path.name) from error


def _given(file: ModelFile, sha256: str, asked: Corrections | None) -> tuple[_Given, ...]:
    """All corrections that there are, those that count less first."""
    given = []
    if is_file(card_path(file.path)):
        given.append(_Given(read_card(card_path(file.path)), FactOrigin.CARD))
    before = remembered(cards_folder(), sha256)
    if before is not None:
        given.append(_Given(before, FactOrigin.USER))
    if asked is not None:
        given.append(_Given(asked, FactOrigin.CARD))
    return tuple(given)


def _corrected(card: ModelCard, given: tuple[_Given, ...]) -> ModelCard:
    for each in given:
        card = apply(card, each.corrections, each.origin)
    return card


# torch


def _open_torch(file: ModelFile, asked: Corrections | None, device: Device) -> OpenedModel:
    checkpoint = read_checkpoint(file.path, file.format)
    given = _given(file, checkpoint.sha256, asked)
    config = from_config(file.config, file.preprocessor) if file.config is not None else HubConfig()
    tensors, recognition = _recognised(checkpoint)
    architecture, candidate, others = _architecture(file, recognition.candidates, config, given)
    prepare_libraries(_LIBRARIES[architecture.value.library])
    from camviewer.core.models.networks import build_network
    from camviewer.core.runtimes.torch_module import module_run

    network = build_network(architecture.value, tensors, file.config)
    classes = max(candidate.classes, 2)
    labels = find_labels(
        file.path,
        classes,
        checkpoint.extras,
        file.config or {},
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
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        classes=classes,
        channels=Fact(candidate.channels, FactOrigin.WEIGHTS),
        preprocessing=_preprocessing(architecture.value, candidate, config, checkpoint.sha256),
        sizes=Fact(_ANY_SIZE, FactOrigin.ASSUMED),
        labels=labels.labels,
        link=link,
        fits_as_well=others,
        left_out=(*checkpoint.left_out, *candidate.left_out),
        passed_over=labels.passed_over,
    )
    card = _corrected(card, given)
    preprocessing, title = card.preprocessing.value, runtime_for(device).title(device)
    try:
        run = module_run(network, preprocessing, None, card.labels.value, device, title)
    except (RuntimeError, ValueError, AssertionError, IndexError, TypeError, LookupError) as error:
        if device != CPU:
            raise RuntimeError(str(error)) from error  # perhaps it is the device that fails
        raise ModelFailure(
            "{name} can't be run with an image of {side} × {side} pixels ({reason}).",
            "Correct the input's size in the model card.",
            repr(error),
            name=file.path.name,
            side=preprocessing.crop,
            reason=str(error).splitlines()[0] if str(error) else type(error).__name__,
        ) from error
    return OpenedModel(_measured(card, run, run.sizes), run)


def _measured(card: ModelCard, run: ModelRun, sizes: SizeRule) -> ModelCard:
    return replace(card, sizes=Fact(sizes, FactOrigin.MEASURED), proof=run.proof, layers=run.layers)


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
    file: ModelFile, candidates: Sequence[Candidate], config: HubConfig, given: tuple[_Given, ...]
) -> tuple[Fact[ArchitectureName], Candidate, tuple[ArchitectureName, ...]]:
    """The network to build, what the weights say of it, and what else they fit. Raises ModelFailure."""
    fitting = [candidate for candidate in candidates if candidate.fits]
    chosen = next((g for g in reversed(given) if g.corrections.architecture is not None), None)
    if chosen is not None and chosen.corrections.architecture is not None:
        fact = Fact(chosen.corrections.architecture, chosen.origin)
    elif config.architecture is not None:
        fact = Fact(config.architecture, FactOrigin.CONFIG)
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
    mend = Text("Export the network to ONNX, and open that file: {line}", line=_EXPORT)
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


_EXPORT = "torch.onnx.export(model, torch.zeros(1, 3, 224, 224), 'model.onnx')"


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
    said = {
        name: value
        for name in ("resize", "crop", "mean", "std", "bicubic")
        if (value := getattr(config, name)) is not None
    }
    if "crop" in said and "resize" not in said:
        said["resize"] = round(said["crop"] * found.resize / found.crop)
    if said:
        origin, place = FactOrigin.CONFIG, f"config.json: {', '.join(said)}"
        found = replace(found, **said)
    if len(found.mean) != candidate.channels:
        # Grey: as bright as colours are on average. What comes after the colours: as it is, in 0..1.
        origin, place = FactOrigin.ASSUMED, ""
        found = replace(
            found,
            mean=_each(found.mean, candidate.channels, 0.0),
            std=_each(found.std, candidate.channels, 1.0),
        )
    return Fact(found, origin, place)


def _each(numbers: tuple[float, ...], channels: int, rest: float) -> tuple[float, ...]:
    """A number a channel, from those of the colours."""
    if channels < len(numbers):
        return (sum(numbers) / len(numbers),) * channels
    return (*numbers, *(rest,) * (channels - len(numbers)))


# ONNX


def _open_onnx(file: ModelFile, asked: Corrections | None) -> OpenedModel:
    from camviewer.core.models.onnx_file import read_onnx
    from camviewer.core.runtimes.onnx_run import onnx_run, onnx_sizes

    found = read_onnx(file.path)
    given = _given(file, found.sha256, asked)
    labels = find_labels(
        file.path, found.classes, _as_objects(found.metadata), file.config or {}, imagenet_allowed=True
    )
    usual = DEFAULT.preprocessing
    side = found.side or usual.crop
    origin, place = FactOrigin.ASSUMED, ""
    mean, std = _each(usual.mean, found.input.channels, 0.0), _each(usual.std, found.input.channels, 1.0)
    if found.mean is not None and found.std is not None:
        mean, std, origin, place = found.mean, found.std, FactOrigin.FILE, "metadata"
    card = ModelCard(
        path=file.path,
        sha256=found.sha256,
        format=FileFormat.ONNX,
        architecture=Fact(_ONNX, FactOrigin.FILE, found.producer),
        parameters=found.parameters,
        classes=found.classes,
        channels=Fact(found.input.channels, FactOrigin.FILE),
        preprocessing=Fact(
            Preprocessing(round(side * usual.resize / usual.crop), side, mean, std), origin, place
        ),
        sizes=Fact(_ANY_SIZE, FactOrigin.ASSUMED),
        labels=labels.labels,
        link=Fact(found.link, FactOrigin.FILE),
        left_out=found.left_out,
        passed_over=labels.passed_over,
    )
    card = _corrected(card, given)
    run = onnx_run(found, card.preprocessing.value, card.labels.value)
    return OpenedModel(_measured(card, run, onnx_sizes(run)), run)


def _as_objects(metadata: Mapping[str, str]) -> Mapping[str, object]:
    return dict(metadata)
