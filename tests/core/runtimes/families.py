"""The smallest networks of torchvision's and timm's families, random weights, and their kinds of head."""

from __future__ import annotations

import warnings
from typing import Any

import torch
import torchvision.models
from torch import nn

from camviewer.core.models.proof import HeadKind
from tests.core.runtimes.module_networks import randomised

LINEAR, NORM, SCORES, OTHER = HeadKind

TORCHVISION = {
    "alexnet": OTHER,
    "convnext_tiny": NORM,
    "densenet121": LINEAR,
    "efficientnet_b0": LINEAR,
    "googlenet": LINEAR,
    "inception_v3": LINEAR,
    "maxvit_t": OTHER,
    "mnasnet0_5": LINEAR,
    "mobilenet_v2": LINEAR,
    "mobilenet_v3_small": OTHER,
    "regnet_x_400mf": LINEAR,
    "resnet18": LINEAR,
    "shufflenet_v2_x0_5": LINEAR,
    "squeezenet1_1": SCORES,
    "swin_t": LINEAR,
    "swin_v2_t": LINEAR,
    "vgg11_bn": OTHER,
    "vit": OTHER,
}
TIMM = {
    "resnet10t": LINEAR,
    "mobilenetv3_small_050": OTHER,
    "efficientnet_b0": LINEAR,
    "tf_efficientnet_b0": LINEAR,
    "convnext_atto": NORM,
    "vit_tiny_patch16_224": OTHER,
    "vit_relpos_small_patch16_224": NORM,
    "deit_tiny_distilled_patch16_224": OTHER,
    "mixer_s32_224": LINEAR,
    "resmlp_12_224": LINEAR,
    "levit_128s": LINEAR,
    "repvit_m0_9": LINEAR,
    "poolformer_s12": NORM,
    "edgenext_xx_small": NORM,
    "ghostnet_100": OTHER,
    "fastvit_t8": LINEAR,
    "tiny_vit_5m_224": NORM,
    "hgnetv2_b0": OTHER,
    "swin_s3_tiny_224": LINEAR,
    "regnetx_002": LINEAR,
}
SIDES = {"inception_v3": 299, "maxvit_t": 224, "swin_t": 224, "swin_v2_t": 256}
"""Of inputs; others take smaller ones, too."""


def torchvision_network(name: str) -> tuple[nn.Module, int]:
    torch.manual_seed(0)
    more = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    if name == "vit":  # there is no small one
        network = torchvision.models.VisionTransformer(64, 16, 2, 4, 64, 128, num_classes=10)
        return randomised(network), 64
    network = torchvision.models.get_model(name, weights=None, num_classes=10, **more)
    return randomised(network), SIDES.get(name, 128)


def timm_network(name: str) -> tuple[nn.Module, int]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what timm imports
        import timm

        torch.manual_seed(0)
        network: Any = timm.create_model(name, pretrained=False, num_classes=10)
    fixed = network.pretrained_cfg.get("fixed_input_size") or "fast" in name
    return randomised(network), int(network.pretrained_cfg["input_size"][1]) if fixed else 128
