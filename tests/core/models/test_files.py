"""What a file is, is found out from its content; what can't be opened is refused with what to do instead."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import sys
import types
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from camviewer.core.failures import ModelFailure
from camviewer.core.models.card import FileFormat
from camviewer.core.models.files import ModelFile, file_format, find_model_file

STATE = {"fc.weight": torch.ones(2, 3), "fc.bias": torch.zeros(2)}


def torch_zip(path: Path) -> None:
    torch.save(STATE, path)


def torch_legacy(path: Path) -> None:
    torch.save({"state_dict": STATE}, path, _use_new_zipfile_serialization=False)


def safetensors(path: Path) -> None:
    save_file(STATE, path)


def onnx(path: Path) -> None:
    from onnx import TensorProto, helper, save_model

    node = helper.make_node("Relu", ["x"], ["y"])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3]) for name in "xy"]
    model = helper.make_model(helper.make_graph([node], "g", ends[:1], ends[1:]), doc_string="a")
    helper.set_model_props(model, {"classes": "cat,dog"})
    save_model(model, path)


FORMATS: dict[FileFormat, list[Callable[[Path], None]]] = {
    FileFormat.TORCH: [torch_zip, torch_legacy],
    FileFormat.SAFETENSORS: [safetensors],
    FileFormat.ONNX: [onnx],
}


@pytest.mark.parametrize(
    ("format", "write"), [(format, write) for format, writers in FORMATS.items() for write in writers]
)
@pytest.mark.parametrize("name", ["a.pth", "a.safetensors", "a.onnx", "photo.png", "no suffix", "é'$\".bin"])
def test_the_content_says_what_a_file_is(
    tmp_path: Path, format: FileFormat, write: Callable[[Path], None], name: str
) -> None:
    if sys.platform == "win32" and '"' in name:
        pytest.skip("no name of Windows")
    write(tmp_path / "written")
    path = (tmp_path / "written").rename(tmp_path / name)
    assert find_model_file(path) == ModelFile(path, format)
    assert file_format(path) is format


def test_an_onnx_export_of_torch(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(nn.Linear(3, 2), (torch.zeros(1, 3),), tmp_path / "m", dynamo=False)
    assert file_format(tmp_path / "m") is FileFormat.ONNX


# config.json


@pytest.mark.parametrize(
    ("name", "write", "read"),
    [
        ("model.safetensors", safetensors, True),
        ("other.safetensors", safetensors, True),
        ("pytorch_model.bin", torch_zip, True),
        ("model.onnx", onnx, True),
        ("weights.pth", torch_zip, False),
    ],
)
def test_the_config_beside_weights_of_a_hub(
    tmp_path: Path, name: str, write: Callable[[Path], None], read: bool
) -> None:
    config = {"architecture": "resnet18", "num_classes": 2, "label_names": ["Löwe", "dog"]}
    write(tmp_path / name)
    assert find_model_file(tmp_path / name).config is None
    (tmp_path / "config.json").write_text(json.dumps(config, ensure_ascii=False), "utf-8")
    assert find_model_file(tmp_path / name).config == (config if read else None)
    assert find_model_file(tmp_path).config == config  # the folder was named: it is its config
    assert find_model_file(tmp_path).path == tmp_path / name


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_config(tmp_path: Path, content: bytes) -> None:
    safetensors(tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_bytes(content)
    for path in (tmp_path, tmp_path / "model.safetensors"):
        with pytest.raises(ModelFailure, match=r"config\.json is damaged") as raised:
            find_model_file(path)
        assert "folder of their own" in raised.value.mend


# Folders


def test_the_best_file_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "onnx").mkdir()
    for name, write in (
        ("onnx/model.onnx", onnx),
        ("model.onnx", onnx),
        ("pytorch_model.bin", torch_zip),
        ("model.safetensors", safetensors),
    ):
        write(tmp_path / name)
        assert find_model_file(tmp_path).path == tmp_path / name


def test_a_folder_with_one_model(tmp_path: Path) -> None:
    torch_zip(tmp_path / "best.ckpt")
    (tmp_path / "notes.txt").write_text("a")
    assert find_model_file(tmp_path) == ModelFile(tmp_path / "best.ckpt", FileFormat.TORCH)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a permission there")
def test_a_hubs_cache_is_of_links(tmp_path: Path) -> None:
    safetensors(tmp_path / "blob")
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "snapshot" / "model.safetensors").symlink_to("../blob")
    assert find_model_file(tmp_path / "snapshot").format is FileFormat.SAFETENSORS


@pytest.mark.parametrize(
    ("names", "message", "mend"),
    [
        ((), "is a folder without a model", "Choose a model file."),
        (("a.jpg", "readme.md"), "is a folder without a model", "Choose a model file."),
        (("a.pth", "b.pt"), r"several model files \(a\.pth, b\.pt\)", "Choose one of them."),
        (("saved_model.pb",), "a SavedModel of TensorFlow", "--saved-model folder --output model.onnx"),
        (
            ("model-00001-of-00002.safetensors", "model.safetensors.index.json"),
            "are in several files",
            "save_pretrained",
        ),
    ],
)
def test_folders_that_are_no_model(tmp_path: Path, names: tuple[str, ...], message: str, mend: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(b"x")
    with pytest.raises(ModelFailure, match=message) as raised:
        find_model_file(folder)
    assert mend in raised.value.mend


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelFailure, match=r"nothing doesn't exist\. Check the path\."):
        find_model_file(tmp_path / "nothing")
    with pytest.raises(ModelFailure, match="doesn't exist"):
        find_model_file(tmp_path / ("x" * 300))
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ModelFailure, match="pipe is not a file"):
            find_model_file(tmp_path / "pipe")


# Programs and other files


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.fc(x)
        return out


def in_module(kind: type, module: str, name: str, monkeypatch: pytest.MonkeyPatch) -> type:
    """The same class, as if it were somebody's library's."""
    there = types.ModuleType(module)
    copy = type(name, (kind,), {"__module__": module, "__qualname__": name})
    setattr(there, name, copy)
    for part in (module.rpartition(".")[0].partition(".")[0], module):
        if part:
            monkeypatch.setitem(sys.modules, part, there if part == module else types.ModuleType(part))
    return copy


def refusal(path: Path) -> ModelFailure:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # torch warns of TorchScript
        with pytest.raises(ModelFailure) as raised:
            find_model_file(path)
    return raised.value


@pytest.mark.parametrize("new", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("wrapper", ["", "model", "net"])
@pytest.mark.filterwarnings("ignore:Couldn't retrieve source code")
def test_whole_modules(tmp_path: Path, new: bool, wrapper: str) -> None:
    path = tmp_path / "it's.pt"
    network: Any = Network()
    torch.save(
        {wrapper: network, "epoch": 3} if wrapper else network, path, _use_new_zipfile_serialization=new
    )
    failure = refusal(path)
    kind = f"{Network.__module__}.Network"
    assert (
        failure.message == f"it's.pt is a whole pickled object ({kind}): a program, which opening would run."
    )
    assert failure.mend.endswith(
        """model = torch.load("it's.pt", weights_only=False); torch.save(model.state_dict(), 'weights.pth')"""
    )


def test_ultralytics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = in_module(Network, "ultralytics.nn.tasks", "ClassificationModel", monkeypatch)
    torch.save({"model": kind().half(), "ema": None, "train_args": {"imgsz": 64}}, tmp_path / "yolo-cls.pt")
    failure = refusal(tmp_path / "yolo-cls.pt")
    assert failure.message == "yolo-cls.pt is a model of Ultralytics: a program, which opening would run."
    assert failure.mend.endswith("YOLO('yolo-cls.pt').export(format='onnx')")


def test_fastai(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Learner:
        def __init__(self) -> None:
            self.model, self.dls = Network(), ["data"]

    kind = in_module(Learner, "fastai.learner", "Learner", monkeypatch)
    torch.save(kind(), tmp_path / "export.pkl")
    failure = refusal(tmp_path / "export.pkl")
    assert failure.message == "export.pkl is a Learner of fastai: a program, which opening would run."
    assert failure.mend.endswith(
        "learn = load_learner('export.pkl'); "
        "torch.onnx.export(learn.model.eval().cpu(), torch.zeros(1, 3, 224, 224), 'model.onnx')"
    )


def test_fastais_weights_open(tmp_path: Path) -> None:
    """What learn.save writes, with the optimizer."""
    torch.save({"model": STATE, "opt": {"hypers": [{"lr": 0.1}], "state": []}}, tmp_path / "a.pth")
    assert find_model_file(tmp_path / "a.pth").format is FileFormat.TORCH


@pytest.mark.filterwarnings("ignore:`torch.jit")
@pytest.mark.parametrize("make", ["script", "trace"])
def test_torchscript(tmp_path: Path, make: str) -> None:
    jit: Any = torch.jit
    network = jit.script(Network()) if make == "script" else jit.trace(Network(), torch.zeros(1, 3))
    jit.save(network, str(tmp_path / "s.pt"))
    failure = refusal(tmp_path / "s.pt")
    assert failure.message == "s.pt is a TorchScript file: a program, which opening would run."
    line = failure.mend.removeprefix("Save its weights alone, and open that file: ")
    assert line == "model = torch.jit.load('s.pt'); torch.save(model.state_dict(), 'weights.pth')"
    exec(line.replace("'s.pt'", "there").replace("'weights.pth'", "here"), {
        "torch": torch, "there": str(tmp_path / "s.pt"), "here": tmp_path / "weights.pth"
    })  # fmt: skip
    assert find_model_file(tmp_path / "weights.pth").format is FileFormat.TORCH


def test_the_line_for_modules_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save(nn.Sequential(nn.Linear(3, 2)), tmp_path / "m.pt")
    line = refusal(tmp_path / "m.pt").mend.partition("open that file: ")[2]
    monkeypatch.chdir(tmp_path)
    exec(line, {"torch": torch})
    assert find_model_file(tmp_path / "weights.pth").format is FileFormat.TORCH


def test_torch_export(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(torch.export.export(Network(), (torch.zeros(1, 3),)), tmp_path / "m.pt2")
    failure = refusal(tmp_path / "m.pt2")
    assert failure.message == "m.pt2 is a program of torch.export."
    assert failure.mend.endswith("torch.save(torch.export.load('m.pt2').state_dict, 'weights.pth')")


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, b"{}")
    return buffer.getvalue()


def image(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9)).save(buffer, kind)
    return buffer.getvalue()


def arrays(compressed: bool) -> bytes:
    buffer = io.BytesIO()
    if compressed:
        np.savez_compressed(buffer, a=np.ones(3))
    else:
        np.save(buffer, np.ones(3))
    return buffer.getvalue()


def field(number: int, content: bytes | int) -> bytes:
    """Of a protobuf message, short."""
    if isinstance(content, int):
        return bytes([number << 3, content])
    return bytes([number << 3 | 2, len(content)]) + content


KERAS = "python -m tf2onnx.convert --keras 'my model' --output model.onnx"
OTHERS: dict[str, tuple[bytes, str, str]] = {
    "keras": (zipped("metadata.json", "config.json", "model.weights.h5"), "is a model of Keras.", KERAS),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(99), "is a model of Keras.", KERAS),
    "tflite": (
        *(b"\x1c\0\0\0TFL3" + bytes(99), "is a model of TensorFlow Lite."),
        "python -m tf2onnx.convert --tflite 'my model' --output model.onnx",
    ),
    "savedmodel": (field(1, 1) + field(2, b"graph"), "is a SavedModel of TensorFlow", "--saved-model"),
    "pickle": (
        *(pickle.dumps({"a": [1.5]}), "is a pickle of Python objects: a program"),
        "torch.save(model.state_dict(), 'weights.pth')",
    ),
    "npy": (arrays(False), "holds arrays of numpy", "torch.save(model.state_dict(), 'weights.pth')"),
    "npz": (arrays(True), "holds arrays of numpy", "torch.save(model.state_dict(), 'weights.pth')"),
    "png": (image("PNG"), "is an image or a video, not a model file", "Open a model file"),
    "jpeg": (image("JPEG"), "is an image or a video, not a model file", "Open a model file"),
    "webp": (image("WEBP"), "is an image or a video, not a model file", "Open a model file"),
    "empty": (b"", "is an empty file", "Download or save it again."),
    "zip": (zipped("readme.txt"), "is a zip archive", "Unpack it"),
    "gzip": (b"\x1f\x8b" + bytes(99), "is an archive", "Unpack it"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid", "is a pointer of Git LFS", "git lfs pull"),
    "html": (b"\n<!DOCTYPE html><html>", "is a web page", "Download the file itself."),
    "json": (b'{\n  "architectures": []}', "is a JSON file", "the weights beside it"),
    "text": (b"hello", "is not a weights file that can be read safely", "Choose a state dict"),
    "zeros": (bytes(5000), "is not a weights file that can be read safely", "Choose a state dict"),
    "cut onnx": (
        field(1, 8) + field(7, b"graph")[:-1],
        "is incomplete or damaged",
        "Download or copy it again",
    ),
    "cut safetensors": (
        struct.pack("<Q", 900) + b'{"a":',
        "is incomplete or damaged",
        "Download or copy it again",
    ),
    "cut zip": (zipped("archive/data.pkl")[:40], "is incomplete or damaged", "Download or copy it again"),
    "endless varint": (b"\x08" + b"\xff" * 99, "is not a weights file", "Choose a state dict"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_files(tmp_path: Path, kind: str) -> None:
    content, message, mend = OTHERS[kind]
    (tmp_path / "my model").write_bytes(content)
    failure = refusal(tmp_path / "my model")
    assert message in failure.message
    assert mend in failure.mend
