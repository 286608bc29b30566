"""What config.json beside a checkpoint says: timm's, of now and before, and transformers'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import floor, isclose
from typing import Any

from camviewer.core.models.card import ArchitectureName, FactOrigin
from camviewer.core.models.spec import Link

TRANSFORMERS = "transformers"
_PREPARATION = ("resize", "crop", "mean", "std", "bicubic", "squash")
"""What a config can say of how frames are prepared: fields of `Preprocessing`."""
_SQUASHING = ("ViT", "DeiT", "Beit", "BEiT")
"""Processors that squeeze to a square where their size is one number."""
_SQUASHED_CONVNEXT = 384
"""From this size on ConvNext's processor squeezes frames instead of cropping them."""
_BICUBIC = 3
"""Pillow's number for bicubic interpolation, as transformers' files have it."""


@dataclass(frozen=True, slots=True)
class HubConfig:
    """What a config says; None for what it doesn't say.

    resize and crop: the short side that frames are resized to, and the square cut from the middle. mean and
    std: of values in 0..1. labels: one a class. squash: as in `Preprocessing`. share: crop of
    resize, where neither is said. place: which files say what of
    the preparation, for people; origin: what they are.
    """

    architecture: ArchitectureName | None = None
    classes: int | None = None
    channels: int | None = None
    resize: int | None = None
    crop: int | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    bicubic: bool | None = None
    labels: tuple[str, ...] | None = None
    link: Link | None = None
    squash: bool | None = None
    share: float | None = None
    place: str = field(default="", compare=False)
    origin: FactOrigin = field(default=FactOrigin.CONFIG, compare=False)

    @property
    def preparation(self) -> Mapping[str, Any]:
        """What it says of how frames are prepared, by the names of `Preprocessing`."""
        return {name: value for name in _PREPARATION if (value := getattr(self, name)) is not None}


def from_config(config: Mapping[str, object], preprocessor: Mapping[str, object] | None = None) -> HubConfig:
    """What config.json says. preprocessor: transformers' preprocessor_config.json beside it.

    Values of other types than they should be count as not said: files are what people make them.
    """
    if _is_transformers(config):
        return _from_transformers(config, preprocessor or {})
    said = _from_timm(config)
    return replace(said, place=_place("config.json", said))


def from_training(extras: Mapping[str, object]) -> HubConfig:
    """What a checkpoint of timm's train.py says: ``arch``, and ``args`` that it was trained with."""
    name, arguments = _text(extras.get("arch")), extras.get("args")
    if name is None:
        return HubConfig()
    if not isinstance(arguments, Mapping):
        arguments = {}
    said = _from_timm(
        {
            "architecture": name,
            "input_size": arguments.get("input_size"),
            "image_size": arguments.get("img_size"),
            **{name: arguments.get(name) for name in ("mean", "std", "interpolation", "crop_pct")},
        }
    )
    return replace(said, place=_place("args", said), origin=FactOrigin.FILE)


def _place(file: str, said: HubConfig) -> str:
    names = [*(["resize"] if said.share is not None else []), *said.preparation]
    return f"{file}: {', '.join(names)}" if names else ""


def builder_options(architecture: ArchitectureName, config: Mapping[str, object] | None) -> Mapping[str, Any]:
    """What a config adds to how a network is built: timm's model_args, the whole of transformers' config."""
    if config is None:
        return {}
    if architecture.library == TRANSFORMERS:
        return dict(config)
    extra = config.get("model_args")
    ours = {"num_classes", "in_chans", "pretrained", "pretrained_cfg", "checkpoint_path"}
    if architecture.library != "timm" or not isinstance(extra, Mapping):
        return {}
    return {str(name): value for name, value in extra.items() if name not in ours}


def _is_transformers(config: Mapping[str, object]) -> bool:
    names = config.get("architectures")
    return isinstance(names, list) and bool(names) and "architecture" not in config


def _from_timm(config: Mapping[str, object]) -> HubConfig:
    inner = config.get("pretrained_cfg")
    pretrained: Mapping[str, object] = inner if isinstance(inner, Mapping) else {}
    both = {**config, **pretrained}
    name = _text(config.get("architecture")) or _text(pretrained.get("architecture"))
    size = _numbers(both.get("input_size"))
    crop = int(min(size[1:])) if size is not None and len(size) == 3 else _whole(both.get("image_size"))
    part = _number(both.get("crop_pct"))
    interpolation = _text(both.get("interpolation"))
    return HubConfig(
        architecture=ArchitectureName("timm", name.split(".")[0]) if name else None,
        classes=_whole(config.get("num_classes")) or _whole(pretrained.get("num_classes")),
        channels=int(size[0]) if size is not None and len(size) == 3 else None,
        resize=floor(crop / part) if crop and part else None,
        crop=crop,
        share=part if not crop else None,
        mean=_numbers(both.get("mean")),
        std=_numbers(both.get("std")),
        bicubic=interpolation == "bicubic" if interpolation else None,
        labels=_timm_labels(config, pretrained),
    )


