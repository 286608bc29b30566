"""Which file the weights come from, and that nothing but finite tensors comes out of it."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pickle
import shutil
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from camviewer.core.arrays import AnyArray
from camviewer.core.failures import ModelFailure
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.models.builtin import EFFICIENTNET_LITE0, RESNET18
from camviewer.core.models.spec import EmbeddedWeights, WeightsOrigin
from camviewer.core.models.weights import (
    ENVIRONMENT_VARIABLE,
    WeightsFile,
    chosen_weights,
    find_weights,
    hub_folder,
    read_state_dict,
)
from camviewer.core.resources import resource_path
from camviewer.core.storage.files import file_sha256

assert RESNET18.official is not None
OFFICIAL = RESNET18.official
STATE = {"conv.weight": torch.randn(2, 3), "bn.num_batches_tracked": torch.tensor(7)}


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of resources of its own, with no weights."""
    root = tmp_path / "resources"
    (root / "weights").mkdir(parents=True)
    for name in ("labels", "graphs"):
        shutil.copytree(resource_path(name), root / name)
    monkeypatch.setattr("camviewer.core.resources._ROOTS", (tmp_path / "nowhere", root))
    return root / "weights"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of torch hub."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def touched(path: Path, content: bytes = b"") -> Path:
    path.write_bytes(content)
    return path


def test_the_first_place_that_has_them(bundle: Path, hub: Path, tmp_path: Path) -> None:
    chosen, embedded = touched(tmp_path / "my.pth"), touched(tmp_path / "embedded.pth")
    spec = dataclasses.replace(RESNET18, embedded=EmbeddedWeights("package", lambda: embedded, "0" * 64))
    bundled, cached = touched(bundle / OFFICIAL.file_name), touched(hub / OFFICIAL.file_name)
    assert find_weights(spec, chosen) == WeightsFile(chosen, WeightsOrigin.FILE)
    assert find_weights(spec) == WeightsFile(bundled, WeightsOrigin.BUNDLE, OFFICIAL.sha256)
    bundled.unlink()
    assert find_weights(spec) == WeightsFile(cached, WeightsOrigin.CACHE, OFFICIAL.sha256)
    cached.unlink()
    assert find_weights(spec) == WeightsFile(embedded, WeightsOrigin.EMBEDDED, "0" * 64)
    assert find_weights(RESNET18) is None


def test_the_embedded_model_is_there() -> None:
    found = find_weights(EFFICIENTNET_LITE0)
    assert found is not None
    assert found.path.stat().st_size > 10_000_000
    assert found.origin == "embedded"


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"XDG_CACHE_HOME": "/somewhere/cache"},
        {"TORCH_HOME": "/somewhere/torch"},
        {"TORCH_HOME": "~/torch", "XDG_CACHE_HOME": "/somewhere/cache"},
    ],
)
def test_the_cache_is_where_torch_hub_has_it(
    variables: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert hub_folder() == Path(torch.hub.get_dir()) / "checkpoints"


def test_a_chosen_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ModelFailure, match=r"nowhere\.pth doesn't exist"):
        find_weights(RESNET18, tmp_path / "nowhere.pth")
    with pytest.raises(ModelFailure, match="is not a file"):
        find_weights(RESNET18, tmp_path)


def test_the_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen_weights(None) is None
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "")
    assert chosen_weights(None) is None
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "/a/b.pth")
    assert chosen_weights(None) == Path("/a/b.pth")
    assert chosen_weights(Path("c.pth")) == Path("c.pth")


def read(path: Path, sha256: str | None = None) -> dict[str, AnyArray]:
    return read_state_dict(WeightsFile(path, WeightsOrigin.FILE, sha256))[0]


def same(ours: Mapping[str, AnyArray], theirs: Mapping[str, torch.Tensor]) -> bool:
    """Floats as float32."""
    return ours.keys() == theirs.keys() and all(
        torch.equal(torch.tensor(ours[key]), value.float() if value.is_floating_point() else value)
        for key, value in theirs.items()
    )


