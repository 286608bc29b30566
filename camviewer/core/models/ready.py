"""Ready networks: torchvision's, with weights that can be downloaded, each worth a look for its own reason.

Every number here is torchvision's; a test compares them. Neither torch nor numpy is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from camviewer.core.models.card import ArchitectureName
from camviewer.core.models.spec import (
    OfficialWeights,
    Preprocessing,
)
from camviewer.core.text import Text

_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_FOLDER = "https://download.pytorch.org/models/"


@dataclass(frozen=True, slots=True)
class ReadyNetwork:
    """A network of torchvision with its weights for ImageNet's 1,000 classes.

    name: as torchvision calls it; title: for people; weights_name: of torchvision's enum of weights. reason:
    why to look at it. preprocessing: of these weights.
    """

    name: str
    title: str
    weights_name: str
    reason: Text
    official: OfficialWeights
    preprocessing: Preprocessing

    @property
    def architecture(self) -> ArchitectureName:
        """What builds it."""
        return ArchitectureName("torchvision", self.name)


def _weights(file_name: str, mebibytes: float) -> OfficialWeights:
    """torchvision says how large a file is to a thousandth of a MiB, and its hash by 8 digits in its name."""
    digits = file_name.removesuffix(".pth").rsplit("-", 1)[1]
    return OfficialWeights(_FOLDER + file_name, round(mebibytes * 2**20), digits, exact=False)


def _seen(resize: int, bicubic: bool = False) -> Preprocessing:
    return Preprocessing(resize, 224, _MEAN, _STD, bicubic)


_ALL = (
    ReadyNetwork(
        "resnet50",
        "ResNet50",
        "IMAGENET1K_V2",
        Text("The network that most others are compared with: exact maps, 2,048 channels."),
        _weights("resnet50-11ad3fa6.pth", 97.79),
        _seen(232),
    ),
    ReadyNetwork(
        "mobilenet_v3_large",
        "MobileNetV3",
        "IMAGENET1K_V2",
        Text("Small and fast. Its head has two layers: see what share of the score its maps leave out."),
        _weights("mobilenet_v3_large-5c1a4163.pth", 21.107),
        _seen(232),
    ),
    ReadyNetwork(
        "efficientnet_b0",
        "EfficientNet-B0",
        "IMAGENET1K_V1",
        Text("More accurate than ResNet18 with half its weights, and its maps are exact, too."),
        _weights("efficientnet_b0_rwightman-7f5810bc.pth", 20.451),
        _seen(256, bicubic=True),
    ),
    ReadyNetwork(
        "convnext_tiny",
        "ConvNeXt-Tiny",
        "IMAGENET1K_V1",
        Text("It normalises after pooling: with that one number held, its maps are exact."),
        _weights("convnext_tiny-983f1562.pth", 109.119),
        _seen(236),
    ),
    ReadyNetwork(
        "swin_t",
        "Swin-T",
        "IMAGENET1K_V1",
        Text("A transformer that looks through windows, and pools as a convolutional network does: exact."),
        _weights("swin_t-704ceda3.pth", 108.19),
        _seen(232, bicubic=True),
    ),
    ReadyNetwork(
        "vit_b_16",
        "ViT-B/16",
        "IMAGENET1K_V1",
        Text("It decides by its class token: see how much of the score its patches give, and its attention."),
        _weights("vit_b_16-c867db91.pth", 330.285),
        _seen(256),
    ),
    ReadyNetwork(
        "densenet121",
        "DenseNet121",
        "IMAGENET1K_V1",
        Text("Every layer sees all before it. Its maps are exact; medical images are often read with it."),
        _weights("densenet121-a639ec97.pth", 30.845),
        _seen(256),
    ),
    ReadyNetwork(
        "vgg16",
        "VGG16",
        "IMAGENET1K_V1",
        Text("It flattens its features; see what that costs."),
        _weights("vgg16-397923af.pth", 527.796),
        _seen(256),
    ),
    ReadyNetwork(
        "alexnet",
        "AlexNet",
        "IMAGENET1K_V1",
        Text("Where it began, in 2012: flattened features, and cells of which each sees a large patch."),
        _weights("alexnet-owt-7be5be79.pth", 233.087),
        _seen(256),
    ),
    ReadyNetwork(
        "squeezenet1_1",
        "SqueezeNet",
        "IMAGENET1K_V1",
        Text("5 MB. Its maps are what its last convolution gives: there is no linear layer at all."),
        _weights("squeezenet1_1-b8a52dc0.pth", 4.729),
        _seen(256),
    ),
)
READY: Mapping[str, ReadyNetwork] = {network.name: network for network in _ALL}
"""By name, in the order of the menu."""


def ready_with_sha256(sha256: str) -> ReadyNetwork | None:
    """The ready network whose weights file has this hash: all about such a file is known."""
    return next((one for one in _ALL if sha256.startswith(one.official.sha256)), None)