def _timm_labels(*places: Mapping[str, object]) -> tuple[str, ...] | None:
    """label_names, described where label_descriptions has more to say; else transformers' id2label."""
    for place in places:
        names, described = place.get("label_names", place.get("id2label")), place.get("label_descriptions")
        if isinstance(names, Mapping):
            names = _by_number(names)
        if isinstance(names, Sequence) and not isinstance(names, str) and names:
            more = described if isinstance(described, Mapping) else {}
            return tuple(str(more.get(name, name)) for name in names)
    return None


def _from_transformers(config: Mapping[str, object], preprocessor: Mapping[str, object]) -> HubConfig:
    names = config["architectures"]
    name = _text(names[0]) if isinstance(names, list) else None
    labels = config.get("id2label")
    ordered = _by_number(labels) if isinstance(labels, Mapping) else None
    resize, crop = _sizes(preprocessor)
    channels = _whole(config.get("num_channels"))
    mean, std = _normalisation(preprocessor, channels or 3)
    resample = _whole(preprocessor.get("resample"))
    multiple = config.get("problem_type") == "multi_label_classification"
    said = HubConfig(
        architecture=ArchitectureName(TRANSFORMERS, name) if name else None,
        classes=len(ordered) if ordered else _whole(config.get("num_labels")),
        channels=channels,
        resize=resize,
        crop=crop,
        mean=mean,
        std=std,
        bicubic=resample == _BICUBIC if resample is not None else None,
        labels=tuple(map(str, ordered)) if ordered else None,
        link=Link.SIGMOID if multiple else None,
        squash=_squashed(preprocessor, resize) or None,
    )
    said = replace(said, place=_place("preprocessor_config.json", said))
    side = _side(config.get("image_size"))
    if crop is None and side is not None:
        places = filter(None, (said.place, "config.json: crop"))
        said = replace(said, crop=side, place="; ".join(places))
    return said


def _normalisation(
    preprocessor: Mapping[str, object], channels: int
) -> tuple[tuple[float, ...] | None, tuple[float, ...] | None]:
    """mean and std of values in 0..1, of a processor that may give the network values in another range."""
    mean, std = _numbers(preprocessor.get("image_mean")), _numbers(preprocessor.get("image_std"))
    if preprocessor.get("do_normalize") is False:
        mean, std = (0.0,) * channels, (1.0,) * channels
    rescaled = preprocessor.get("do_rescale") is not False
    factor = _number(preprocessor.get("rescale_factor")) if rescaled else 1.0
    white = 255 * factor if factor else 1.0
    if isclose(white, 1, rel_tol=1e-6):
        white = 1.0
    dark = 1.0 if rescaled and preprocessor.get("rescale_offset") is True else 0.0
    return (
        tuple((number + dark) / white for number in mean) if mean else None,
        tuple(number / white for number in std) if std else None,
    )


def _squashed(preprocessor: Mapping[str, object], resize: int | None) -> bool:
    """Whether the processor squeezes whole frames to a square."""
    kind = _text(preprocessor.get("image_processor_type")) or _text(
        preprocessor.get("feature_extractor_type")
    )
    size = preprocessor.get("size")
    if preprocessor.get("do_resize") is False or size is None:
        return False
    if kind is not None and kind.startswith("ConvNext"):
        return resize is not None and (_side(size) or 0) >= _SQUASHED_CONVNEXT
    if isinstance(size, Mapping):
        return _whole(size.get("height")) is not None and "shortest_edge" not in size
    return kind is not None and kind.startswith(_SQUASHING)


def _sizes(preprocessor: Mapping[str, object]) -> tuple[int | None, int | None]:
    """(resize, crop) of preprocessor_config.json; a size without a crop is both, as the whole is squeezed."""
    size, part = _side(preprocessor.get("size")), _number(preprocessor.get("crop_pct"))
    crop = _side(preprocessor.get("crop_size")) if preprocessor.get("do_center_crop") is not False else None
    if crop is not None:
        return size, crop
    squashed = _squashed(preprocessor, size)
    return (floor(size / part) if size and part and not squashed else size), size


def _side(size: object) -> int | None:
    """One side of a size: a number, a list, or a mapping with shortest_edge or height."""
    if isinstance(size, Mapping):
        return _whole(size.get("shortest_edge")) or _whole(size.get("height"))
    if isinstance(size, list) and size:
        return _whole(size[-1])
    return _whole(size)


def _by_number(names: Mapping[Any, object]) -> list[object] | None:
    """The values of a mapping whose keys are 0, 1, 2, … as numbers or text; None if they aren't."""
    numbered = {int(key): value for key, value in names.items() if str(key).isdecimal()}
    return (
        [numbered[place] for place in sorted(numbered)] if set(numbered) == set(range(len(names))) else None
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _whole(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None


def _numbers(value: object) -> tuple[float, ...] | None:
    if not isinstance(value, list | tuple) or not all(isinstance(one, int | float) for one in value):
        return None
    return tuple(map(float, value)) or None
