"""What is checked of a command's options once its model is loaded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from camviewer.commands.model import check_device, fitting, tell_problems
from camviewer.commands.options import UsageError
from camviewer.core.explanation import ExplainRequest
from camviewer.core.loading import LoadedModel
from camviewer.core.maps import Unit
from camviewer.core.methods.offers import MethodOffer
from camviewer.core.models.card import Layer
from camviewer.core.models.spec import SizeRule
from camviewer.core.text import Text
from camviewer.options import ModelOptions

LAYERS = (Layer("layer3", "Sequential", 256, 14, 14), Layer("layer4", "Sequential", 512, 7, 7))
OFFERS = tuple(
    MethodOffer(name, Unit.LOGIT, "", Text("one pass"), chooses_layer=name != "CAM")
    for name in ("CAM", "Gradient × activation", "Grad-CAM")
)


def loaded(sizes: SizeRule | None) -> LoadedModel:
    explainer = SimpleNamespace(
        info=SimpleNamespace(sizes=sizes), methods=OFFERS, layers=LAYERS, default_layer="layer4"
    )
    return cast(LoadedModel, SimpleNamespace(explainer=explainer))


def test_a_resolution_that_the_opened_model_does_not_take() -> None:
    model = loaded(SizeRule(14, 224, 518))
    fitting(model, ExplainRequest(resolution=518))
    fitting(model, ExplainRequest())
    fitting(loaded(None), ExplainRequest(resolution=1))
    with pytest.raises(UsageError, match=r"--resolution: .* a multiple of 14 between 224 and 518, not 450"):
        fitting(model, ExplainRequest(resolution=450))


def test_a_layer_is_never_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    model = loaded(None)
    for plain in (
        ExplainRequest(),
        ExplainRequest(layer="layer4"),
        ExplainRequest(method="CAM", layer="layer4"),
    ):
        assert fitting(model, plain) == plain
    assert capsys.readouterr().err == ""
    meant = fitting(model, ExplainRequest(layer="layer3"))
    assert (meant.method, meant.layer) == ("Gradient × activation", "layer3")
    assert "Gradient × activation is used, which can look at layer3" in capsys.readouterr().err
    other = ExplainRequest(method="Grad-CAM", layer="layer3")
    assert fitting(model, other) == other
    with pytest.raises(UsageError, match=r"--layer: This model has no layer nope .*layer3, layer4"):
        fitting(model, ExplainRequest(layer="nope"))
    with pytest.raises(UsageError, match="--layer: CAM looks at one layer only: layer4"):
        fitting(model, ExplainRequest(method="CAM", layer="layer3"))


def test_a_device_that_there_is_not_is_wrong_usage() -> None:
    for fine in (None, "auto", "cpu", "cuda:7"):
        check_device(ModelOptions(device=fine))
    with pytest.raises(UsageError, match=r"--device: There is no device 'banana'.*cpu \(CPU\)"):
        check_device(ModelOptions(device="banana"))


def test_what_is_not_as_it_was_asked_for_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    def told(device: str | None, precision: str | None, title: str = "CPU") -> list[str]:
        info = SimpleNamespace(device=title.lower(), device_title=title)
        explainer = SimpleNamespace(info=info)
        found = SimpleNamespace(explainer=explainer, device_problem=device, precision_problem=precision)
        tell_problems(cast(LoadedModel, found))
        return capsys.readouterr().err.splitlines()

    assert told(None, None) == []
    assert told("GPU X has crashed; start camviewer again to use it.", None) == [
        "camviewer: GPU X has crashed; start camviewer again to use it. The CPU is used."
    ]
    assert told("GPU X is full.", None, "GPU Y") == ["camviewer: GPU X is full. GPU Y is used."]
    assert told(None, "ResNet18 on CPU is computed with float32, not TF32.") == [
        "camviewer: ResNet18 on CPU is computed with float32, not TF32."
    ]
