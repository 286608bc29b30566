"""Opens a head of one's own classes: finds the backbone that it belongs to, and puts the head on it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from camviewer.core.failures import ModelFailure, SaveFailure
from camviewer.core.models.builtin import MODELS
from camviewer.core.models.card import ArchitectureName, Fact, FactOrigin, FileFormat, ModelCard
from camviewer.core.models.files import ModelFile, find_model_file
from camviewer.core.models.proof import HeadKind, HeadProof
from camviewer.core.models.spec import Link, ModelSpec, Preprocessing, SizeRule, WeightsOrigin
from camviewer.core.models.taught import Backbone, TaughtHead, read_head
from camviewer.core.models.weights import (
    WeightsFile,
    chosen_weights,
    find_weights,
    has_one_score,
    read_state_dict,
)
from camviewer.core.opened import OpenedModel
from camviewer.core.runtimes.base import ModelRun
from camviewer.core.runtimes.device import Device
from camviewer.core.runtimes.other_head import with_head
from camviewer.core.runtimes.precision import Precision
from camviewer.core.runtimes.registry import runtime_for
from camviewer.core.storage.files import file_sha256, is_file, make_folder, write_json
from camviewer.core.text import Text

log = logging.getLogger(__name__)
_MOST_REMEMBERED = 50


class NoBackboneFailure(ModelFailure):
    """The network that a head belongs to is not known here. backbone: which it is; path: of the head."""

    def __init__(self, backbone: Backbone, path: Path) -> None:
        self.backbone, self.path = backbone, path
        message = Text(
            "{name} belongs to {title}, whose file {file} isn't known here.",
            name=path.name,
            title=backbone.title,
            file=backbone.file,
        )
        mend = Text("Put that file beside it. Its SHA-256 begins with {sha256}.", sha256=backbone.sha256[:12])
        super().__init__(message, mend)


@dataclass(frozen=True, slots=True)
class _Found:
    """The backbone: a built-in network and its weights; or a model file."""

    path: Path
    spec: ModelSpec | None = None
    weights: WeightsFile | None = None


def open_taught(
    file: ModelFile,
    device: Device,
    precision: Precision | None,
    open_backbone: Callable[[ModelFile], OpenedModel],
) -> OpenedModel:
    """As `opening.open_model`, of a head of one's own classes. open_backbone: opens a file on the device.

    Raises ModelFailure for a damaged file; NoBackboneFailure.
    """
    taught, sha256 = read_head(file)
    found = _find_backbone(taught.backbone, file.path)
    if found.spec is not None and found.weights is not None:
        spec = found.spec
        state, _ = read_state_dict(found.weights)
        run = runtime_for(device, precision).load(spec, state, device, None, precision)
        architecture = ArchitectureName("camviewer", spec.name)
        return _opened(file, sha256, taught, run, architecture, spec.preprocessing, spec.sizes)
    opened = open_backbone(find_model_file(found.path))
    card = opened.card
    return _opened(
        file, sha256, taught, opened.run, card.architecture.value, opened.preprocessing, opened.sizes
    )


def _opened(
    file: ModelFile,
    sha256: str,
    taught: TaughtHead,
    run: ModelRun,
    architecture: ArchitectureName,
    preprocessing: Preprocessing,
    sizes: SizeRule,
) -> OpenedModel:
    run, head, backbone = with_head(run, taught.head), taught.head, taught.backbone
    card = ModelCard(
        path=file.path,
        sha256=sha256,
        format=FileFormat.SAFETENSORS,
        architecture=Fact(architecture, FactOrigin.FILE, backbone.title),
        parameters=head.weight.size + head.bias.size,
        classes=len(head.labels),
        channels=Fact(len(preprocessing.mean), FactOrigin.ARCHITECTURE),
        preprocessing=Fact(preprocessing, FactOrigin.ARCHITECTURE, backbone.title),
        sizes=Fact(sizes, FactOrigin.ARCHITECTURE, backbone.title),
        labels=Fact(head.labels, FactOrigin.FILE),
        link=Fact(Link.SOFTMAX, FactOrigin.FILE),
        proof=HeadProof(HeadKind.POOLED_LINEAR, run.layer),
        layers=run.layers,
        assumed=(taught.text,),
    )
    return OpenedModel(card, run, taught)


def _find_backbone(backbone: Backbone, head: Path) -> _Found:
    """Built in; of the name beside the head; or seen before. Raises NoBackboneFailure.

    Nothing counts but the hash of the file.
    """
    for spec in MODELS.values():
        weights = find_weights(spec, _there(chosen_weights(None, spec)))
        if weights is not None and _is(weights.path, backbone.sha256):
            return _Found(weights.path, spec, weights)
    for path in (head.parent / backbone.file, *_remembered(backbone.sha256)):
        if is_file(path) and path != head and _is(path, backbone.sha256):
            return _built_in(path, backbone) or _Found(path)
    raise NoBackboneFailure(backbone, head)


def _built_in(path: Path, backbone: Backbone) -> _Found | None:
    """Weights of a built-in network, that lie elsewhere."""
    spec = MODELS.get(backbone.name)
    if spec is None:
        return None
    from camviewer.core.models.graphs import misfit, network_graph

    weights = WeightsFile(path, WeightsOrigin.FILE)
    try:
        state, _ = read_state_dict(weights)
    except ModelFailure:
        return None
    fits = not misfit(network_graph(spec), state) and not has_one_score(spec, state)
    return _Found(path, spec, weights) if fits else None


def _there(path: Path | None) -> Path | None:
    return path if path is not None and is_file(path) else None


def _is(path: Path, sha256: str) -> bool:
    try:
        return file_sha256(path) == sha256
    except OSError:
        return False


# Backbones that are no part of the program: where they were when a head was saved, by their hash.


def backbones_file() -> Path:
    """Where paths of backbones are remembered."""
    return user_data_path("camviewer", appauthor=False) / "backbones.json"


def remember_backbone(path: Path, sha256: str) -> None:
    """So that heads of it open by themselves. It may not be possible: that is no fault."""
    known = {sha256: str(path.absolute())}
    known |= {key: value for key, value in _known().items() if key != sha256}
    try:
        make_folder(backbones_file().parent)
        write_json(dict(list(known.items())[:_MOST_REMEMBERED]), backbones_file(), overwrite=True)
    except SaveFailure:
        log.info("the backbone can't be remembered", exc_info=True)


def _remembered(sha256: str) -> Iterator[Path]:
    path = _known().get(sha256)
    if path is not None:
        yield Path(path)


def _known() -> Mapping[str, str]:
    try:
        read = json.loads(backbones_file().read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    found = read if isinstance(read, dict) else {}
    return {k: v for k, v in found.items() if isinstance(k, str) and isinstance(v, str)}
