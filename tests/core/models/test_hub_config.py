"""What timm's and transformers' config.json say, of now and before."""

from __future__ import annotations

import pytest

from camviewer.core.models.card import ArchitectureName, FactOrigin
from camviewer.core.models.hub_config import HubConfig, builder_options, from_config, from_training
from camviewer.core.models.spec import Link

TIMM = {
    "architecture": "resnet18",
    "num_classes": 3,
    "num_features": 512,
    "pretrained_cfg": {
        "tag": "a1_in1k",
        "input_size": [3, 224, 224],
        "crop_pct": 0.95,
        "interpolation": "bicubic",
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
        "num_classes": 1000,
        "label_names": ["n01", "n02", "n03"],
        "label_descriptions": {"n01": "a tench", "n03": "a shark"},
    },
}


def test_timms_config() -> None:
    assert from_config(TIMM) == HubConfig(
        architecture=ArchitectureName("timm", "resnet18"),
        classes=3,
        channels=3,
        resize=235,
        crop=224,
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
        bicubic=True,
        labels=("a tench", "n02", "a shark"),
    )


def test_timms_flat_config_of_before() -> None:
    old = {
        "architecture": "vit_tiny_patch16_224.augreg_in21k",
        "num_classes": 2,
        "input_size": [1, 96, 96],
        "interpolation": "bilinear",
        "crop_pct": 1.0,
        "mean": [0.5],
        "std": [0.5],
        "label_names": {"1": "dog", "0": "cat"},
    }
    assert from_config(old) == HubConfig(
        ArchitectureName("timm", "vit_tiny_patch16_224"),
        2, 1, 96, 96, (0.5,), (0.5,), False, ("cat", "dog"),
    )  # fmt: skip


def test_timms_networks_saved_by_transformers() -> None:
    config = {"architectures": ["TimmWrapperForImageClassification"], "id2label": {"0": "cat", "1": "dog"}}
    said = from_config(config | {"architecture": "resnet18.a1_in1k", "num_classes": 2})
    assert said.architecture == ArchitectureName("timm", "resnet18")
    assert (said.classes, said.labels) == (2, ("cat", "dog"))


def test_timms_options_of_the_builder() -> None:
    config = {
        "architecture": "x",
        "model_args": {"img_size": 384, "num_classes": 9, "checkpoint_path": "/etc"},
    }
    assert builder_options(ArchitectureName("timm", "x"), config) == {"img_size": 384}
    assert builder_options(ArchitectureName("torchvision", "x"), config) == {}
    assert builder_options(ArchitectureName("timm", "x"), None) == {}


def test_transformers_own_files() -> None:
    transformers = pytest.importorskip("transformers")
    config = transformers.ResNetConfig(id2label={0: "cat", 1: "dog"}, label2id={"cat": 0, "dog": 1})
    written = config.to_dict() | {"architectures": ["ResNetForImageClassification"]}
    preprocessor = {
        "crop_pct": 0.875,
        "do_normalize": True,
        "image_mean": [0.485, 0.456, 0.406],
        "image_std": [0.229, 0.224, 0.225],
        "resample": 3,
        "size": {"shortest_edge": 224},
    }
    assert from_config(written, preprocessor) == HubConfig(
        architecture=ArchitectureName("transformers", "ResNetForImageClassification"),
        classes=2,
        channels=3,
        resize=256,
        crop=224,
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
        bicubic=True,
        labels=("cat", "dog"),
    )


def test_transformers_files_by_hand() -> None:
    config = {
        "architectures": ["ViTForImageClassification"],
        "model_type": "vit",
        "image_size": 384,
        "problem_type": "multi_label_classification",
        "id2label": {"0": "a", "1": "b", "2": "c"},
    }
    alone = from_config(config)
    assert (alone.crop, alone.resize, alone.mean, alone.link) == (384, None, None, Link.SIGMOID)
    assert alone.labels == ("a", "b", "c")
    plain = from_config(
        config, {"do_normalize": False, "size": 256, "crop_size": {"height": 224, "width": 224}}
    )
    assert (plain.resize, plain.crop, plain.mean, plain.std) == (256, 224, (0.0,) * 3, (1.0,) * 3)
    squeezed = from_config(config, {"size": {"height": 224, "width": 224}, "resample": 2})
    assert (squeezed.resize, squeezed.crop, squeezed.bicubic) == (224, 224, False)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"architecture": 3, "num_classes": "many", "pretrained_cfg": [1], "label_names": 7},
        {"architectures": [], "id2label": {}},
        {"input_size": [3], "mean": "grey", "std": [None], "crop_pct": -1, "label_names": {"a": 1}},
    ],
)
def test_what_is_not_said_or_nonsense_is_none(config: dict[str, object]) -> None:
    assert from_config(config) == HubConfig()


