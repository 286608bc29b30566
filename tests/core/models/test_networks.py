"""Networks are built from tensors alone, and compute what the network that the tensors came from computes."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
import torchvision
from torch import Tensor, nn
from tqdm import tqdm

from camviewer.core.failures import ModelFailure
from camviewer.core.models.builtin import EFFICIENTNET_LITE0
from camviewer.core.models.card import ArchitectureName
from camviewer.core.models.checkpoint import read_checkpoint
from camviewer.core.models.files import find_model_file
from camviewer.core.models.networks import build_network
from camviewer.core.models.signature_index import known_input, signature_index
from camviewer.core.models.signatures import Candidate, recognise
from camviewer.core.models.skeletons import skeleton

TORCHVISION_NAMES = """
alexnet convnext_tiny densenet121 efficientnet_b0 efficientnet_v2_s googlenet inception_v3 maxvit_t
mnasnet0_5 mobilenet_v2 mobilenet_v3_small regnet_x_400mf regnet_y_400mf resnet18 resnext50_32x4d
shufflenet_v2_x0_5 squeezenet1_1 swin_t swin_v2_t vgg11 vgg11_bn vit_b_32 wide_resnet50_2
"""
# The smallest of each family.
TIMM_NAMES = """
botnet26t_256 cait_xxs24_224 coat_lite_tiny coatnet_nano_rw_224 convnext_atto convnextv2_atto
convmixer_768_32 crossvit_tiny_240 cspresnet50 deit_tiny_distilled_patch16_224 densenet121 dla46_c
dm_nfnet_f0 edgenext_xx_small efficientformer_l1 efficientnet_b0 efficientvit_b0 efficientvit_m0
ese_vovnet19b_slim eva02_tiny_patch14_224 fastvit_t8 focalnet_tiny_srf gcvit_xxtiny ghostnet_050
hardcorenas_a hgnetv2_b0 hrnet_w18_small inception_next_atto levit_128s mambaout_femto
maxvit_nano_rw_256 mixer_s32_224 mixnet_s mobilenetv3_small_050 mobilenetv4_conv_small_035 mobileone_s0
mobilevit_xxs mvitv2_tiny nest_tiny pit_ti_224 poolformer_s12 pvt_v2_b0 regnety_002 repvgg_a0
repvit_m0_9 res2net50_14w_8s resmlp_12_224 resnet10t resnetv2_50 rexnet_100 seresnet18 skresnet18
starnet_s1 swin_tiny_patch4_window7_224 swinv2_cr_tiny_ns_224 swinv2_tiny_window8_256 tiny_vit_5m_224
tinynet_e tnt_s_patch16_224 twins_svt_small visformer_tiny vit_tiny_patch16_224 volo_d1_224
xcit_nano_12_p16_224 vit_relpos_small_patch16_224 tf_efficientnetv2_b0
"""
SAME = [ArchitectureName("torchvision", name) for name in TORCHVISION_NAMES.split()] + [
    ArchitectureName("timm", name) for name in TIMM_NAMES.split()
]
CLASSES = 7


def original(architecture: ArchitectureName, **options: Any) -> nn.Module:
    """A network with random weights, as its library makes it; no matrix is zero."""
    torch.manual_seed(1)
    options = {"num_classes": CLASSES} | options
    network: nn.Module
    if architecture.library == "torchvision":
        if architecture.name in ("googlenet", "inception_v3"):
            options["init_weights"] = False
        network = torchvision.models.get_model(architecture.name, weights=None, **options)
    else:
        network = timm.create_model(architecture.name, pretrained=False, **options)
    for parameter in network.parameters():
        if parameter.dim() > 1 and not parameter.any():
            nn.init.normal_(parameter, std=0.02)
    return network


def tensors_of(network: nn.Module) -> dict[str, np.ndarray[Any, Any]]:
    return {key: tensor.numpy() for key, tensor in network.state_dict().items()}


def shapes_in(tensors: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, tuple[int, ...]]:
    return {key: tensor.shape for key, tensor in tensors.items()}


def frames(channels: int = 3, side: int = 224) -> Tensor:
    return torch.randn(1, channels, side, side, generator=torch.Generator().manual_seed(2))


def best(network: nn.Module) -> Candidate:
    return recognise(shapes_in(tensors_of(network))).candidates[0]


def same_outputs(network: nn.Module, x: Tensor, architecture: ArchitectureName | None = None) -> nn.Module:
    """Builds the network that is recognised, or the one of that name, and compares its outputs."""
    network.eval()
    tensors = tensors_of(network)
    built = build_network(architecture or best(network).architecture, tensors)
    with torch.no_grad():
        expected, actual = network(x), built(x)
    assert not any(module.training for module in built.modules())
    assert torch.isfinite(expected).all()
    scale = max(1.0, float(expected.abs().max()))
    assert float((actual - expected).abs().max()) <= 1e-5 * scale
    assert float(expected.std()) > 0
    return built


@pytest.mark.parametrize("architecture", SAME, ids=str)
def test_every_family_is_recognised_and_computes_the_same(architecture: ArchitectureName) -> None:
    network = original(architecture)
    recognition = recognise(shapes_in(tensors_of(network)))
    fitting = [each for each in recognition.candidates if each.fits]
    assert architecture in [each.architecture for each in fitting]
    assert {(each.classes, each.channels) for each in fitting} == {(CLASSES, 3)}
    known = known_input(architecture)
    assert known is not None
    same_outputs(network, frames(side=known.crop if known.fixed else 128), architecture)


def test_the_resource_names_the_networks_of_both_libraries() -> None:
    names = set(signature_index().places)
    of_torchvision = {
        ArchitectureName("torchvision", name)
        for name in torchvision.models.list_models(module=torchvision.models)
    }
    assert of_torchvision <= names
    assert len([name for name in names if name.library == "timm"]) > 1200


def test_torchvisions_and_timms_networks_of_one_name_compute_the_same() -> None:
    """Their weights are exchanged between the libraries, and the index says that they behave alike."""
    for name in ("resnet18", "densenet121"):
        network = original(ArchitectureName("timm", name))
        same_outputs(network, frames(), ArchitectureName("torchvision", name))


def test_the_embedded_network() -> None:
    torch.manual_seed(1)
    network = EFFICIENTNET_LITE0.architecture.build(CLASSES)
    candidate = best(network)
    assert candidate.architecture == ArchitectureName("camviewer", EFFICIENTNET_LITE0.name)
    same_outputs(network, frames())


# Heads and inputs that people have


def resnet() -> Any:
    return original(ArchitectureName("torchvision", "resnet18"))


def linear_in_sequence() -> nn.Module:
    network = resnet()
    network.fc = nn.Sequential(nn.Dropout(0.5), nn.Linear(512, CLASSES))
    return network  # type: ignore[no-any-return]


def without_bias() -> nn.Module:
    network = resnet()
    network.fc = nn.Linear(512, CLASSES, bias=False)
    return network  # type: ignore[no-any-return]


def hidden_layer() -> nn.Module:
    network = resnet()
    network.fc = nn.Sequential(
        nn.Linear(512, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, CLASSES)
    )
    return network  # type: ignore[no-any-return]


def batch_norm_before_relu() -> nn.Module:
    network = resnet()
    network.fc = nn.Sequential(
        nn.BatchNorm1d(512), nn.Linear(512, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, CLASSES)
    )
    for norm in (network.fc[0], network.fc[2]):
        nn.init.uniform_(norm.running_mean)
        nn.init.uniform_(norm.running_var, 0.5, 2)
    return network  # type: ignore[no-any-return]


def batch_norm_after_relu() -> nn.Module:
    network = resnet()
    network.fc = nn.Sequential(
        nn.Linear(512, 64), nn.ReLU(), nn.BatchNorm1d(64), nn.Dropout(), nn.Linear(64, CLASSES)
    )
    nn.init.uniform_(network.fc[2].running_mean)
    return network  # type: ignore[no-any-return]


def linear_without_relu() -> nn.Module:
    network = resnet()
    network.fc = nn.Sequential(nn.Linear(512, 64), nn.Linear(64, CLASSES))
    return network  # type: ignore[no-any-return]


def of_mobilenet() -> nn.Module:
    network = original(ArchitectureName("torchvision", "mobilenet_v3_small"))
    network.classifier = nn.Linear(576, CLASSES)
    return network


def of_mobilenet_v2() -> nn.Module:
    network = original(ArchitectureName("torchvision", "mobilenet_v2"))
    network.classifier = nn.Sequential(nn.Linear(1280, 64), nn.ReLU(), nn.Dropout(), nn.Linear(64, CLASSES))
    return network


def of_convnext() -> nn.Module:
    network: Any = original(ArchitectureName("torchvision", "convnext_tiny"))
    network.classifier[2] = nn.Sequential(nn.Linear(768, 16), nn.ReLU(), nn.Linear(16, CLASSES))
    return network  # type: ignore[no-any-return]


def whole_classifier_of_convnext() -> nn.Module:
    network = original(ArchitectureName("torchvision", "convnext_tiny"))
    network.classifier = nn.Sequential(nn.Flatten(1), nn.Linear(768, CLASSES))
    return network


def whole_classifier_of_vgg() -> nn.Module:
    network = original(ArchitectureName("torchvision", "vgg11"))
    network.classifier = nn.Sequential(nn.Linear(25088, 32), nn.ReLU(), nn.Dropout(), nn.Linear(32, CLASSES))
    return network


def last_of_vgg() -> nn.Module:
    network: Any = original(ArchitectureName("torchvision", "vgg11"))
    network.classifier[6] = nn.Sequential(nn.Linear(4096, 32), nn.ReLU(), nn.Linear(32, CLASSES))
    return network  # type: ignore[no-any-return]


def heads_of_vit() -> nn.Module:
    network = original(ArchitectureName("torchvision", "vit_b_32"))
    network.heads = nn.Linear(768, CLASSES)
    return network


def convolution_of_squeezenet() -> nn.Module:
    network: Any = original(ArchitectureName("torchvision", "squeezenet1_1"))
    network.classifier[1] = nn.Conv2d(512, CLASSES, 1)
    return network  # type: ignore[no-any-return]


def of_timm() -> nn.Module:
    network: Any = original(ArchitectureName("timm", "convnext_atto"))
    network.head.fc = nn.Sequential(nn.Dropout(), nn.Linear(320, CLASSES))
    return network  # type: ignore[no-any-return]


class Renamed(nn.Module):
    """A ResNet18 whose classifier is called differently, as where a backbone's prefix was taken off."""

    def __init__(self, head: nn.Module) -> None:
        super().__init__()
        for name, part in resnet().named_children():
            if name != "fc":
                self.add_module(name, part)
        self.classifier = head

    def forward(self, x: Tensor) -> Tensor:
        for part in self.children():
            x = part(x.flatten(1) if part is self.classifier else x)
        return x


