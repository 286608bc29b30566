"""Which methods a loaded model has, and why not the others; what of a request a model can't do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import (
    dataclass,
    replace,
)

from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Fit
from camviewer.core.maps import Unit
from camviewer.core.methods.base import Method
from camviewer.core.models.card import Layer
from camviewer.core.models.spec import SizeRule
from camviewer.core.runtimes.base import (
    ModelRun,
    Needs,
)
from camviewer.core.text import Text


@dataclass(frozen=True, slots=True)
class MethodOffer:
    """One method, as it is offered for one model.

    name, unit, paper, cost, chooses_layer: as `Method` has them.

    missing: why the model can't have it; None where it can.
    """

    name: str
    unit: Unit
    paper: str
    cost: Text
    chooses_layer: bool
    missing: Text | None = None


def method_offers(methods: Mapping[str, Method], run: ModelRun) -> tuple[MethodOffer, ...]:
    """All methods in their order: the most faithful first."""
    return tuple(
        MethodOffer(m.name, m.unit, m.paper, m.cost, m.chooses_layer, _missing(m, run))
        for m in methods.values()
    )


def _missing(method: Method, run: ModelRun) -> Text | None:
    lacks = method.needs & ~run.offers
    if Needs.LINEAR_HEAD in lacks:
        reason = run.proof.reason if run.proof is not None else ""
        if reason:
            return Text("It needs pooling and one linear layer at the end: {reason}", reason=reason)
        return Text("It needs a network that ends in pooling and one linear layer.")
    if lacks & (Needs.GRADIENTS | Needs.MANY_PASSES) and not run.layers:
        return Text("It needs a layer whose output has cells, which this network doesn't have.")
    if Needs.GRADIENTS in lacks:
        return run.no_gradients
    if Needs.ATTENTION in lacks:
        return Text("It needs attention over the whole input, which this network doesn't have.")
    if Needs.EARLIER_LAYER in lacks:
        return Text(
            "It needs a layer before the last that has twice as many rows and columns, which this network "
            "doesn't have."
        )
    if Needs.MANY_PASSES in lacks:
        return Text("It needs passes with a changed input or layer, which this model can't do.")
    return None


def most_faithful(offers: Sequence[MethodOffer]) -> MethodOffer | None:
    """The first that the model has; None without any."""
    return next((offer for offer in offers if offer.missing is None), None)


def offer_of(offers: Sequence[MethodOffer], method: str | None) -> MethodOffer | None:
    """What a request for this method gets: the most faithful one for None; None if the model has no such."""
    if method is None:
        return most_faithful(offers)
    return next((offer for offer in offers if offer.name == method and offer.missing is None), None)


def for_layer(
    request: ExplainRequest, offers: Sequence[MethodOffer], layers: Sequence[Layer], default_layer: str
) -> ExplainRequest:
    """The request of somebody who names a layer, and perhaps a method.

    Without a method, it is the most faithful one that can look at that layer. Raises ModelFailure for a layer
    that the model doesn't have, and for a method that looks at its own layer only.
    """
    if request.layer in (None, default_layer):
        return request
    if request.layer not in {layer.name for layer in layers}:
        raise ModelFailure(
            "This model has no layer {layer} that maps can be made of.",
            "Choose one of these: {layers}.",
            layer=request.layer,
            layers=", ".join(layer.name for layer in layers) or default_layer,
        )
    offer = offer_of(offers, request.method)
    if offer is None or offer.chooses_layer:
        return request
    if offer.unit is Unit.LOGIT_CHANGE and request.method is not None:
        raise ModelFailure(
            "{method} covers parts of the input, and looks at no layer.",
            "Leave out the layer, or choose another method.",
            method=offer.name,
        )
    other = most_faithful([each for each in offers if each.chooses_layer])
    if request.method is not None or other is None:
        raise ModelFailure(
            "{method} looks at one layer only: {layer}.",
            "Leave out the layer, or choose another method.",
            method=offer.name,
            layer=default_layer,
        )
    return replace(request, method=other.name)


def feasible(
    request: ExplainRequest, offers: Sequence[MethodOffer], layers: Sequence[Layer], sizes: SizeRule | None
) -> ExplainRequest:
    """The request without what a model doesn't have, as after a change of model.

    A method or a layer that is missing becomes None, its usual one; so does a resolution that the network
    doesn't take. A network that takes only squares sees a whole frame squeezed.
    """
    if offer_of(offers, request.method) is None:
        request = replace(request, method=None)
    if request.layer not in {layer.name for layer in layers}:
        request = replace(request, layer=None)
    if sizes is not None:
        if request.resolution is not None and not sizes.takes(request.resolution):
            request = replace(request, resolution=None)
        if only_square(sizes) and request.fit is Fit.WHOLE:
            request = replace(request, fit=Fit.SQUASH)
    return request


def only_square(sizes: SizeRule) -> bool:
    """Whether the network takes no input that is wider than high."""
    return sizes.square or sizes.fixed
