"""What a model card says, in the window's language."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from camviewer.core.maps import Unit
from camviewer.core.methods.offers import MethodOffer
from camviewer.core.models.card import (
    Fact,
    FactOrigin,
    FileFormat,
    ModelCard,
)
from camviewer.core.models.proof import HeadKind
from camviewer.core.models.spec import (
    Link,
    SizeRule,
)
from camviewer.ui.docks.method_rows import layer_title
from camviewer.ui.widgets.words import (
    significant,
    translated,
    whole,
)

translate = QCoreApplication.translate
_LABELS_SHOWN = 4


def origin_text(fact: Fact[object]) -> str:
    """Where a fact comes from, and the place there."""
    text = {
        FactOrigin.WEIGHTS: translate("model_card", "from the names and shapes of the weights"),
        FactOrigin.FILE: translate("model_card", "written in the file"),
        FactOrigin.CONFIG: translate("model_card", "from config.json"),
        FactOrigin.BESIDE: translate("model_card", "from a file beside it"),
        FactOrigin.ARCHITECTURE: translate("model_card", "as of the architecture's published weights"),
        FactOrigin.MEASURED: translate("model_card", "measured"),
        FactOrigin.CARD: translate("model_card", "from its saved card"),
        FactOrigin.USER: translate("model_card", "corrected by you"),
        FactOrigin.ASSUMED: translate("model_card", "assumed: nothing says so"),
    }[fact.origin]
    return f"{text} ({fact.place})" if fact.place else text


def format_text(kind: FileFormat) -> str:
    return {
        FileFormat.TORCH: translate("model_card", "PyTorch weights"),
        FileFormat.SAFETENSORS: translate("model_card", "safetensors weights"),
        FileFormat.ONNX: translate("model_card", "ONNX network"),
    }[kind]


def link_text(link: Link) -> str:
    if link is Link.SIGMOID:
        return translate("model_card", "sigmoid: each class by itself")
    return translate("model_card", "softmax: one class is right")


def sizes_text(sizes: SizeRule) -> str:
    if sizes.fixed:
        return translate("model_card", "{0} × {0} pixels only").format(sizes.largest)
    text = translate("model_card", "multiples of {0}, from {1} to {2} pixels")
    text = text.format(sizes.stride, sizes.smallest, sizes.largest)
    return translate("model_card", "{0}; squares only").format(text) if sizes.square else text


def labels_text(labels: Sequence[str]) -> str:
    """How many, and the first ones."""
    shown = ", ".join(labels[:_LABELS_SHOWN])
    more = ", …" if len(labels) > _LABELS_SHOWN else ""
    return translate("model_card", "{0}: {1}").format(whole(len(labels)), shown + more)


def numbers_text(numbers: Sequence[float]) -> str:
    """As they are typed: with a decimal point, in any language."""
    return ", ".join(f"{number:.6g}" for number in numbers)


def head_text(card: ModelCard, offers: Sequence[MethodOffer]) -> str:
    """Exact, local or relative, and the measured proof of it."""
    proof = card.proof
    if proof is None:
        return translate("model_card", "not measured yet")
    if proof.kind is HeadKind.OTHER:
        local = any(o.unit is Unit.LOGIT and o.missing is None for o in offers)
        text = (
            translate("model_card", "local: to first order, at each picture. {0}")
            if local
            else translate("model_card", "no map that adds up to the score. {0}")
        )
        return text.format(translated(proof.reason)).strip()
    ending = {
        HeadKind.POOLED_LINEAR: translate("model_card", "exact: pooling and one linear layer"),
        HeadKind.POOLED_NORM_LINEAR: translate(
            "model_card", "exact: pooling, a norm whose σ is held, and one linear layer"
        ),
        HeadKind.POOLED_SCORES: translate("model_card", "exact: the mean of the classes' own maps"),
    }[proof.kind]
    measured = translate("model_card", "{0}; largest difference {1} logits")
    return measured.format(ending, significant(proof.error, 1))


def layers_text(card: ModelCard) -> str:
    """How many, and the one whose output are the features."""
    usual = card.proof.layer if card.proof is not None else ""
    shown = next((layer_title(layer) for layer in card.layers if layer.name == usual), usual)
    if not card.layers:
        return shown or "–"
    return translate("model_card", "{0}; by default {1}").format(whole(len(card.layers)), shown or "–")


def parameters_text(count: int) -> str:
    """``11.7 million (11,689,512)``"""
    if count < 1_000_000:
        return whole(count)
    return translate("model_card", "{0} million ({1})").format(significant(count / 1e6, 3), whole(count))