def renamed() -> nn.Module:
    return Renamed(nn.Linear(512, CLASSES))


def renamed_with_hidden_layer() -> nn.Module:
    return Renamed(nn.Sequential(nn.Linear(512, 16), nn.ReLU(), nn.Linear(16, CLASSES)))


VARIANTS: list[tuple[Callable[[], nn.Module], str]] = [
    (linear_in_sequence, "resnet18"),
    (without_bias, "resnet18"),
    (hidden_layer, "resnet18"),
    (batch_norm_before_relu, "resnet18"),
    (batch_norm_after_relu, "resnet18"),
    (linear_without_relu, "resnet18"),
    (of_mobilenet, "mobilenet_v3_small"),
    (of_mobilenet_v2, "mobilenet_v2"),
    (of_convnext, "convnext_tiny"),
    (whole_classifier_of_convnext, "convnext_tiny"),
    (whole_classifier_of_vgg, "vgg11"),
    (last_of_vgg, "vgg11"),
    (heads_of_vit, "vit_b_32"),
    (convolution_of_squeezenet, "squeezenet1_1"),
    (of_timm, "convnext_atto"),
    (renamed, "resnet18"),
    (renamed_with_hidden_layer, "resnet18"),
]


@pytest.mark.parametrize(("make", "name"), VARIANTS, ids=[make.__name__ for make, _ in VARIANTS])
def test_replaced_classifiers_are_rebuilt(make: Callable[[], nn.Module], name: str) -> None:
    torch.manual_seed(3)
    network = make()
    candidate = best(network)
    assert (candidate.architecture.name, candidate.fits, candidate.classes) == (name, True, CLASSES)
    assert candidate.problems == ()
    same_outputs(network, frames())