def test_nonsense_in_transformers_files() -> None:
    config: dict[str, object] = {"architectures": [None], "id2label": {"x": 1}, "image_size": "big"}
    said = from_config(config, {"size": {"longest": 3}, "image_mean": 0.5, "crop_size": []})
    assert said == HubConfig()


VIT = {"architectures": ["ViTForImageClassification"], "model_type": "vit", "image_size": 224}
OLD_CONVNEXT = {"feature_extractor_type": "ConvNextFeatureExtractor", "crop_pct": 0.875}
SQUARE = {"image_processor_type": "ViTImageProcessor", "size": {"height": 224, "width": 224}}


def test_values_that_are_not_rescaled() -> None:
    """mean and std are then of values in 0..255, or in what the factor makes of them."""
    raw = SQUARE | {"do_rescale": False, "image_mean": [127.5] * 3, "image_std": [51.0] * 3}
    said = from_config(VIT, raw)
    assert said.mean == pytest.approx((0.5,) * 3)
    assert said.std == pytest.approx((0.2,) * 3)
    halved = SQUARE | {"rescale_factor": 1 / 127.5, "image_mean": [1.0] * 3, "image_std": [1.0] * 3}
    assert from_config(VIT, halved).mean == pytest.approx((0.5,) * 3)
    assert from_config(VIT, halved | {"rescale_offset": True}).mean == pytest.approx((1.0,) * 3)
    neither = from_config(VIT, SQUARE | {"do_rescale": False, "do_normalize": False})
    assert neither.mean == (0.0,) * 3
    assert neither.std == pytest.approx((1 / 255,) * 3)
    usual = SQUARE | {"rescale_factor": 0.00392156862745098, "image_mean": [0.485], "image_std": [0.229]}
    assert (from_config(VIT, usual).mean, from_config(VIT, usual).std) == ((0.485,), (0.229,))


@pytest.mark.parametrize(
    ("preprocessor", "squash", "sizes"),
    [
        (SQUARE, True, (224, 224)),
        ({"image_processor_type": "ViTFeatureExtractor", "size": 160}, True, (160, 160)),
        ({**OLD_CONVNEXT, "size": 224}, None, (256, 224)),
        ({**OLD_CONVNEXT, "size": {"shortest_edge": 384}}, True, (384, 384)),
        ({"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 224}}, None, (224, 224)),
        ({"size": {"height": 256, "width": 256}, "do_center_crop": True, "crop_size": 224}, True, (256, 224)),
    ],
)  # fmt: skip
def test_processors_that_squeeze_frames(
    preprocessor: dict[str, object], squash: bool | None, sizes: tuple[int, int]
) -> None:
    said = from_config(VIT, preprocessor)
    assert (said.squash, (said.resize, said.crop)) == (squash, sizes)


def test_which_file_says_what() -> None:
    assert from_config(VIT).place == "config.json: crop"
    assert (
        from_config(VIT, {"image_mean": [0.5]}).place == "preprocessor_config.json: mean; config.json: crop"
    )
    assert from_config(VIT, SQUARE).place == "preprocessor_config.json: resize, crop, squash"
    assert from_config(TIMM).place == "config.json: resize, crop, mean, std, bicubic"


def test_checkpoints_of_timms_train_py() -> None:
    arguments = {"mean": [0.5] * 3, "std": [0.25] * 3, "interpolation": "bicubic", "crop_pct": 0.9}
    said = from_training({"arch": "resnet18d", "args": arguments | {"img_size": None}, "metric": 77.1})
    assert said == HubConfig(
        ArchitectureName("timm", "resnet18d"), mean=(0.5,) * 3, std=(0.25,) * 3, bicubic=True, share=0.9
    )
    assert (said.place, said.origin) == ("args: resize, mean, std, bicubic", FactOrigin.FILE)
    sized = from_training({"arch": "resnet18d", "args": arguments | {"img_size": 160}})
    assert (sized.resize, sized.crop, sized.share) == (177, 160, None)
    assert from_training({"args": arguments}) == HubConfig()
    assert from_training({"arch": "resnet18", "args": 3}) == HubConfig(ArchitectureName("timm", "resnet18"))
