"""Loading a built-in model: what it imports and what it doesn't, and what it says meanwhile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from torchvision.models import resnet18, resnet34

from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Frame
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.loading_steps import announced_to
from camviewer.core.models.builtin import EMBEDDED, MODELS, RESNET18
from camviewer.core.models.spec import Link, ModelSpec
from camviewer.core.runtimes.device import CPU
from camviewer.core.text import Text

NOT_NEEDED = (
    *("torch", "torchvision", "timm", "transformers", "onnx"),
    *("scipy", "matplotlib", "pandas", "PySide6", "av", "jinja2"),
)
"""Each takes longer to import than the model takes to load, or has no business there."""

CODE = """
import sys
from pathlib import Path
import numpy as np
from camviewer.core.explanation import ExplainRequest
from camviewer.core.frames import Frame
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.loading_steps import announced_to

name, weights = sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else None
with announced_to(lambda step: print("step", "torch" in sys.modules, step)):
    explainer = load_model(ModelChoice(name, weights, device="cpu")).explainer
explanation = explainer.explain(Frame(np.zeros((240, 320, 3), np.uint8)), ExplainRequest())
print("explained", explanation.logits.size, explanation.model.name)
print(*sys.modules)
"""


BFLOAT16 = """
import sys
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.loading_steps import announced_to
from camviewer.core.runtimes.precision import Precision
with announced_to(lambda step: print("torch" in sys.modules, step)):
    load_model(ModelChoice("efficientnet_lite0", device="cpu", precision=Precision.BFLOAT16))
"""


def printed(code: str, *arguments: str) -> list[str]:
    """The lines that a fresh interpreter prints."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("spec", MODELS.values(), ids=MODELS.keys())
def test_a_builtin_model_on_the_cpu_imports_onnx_runtime_and_nothing_that_takes_longer(
    spec: ModelSpec, tmp_path: Path
) -> None:
    weights = []
    if spec is RESNET18:
        torch.save(spec.architecture.build(1000).state_dict(), tmp_path / "weights.pth")
        weights = [str(tmp_path / "weights.pth")]
    *steps, explained, loaded = printed(CODE, spec.name, *weights)
    assert steps[0] == f"step False Loading {spec.title}…"
    assert explained == f"explained 1000 {spec.name}"
    assert "onnxruntime" in loaded.split()
    assert sorted(set(NOT_NEEDED) & set(loaded.split())) == []


def test_torch_is_announced_where_it_computes() -> None:
    steps = printed(BFLOAT16)
    assert steps[0] == "False Loading EfficientNet-Lite0…"
    assert "False Loading PyTorch…" in steps


def test_a_gpu_is_named_while_it_is_awaited_and_the_cpu_after_it_failed() -> None:
    """Whatever this computer has: a device that torch knows, and no computer has."""
    steps: list[Text] = []
    with announced_to(steps.append):
        loaded = load_model(ModelChoice(EMBEDDED.name, device="cuda:99"))
    assert loaded.explainer.info.device == CPU
    assert loaded.device_problem is not None
    title = EMBEDDED.title
    assert steps[-2:] == [f"Starting {title} on the GPU…", f"Loading {title}…"]


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_named_weights_of_one_score_are_two_sides(device: str, tmp_path: Path) -> None:
    """Not one class that is 100 % for every picture."""
    network = resnet18(num_classes=1)
    torch.save(network.state_dict(), tmp_path / "ill.pth")
    labels = tmp_path / "words.txt"
    labels.write_text("healthy\nill\n", "utf-8")
    loaded = load_model(ModelChoice("resnet18", tmp_path / "ill.pth", labels, device=device))
    frame = Frame(np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8))
    explanation = loaded.explainer.explain(frame, ExplainRequest())
    assert (explanation.labels, explanation.model.link) == (("healthy", "ill"), Link.SIGMOID)
    assert explanation.logits[0] == pytest.approx(-float(explanation.logits[1]), abs=1e-5)
    assert explanation.probabilities.max() < 0.999


def test_named_weights_of_one_score_of_another_network_are_refused(tmp_path: Path) -> None:
    torch.save(resnet34(num_classes=1).state_dict(), tmp_path / "ill.pth")
    with pytest.raises(ModelFailure, match=r"not of ResNet18"):
        load_model(ModelChoice("resnet18", tmp_path / "ill.pth", device="cpu"))


def state_of_a_classifier(prefix: str = "", head: str = "fc") -> dict[str, torch.Tensor]:
    """A ResNet18 of three classes, with names as trainers and other heads make them."""
    state = RESNET18.architecture.build(3).state_dict()
    return {prefix + name.replace("fc.", f"{head}."): values for name, values in state.items()}


@pytest.mark.parametrize(
    ("prefix", "head"), [("module.", "fc"), ("model.", "fc"), ("", "fc.1"), ("module.", "fc.1")]
)
def test_own_weights_of_a_builtin_model_may_have_other_names(prefix: str, head: str, tmp_path: Path) -> None:
    file, state = tmp_path / "own.pth", state_of_a_classifier(prefix, head)
    torch.save({"state_dict": state, "epoch": 3}, file)
    explainer = load_model(ModelChoice(RESNET18.name, file, device="cpu")).explainer
    channels = explainer.explain(Frame(np.zeros((48, 64, 3), np.uint8)), ExplainRequest()).maps.channels
    assert channels is not None
    np.testing.assert_allclose(channels.head.bias, state[f"{prefix}{head}.bias"])


def test_weights_of_another_architecture_are_not_of_it(tmp_path: Path) -> None:
    file = tmp_path / "own.pth"
    torch.save(torchvision.models.squeezenet1_1().state_dict(), file)
    with pytest.raises(ModelFailure, match="not of ResNet18"):
        load_model(ModelChoice(RESNET18.name, file, device="cpu"))


def test_why_own_weights_of_a_builtin_model_do_not_open(tmp_path: Path) -> None:
    """It is their labels: nothing is said of another network."""
    file, labels = tmp_path / "own.pth", tmp_path / "labels.txt"
    torch.save(state_of_a_classifier(head="fc.1"), file)
    labels.write_text("a\nb\nc\nd\n", "utf-8")
    with pytest.raises(ModelFailure, match="4") as failed:
        load_model(ModelChoice(RESNET18.name, file, labels, device="cpu"))
    assert "not of ResNet18" not in str(failed.value)