def test_what_no_tensor_says_is_told() -> None:
    assert best(linear_in_sequence()).assumed == ()
    assert best(linear_without_relu()).assumed == ()
    assert best(hidden_layer()).assumed == (
        "Between the linear layers of fc, ReLU is assumed: no tensor says so.",
    )
    assert best(renamed()).assumed == ("classifier in the file is taken for fc.",)


@pytest.mark.parametrize("channels", [1, 2, 4, 13])
def test_other_channels(channels: int) -> None:
    network = resnet()
    network.add_module("conv1", nn.Conv2d(channels, 64, 7, 2, 3, bias=False))
    assert best(network).channels == channels
    same_outputs(network, frames(channels))
    for name in ("vit_tiny_patch16_224", "repvgg_a0"):
        same_outputs(original(ArchitectureName("timm", name), in_chans=channels), frames(channels))


@pytest.mark.parametrize(
    ("name", "size", "side"),
    [
        ("vit_tiny_patch16_224", "img_size", 160),
        ("vit_small_patch14_dinov2", "img_size", 98),
        ("deit_tiny_distilled_patch16_224", "img_size", 256),
        ("vit_b_32", "image_size", 256),
    ],
)
def test_position_embeddings_of_another_size(name: str, size: str, side: int) -> None:
    library = "torchvision" if size == "image_size" else "timm"
    network = original(ArchitectureName(library, name), **{size: side})
    assert best(network).side == side
    same_outputs(network, frames(side=side))


