"""camviewer from Python: for notebooks, training scripts and other programs. See docs/python.md."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

from PIL import Image

from camviewer.core.classes import LabelFinder
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import (
    ExplainRequest,
    Explanation,
    Prediction,
)
from camviewer.core.frame_passes import USUAL_TARGETS
from camviewer.core.frames import (
    Fit,
    Frame,
)
from camviewer.core.live.images import frame_of
from camviewer.core.live.model import (
    InputOptions,
    Labels,
    LiveModel,
    live_model,
)
from camviewer.core.live.viewer import Viewer
from camviewer.core.loading import load_model
from camviewer.core.maps import AttributionMap
from camviewer.core.methods.offers import for_layer
from camviewer.core.models.builtin import MODELS
from camviewer.core.targets import (
    ChannelPart,
    ClassScore,
    ScoreDifference,
    Target,
    scores_of,
)
from camviewer.options import ModelOptions

if TYPE_CHECKING:
    from torch import nn

AnyTarget: TypeAlias = "int | str | tuple[int | str, int | str] | Target"
"""A class's number or label; a pair, for why the first and not the second; or one of `core.targets`."""


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """The maps of one image, in the order asked for: it has a length, can be indexed and looped over.

    explanation: the frame, the region of it that the network saw, what it predicts, and all maps there are.
    """

    maps: tuple[AttributionMap, ...]
    explanation: Explanation

    def __len__(self) -> int:
        return len(self.maps)

    def __iter__(self) -> Iterator[AttributionMap]:
        return iter(self.maps)

    def __getitem__(self, index: int) -> AttributionMap:
        return self.maps[index]

    @property
    def prediction(self) -> Prediction:
        """logits and probabilities float32 [N], labels, and ``top(k)``: ids, the most probable first."""
        return self.explanation.prediction

    def title(self, attribution: AttributionMap) -> str:
        """What a map speaks for: ``tabby``, or ``tabby − tiger cat``."""
        return self.explanation.title(attribution.target)


def explain(
    model: nn.Module | str | os.PathLike[str],
    image: object,
    target: AnyTarget | Sequence[AnyTarget] | None = None,
    method: str | None = None,
    *,
    layer: str | None = None,
    labels: Labels = None,
    size: int | None = None,
    resize: int | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    multi_label: bool = False,
    fit: Fit | str = Fit.CROP,
    fine: bool = False,
) -> Explained:
    """Where in an image the scores of a classifier come from.

    model: a live network, which is run in eval mode and stays as it is, whatever its mode; the name of a
    built-in model; or the path of a model file. Of a live network's hooks run those before a forward, and
    those after one that return something; others see one pass.
    image: a path, a Pillow image, a numpy array [H, W, 3] or a tensor [3, H, W], uint8 or floats 0..1, not
    normalised; see `camviewer.core.live.images.frame_of`.
    target: a class's number or label; a pair of these, for why the first and not the second; a list of
    both; None: the five most probable classes, the predicted one first.
    method: such as ``CAM`` or ``Grad-CAM``; None: the most faithful one that the network has.
    layer: the one that the method looks at; None: the last one with cells.
    labels: one a class, number → label, or a text file with one a line; None: what a network of transformers
    says of itself, else ``class 0`` and so on.
    size, resize, mean, std, multi_label: see `InputOptions`; of live networks only.
    fit: ``crop``, ``squash`` or ``whole``. An image of exactly the network's size is taken as it is.
    fine: average over several resolutions, for a sharper map in `Explanation.drawn`.

    Each map's values are float32 [h, w]. If its unit is LOGIT, ``map.mean + map.remainder`` is the score; if
    it is LOGIT_CHANGE, each value is how much the score falls, in logits, where its place is covered.

    Raises SourceFailure if the image file can't be read, ModelFailure if the model can't be opened or has no
    such method, ValueError and TypeError for other arguments that can't be.
    """
    return next(
        explain_all(
            model,
            [image],
            target,
            method,
            layer=layer,
            labels=labels,
            size=size,
            resize=resize,
            mean=mean,
            std=std,
            multi_label=multi_label,
            fit=fit,
            fine=fine,
        )
    )


def explain_all(
    model: nn.Module | str | os.PathLike[str],
    images: Iterable[object],
    target: AnyTarget | Sequence[AnyTarget] | None = None,
    method: str | None = None,
    *,
    layer: str | None = None,
    labels: Labels = None,
    size: int | None = None,
    resize: int | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    multi_label: bool = False,
    fit: Fit | str = Fit.CROP,
    fine: bool = False,
) -> Iterator[Explained]:
    """As `explain`, image by image: the network is looked at once, which takes longer than an image does.

    An image is read and explained when the iterator comes to it; leave the weights as they are until then.
    """
    if fit not in (*Fit, *(each.value for each in Fit)):
        raise ValueError(f"fit is crop, squash or whole, not {fit!r}")
    request = ExplainRequest(Fit(fit), fine=fine, method=method, layer=layer)
    options = InputOptions(size, resize, mean, std, multi_label)
    if isinstance(model, str | os.PathLike):
        if options != InputOptions():
            raise TypeError("size, resize, mean, std and multi_label are of live networks only")
        explainer = _loaded(model, labels)
        asked = _targets(target, explainer.labels)
        return (_explained(explainer, frame_of(image), asked, request) for image in images)
    live = live_model(_network(model), options, labels)
    explainer, asked = live.explainer, _targets(target, live.run.labels)
    side = live.preprocessing.crop
    from camviewer.core.runtimes.torch_live import plain_torch

    def of_live(image: object) -> Explained:
        frame = frame_of(image)
        as_it_is = frame.width == frame.height == side  # nothing is resized, and nothing cut off
        with plain_torch():
            fitted = replace(request, fit=Fit.SQUASH) if as_it_is else request
            return _explained(explainer, frame, asked, fitted)

    return map(of_live, images)