WRAPPERS: list[Callable[[dict[str, Any]], Any]] = [
    lambda state: state,
    lambda state: {"state_dict": state, "epoch": 3},
    lambda state: {"model_state_dict": state, "loss": 0.5},
    lambda state: {"model": state},
    lambda state: {"state_dict": {f"module.{key}": value for key, value in state.items()}},
]


@pytest.mark.parametrize("wrap", WRAPPERS, ids=["plain", "state_dict", "model_state_dict", "model", "module"])
def test_wrappers_are_taken_off(tmp_path: Path, wrap: Callable[[dict[str, Any]], Any]) -> None:
    path = tmp_path / "weights.pth"
    torch.save(wrap(STATE), path)
    assert same(read(path), STATE)


@pytest.mark.parametrize("name", ["weights.safetensors", "WEIGHTS.SAFETENSORS"])
def test_safetensors(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    save_file(STATE, path)
    assert same(read(path), STATE)


def test_the_checksum(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save(STATE, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert file_sha256(path) == digest
    assert read_state_dict(WeightsFile(path, WeightsOrigin.CACHE, digest))[1] == digest
    with pytest.raises(ModelFailure, match="damaged: its checksum is wrong"):
        read(path, "0" * 64)


class Malicious:
    """Runs a command when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f'echo run > "{self.marker}"',)


@pytest.mark.parametrize("save", [torch.save, lambda thing, path: path.write_bytes(pickle.dumps(thing))])
def test_pickled_code_is_not_run(tmp_path: Path, save: Callable[[object, Path], object]) -> None:
    marker, path = tmp_path / "marker", tmp_path / "weights.pth"
    pickle.loads(pickle.dumps(Malicious(marker)))
    assert marker.exists()  # it works where it is let
    marker.unlink()
    save({**STATE, "evil": Malicious(marker)}, path)
    with pytest.raises(ModelFailure, match="not a weights file that can be read safely"):
        read(path)
    assert not marker.exists()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_weights_that_are_not_finite(tmp_path: Path, value: float, suffix: str) -> None:
    path = tmp_path / f"weights.{suffix}"
    state = {**STATE, "fc.bias": torch.tensor([0, value, 1])}
    (save_file if suffix == "safetensors" else torch.save)(state, path)
    with pytest.raises(ModelFailure, match=r"not all finite \('fc.bias'\)"):
        read(path)


@pytest.mark.parametrize(
    "content",
    [
        {},
        [torch.zeros(1)],
        torch.zeros(1),
        {"a": 1},
        {"state_dict": {}},
    ],
    ids=["empty", "list", "tensor", "number", "empty-inside"],
)
def test_what_is_no_state_dict(tmp_path: Path, content: object) -> None:
    path = tmp_path / "weights.pth"
    torch.save(content, path)
    with pytest.raises(ModelFailure, match="holds no state dict"):
        read(path)


@pytest.mark.filterwarnings("ignore::UserWarning")  # torch's, of sparse, nested and quantised tensors
@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.eye(2).to_sparse(),
        lambda: torch.nested.nested_tensor([torch.ones(1), torch.ones(2)]),
        lambda: torch.quantize_per_tensor(torch.ones(2), 1.0, 0, torch.qint8),
        lambda: torch.empty(2, device="meta"),
        lambda: torch.tensor([1.0, float("nan")]).to(torch.float8_e4m3fn),
        lambda: torch.ones(2).to(torch.float8_e8m0fnu),
        lambda: torch.tensor([complex("nan")]),
    ],
    ids=["sparse", "nested", "quantized", "meta", "float8", "float8-scale", "complex"],
)
def test_odd_tensors_are_no_weights(tmp_path: Path, make: Callable[[], torch.Tensor]) -> None:
    path = tmp_path / "weights.pth"
    torch.save({**STATE, "odd": make()}, path)
    with pytest.raises(ModelFailure, match=r"holds no state dict \('odd' is no plain tensor\)"):
        read(path)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64, torch.int32, torch.bool])
def test_plain_tensors_of_every_kind(tmp_path: Path, dtype: torch.dtype) -> None:
    path = tmp_path / "weights.pth"
    state = {"a": torch.tensor([0, 1]).to(dtype), "b": torch.nn.Parameter(torch.ones(2))}
    torch.save(state, path)
    assert same(read(path), state)


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.9])
def test_a_truncated_file(tmp_path: Path, suffix: str, kept: float) -> None:
    path = tmp_path / f"weights.{suffix}"
    (save_file if suffix == "safetensors" else torch.save)(STATE, path)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    message = "is incomplete or damaged. Download" if kept else "an empty file, not a model file"
    with pytest.raises(ModelFailure, match=message):
        read(path)


def test_files_that_can_not_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone.pth"):
        with pytest.raises(ModelFailure, match="can't be read"):
            read(path)
    for content in (b"not found", b"\x80\x05junk"):
        with pytest.raises(ModelFailure, match="can be read safely"):
            read(touched(tmp_path / "junk.pth", content))


# What load_model makes of it


def test_a_cached_file_with_the_wrong_checksum_is_not_used(bundle: Path, hub: Path) -> None:
    torch.save(RESNET18.architecture.build(10).state_dict(), hub / OFFICIAL.file_name)
    loaded = load_model(ModelChoice(device="cpu"))
    assert loaded.explainer.info.name == EFFICIENTNET_LITE0.name
    assert loaded.missing is not None
    assert "checksum is wrong" in loaded.missing.message
    with pytest.raises(ModelFailure, match="checksum is wrong"):
        load_model(ModelChoice(device="cpu"), allow_embedded=False)


def test_without_weights_the_embedded_model_runs(bundle: Path, hub: Path) -> None:
    loaded = load_model(ModelChoice(device="cpu"))
    assert loaded.explainer.info.name == EFFICIENTNET_LITE0.name
    assert loaded.missing is not None
    assert loaded.missing.message == "The weights of ResNet18 are not on this computer."
    assert loaded.device_problem is None
    with pytest.raises(ModelFailure, match="not on this computer"):
        load_model(ModelChoice(device="cpu"), allow_embedded=False)


def test_a_chosen_file_is_used_or_fails(tmp_path: Path) -> None:
    path = tmp_path / "own.pth"
    torch.save(RESNET18.architecture.build(10).state_dict(), path)
    info = load_model(ModelChoice(weights=path, device="cpu")).explainer.info
    assert (info.name, info.weights_origin, info.weights_file) == ("resnet18", "file", str(path))
    assert info.weights_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(ModelFailure, match="not of EfficientNet-Lite0"):
        load_model(ModelChoice(EFFICIENTNET_LITE0.name, path, device="cpu"))
    for wrong, message in (
        (touched(tmp_path / "junk.pth", b"junk"), "can be read safely"),
        (tmp_path / "gone", "exist"),
    ):
        with pytest.raises(ModelFailure, match=message):
            load_model(ModelChoice(weights=wrong, device="cpu"))


def test_resources_name_the_places_looked_in(bundle: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"'weights/none\.pth' is neither at .*nowhere.* nor at .*resources"
    ):
        resource_path("weights/none.pth")


def test_a_file_of_5_gb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.pth"
    with path.open("wb") as file:
        file.truncate(5_000_000_000)  # sparse: takes no room
    begin = time.perf_counter()
    with pytest.raises(ModelFailure, match=r"large\.pth is larger than 4000 MB"):
        read_state_dict(WeightsFile(path, WeightsOrigin.FILE))
    assert time.perf_counter() - begin < 1


def test_an_archive_that_unpacks_to_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pth"
    torch.save(STATE, path)
    zeros = zipfile.ZipInfo("archive/data/99")
    zeros.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zeros, bytes(1_000_000))
        archive.getinfo("archive/data/99").file_size = 5_000_000_000
    assert path.stat().st_size < 10_000
    with pytest.raises(ModelFailure, match=r"bomb\.pth is larger than"):
        read_state_dict(WeightsFile(path, WeightsOrigin.FILE))


def test_a_view_that_claims_to_be_huge_is_refused(tmp_path: Path) -> None:
    """A tensor of a terabyte, stored as one number: looking at its values would take the memory."""
    path = tmp_path / "view.pth"
    torch.save({"fc.weight": torch.zeros(1).expand(1_000_000, 250_000)}, path)
    with pytest.raises(ModelFailure, match=r"view\.pth is larger than"):
        read_state_dict(WeightsFile(path, WeightsOrigin.FILE))