def test_names_that_differ_in_size_only() -> None:
    network = original(ArchitectureName("timm", "vit_tiny_patch16_384"))
    candidate = best(network)
    assert (candidate.architecture.name, candidate.side) == ("vit_tiny_patch16_384", 384)


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_auxiliary_classifiers_are_left_out(name: str) -> None:
    network = original(ArchitectureName("torchvision", name), aux_logits=True, transform_input=False)
    candidate = best(network)
    assert (candidate.architecture.name, candidate.fits) == (name, True)
    assert candidate.left_out == (("aux1", "aux2") if name == "googlenet" else ("AuxLogits",))
    same_outputs(network, frames(side=299))


def test_other_classifiers_beside_are_left_out() -> None:
    network = resnet()
    tensors = tensors_of(network.eval())
    beside = {
        "projector.0.weight": np.zeros((128, 512), np.float32),
        "projector.2.weight": np.zeros((64, 128), np.float32),
    }
    candidate = recognise(shapes_in(tensors | beside)).candidates[0]
    assert (candidate.fits, candidate.left_out) == (True, ("projector",))
    built = build_network(candidate.architecture, tensors | beside)
    with torch.no_grad():
        assert torch.equal(built(frames()), network(frames()))


# What files are like


def test_counters_may_be_missing_or_too_many() -> None:
    network = resnet().eval()
    tensors: dict[str, Any] = {
        key: one for key, one in tensors_of(network).items() if "num_batches" not in key
    }
    profiled = tensors | {"conv1.total_ops": np.zeros(1), "total_params": np.zeros(1)}
    for each in (tensors, profiled):
        candidate = recognise(shapes_in(each)).candidates[0]
        assert candidate.architecture == ArchitectureName("torchvision", "resnet18")
        with torch.no_grad():
            assert torch.equal(build_network(candidate.architecture, each)(frames()), network(frames()))


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_other_types_become_float32(dtype: type) -> None:
    tensors: dict[str, Any] = {
        key: one.astype(dtype) for key, one in tensors_of(resnet()).items() if one.ndim
    }
    built = build_network(ArchitectureName("torchvision", "resnet18"), tensors)
    assert {parameter.dtype for parameter in built.parameters()} == {torch.float32}


def test_read_only_tensors_are_not_written_to() -> None:
    tensors = tensors_of(resnet())
    for one in tensors.values():
        one.flags.writeable = False
    built = build_network(ArchitectureName("torchvision", "resnet18"), tensors)
    with torch.no_grad():
        built.get_parameter("conv1.weight").zero_()
    assert tensors["conv1.weight"].any()