def view(
    model: nn.Module,
    images: object = None,
    labels: Labels = None,
    *,
    size: int | None = None,
    resize: int | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    multi_label: bool = False,
    wait: bool = True,
    options: Sequence[str] = (),
) -> Viewer:
    """Open the window for a live network, in a process of its own; the network runs here.

    model, labels, size, resize, mean, std, multi_label: as `explain`.
    images: one image or a list of them, each as `explain` takes it; a folder or a video; None: the camera.
    wait: until the window is closed. Else the window is open while the program goes on: see `Viewer`.
    options: of the command line, such as ``["--camera"]``.

    Raises as `explain` does; Failure where there is no display; RuntimeError if wait, and the window failed.
    """
    network = _network(model)
    given = InputOptions(size, resize, mean, std, multi_label)

    def look() -> LiveModel:
        return live_model(network, given, labels)

    paths, folder = _paths(images)
    try:
        viewer = Viewer(look, paths, options, folder)
    except BaseException:
        if folder is not None:
            folder.cleanup()
        raise
    if not wait:
        return viewer
    with viewer:
        status = viewer.wait()
    if status:
        raise RuntimeError(f"the window ended with status {status}; its log says more")
    return viewer


def _network(model: object) -> Any:
    """The model, if it is a network: seen from what it can do, without importing torch."""
    if isinstance(model, type) or not all(hasattr(model, name) for name in ("named_modules", "forward")):
        raise TypeError(f"a model is a torch.nn.Module, or a name or path, not {_kind(model)}")
    return model


def _loaded(model: str | os.PathLike[str], labels: Labels) -> Explainer:
    """A built-in model, or one from a file."""
    if labels is not None and not isinstance(labels, str | os.PathLike):
        raise TypeError("the labels of a model from a file are a path")
    named = str(model) in MODELS and not isinstance(model, os.PathLike)
    options = ModelOptions(
        name=str(model) if named else None,
        file=None if named else Path(model),
        labels=None if labels is None else Path(labels),
    )
    return load_model(options.choice(), allow_embedded=False).explainer


def _explained(
    explainer: Explainer, frame: Frame, asked: tuple[Target, ...], request: ExplainRequest
) -> Explained:
    meant = for_layer(request, explainer.methods, explainer.layers, explainer.default_layer)
    explanation = explainer.explain(frame, replace(meant, targets=asked))
    targets = asked or scores_of(explanation.top(USUAL_TARGETS))
    return Explained(tuple(explanation.map(each) for each in targets), explanation)


def _targets(target: AnyTarget | Sequence[AnyTarget] | None, labels: tuple[str, ...]) -> tuple[Target, ...]:
    """() for None. Raises ValueError for classes that there aren't, TypeError for what is no target."""
    if target is None:
        return ()
    finder = LabelFinder(labels)
    each: Iterable[Any] = target if isinstance(target, list) else (target,)
    found = tuple(_target(one, finder) for one in each)
    if not found:
        raise ValueError("no target is given: leave it out for the most probable classes")
    return found


def _target(target: Any, finder: LabelFinder) -> Target:
    if isinstance(target, ClassScore | ScoreDifference | ChannelPart):
        for class_id in target.classes:
            finder.checked(class_id)
        return target
    if not isinstance(target, tuple):
        return ClassScore(_class(target, finder))
    if len(target) != 2:
        raise ValueError(f"a pair is two classes, not {len(target)}: several targets are a list")
    first, second = (_class(one, finder) for one in target)
    if first == second:
        raise ValueError("the two classes of a pair are the same")
    return ScoreDifference(first, second)


def _class(one: Any, finder: LabelFinder) -> int:
    if isinstance(one, str):
        ids = finder.whole(one) or finder.containing(one)
        if len(ids) == 1:
            return ids[0]
        if ids:
            raise ValueError(f"{one!r} is not clear: {finder.listing(ids)}; give the number instead")
        raise ValueError(f"no class is called {one!r}{finder.suggestion(one)}")
    if not isinstance(one, bool):
        with suppress(TypeError):
            return finder.checked(operator.index(one))
    raise TypeError(f"a class is a number or a label, not {_kind(one)}")


def _paths(images: object) -> tuple[list[Path], TemporaryDirectory[str] | None]:
    """Paths of the images, and the folder of those that were no files."""
    if images is None:
        return [], None
    several = isinstance(images, list | tuple) or getattr(images, "ndim", 0) == 4
    each: list[Any] = list(images) if several else [images]  # type: ignore[call-overload]
    if not each:
        raise ValueError("there are no images: leave them out for the camera")
    paths: list[Path] = []
    folder: TemporaryDirectory[str] | None = None
    try:
        for number, image in enumerate(each, 1):
            if isinstance(image, str | os.PathLike):
                path = Path(image)
                if not path.exists():
                    raise FileNotFoundError(f"there is no {path}")
            else:
                folder = folder or TemporaryDirectory(prefix="camviewer-")
                path = Path(folder.name) / f"image {number:0{len(str(len(each)))}}.png"
                Image.fromarray(frame_of(image).image).save(path)
            paths.append(path)
    except BaseException:
        if folder is not None:
            folder.cleanup()
        raise
    return paths, folder


def _kind(value: object) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
