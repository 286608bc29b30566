"""Whatever people save weights in, the reader gives what torch would, and nothing is run."""

from __future__ import annotations

import argparse
import enum
import io
import json
import os
import pickle
import random
import struct
import sys
import time
import tracemalloc
import types
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from camviewer.core.failures import ModelFailure
from camviewer.core.models import torch_files
from camviewer.core.models.card import FileFormat
from camviewer.core.models.checkpoint import Checkpoint, read_checkpoint
from camviewer.core.models.files import find_model_file
from tests.benchmarks.fuzz import mutated, weights_seeds

STATE = {
    "conv1.weight": torch.randn(4, 3, 3, 3),
    "bn1.running_mean": torch.randn(4),
    "bn1.num_batches_tracked": torch.tensor(7),
    "fc.weight": torch.randn(2, 4),
    "fc.bias": torch.randn(2),
}
Saves = Callable[[object, Path], None]


def save_zip(content: object, path: Path) -> None:
    torch.save(content, path)


def save_legacy(content: object, path: Path) -> None:
    torch.save(content, path, _use_new_zipfile_serialization=False)


both_forms = pytest.mark.parametrize("save", [save_zip, save_legacy], ids=["zip", "legacy"])


def read(path: Path) -> Checkpoint:
    found = find_model_file(path)
    return read_checkpoint(found.path, found.format)


def saved(tmp_path: Path, content: object, save: Saves = save_zip) -> Checkpoint:
    path = tmp_path / "weights.pth"
    save(content, path)
    return read(path)


def assert_same(ours: Mapping[str, Any], theirs: Mapping[str, Tensor]) -> None:
    """Bit for bit; half precision and doubles as float32."""
    assert ours.keys() == theirs.keys()
    for key, value in theirs.items():
        expected = (value.float() if value.is_floating_point() else value).detach().numpy()
        assert ours[key].dtype == expected.dtype, key
        assert ours[key].shape == expected.shape, key
        assert ours[key].tobytes() == expected.tobytes(), key
        assert not ours[key].flags.writeable


def prefixed(prefix: str, state: Mapping[str, Any] = STATE) -> dict[str, Any]:
    return {f"{prefix}{key}": value for key, value in state.items()}


# Tensors, against torch's own reader


def odd_views() -> dict[str, Tensor]:
    base = torch.arange(60.0).reshape(3, 4, 5)
    tied = torch.randn(5)
    return {
        "transposed": base.permute(2, 0, 1),
        "row": base[1],
        "every_other": base[:, ::2, 1:4],
        "expanded": torch.tensor([[1.0], [2.0]]).expand(2, 3),
        "channels_last": torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last),
        "tied": tied,
        "tied_again": tied,
        "view_of_tied": tied[2:],
        "none": torch.zeros(0, 3),
        "scalar": torch.tensor(2.5),
        "parameter": nn.Parameter(torch.randn(3)),
    }


DTYPES = (
    *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.bool),
    *(torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64),
)


@both_forms
def test_views_are_those_of_torch(tmp_path: Path, save: Saves) -> None:
    checkpoint = saved(tmp_path, odd_views(), save)
    assert_same(checkpoint.tensors, torch.load(tmp_path / "weights.pth", weights_only=True))


@both_forms
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_numbers_of_every_type(tmp_path: Path, save: Saves, dtype: torch.dtype) -> None:
    values = (torch.randn(3, 5) * 100).to(dtype)
    checkpoint = saved(tmp_path, {"a": values, "b": values.T, "c": values[0, 0]}, save)
    assert_same(checkpoint.tensors, torch.load(tmp_path / "weights.pth", weights_only=True))


@pytest.mark.parametrize("dtype", [torch.uint16, torch.uint32, torch.uint64], ids=str)
def test_types_without_a_storage_of_their_own(tmp_path: Path, dtype: torch.dtype) -> None:
    values = torch.tensor([[1, 2, 3], [4, 5, 40_000]]).to(dtype)
    assert_same(saved(tmp_path, {"a": values}).tensors, {"a": values})


