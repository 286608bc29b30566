"""Finds and reads state dicts: in a file of the user's, the bundle, torch hub's cache or the package.

Nothing here touches the network. Finding is quick (no hashing, no torch); reading verifies.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from camviewer.core.failures import ModelFailure
from camviewer.core.models.builtin import DEFAULT
from camviewer.core.models.spec import (
    ModelSpec,
    WeightsOrigin,
)
from camviewer.core.resources import resource_path
from camviewer.core.storage.files import (
    exists,
    is_file,
)
from camviewer.core.text import Text

if TYPE_CHECKING:
    from torch import Tensor

MAX_BYTES = 1_000_000_000
"""Of a weights file, packed and unpacked. Those of the models here have a twentieth of it."""
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


def file_sha256(path: Path) -> str:
    """In hexadecimal. Raises OSError if the file can't be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_state_dict(file: WeightsFile) -> tuple[dict[str, Tensor], str]:
    """The tensors of a .pth/.pt or .safetensors file, on the CPU, and the file's SHA-256.

    Wrappers such as ``{"state_dict": …}`` and ``module.`` prefixes are taken off. Pickled code is never
    run. Raises ModelFailure for anything that isn't a finite state dict or has the wrong hash.
    """
    import torch

    path = file.path
    other = Text("Choose a state dict saved by torch.save or safetensors.")
    try:
        _check_size(path)
        digest = file_sha256(path)
        if file.sha256 is not None and not digest.startswith(file.sha256):
            raise ModelFailure(
                "The weights file {path} is damaged: its checksum is wrong.",
                "Install camviewer again."
                if file.came_with_program
                else "Delete it; camviewer downloads it again.",
                path=path,
            )
        if path.suffix.lower() == ".safetensors":
            from safetensors.torch import load_file

            loaded: Any = load_file(path)
        else:
            loaded = torch.load(path, map_location="cpu", weights_only=True)
    except ModelFailure:
        raise
    except OSError as error:
        raise ModelFailure("The weights file {path} can't be read.", Text(str(error)), path=path) from error
    except Exception as error:
        raise ModelFailure(
            "{name} is not a weights file that can be read safely.", other, repr(error), name=path.name
        ) from error
    for key in ("state_dict", "model_state_dict", "model"):
        if isinstance(loaded, Mapping) and isinstance(loaded.get(key), Mapping):
            loaded = loaded[key]
    if not isinstance(loaded, Mapping) or not loaded:
        raise ModelFailure("{name} holds no state dict.", other, name=path.name)
    tensors = [value for value in loaded.values() if isinstance(value, torch.Tensor)]
    # A view can claim any size, whatever its storage has.
    if sum(value.numel() * value.element_size() for value in tensors) > MAX_BYTES:
        raise _too_large(path)
    integers = torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64
    plain = {torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.bool, *integers}
    state: dict[str, Tensor] = {}
    for key, value in loaded.items():
        # Sparse, nested, quantised, float8 and complex tensors, and those without values (on "meta"), fail
        # in many ways later; no network here has any.
        if (
            not isinstance(value, torch.Tensor)
            or value.layout != torch.strided
            or value.is_nested
            or value.is_meta
            or value.dtype not in plain
        ):
            raise ModelFailure(
                "{name} holds no state dict ({key!r} is no plain tensor).", other, name=path.name, key=key
            )
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise ModelFailure(
                "The weights in {name} are not all finite ({key!r}).",
                "The file is damaged or its training failed; choose another.",
                name=path.name,
                key=key,
            )
        state[str(key).removeprefix("module.")] = value
    return state, digest


def _check_size(path: Path) -> None:
    """Raises ModelFailure for a file that would take too much memory; OSError if it can't be read."""
    total = path.stat().st_size
    if total <= MAX_BYTES and zipfile.is_zipfile(path):  # what torch.save writes
        with zipfile.ZipFile(path) as archive:
            total = sum(entry.file_size for entry in archive.infolist())
    if total > MAX_BYTES:
        raise _too_large(path)


def _too_large(path: Path) -> ModelFailure:
    return ModelFailure(
        "{name} is larger than {most} MB.",
        "Choose a state dict of the model alone: torch.save(model.state_dict(), …).",
        name=path.name,
        most=MAX_BYTES // 1_000_000,
    )