def test_tensors_of_another_network_are_refused() -> None:
    tensors = tensors_of(original(ArchitectureName("torchvision", "resnet34")))
    with pytest.raises(
        ModelFailure, match=r"doesn't fit torchvision: resnet18: .*not of this network: layer1\.2"
    ):
        build_network(ArchitectureName("torchvision", "resnet18"), tensors)
    tensors = tensors_of(resnet())
    del tensors["layer4.1.bn2.weight"]
    tensors["conv1.weight"] = np.zeros((64, 3, 3, 3), np.float32)
    with pytest.raises(ModelFailure) as raised:
        build_network(ArchitectureName("torchvision", "resnet18"), tensors)
    assert "1 missing: layer4.1.bn2.weight" in raised.value.message
    assert "1 of another shape: conv1.weight is 64×3×3×3, not 64×3×7×7" in raised.value.message


def test_a_backbone_alone_is_refused() -> None:
    tensors = {key: one for key, one in tensors_of(resnet()).items() if not key.startswith("fc.")}
    with pytest.raises(ModelFailure, match="there is no classifier for its 512 features"):
        build_network(ArchitectureName("torchvision", "resnet18"), tensors)


def test_where_only_the_classifier_does_not_fit_the_way_over_onnx_is_told() -> None:
    """An activation can't be seen in its tensors: only a whole program of the network says what it is."""
    network = original(ArchitectureName("torchvision", "efficientnet_b0"))
    network.classifier = nn.Sequential(nn.Dropout(), nn.Linear(1280, 64), nn.SiLU(), nn.Linear(64, CLASSES))
    with pytest.raises(ModelFailure, match="doesn't fit torchvision: efficientnet_b0") as raised:
        build_network(ArchitectureName("torchvision", "efficientnet_b0"), tensors_of(network))
    assert raised.value.mend.endswith("torch.onnx.export(model, torch.zeros(1, 3, 224, 224), 'model.onnx')")
    tensors = tensors_of(network) | {"features.9.weight": np.zeros((2, 2), np.float32)}
    with pytest.raises(ModelFailure, match="Correct the architecture"):
        build_network(ArchitectureName("torchvision", "efficientnet_b0"), tensors)


def test_libraries_and_names_that_there_are_not() -> None:
    with pytest.raises(ModelFailure, match="camviewer can't build networks of 'keras'"):
        build_network(ArchitectureName("keras", "vgg"), {})
    with pytest.raises(ModelFailure, match="timm can't build 'no_such_network'"):
        build_network(ArchitectureName("timm", "no_such_network"), {})
    with pytest.raises(ModelFailure, match="torchvision can't build 'no_such_network'"):
        build_network(ArchitectureName("torchvision", "no_such_network"), {})


# transformers


