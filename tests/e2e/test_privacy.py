"""Nothing leaves the computer: the program runs where the kernel refuses every call that opens a socket."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

SOCKET = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}.get(platform.machine())
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or SOCKET is None, reason="needs seccomp, and the number of socket(2)"
)

JAIL = """
import ctypes, struct, sys

def forbid_sockets(arch, number):
    '''From here on, in all threads and children: an internet socket kills, any other is refused.'''
    load, jump, ret = 0x20, 0x15, 0x06
    allow, refuse, kill = 0x7FFF0000, 0x00050000 | 13, 0x80000000
    program = [
        (load, 0, 0, 4), (jump, 0, 6, arch),       # another architecture's calls have other numbers
        (load, 0, 0, 0), (jump, 0, 4, number),     # socket?
        (load, 0, 0, 16), (jump, 1, 0, 2), (jump, 0, 2, 10),  # AF_INET, AF_INET6
        (ret, 0, 0, kill), (ret, 0, 0, allow), (ret, 0, 0, refuse),
    ]
    filters = b"".join(struct.pack("HBBI", *line) for line in program)
    buffer = ctypes.create_string_buffer(filters)
    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
    libc = ctypes.CDLL(None, use_errno=True)
    prog = Program(len(program), ctypes.cast(buffer, ctypes.c_void_p))
    assert libc.prctl(38, 1, 0, 0, 0) == 0, ctypes.get_errno()  # no new privileges
    assert libc.prctl(22, 2, ctypes.byref(prog), 0, 0) == 0, ctypes.get_errno()  # seccomp, filter

forbid_sockets(int(sys.argv[1]), int(sys.argv[2]))
del sys.argv[1:3]
"""

PROGRAM = """
from camviewer.commands.cli import main
sys.exit(main(sys.argv[1:]))
"""

SAVING = """
from camviewer import app
from camviewer.ui.shell import main_window
class Saving(main_window.MainWindow):
    def __init__(self, *args):
        super().__init__(*args)
        self._pipeline.explained.connect(self.on_explained)
    def on_explained(self):
        self.actions_by_name["save"].trigger()
        self.background.run(lambda: None, lambda _: self.close(), print)
app.MainWindow = Saving
"""


def jailed(code: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    assert SOCKET is not None
    folders = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "TORCH_HOME")
    environment = {**os.environ, "HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    environment |= {name: str(home / name.lower()) for name in folders}
    start = [sys.executable, "-c", JAIL + code, *map(str, SOCKET), *arguments]
    return subprocess.run(start, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_jail_holds(tmp_path: Path) -> None:
    assert jailed("import socket; socket.socket(socket.AF_INET)", tmp_path).returncode == -31  # SIGSYS
    assert jailed("import socket; socket.socket(socket.AF_INET6)", tmp_path).returncode == -31
    refused = jailed("import socket; socket.socket(socket.AF_UNIX)", tmp_path)
    assert refused.returncode == 1
    assert "PermissionError" in refused.stderr
    resolved = jailed("import socket; socket.getaddrinfo('localhost', 80); print('?')", tmp_path)
    assert resolved.returncode == 0 or "Error" in resolved.stderr or resolved.returncode == -31


@pytest.mark.slow
def test_the_window_explains_and_saves_without_a_socket(samples: Path, tmp_path: Path) -> None:
    photo = str(samples / "cat.png")
    done = jailed(
        SAVING + PROGRAM,
        tmp_path,
        photo,
        "--model",
        "efficientnet_lite0",
        "--quit-after",
        "60",
        "--new-window",
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.rglob("cat*.png")), done.stderr


@pytest.mark.slow
def test_explain_works_without_a_socket(samples: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["explain", str(samples / "cat.png"), "--out", str(out), "--json", str(out / "a.json")]
    done = jailed(PROGRAM, tmp_path, *arguments, "--model", "efficientnet_lite0")
    assert done.returncode == 0, done.stderr
    (record,) = json.loads((out / "a.json").read_text("ascii"))
    assert record["predictions"]
    assert len(list(out.glob("*.png"))) == 5


@pytest.mark.slow
def test_no_file_of_onnx_sends_anything(samples: Path, tmp_path: Path) -> None:
    """ONNX Runtime would number the device and keep a list of what to tell its maker."""
    weights = {
        "kernel": np.full((4, 3, 16, 16), 0.01, np.float32),
        "matrix": np.arange(8, dtype=np.float32).reshape(4, 2),
    }
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["features"], strides=[16, 16]),
        helper.make_node("GlobalAveragePool", ["features"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["vector"]),
        helper.make_node("MatMul", ["vector", "matrix"], ["scores"]),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 2])],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    model, out = tmp_path / "net.onnx", tmp_path / "out"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), model)
    arguments = ["explain", str(samples / "cat.png"), "--out", str(out), "--model", str(model)]
    done = jailed(PROGRAM, tmp_path, *arguments)
    assert done.returncode == 0, done.stderr
    assert len(list(out.glob("*.png"))) == 2
    assert not [path for path in tmp_path.rglob("*") if "icrosoft" in path.name or "onnxruntime" in path.name]


def test_a_download_is_the_one_thing_that_wants_a_socket(samples: Path, tmp_path: Path) -> None:
    """Without weights for the wanted model, the window begins a download: the jail must notice it."""
    done = jailed(PROGRAM, tmp_path, str(samples / "cat.png"), "--quit-after", "40", "--new-window")
    assert done.returncode == -31, "else the tests above show nothing"