def test_half_precision_at_its_limits(tmp_path: Path) -> None:
    """Denormals, the largest and the smallest numbers, and the sign of zero."""
    bits = torch.arange(-(2**15), 2**15).to(torch.int16)
    for dtype in (torch.float16, torch.bfloat16):
        values = bits.view(dtype)
        state = {"a": values[torch.isfinite(values)]}
        assert_same(saved(tmp_path, state).tensors, state)
        save_file(state, tmp_path / "a.safetensors")
        assert_same(read(tmp_path / "a.safetensors").tensors, state)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("new", [True, False])
def test_every_protocol_of_pickle(tmp_path: Path, protocol: int, new: bool) -> None:
    content = {"state_dict": OrderedDict(STATE), "classes": {"a", "b"}, "note": "ñ" * 300}
    torch.save(content, tmp_path / "a.pth", pickle_protocol=protocol, _use_new_zipfile_serialization=new)
    checkpoint = read(tmp_path / "a.pth")
    assert_same(checkpoint.tensors, STATE)
    assert set(checkpoint.extras["classes"]) == {"a", "b"}  # type: ignore[call-overload]
    assert checkpoint.extras["note"] == "ñ" * 300


def test_big_endian_archives(tmp_path: Path) -> None:
    path, big = tmp_path / "a.pth", tmp_path / "b.pth"
    state = {"a": torch.randn(3, 4), "b": torch.arange(5), "c": torch.randn(4).half()}
    torch.save(state, path)
    sizes = {0: 4, 1: 8, 2: 2}
    with zipfile.ZipFile(path) as there, zipfile.ZipFile(big, "w") as swapped:
        for name in there.namelist():
            content = there.read(name)
            if name.endswith("byteorder"):
                content = b"big"
            for key, size in sizes.items():
                if name.endswith(f"data/{key}"):
                    content = np.frombuffer(content, f"u{size}").byteswap().tobytes()
            swapped.writestr(name, content)
    for key, value in torch.load(big, weights_only=True).items():
        assert torch.equal(value, state[key])  # torch, too, sees the same
    assert_same(read(big).tensors, state)


def test_compressed_archives(tmp_path: Path) -> None:
    """Somebody unpacked and packed it again."""
    path, packed = tmp_path / "a.pth", tmp_path / "b.pth"
    torch.save(odd_views(), path)
    with zipfile.ZipFile(path) as there, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as again:
        for name in there.namelist():
            again.writestr(name, there.read(name))
    assert_same(read(packed).tensors, torch.load(path, weights_only=True))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_safetensors(tmp_path: Path, dtype: torch.dtype) -> None:
    path = tmp_path / "a.safetensors"
    state = {
        "a": (torch.randn(3, 5) * 100).to(dtype),
        "b": torch.zeros(0, 2, dtype=dtype),
        "c": torch.ones((), dtype=dtype),
    }
    save_file(state, path, {"format": "pt", "classes": '["cat", "dog"]'})
    checkpoint = read(path)
    assert_same(checkpoint.tensors, load_file(path))
    assert checkpoint.extras == {"format": "pt", "classes": '["cat", "dog"]'}
    assert (checkpoint.wrapper, checkpoint.prefix, checkpoint.left_out) == ("", "", ())


def test_prefixes_come_off_safetensors_too(tmp_path: Path) -> None:
    save_file(prefixed("model."), tmp_path / "a.safetensors")
    checkpoint = read(tmp_path / "a.safetensors")
    assert_same(checkpoint.tensors, STATE)
    assert checkpoint.prefix == "model."


# Wrappers


@both_forms
@pytest.mark.parametrize(
    "wrapper",
    [
        *(
            "state_dict",
            "model",
            "model_state_dict",
            "net",
            "network",
            "weights",
            "model_ema",
            "state_dict_ema",
        ),
        *("ema", "module", "my_resnet"),
    ],
)
def test_wrappers(tmp_path: Path, save: Saves, wrapper: str) -> None:
    optimizer = torch.optim.SGD([nn.Parameter(torch.ones(2))], 0.1, momentum=0.9)
    content = {wrapper: STATE, "epoch": 3, "optimizer": optimizer.state_dict(), "num_classes": 2}
    checkpoint = saved(tmp_path, content, save)
    assert_same(checkpoint.tensors, STATE)
    assert checkpoint.wrapper == wrapper
    assert set(checkpoint.left_out) == {"epoch", "optimizer"}
    assert checkpoint.extras == {"num_classes": 2}


