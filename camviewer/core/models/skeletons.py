"""Builds networks without their weights: quickly, since no number is drawn that a file replaces.

torch and the libraries are imported when a network is built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from camviewer.core.failures import ModelFailure
from camviewer.core.models.builtin import MODELS
from camviewer.core.models.card import ArchitectureName
from camviewer.core.models.signature_index import Shapes

if TYPE_CHECKING:
    from torch import nn

_RANDOM = frozenset({"normal_", "uniform_", "trunc_normal_", "erfinv_", "bernoulli_", "exponential_"})
_NOT_FOR_BUILDING = frozenset(
    {"auto_map", "dtype", "torch_dtype", "quantization_config", "attn_implementation", "_attn_implementation"}
)
"""What of transformers' config isn't followed: code of a repository, other types than float32."""
_ORDINARY = frozenset({"requires_grad_", "detach_"})


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A network to be built: the arguments of `skeleton`."""

    name: str
    classes: int
    channels: int | None
    side: int | None
    options: Mapping[str, Any]


def skeleton(
    architecture: ArchitectureName,
    classes: int,
    channels: int | None = None,
    side: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> nn.Module:
    """The network in eval mode with arbitrary weights, its buffers computed.

    channels: of the input, three unless given. side: of the input, for a network whose position embedding is
    for another size than by default. options: what the library's builder takes besides.

    Raises ModelFailure if the library isn't installed, doesn't know the name or can't build it so.
    """
    try:
        build = _BUILDERS[architecture.library]
    except KeyError:
        raise ModelFailure(
            "camviewer can't build networks of {library!r}.",
            "Use one of torchvision or timm, or export the model as ONNX.",
            library=architecture.library,
        ) from None
    try:
        with without_initialisation():
            network = build(_Wanted(architecture.name, classes, channels, side, options or {}))
    except ImportError as error:
        raise _missing(architecture, error) from error
    except (ValueError, LookupError, TypeError, AttributeError, RuntimeError, AssertionError) as error:
        raise ModelFailure(
            "{library} can't build {name!r}: {reason}",
            "Check the architecture's name, and which version of {library} made the file.",
            library=architecture.library,
            name=architecture.name,
            reason=error,
        ) from error
    return network.eval()


def without_initialisation() -> AbstractContextManager[object]:
    """While it lasts, what is written into parameters and all random numbers are left out, in this thread.

    Buffers are computed as ever: files don't hold them all.
    """
    return _skipping()()


def shapes_of(network: nn.Module) -> Shapes:
    """The shape of each tensor of the network's state dict."""
    return {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}


@cache
def _skipping() -> Callable[[], AbstractContextManager[object]]:
    import torch
    from torch.overrides import TorchFunctionMode

    is_meta = torch.Tensor.is_meta.__get__  # type: ignore[attr-defined]

    class Skipping(TorchFunctionMode):
        def __torch_function__(
            self, func: Any, _types: object, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
        ) -> Any:
            if func == is_meta:  # torch.nn.init draws until all is within bounds, except for such tensors
                return True
            name = getattr(func, "__name__", "")
            if name[-1:] == "_" and name[:1] != "_" and name not in _ORDINARY:
                target = args[0] if args else (kwargs or {}).get("tensor")
                if isinstance(target, torch.nn.Parameter) or name in _RANDOM:
                    return target
            return func(*args, **(kwargs or {}))

    return Skipping


def _torchvision(wanted: _Wanted) -> nn.Module:
    models = import_module("torchvision.models")
    size = {"image_size": wanted.side} if wanted.side is not None else {}
    network: nn.Module = models.get_model(
        wanted.name, weights=None, num_classes=wanted.classes, **wanted.options, **size
    )
    return _with_channels(network, wanted.channels)


def _camviewer(wanted: _Wanted) -> nn.Module:
    return _with_channels(MODELS[wanted.name].architecture.build(wanted.classes), wanted.channels)


def _with_channels(network: nn.Module, channels: int | None) -> nn.Module:
    """The network, its first convolution with another number of input channels, as people do by hand."""
    import torch
    from torch import nn

    if channels is not None:
        first = next(module for module in network.modules() if isinstance(module, nn.Conv2d))
        first.in_channels = channels
        first.weight = nn.Parameter(torch.empty(first.out_channels, channels, *first.kernel_size))
    return network


def _timm(wanted: _Wanted) -> nn.Module:
    timm = import_module("timm")
    options = dict(wanted.options)
    if wanted.channels is not None:
        options["in_chans"] = wanted.channels
    if wanted.side is not None:
        options["img_size"] = wanted.side
    network: nn.Module = timm.create_model(
        wanted.name, pretrained=False, num_classes=wanted.classes, **options
    )
    return network


def _transformers(wanted: _Wanted) -> nn.Module:
    """options: the whole of config.json. No code of the file's is run, only the library's own classes."""
    if "ForImageClassification" not in wanted.name:
        raise ValueError("it is no image classifier")
    transformers = import_module("transformers")
    config = transformers.AutoConfig.for_model(
        **{key: value for key, value in wanted.options.items() if key not in _NOT_FOR_BUILDING}
    )
    network: nn.Module = getattr(transformers, wanted.name)(config)
    network.register_forward_hook(_only_logits)
    return network


def _only_logits(_network: nn.Module, _frames: object, output: Any) -> Any:
    return output.logits


def _missing(architecture: ArchitectureName, error: ImportError) -> ModelFailure:
    return ModelFailure(
        "The network {name} needs the package {package}, which can't be loaded: {reason}",
        "Install it: pip install {package}",
        name=architecture.name,
        package=architecture.library,
        reason=error,
    )


_BUILDERS: Mapping[str, Callable[[_Wanted], nn.Module]] = {
    "torchvision": _torchvision,
    "timm": _timm,
    "camviewer": _camviewer,
    "transformers": _transformers,
}