def tiny_transformers() -> list[tuple[str, Any]]:
    transformers = pytest.importorskip("transformers")
    labels = {"id2label": {0: "cat", 1: "dog", 2: "hen"}, "label2id": {"cat": 0, "dog": 1, "hen": 2}}
    return [
        (
            "ResNetForImageClassification",
            transformers.ResNetConfig(
                embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic", **labels
            ),
        ),
        (
            "ViTForImageClassification",
            transformers.ViTConfig(
                hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
                image_size=32, patch_size=8, **labels,
            ),
        ),
        (
            "SwinForImageClassification",
            transformers.SwinConfig(
                image_size=32, patch_size=2, embed_dim=8, depths=[1, 1], num_heads=[1, 2], window_size=4,
                **labels,
            ),
        ),
        (
            "ConvNextForImageClassification",
            transformers.ConvNextConfig(hidden_sizes=[8, 16], depths=[1, 1], num_stages=2, **labels),
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("which", range(4))
def test_transformers_classifiers_give_logits(which: int) -> None:
    import transformers

    name, config = tiny_transformers()[which]
    torch.manual_seed(1)
    network = getattr(transformers, name)(config).eval()
    tensors = tensors_of(network)
    config.architectures = [name]
    written = config.to_dict()
    built = build_network(ArchitectureName("transformers", name), tensors, written)
    x = frames(side=32)
    with torch.no_grad():
        logits = built(x)
        assert logits.shape == (1, 3)
        assert torch.allclose(logits, network(x).logits, atol=1e-6)
    tensors.popitem()
    with pytest.raises(ModelFailure, match=rf"doesn't fit transformers: {name}: 1 missing: "):
        build_network(ArchitectureName("transformers", name), tensors, written)


@pytest.mark.parametrize("name", ["ViT", "DeiT", "Swin", "ConvNext", "ResNet"])
def test_what_transformers_saves_is_built(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files have the names of tensors that its networks had when the architecture was new."""
    import transformers

    monkeypatch.setattr(tqdm, "monitor_interval", 0)  # no thread for saving
    known = dict(tiny_transformers())
    kind = f"{name}ForImageClassification"
    config = known.get(kind)
    if config is None:
        config = transformers.DeiTConfig(
            hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
            image_size=32, patch_size=8, id2label={0: "cat", 1: "dog", 2: "hen"},
        )  # fmt: skip
    torch.manual_seed(1)
    network = getattr(transformers, kind)(config).eval()
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network.save_pretrained(tmp_path)
    file = find_model_file(tmp_path)
    tensors = read_checkpoint(file.path, file.format).tensors
    architecture = ArchitectureName("transformers", kind)
    capfd.readouterr()
    built = build_network(architecture, tensors, file.config)
    assert capfd.readouterr() == ("", "")
    x = frames(side=32)
    with torch.no_grad():
        assert torch.allclose(built(x), network(x).logits, atol=1e-5)
    assert not built.training
    lacking = dict(list(tensors.items())[:-1])
    with pytest.raises(ModelFailure, match=rf"doesn't fit {architecture}: 1 missing: "):
        build_network(architecture, lacking, file.config)
    wrong = {**tensors, "classifier.weight": tensors["classifier.weight"][:2]} if name == "ViT" else None
    if wrong is not None:
        with pytest.raises(ModelFailure, match=r"classifier\.weight is 2×16, not 3×16"):
            build_network(architecture, wrong, file.config)
        with pytest.raises(ModelFailure, match="1 not of this network: foreign"):
            build_network(architecture, {**tensors, "foreign": np.zeros((2, 2), np.float32)}, file.config)


def test_half_precision_and_foreign_code_in_a_config_are_not_followed() -> None:
    name, config = tiny_transformers()[0]
    tensors = tensors_of(skeleton(ArchitectureName("transformers", name), 3, options=config.to_dict()))
    written = config.to_dict() | {"dtype": "float16", "auto_map": {"AutoConfig": "evil.py--Config"}}
    built = build_network(ArchitectureName("transformers", name), tensors, written)
    assert {parameter.dtype for parameter in built.parameters()} == {torch.float32}


def test_without_transformers_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ModelFailure) as raised:
        build_network(ArchitectureName("transformers", "ResNetForImageClassification"), {}, {})
    assert raised.value.mend == "Install it: pip install transformers"


def test_other_classes_of_transformers_are_not_built() -> None:
    with pytest.raises(ModelFailure, match="it is no image classifier"):
        build_network(ArchitectureName("transformers", "pipeline"), {}, {"model_type": "resnet"})


# Building


def test_building_says_nothing_and_draws_nothing() -> None:
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network = skeleton(ArchitectureName("torchvision", "resnet18"), CLASSES)
        skeleton(ArchitectureName("timm", "vit_tiny_patch16_224"), CLASSES)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert not network.training
    assert torch.equal(network.get_buffer("bn1.running_var"), torch.ones(64))
    assert float(nn.Linear(4, 4).weight.detach().std()) > 0  # afterwards numbers are drawn again


@pytest.mark.parametrize(("library", "name"), [("torchvision", "resnet50"), ("timm", "vit_base_patch16_224")])
def test_building_is_faster_than_the_library(library: str, name: str) -> None:
    architecture = ArchitectureName(library, name)
    started = time.perf_counter()
    network = original(architecture)
    theirs = time.perf_counter() - started
    tensors = tensors_of(network)
    build_network(architecture, tensors)
    started = time.perf_counter()
    build_network(architecture, tensors)
    assert time.perf_counter() - started < 0.7 * theirs
