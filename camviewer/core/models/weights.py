"""Finds and reads state dicts: in a file of the user's, the bundle, torch hub's cache or the package.

Nothing here touches the network. Finding is quick (no hashing, no torch); reading verifies.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from camviewer.core.arrays import AnyArray
from camviewer.core.failures import ModelFailure
from camviewer.core.models.builtin import DEFAULT
from camviewer.core.models.checkpoint import (
    read_checkpoint,
    reading,
)
from camviewer.core.models.files import file_format
from camviewer.core.models.spec import (
    ModelSpec,
    WeightsOrigin,
)
from camviewer.core.resources import resource_path
from camviewer.core.storage.files import (
    exists,
    file_sha256,
    is_file,
)
from camviewer.core.text import Text

ENVIRONMENT_VARIABLE = "CAMVIEWER_WEIGHTS"


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """A file that may be read.

    sha256: what its hash must be, or begin with; None for a file that the user chose.
    """

    path: Path
    origin: WeightsOrigin
    sha256: str | None = None

    @property
    def came_with_program(self) -> bool:
        """Whether it is a part of the installation: if it is damaged, only installing again helps."""
        return self.origin in (WeightsOrigin.BUNDLE, WeightsOrigin.EMBEDDED)


def hub_folder() -> Path:
    """Where torch hub (and so torchvision) keeps checkpoints, found as torch.hub does but without torch."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("TORCH_HOME") or os.path.join(cache, "torch")  # noqa: PTH118
    return Path(home).expanduser() / "hub" / "checkpoints"


def chosen_weights(argument: Path | None, spec: ModelSpec = DEFAULT) -> Path | None:
    """The file the user asked for: the argument, else, for the default model, CAMVIEWER_WEIGHTS."""
    if argument is not None or spec is not DEFAULT:
        return argument
    value = os.environ.get(ENVIRONMENT_VARIABLE)
    return Path(value) if value else None


def find_weights(spec: ModelSpec, chosen: Path | None = None) -> WeightsFile | None:
    """The first that there is of: the chosen file, the bundle's, torch hub's cache, the package's own.

    None if there is none. Raises ModelFailure if a chosen file doesn't exist.
    """
    if chosen is not None:
        if not is_file(chosen):
            raise ModelFailure(
                "The weights file {path} is not a file."
                if exists(chosen)
                else "The weights file {path} doesn't exist.",
                "Check the path.",
                path=chosen,
            )
        return WeightsFile(chosen, WeightsOrigin.FILE)
    official = spec.official
    if official is not None:
        try:
            bundled = resource_path(f"weights/{official.file_name}")
            return WeightsFile(bundled, WeightsOrigin.BUNDLE, official.sha256)
        except FileNotFoundError:
            pass
        cached = hub_folder() / official.file_name
        if cached.is_file():
            return WeightsFile(cached, WeightsOrigin.CACHE, official.sha256)
    embedded = spec.embedded.find() if spec.embedded is not None else None
    if spec.embedded is None or embedded is None:
        return None
    return WeightsFile(embedded, WeightsOrigin.EMBEDDED, spec.embedded.sha256)


class OtherNetworkFailure(ModelFailure):
    """A state dict is not that of a built-in model, name for name and shape for shape."""


def other_networks_weights(title: str, details: str) -> OtherNetworkFailure:
    """The failure for a state dict of another network. title: of the built-in model that was wanted."""
    return OtherNetworkFailure(
        "These weights are not of {model}.",
        Text("Choose a state dict of torchvision's {model}, or another model.", model=title),
        details,
        model=title,
    )


def has_one_score(spec: ModelSpec, tensors: Mapping[str, AnyArray]) -> bool:
    """Whether a built-in model with these tensors, as `Checkpoint.tensors`, gives one number a picture."""
    bias = tensors.get(spec.head.bias_key)
    return bias is not None and bias.shape == (1,)


def read_state_dict(file: WeightsFile) -> tuple[dict[str, AnyArray], str]:
    """The tensors of a .pth/.pt or .safetensors file, as `Checkpoint.tensors`, and the file's SHA-256.

    Raises ModelFailure for anything that isn't a finite state dict or has the wrong hash.
    """
    path = file.path
    with reading(path):
        digest = file_sha256(path) if file.sha256 is not None else None
    if file.sha256 is not None and not str(digest).startswith(file.sha256):
        raise ModelFailure(
            "The weights file {path} is damaged: its checksum is wrong.",
            "Install camviewer again."
            if file.came_with_program
            else "Delete it; camviewer downloads it again.",
            path=path,
        )
    checkpoint = read_checkpoint(path, file_format(path), digest)
    return dict(checkpoint.tensors), checkpoint.sha256