def test_bare(tmp_path: Path) -> None:
    checkpoint = saved(tmp_path, {**STATE, "classes": ["cat", "dog"], "lr": 0.1, "optimizer": {"lr": 1}})
    assert_same(checkpoint.tensors, STATE)
    assert (checkpoint.wrapper, checkpoint.prefix, checkpoint.left_out) == ("", "", ("optimizer",))
    assert checkpoint.extras == {"classes": ["cat", "dog"], "lr": 0.1}


def test_wrappers_in_wrappers(tmp_path: Path) -> None:
    checkpoint = saved(tmp_path, {"model": {"state_dict": prefixed("module."), "arch": "resnet18"}, "x": [1]})
    assert_same(checkpoint.tensors, STATE)
    assert (checkpoint.wrapper, checkpoint.prefix) == ("model.state_dict", "module.")
    assert checkpoint.extras == {"arch": "resnet18", "x": [1]}


def test_averaged_weights_only_where_there_are_no_others(tmp_path: Path) -> None:
    other = {key: value + 1 for key, value in STATE.items()}
    checkpoint = saved(tmp_path, {"state_dict_ema": other, "state_dict": STATE, "arch": "resnet18"})
    assert_same(checkpoint.tensors, STATE)
    assert (checkpoint.wrapper, checkpoint.left_out) == ("state_dict", ("state_dict_ema",))
    checkpoint = saved(tmp_path, {"state_dict": None, "model_ema": other})
    assert_same(checkpoint.tensors, other)
    assert checkpoint.wrapper == "model_ema"


def test_a_dict_of_somebodys_class(tmp_path: Path, fakes: types.ModuleType) -> None:
    checkpoint = saved(tmp_path, {"state_dict": fakes.ConfigDict(STATE)})
    assert_same(checkpoint.tensors, STATE)


def test_several_networks(tmp_path: Path) -> None:
    with pytest.raises(ModelFailure, match=r"holds several networks \(generator, critic\)"):
        saved(tmp_path, {"generator": STATE, "critic": STATE})


def test_a_tensor_beside_a_wrapper(tmp_path: Path) -> None:
    checkpoint = saved(tmp_path, {"class_weights": torch.ones(2), "state_dict": STATE})
    assert_same(checkpoint.tensors, STATE)
    assert checkpoint.left_out == ("class_weights",)


# Prefixes


@pytest.mark.parametrize(
    "prefix",
    [
        *(
            "module.",
            "model.",
            "backbone.",
            "net.",
            "network.",
            "encoder.",
            "_orig_mod.",
            "student.",
            "teacher.",
        ),
        *("model._orig_mod.module.", "module.model.backbone."),
    ],
)
def test_prefixes(tmp_path: Path, prefix: str) -> None:
    checkpoint = saved(tmp_path, {"state_dict": prefixed(prefix)})
    assert_same(checkpoint.tensors, STATE)
    assert (checkpoint.prefix, checkpoint.left_out) == (prefix, ())


@pytest.mark.parametrize("prefix", ["resnet.", "vit.", "features.", "blocks."])
def test_prefixes_of_an_architecture_stay(tmp_path: Path, prefix: str) -> None:
    checkpoint = saved(tmp_path, prefixed(prefix))
    assert_same(checkpoint.tensors, prefixed(prefix))
    assert checkpoint.prefix == ""


@pytest.mark.parametrize("head", ["head", "fc", "classifier", "linear"])
def test_a_head_beside_the_backbone_stays(tmp_path: Path, head: str) -> None:
    body = {key: value for key, value in STATE.items() if not key.startswith("fc")}
    last = {f"{head}.weight": STATE["fc.weight"], f"{head}.bias": STATE["fc.bias"]}
    checkpoint = saved(tmp_path, prefixed("model.", prefixed("backbone.", body) | last))
    assert_same(checkpoint.tensors, body | last)
    assert checkpoint.prefix == "model.backbone."


