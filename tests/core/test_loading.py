"""Loading a built-in model: what it imports, and what it doesn't."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from camviewer.core.models.builtin import MODELS, RESNET18
from camviewer.core.models.spec import ModelSpec

NOT_NEEDED = (
    *("torchvision", "timm", "transformers", "onnx", "onnxruntime"),
    *("sympy", "torch._dynamo", "torch._inductor", "triton.compiler"),
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

name, weights = sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else None
explainer = load_model(ModelChoice(name, weights, device="cpu")).explainer
explanation = explainer.explain(Frame(np.zeros((240, 320, 3), np.uint8)), ExplainRequest())
print("explained", explanation.logits.size, explanation.model.name)
print(*sys.modules)
"""


def printed(code: str, *arguments: str) -> list[str]:
    """The lines that a fresh interpreter prints."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def torch_alone() -> set[str]:
    """What torch imports by itself: other versions import other things."""
    (loaded,) = printed("import sys, torch, torch.fx; print(*sys.modules)")
    return set(loaded.split())


@pytest.mark.parametrize("spec", MODELS.values(), ids=MODELS.keys())
def test_a_builtin_model_imports_no_more_than_torch(
    spec: ModelSpec, torch_alone: set[str], tmp_path: Path
) -> None:
    """torchvision, with what it imports, took longer than torch itself."""
    weights = []
    if spec is RESNET18:
        torch.save(spec.architecture.build(1000).state_dict(), tmp_path / "weights.pth")
        weights = [str(tmp_path / "weights.pth")]
    explained, loaded = printed(CODE, spec.name, *weights)
    assert explained == f"explained 1000 {spec.name}"
    assert {"torch", "camviewer.core.runtimes.torch_cpu"} <= set(loaded.split())
    assert "torchvision" not in torch_alone
    assert sorted(set(NOT_NEEDED) & set(loaded.split()) - torch_alone) == []
