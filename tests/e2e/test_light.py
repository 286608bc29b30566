"""The light edition, where torch can't be imported: what it has works, the rest says what it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
import torchvision

from camviewer.core.resources import resource_path

WITHOUT_TORCH = """
import sys

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in NAMES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

NAMES = {"torch", "torchvision", "timm", "transformers", "efficientnet_lite_pytorch", "torchcam"}
sys.meta_path.insert(0, NotInstalled())
"""
"""Python runs a module of this name as it starts, in child processes too."""
COMMANDS = """
import contextlib, io, json, sys
from camviewer.commands.cli import main
for line in sys.stdin:
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        try:
            status = main(json.loads(line))
        except SystemExit as end:
            status = end.code
    print(json.dumps([status, out.getvalue(), errors.getvalue()]), flush=True)
"""
"""One command line after the other, in one process."""
CAT = str(resource_path("samples/cat.png"))
Done = subprocess.CompletedProcess[str]
Light = Callable[..., Done]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """That of the light edition."""
    folder = tmp_path_factory.mktemp("without_torch")
    (folder / "sitecustomize.py").write_text(WITHOUT_TORCH)
    places = [str(folder), str(Path(__file__).resolve().parents[2])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(places), "PYTHONUTF8": "1"}


@pytest.fixture(scope="module")
def light_process(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Answers command lines, each a line of JSON."""
    with subprocess.Popen(
        [sys.executable, "-c", COMMANDS],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        yield process


@pytest.fixture
def light(light_process: subprocess.Popen[str]) -> Light:
    """Runs a command line in the light edition, in the process of those before it."""

    def run(*arguments: object) -> Done:
        assert light_process.stdin is not None
        assert light_process.stdout is not None
        print(json.dumps([str(argument) for argument in arguments]), file=light_process.stdin, flush=True)
        status, out, errors = json.loads(light_process.stdout.readline())
        return subprocess.CompletedProcess([str(each) for each in arguments], status, out, errors)

    return run


@pytest.fixture
def light_python(environment: dict[str, str]) -> Light:
    """Runs Python with these arguments in the light edition, in a process of its own."""

    def run(*arguments: object) -> Done:
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=180,
            check=False,
        )

    return run


def resnet18(path: Path, classes: int) -> Path:
    torch.save(torchvision.models.resnet18(num_classes=classes).state_dict(), path)
    return path


def test_torch_is_not_there(light_python: Light) -> None:
    done = light_python("-c", "import torch")
    assert done.returncode == 1
    assert "No module named 'torch'" in done.stderr


def test_the_embedded_model_explains(light_python: Light, tmp_path: Path) -> None:
    out, program = tmp_path / "all.json", ("-m", "camviewer", "explain", CAT)
    done = light_python(*program, "--model", "efficientnet_lite0", "--json", out, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    (record,) = json.loads(out.read_text())
    assert record["predictions"][0]["class_id"] in (281, 282, 285)
    assert list((tmp_path / "out").glob("*.png"))


@pytest.mark.slow
def test_resnet18_with_own_weights_explains_by_methods_without_gradients(
    light: Light, tmp_path: Path
) -> None:
    weights = resnet18(tmp_path / "own.pth", 5)
    for method in ("ReciproCAM", "Object extent"):
        done = light("explain", CAT, "--weights", weights, "--method", method, "--out", tmp_path / method)
        assert done.returncode == 0, done.stderr
    done = light("explain", CAT, "--weights", weights, "--method", "Grad-CAM", "--out", tmp_path / "no")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


def test_an_own_file_of_a_built_in_architecture_opens_with_its_card(light: Light, tmp_path: Path) -> None:
    done = light("inspect", resnet18(tmp_path / "own.pth", 5), "--json")
    assert done.returncode == 0, done.stderr
    card = json.loads(done.stdout)
    assert "exact" in done.stdout
    assert card["classes"] == 5


def test_what_needs_torch_says_so(light: Light, tmp_path: Path) -> None:
    other = tmp_path / "squeeze.pth"
    torch.save(torchvision.models.squeezenet1_1(num_classes=5).state_dict(), other)
    explain = ("explain", CAT, "--out", tmp_path / "out")
    for arguments in ((*explain, "--device", "cuda"), (*explain, "--model", other), ("inspect", other)):
        done = light(*arguments)
        assert done.returncode != 0
        assert "full edition" in done.stderr + done.stdout
        assert "Traceback" not in done.stderr


def test_methods_that_need_gradients_say_that_they_need_torch(light_python: Light) -> None:
    code = """
from camviewer.core.loading import ModelChoice, load_model
for offer in load_model(ModelChoice("efficientnet_lite0")).explainer.methods:
    print(offer.name, "|", offer.missing)
"""
    offers = dict(line.split(" | ") for line in light_python("-c", code).stdout.splitlines())
    assert offers["CAM"] == offers["Score-CAM"] == "None"
    assert "full edition" in offers["Grad-CAM"]


def test_a_folder_is_reviewed(light: Light, tmp_path: Path) -> None:
    done = light(
        *("explain", resource_path("samples"), "--model", "efficientnet_lite0"),
        *("--report", tmp_path / "report.html"),
    )
    assert done.returncode == 0, done.stderr
    assert "cat.png" in (tmp_path / "report.html").read_text("utf-8")


@pytest.mark.slow
def test_the_self_test_passes_and_says_which_edition_it_is(light_python: Light) -> None:
    done = light_python("-m", "camviewer", "--self-test")
    assert done.returncode == 0, done.stdout
    assert "light edition" in done.stdout
    assert "first overlay" in done.stdout
    assert "PROBLEM" not in done.stdout


@pytest.mark.slow
def test_the_bench_has_no_ratio_to_a_network_that_is_not_there(light_python: Light, tmp_path: Path) -> None:
    code = """
import sys
from camviewer.commands import bench, cli
bench.WARM_UP_S, bench.SETTLE_S, bench.ROUNDS, bench.FORWARDS = 0.1, 0.05, 1, 2
sys.exit(cli.main(sys.argv[1:]))
"""
    options = ("--model", "efficientnet_lite0", "--seconds", "2", "--json", tmp_path / "bench.json")
    done = light_python("-c", code, "bench", *options)
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "bench.json").read_text())
    assert figures["plain_forward_ms"] is None
    assert figures["loop_ratio"] is None
    assert figures["forward_ms"] > 0