def test_a_part_of_the_network_is_no_prefix(tmp_path: Path) -> None:
    """As in torchvision's vision transformers."""
    state = {"class_token": torch.zeros(1, 1, 4), "conv_proj.weight": torch.zeros(4, 3, 2, 2)}
    state |= prefixed("encoder.", {f"layers.{i}.weight": torch.randn(4, 4) for i in range(40)})
    checkpoint = saved(tmp_path, state)
    assert_same(checkpoint.tensors, state)


def test_a_head_of_the_same_name_in_both_is_not_guessed(tmp_path: Path) -> None:
    state = prefixed("backbone.") | {"fc.weight": torch.ones(3, 2)}
    assert_same(saved(tmp_path, state).tensors, state)


def test_losses_and_metrics_are_left_out(tmp_path: Path) -> None:
    more = {
        "criterion.weight": torch.ones(2),
        "train_acc.tp": torch.tensor(1),
        "val_f1.confmat": torch.ones(2, 2),
        "metrics.total": torch.tensor(1),
        "n_averaged": torch.tensor(3),
        "model.conv1.total_ops": torch.tensor([1.0], dtype=torch.float64),
    }
    checkpoint = saved(tmp_path, {"state_dict": {**more, **prefixed("model.")}})
    assert_same(checkpoint.tensors, STATE)
    assert set(checkpoint.left_out) == set(more)


@pytest.mark.parametrize("copy", ["student", "ema_model", "model_ema", "momentum_encoder"])
@pytest.mark.parametrize("network", ["teacher", "model"])
def test_second_copies_are_left_out(tmp_path: Path, copy: str, network: str) -> None:
    other = {key: value + 1 for key, value in STATE.items()}
    state = prefixed(f"{copy}.", other) | prefixed(f"{network}.") | prefixed("criterion.")
    checkpoint = saved(tmp_path, state)
    assert_same(checkpoint.tensors, STATE)
    assert checkpoint.prefix == f"{network}."
    assert f"{copy}.fc.bias" in checkpoint.left_out


# What lies beside


class Attributes(dict[str, object]):
    """As Lightning's AttributeDict."""


class Node:
    """As OmegaConf's: what it holds is in _val or _content."""

    def __init__(self, **state: object) -> None:
        self.__dict__.update(state)


class Size(enum.Enum):
    SMALL = "small"


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    """A module that is there while the file is written, and gone when it is read."""
    module = types.ModuleType("somebodys_config")
    for kind in (Attributes, Node, Size):
        monkeypatch.setattr(kind, "__module__", module.__name__)
        setattr(module, kind.__name__, kind)
    module.ConfigDict = type("ConfigDict", (dict,), {"__module__": module.__name__})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    yield module
    assert module.__name__ in sys.modules


