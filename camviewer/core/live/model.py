"""A network of a Python program, with what is known of its input and its scores."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from camviewer.core.explainer import Explainer
from camviewer.core.models.builtin import DEFAULT
from camviewer.core.models.label_files import are_placeholders
from camviewer.core.models.label_reading import (
    labels_in,
    read_labels,
)
from camviewer.core.models.labels import (
    check_labels,
    numbered_labels,
)
from camviewer.core.models.spec import (
    Link,
    ModelInfo,
    Preprocessing,
    SizeRule,
    WeightsOrigin,
    per_channel,
)
from camviewer.core.runtimes.base import ModelRun
from camviewer.core.runtimes.device import Device

if TYPE_CHECKING:
    from torch import nn

Labels = Sequence[str] | Mapping[int, str] | str | os.PathLike[str] | None
"""One a class; number → label, as ``config.id2label``; or a text file with one a line.

None for what a network of transformers says of itself, else ``class 0`` and so on.
"""


@dataclass(frozen=True, slots=True)
class InputOptions:
    """What a user says of a network's input; None: what the network itself says, else what is usual.

    size: pixels of the input's short side. resize: of the image's short side before its centre is cut out.
    mean, std: one number a channel, of values from 0 to 1. multi_label: each class is right or wrong by
    itself.
    """

    size: int | None = None
    resize: int | None = None
    mean: Sequence[float] | None = None
    std: Sequence[float] | None = None
    multi_label: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class LiveModel:
    """A network that runs here or in another process. name: its class, such as ``MyNet``."""

    run: ModelRun
    name: str
    preprocessing: Preprocessing
    sizes: SizeRule
    link: Link = Link.SOFTMAX

    @property
    def explainer(self) -> Explainer:
        """A new one."""
        info = ModelInfo(
            name=self.name,
            title=f"{self.name} (from Python)",
            device=self.run.device,
            device_title=self.run.device_title,
            weights_sha256="",  # they change while it is trained
            weights_file=self.name,
            weights_origin=WeightsOrigin.LIVE,
            preprocessing=self.preprocessing,
            sizes=self.sizes,
            layer=self.run.layer,
            link=self.link,
        )
        return Explainer(self.run, self, info)


def live_model(network: nn.Module, options: InputOptions, labels: Labels = None) -> LiveModel:
    """Look at a network, and prove its head. It stays as it is: its modes, hooks, gradients and device.

    Raises ModelFailure if it is no classifier of images, or the labels are not of its classes; ValueError for
    options that can't be.
    """
    # Without `prepare_libraries`: the process is another program's, with its own Triton and threads.
    from camviewer.core.runtimes import torch_live
    from camviewer.core.runtimes.torch_module import module_run

    with torch_live.plain_torch():
        network = torch_live.unwrapped(network)
        twin = torch_live.evaluating_twin(network)
        device = torch_live.device_of(twin)
        preprocessing = _preprocessing(network, options, torch_live.first_channels(twin))
        side = preprocessing.crop
        outputs = torch_live.outputs_of(twin, len(preprocessing.mean), side, side)
        names = _labels(network, labels, outputs.classes)
        title = torch_live.device_title(device)
        run = module_run(twin, preprocessing, None, names, Device(str(device)), title)
    link = Link.SIGMOID if options.multi_label else outputs.link
    return LiveModel(run, type(network).__name__, preprocessing, run.sizes, link)


def _preprocessing(network: nn.Module, options: InputOptions, channels: int | None) -> Preprocessing:
    """As the options say; else as timm's networks say of themselves; else as for ImageNet."""
    usual = DEFAULT.preprocessing
    own = getattr(network, "pretrained_cfg", None)
    known: Mapping[str, Any] = own if isinstance(own, Mapping) else {}
    size = options.size or (known["input_size"][-1] if "input_size" in known else usual.crop)
    mean, std = options.mean, options.std
    if mean is None and std is None:
        mean, std = known.get("mean", usual.mean), known.get("std", usual.std)
        assert mean is not None
        assert std is not None
        if channels == 1 and len(mean) != 1:
            mean, std = per_channel(mean, 1, 0.0), per_channel(std, 1, 1.0)
        elif channels is not None and channels != len(mean):
            raise ValueError(
                f"the network's input has {channels} channels: give mean and std, one number a channel"
            )
    if mean is None or std is None or len(mean) != len(std):
        raise ValueError("mean and std go together: one number a channel, of values from 0 to 1")
    if any(value <= 0 for value in std):
        raise ValueError("each number of std is above 0")
    share = known.get("crop_pct") or usual.crop / usual.resize
    resize = options.resize or round(size / share)
    if not 0 < size <= resize:
        raise ValueError(f"a size of {size} can't be cut out of an image that is resized to {resize}")
    bicubic = known.get("interpolation") == "bicubic"
    return Preprocessing(resize, size, tuple(map(float, mean)), tuple(map(float, std)), bicubic)


def _labels(network: nn.Module, labels: Labels, classes: int) -> tuple[str, ...]:
    if labels is None:
        own = getattr(getattr(network, "config", None), "id2label", None)
        found = labels_in(own, "config.id2label") if isinstance(own, Mapping) else None
        if found is not None and len(found) == classes and not are_placeholders(found):
            return found
        return numbered_labels(classes)
    if isinstance(labels, str | os.PathLike):
        return check_labels(read_labels(Path(labels)), classes, Path(labels).name)
    found = labels_in(labels if isinstance(labels, Mapping) else [str(name) for name in labels], "labels")
    if found is None:
        raise TypeError("labels are a list, number → label, or the path of a file")
    return check_labels(found, classes)
