"""What a model offers of the methods, why not the rest, and what becomes of a request that it can't do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Fit
from camviewer.core.maps import Unit
from camviewer.core.methods.cam import CamMethod
from camviewer.core.methods.occlusion import Occlusion
from camviewer.core.methods.offers import feasible, for_layer, method_offers, most_faithful, offer_of
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.card import Layer
from camviewer.core.models.proof import HeadKind, HeadProof
from camviewer.core.models.spec import SizeRule
from camviewer.core.runtimes.base import Needs
from tests.method_fakes import DeepRun, OnRequest, local

LAYERS = (Layer("a", "Conv2d", 8, 28, 28), Layer("b", "Conv2d", 16, 14, 14))
SQUARES = SizeRule(16, 224, 224, square=True)


class Flattening(DeepRun):
    proof = HeadProof(HeadKind.OTHER, "features", reason="this network flattens its features.")


def needing(needs: Needs) -> OnRequest:
    method = OnRequest("M", Unit.RELATIVE)
    method.needs = needs
    return method


def test_the_most_faithful_that_there_is() -> None:
    offers = method_offers({"CAM": CamMethod(), "Local": local()}, Flattening())
    assert [offer.name for offer in offers] == ["CAM", "Local"]
    assert offers[0].missing is not None
    assert "pooling and one linear layer" in offers[0].missing
    assert "this network flattens its features." in offers[0].missing, "as it was measured"
    assert offers[1].missing is None
    assert most_faithful(offers) is offers[1]
    assert offer_of(offers, None) is offers[1]
    assert offer_of(offers, "CAM") is None
    assert offer_of(offers, "nothing") is None


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        (Needs.LINEAR_HEAD, "linear layer"),
        (Needs.GRADIENTS, "gradients"),
        (Needs.ATTENTION, "attention"),
        (Needs.MANY_PASSES, "passes"),
    ],
)
def test_what_is_missing_is_named(needs: Needs, words: str) -> None:
    class Bare(DeepRun):
        offers = Needs(0)
        layers = LAYERS

    (offer,) = method_offers({"M": needing(needs)}, Bare())
    assert offer.missing is not None
    assert words in offer.missing


@pytest.mark.parametrize("needs", [Needs.GRADIENTS, Needs.MANY_PASSES])
def test_a_network_without_layers_is_no_onnx_file(needs: Needs) -> None:
    class Flat(DeepRun):
        offers = Needs(0)

    (offer,) = method_offers({"M": needing(needs)}, Flat())
    assert offer.missing == "It needs a layer whose output has cells, which this network doesn't have."


def test_a_request_keeps_what_the_model_can_do() -> None:
    offers = method_offers({"Local": local()}, DeepRun())
    asked = ExplainRequest(Fit.WHOLE, 448, fine=True, method="Local", layer="a")
    assert feasible(asked, offers, LAYERS, RESNET18.sizes) == asked
    assert feasible(asked, offers, LAYERS, None) == asked


def test_a_request_loses_what_the_model_can_not_do() -> None:
    offers = method_offers({"CAM": CamMethod()}, DeepRun())
    asked = ExplainRequest(Fit.WHOLE, 448, fine=True, method="CAM", layer="layer4")
    fitted = feasible(asked, offers, LAYERS, SQUARES)
    assert fitted == replace(asked, fit=Fit.SQUASH, resolution=None, method=None, layer=None)
    assert feasible(fitted, offers, LAYERS, SQUARES) == fitted


def test_what_covers_the_input_looks_at_no_layer() -> None:
    offers = method_offers({"Local": local(), "Occlusion": Occlusion()}, DeepRun())
    with pytest.raises(ModelFailure, match="Occlusion covers parts of the input, and looks at no layer"):
        for_layer(ExplainRequest(method="Occlusion", layer=LAYERS[0].name), offers, LAYERS, LAYERS[1].name)
    asked = ExplainRequest(method="Occlusion")
    assert for_layer(asked, offers, LAYERS, LAYERS[1].name) == asked
    assert most_faithful(offers) is offers[0]