@both_forms
def test_a_lightning_checkpoint(
    tmp_path: Path, save: Saves, fakes: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "last.ckpt"
    network = nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(network.parameters())
    network(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    hyper = Attributes(
        args=argparse.Namespace(lr=0.1, sizes=(1, 2), path=Path("data") / "photos"),
        config=Node(_content={"depth": Node(_val=50), "names": Node(_content=[Node(_val="cat")])}),
        best=np.float64(0.75),
        seed=np.int64(7),
        means=np.array([0.5, 0.25], np.float32),
        classes=np.array(["cat", "dög"]),
        objects=np.array(["a", None], dtype=object),
        size=Size.SMALL,
        device=torch.device("cpu"),
        shape=torch.Size([3, 2]),
        loss=nn.CrossEntropyLoss(torch.ones(2)),
        raw="ascii",
    )
    content = {
        "epoch": 3,
        "global_step": np.int64(100),
        "pytorch-lightning_version": "2.5.0",
        "state_dict": prefixed("model."),
        "loops": {"fit_loop": {"state_dict": {}}},
        "callbacks": {"ModelCheckpoint": {"best_model_score": torch.tensor(0.9)}},
        "optimizer_states": [optimizer.state_dict()],
        "lr_schedulers": [],
        "hparams_name": "kwargs",
        "hyper_parameters": hyper,
        "class_to_idx": {"cat": 0, "dog": 1},
    }
    save(content, path)
    monkeypatch.delitem(sys.modules, fakes.__name__)
    checkpoint = read(path)
    monkeypatch.setitem(sys.modules, fakes.__name__, fakes)
    assert_same(checkpoint.tensors, STATE)
    assert (checkpoint.wrapper, checkpoint.prefix) == ("state_dict", "model.")
    assert set(checkpoint.left_out) == {
        *("epoch", "global_step", "loops", "callbacks", "optimizer_states", "lr_schedulers")
    }
    assert checkpoint.extras == {
        "pytorch-lightning_version": "2.5.0",
        "hparams_name": "kwargs",
        "class_to_idx": {"cat": 0, "dog": 1},
        "hyper_parameters": {
            "args": {"lr": 0.1, "sizes": (1, 2), "path": "data/photos"},
            "config": {"depth": 50, "names": ["cat"]},
            "best": 0.75,
            "seed": 7,
            "means": [0.5, 0.25],
            "classes": ["cat", "dög"],
            "objects": ["a", None],
            "size": "small",
            "device": "cpu",
            "shape": (3, 2),
            "raw": "ascii",
        },
    }
    json.dumps(checkpoint.extras)


@both_forms
def test_tensors_with_attributes_and_of_other_classes(tmp_path: Path, save: Saves) -> None:
    tagged = torch.randn(3)
    tagged.tag = {"a": 1}  # type: ignore[attr-defined]
    parameter = nn.Parameter(torch.randn(2))
    parameter.tag = 3  # type: ignore[attr-defined]
    state = {"a.weight": tagged, "b.weight": parameter}
    assert_same(saved(tmp_path, state, save).tensors, {k: v.detach() for k, v in state.items()})


def test_the_hash_is_the_files(tmp_path: Path) -> None:
    import hashlib

    checkpoint = saved(tmp_path, STATE)
    assert checkpoint.sha256 == hashlib.sha256((tmp_path / "weights.pth").read_bytes()).hexdigest()
    assert read_checkpoint(tmp_path / "weights.pth", FileFormat.TORCH, "known").sha256 == "known"


# Programs: nothing is run


CANARY = "touch {}"
HARMFUL: dict[str, Callable[[str], bytes]] = {
    "reduce": lambda command: b"\x80\x02cposix\nsystem\n" + unicode(command) + b"\x85R.",
    "inst": lambda command: b"\x80\x02(" + unicode(command) + b"iposix\nsystem\n.",
    "obj": lambda command: b"\x80\x02(cposix\nsystem\n" + unicode(command) + b"o.",
    "newobj": lambda command: b"\x80\x02csubprocess\nPopen\n" + unicode(command) + b"\x85\x81.",
    "newobj_ex": lambda command: b"\x80\x04csubprocess\nPopen\n" + unicode(command) + b"\x85}\x92.",
    "stack_global": lambda command: (
        b"\x80\x04" + unicode("os") + unicode("system") + b"\x93" + unicode(command) + b"\x85R."
    ),
    "eval": lambda command: (
        b"\x80\x02cbuiltins\neval\n" + unicode(f"__import__('os').system({command!r})") + b"\x85R."
    ),
    "build": lambda command: (
        b"\x80\x02c__main__\nX\n)\x81}"
        + unicode("__setstate__")
        + b"cos\nsystem\nsb"
        + unicode(command)
        + b"b."
    ),
    "map": lambda command: b"\x80\x02cbuiltins\nmap\ncos\nsystem\n](" + unicode(command) + b"e\x86R.",
    "python2": lambda command: (
        b"\x80\x02c__builtin__\neval\n" + unicode(f"__import__('os').system({command!r})") + b"\x85R."
    ),
}


def unicode(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text)) + text.encode()


def torch_zip(path: Path, content: bytes, storage: bytes = b"") -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", content)
        archive.writestr("archive/byteorder", "little")
        archive.writestr("archive/data/0", storage)
        archive.writestr("archive/version", "3\n")


@pytest.mark.skipif(sys.platform == "win32", reason="the pickles name posix")
@pytest.mark.parametrize("kind", HARMFUL)
@pytest.mark.parametrize("form", ["zip", "legacy", "pickle"])
def test_code_is_not_run(tmp_path: Path, kind: str, form: str) -> None:
    canary, path = tmp_path / "canary", tmp_path / "weights.pth"
    content = HARMFUL[kind](CANARY.format(canary))
    if kind in ("reduce", "obj", "stack_global", "eval"):
        pickle.loads(content)
        assert canary.exists()  # it works where it is let
        canary.unlink()
    if form == "zip":
        torch_zip(path, content)
    elif form == "legacy":
        buffer = io.BytesIO()
        torch.save({}, buffer, _use_new_zipfile_serialization=False)
        whole = buffer.getvalue()
        path.write_bytes(whole.replace(pickle.dumps({}, 2), content))
        assert content in path.read_bytes()
    else:
        path.write_bytes(content)
    with pytest.raises(
        ModelFailure, match="not a weights file that can be read safely: it asks to run"
    ) as raised:
        read(path)
    assert raised.value.mend
    assert not canary.exists()


class Harmful:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self.command,)


