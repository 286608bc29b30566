"""A model card as it is found in a file, and the methods that its model has and has not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from camviewer.core.maps import EXTENT, Unit
from camviewer.core.methods.offers import MethodOffer
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.card import ArchitectureName, Fact, FactOrigin, FileFormat, Layer, ModelCard
from camviewer.core.models.proof import HeadKind, HeadProof
from camviewer.core.models.spec import Link, Preprocessing
from camviewer.core.text import Text
from tests.ui.fakes import CAM_OFFER, LABELS

SHA256 = "0123456789abcdef" * 4
LAYERS = (
    Layer("layer2", "Sequential", 128, 28, 28),
    Layer("layer3", "Sequential", 256, 14, 14),
    Layer("layer4", "Sequential", 512, 7, 7),
)
NO_HEAD = Text("It needs pooling and one linear layer at the end: {reason}", reason="it flattens.")
CAM = replace(CAM_OFFER, cost=Text("one pass for the maps of all classes"))
GRADIENT_COST = Text("one pass and one gradient a class")
HIRES = MethodOffer("Gradient × activation", Unit.LOGIT, "Draelos & Carin, 2020", GRADIENT_COST, True)
GRAD_CAM = MethodOffer("Grad-CAM", Unit.RELATIVE, "Selvaraju et al., ICCV 2017", GRADIENT_COST, True)
EXTENT_OFFER = MethodOffer(EXTENT, Unit.RELATIVE, "Pan et al., CVPR 2021", Text("one pass"), False)
NO_EARLIER = Text("It needs a layer before the last that has twice as many rows and columns.")
EXACT_OFFERS = (CAM, HIRES, GRAD_CAM, EXTENT_OFFER)
LOCAL_OFFERS = (
    replace(CAM, missing=NO_HEAD),
    HIRES,
    GRAD_CAM,
    replace(EXTENT_OFFER, missing=NO_EARLIER),
)


def a_card(path: Path = Path("/models/dogs.pth")) -> ModelCard:
    """An own ResNet18, of which nothing but its weights is known."""
    return ModelCard(
        path=path,
        sha256=SHA256,
        format=FileFormat.TORCH,
        architecture=Fact(ArchitectureName("torchvision", "resnet18"), FactOrigin.WEIGHTS),
        parameters=11_180_616,
        classes=len(LABELS),
        channels=Fact(3, FactOrigin.WEIGHTS, "conv1.weight"),
        preprocessing=Fact(
            Preprocessing(256, 224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)), FactOrigin.ASSUMED
        ),
        sizes=Fact(RESNET18.sizes, FactOrigin.ARCHITECTURE),
        labels=Fact(LABELS, FactOrigin.BESIDE, "labels.txt"),
        link=Fact(Link.SOFTMAX, FactOrigin.ASSUMED),
        fits_as_well=(ArchitectureName("timm", "resnet18"), ArchitectureName("timm", "resnet18d")),
        proof=HeadProof(HeadKind.POOLED_LINEAR, "layer4", 3e-6),
        layers=LAYERS,
        left_out=("optimizer",),
    )