@both_forms
def test_code_beside_good_weights_is_not_run_either(tmp_path: Path, save: Saves) -> None:
    canary = tmp_path / "canary"
    for content in (
        {**STATE, "evil": Harmful(f'echo > "{canary}"')},
        {"state_dict": STATE, "a": [Harmful(f'echo > "{canary}"')]},
    ):
        with pytest.raises(ModelFailure, match="it asks to run"):
            saved(tmp_path, content, save)
        assert not canary.exists()


def test_unknown_names_are_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that would leave a mark when it is imported."""
    (tmp_path / "marks.py").write_text(f"open({str(tmp_path / 'mark')!r}, 'w').close()\nclass X: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    pid = b"(" + unicode("storage") + b"ctorch\nFloatStorage\n" + unicode("0") + unicode("cpu") + b"K\x02tQ"
    tensor = (
        b"ctorch._utils\n_rebuild_tensor_v2\n("
        + pid
        + b"K\x00K\x02\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR"
    )
    content = b"\x80\x02}(" + unicode("fc.bias") + tensor + unicode("other") + b"cmarks\nX\n)\x81}b" + b"u."
    torch_zip(tmp_path / "a.pth", content, struct.pack("<2f", 1, 2))
    checkpoint = read(tmp_path / "a.pth")
    assert checkpoint.tensors["fc.bias"].tolist() == [1, 2]
    assert "marks" not in sys.modules
    assert not (tmp_path / "mark").exists()


# Bombs


def nested_key() -> bytes:
    """A tuple of tuples of … as a key: to hash it takes 2 ** 60 steps."""
    return b"\x80\x02}N\x85" + b"q\x00h\x00\x86" * 60 + b"Ns."


BOMBS = {
    "memo": b"\x80\x02Nr" + struct.pack("<I", 2**32 - 1) + b".",
    "bytes": b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b"x.",
    "text": b"\x80\x02X" + struct.pack("<I", 2**32 - 1) + b"x.",
    "bytearray": b"\x80\x05\x96" + struct.pack("<Q", 2**63 - 1) + b"x.",
    "frame": b"\x80\x04\x95" + struct.pack("<Q", 2**63 - 1) + b"N.",
    "integer": b"\x80\x02\x8b" + struct.pack("<i", 2**20) + b"\x7f" * 2**20 + b".",
    "decimal": b"\x80\x02L" + b"9" * 1_000_000 + b"L\n.",
    "hash": nested_key(),
    "operations": b"\x80\x02" + b"N0" * 1_000_000 + b".",
    "copies": b"\x80\x02]("
    + b"]NaNa" * 5000
    + b"eq\x00"
    + b"("
    + b"ccollections\nOrderedDict\nh\x00\x85R" * 20_000
    + b"t.",
    "depth": b"\x80\x02" + b"(" * 500_000 + b"t" * 500_000 + b".",
    "subclasses": b"\x80\x02"
    + b"ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._tensor\n_rebuild_from_type_v2\nN" * 2000
    + b".",
    "extension": b"\x80\x02\x82\x01.",
    "nothing": b"\x80\x02R.",
    "cycle": b"\x80\x02]q\x00h\x00a.",
}


@pytest.mark.parametrize("kind", BOMBS)
@pytest.mark.parametrize("form", ["zip", "legacy"])
def test_pickles_that_ask_for_too_much(tmp_path: Path, kind: str, form: str) -> None:
    path = tmp_path / "weights.pth"
    if form == "zip":
        torch_zip(path, BOMBS[kind])
    else:
        head = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + pickle.dumps({}, 2)
        path.write_bytes(head + BOMBS[kind] + pickle.dumps([], 2))
    before, begin = peak_memory(), time.perf_counter()
    with pytest.raises(ModelFailure):
        read(path)
    assert time.perf_counter() - begin < 10
    assert peak_memory() - before < 1_500_000_000


def packed_pickle(path: Path, size: int, compression: int) -> None:
    """An archive whose pickle is one text of so many bytes."""
    content = b"\x80\x02X" + struct.pack("<I", size) + bytes(size) + b"."
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("archive/data.pkl", content)


@pytest.mark.parametrize(
    ("compression", "claims"),
    [
        (zipfile.ZIP_STORED, None),
        (zipfile.ZIP_DEFLATED, None),
        (zipfile.ZIP_DEFLATED, 1000),
        (zipfile.ZIP_LZMA, 1000),
        (zipfile.ZIP_BZIP2, 1000),
    ],
)
def test_huge_pickles_in_archives_are_not_unpacked(
    tmp_path: Path, compression: int, claims: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """claims: bytes that the archive says it unpacks to."""
    size, path = 20_000_000, tmp_path / "weights.pth"
    packed_pickle(path, size, compression)
    if claims is not None:
        content = bytearray(path.read_bytes())
        struct.pack_into("<I", content, content.rindex(b"PK\x01\x02") + 24, claims)
        path.write_bytes(content)
    monkeypatch.setattr(torch_files, "MAX_PICKLE", size // 10)
    tracemalloc.start()
    try:
        with pytest.raises(ModelFailure, match=r"can be read safely|is incomplete or damaged"):
            read(path)
        assert tracemalloc.get_traced_memory()[1] < size // 4
    finally:
        tracemalloc.stop()


def peak_memory() -> int:
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def test_plain_data_without_end_is_left_out(tmp_path: Path) -> None:
    endless: list[object] = ["x"]
    for _ in range(60):
        endless = [endless, endless]
    cycle: list[object] = []
    cycle.append(cycle)
    deep: list[object] = []
    for _ in range(300):
        deep = [deep]
    checkpoint = saved(
        tmp_path, {"state_dict": STATE, "endless": endless, "cycle": cycle, "deep": deep, "a": 1}
    )
    assert set(checkpoint.left_out) == {"endless", "cycle", "deep"}
    assert checkpoint.extras == {"a": 1}


def forged(tmp_path: Path, old: bytes, new: bytes, state: Mapping[str, Tensor]) -> Path:
    """A file with other bytes in its pickle."""
    path, changed = tmp_path / "a.pth", tmp_path / "b.pth"
    torch.save(state, path)
    with zipfile.ZipFile(path) as there, zipfile.ZipFile(changed, "w") as other:
        for name in there.namelist():
            content = there.read(name)
            if name.endswith("data.pkl"):
                assert old in content
                content = content.replace(old, new)
            other.writestr(name, content)
    return changed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"K\x00K\x05", b"K\x03K\x05"),  # the offset
        (b"K\x00K\x05", b"J\xff\xff\xff\xffK\x05"),  # before the beginning
        (b"K\x00K\x05", b"K\x00K\x06"),  # one more
        (b"K\x00K\x05", b"K\x00NK"[:3] + b"K\x05"),
        (b"K\x05\x85", b"J\xff\xff\xff\xff\x85"),
        (b"K\x01\x85", b"K\x02\x85"),  # the stride
        (b"K\x01\x85", b"K\x01K\x01\x86"),
        (b"X\x01\x00\x00\x000q", b"X\x01\x00\x00\x007q"),  # no such storage
        (b"FloatStorage", b"NoStorage"),
        (b"FloatStorage", b"DoubleStorage"),
    ],
)
def test_tensors_outside_of_their_storage(tmp_path: Path, old: bytes, new: bytes) -> None:
    path = forged(tmp_path, old, new, {"fc.bias": torch.arange(5.0)})
    with pytest.raises(ModelFailure, match=r"not a weights file that can be read safely|no plain tensor"):
        read(path)


def test_views_that_claim_to_be_huge(tmp_path: Path) -> None:
    with pytest.raises(ModelFailure, match="is larger than 4000 MB"):
        saved(tmp_path, {"fc.weight": torch.zeros(1).expand(1_000_000, 250_000)})
    with pytest.raises(ModelFailure, match="is larger than 4000 MB"):
        saved(tmp_path, {f"a{i}": torch.zeros(1).expand(300_000_000) for i in range(4)})
    with pytest.raises(ModelFailure, match="is larger than 4000 MB"):  # as float32 it is
        saved(tmp_path, {"a": torch.zeros(1, dtype=torch.float16).expand(1_100_000_000)})


@pytest.mark.parametrize("header", [
    {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}},
    {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 80]}},
    {"a": {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 8]}},
    {"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}},
    {"a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}},
    {"a": {"dtype": "F32", "shape": [1] * 100_000, "data_offsets": [0, 4]}},
    {"a": {"dtype": "F32", "shape": "xx", "data_offsets": [0, 8]}},
    {"a": {"dtype": "F32", "shape": [2]}},
    {"a": 3},
    {"a": {"dtype": ["F32"], "shape": [2], "data_offsets": [0, 8]}},
])  # fmt: skip
def test_damaged_headers_of_safetensors(tmp_path: Path, header: object) -> None:
    content = json.dumps(header).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(content)) + content + bytes(8))
    with pytest.raises(ModelFailure, match=r"not a weights file that can be read safely|is incomplete"):
        read(path)


def test_deep_headers_of_safetensors(tmp_path: Path) -> None:
    content = b'{"a":' + b"[" * 1_000_000
    (tmp_path / "a.safetensors").write_bytes(struct.pack("<Q", len(content)) + content)
    with pytest.raises(ModelFailure, match="not a weights file that can be read safely"):
        read(tmp_path / "a.safetensors")


@pytest.mark.parametrize("length", [*range(0x80, 0x180, 0x20), 0x4D42])
def test_no_length_of_a_header_looks_like_another_format(tmp_path: Path, length: int) -> None:
    """The first bytes of the file are the length: 0x80 begins a pickle, BM an image."""
    header = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode().ljust(length)
    (tmp_path / "a.bin").write_bytes(struct.pack("<Q", length) + header + struct.pack("<2f", 1, 2))
    assert read(tmp_path / "a.bin").tensors["a"].tolist() == [1, 2]


def test_odd_tensors_in_safetensors(tmp_path: Path) -> None:
    save_file({"a": torch.ones(2).to(torch.float8_e4m3fn)}, tmp_path / "a.safetensors")
    with pytest.raises(ModelFailure, match=r"holds no state dict \('a' is no plain tensor\)"):
        read(tmp_path / "a.safetensors")


def test_doubles_that_no_float_can_hold(tmp_path: Path) -> None:
    with pytest.raises(ModelFailure, match=r"not all finite \('a'\)"):
        saved(tmp_path, {"a": torch.tensor([1e300], dtype=torch.float64)})


# Damaged files


def test_damaged_files_are_refused_in_time(tmp_path: Path) -> None:
    seeds = [(suffix, content) for suffix, content in weights_seeds() if len(content) < 100_000][:10]
    path, opened, refused = tmp_path / "weights.pth", 0, 0
    for number in range(600):
        chance = random.Random(f"checkpoint {number}")
        path.write_bytes(mutated(seeds[number % len(seeds)][1], chance))
        begin = time.perf_counter()
        try:
            checkpoint = read(path)
        except ModelFailure as failure:
            refused += bool(failure.message and failure.mend)
        else:
            assert all(np.isfinite(each).all() for each in checkpoint.tensors.values())
            opened += 1
        count = number + 1
        assert opened + refused == count
        assert time.perf_counter() - begin < 5
    assert opened > 20
    assert refused > 200
