"""Makes a network faster: its graph up to the features, without what comes after, batch norms folded in.

Modules that torch.fx can't trace are called as they are. Whoever uses the result compares its numbers with
those of the network itself.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from camviewer.core.runtimes.packing import alike
from camviewer.core.runtimes.torch_recording import copy_with_same_tensors


class _Tracer(fx.Tracer):
    """Traces into all modules but those of some types. failed: the module in which it gave up."""

    def __init__(self, opaque: set[type[nn.Module]]) -> None:
        super().__init__()
        self._opaque = opaque
        self.failed: nn.Module | None = None

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Called by torch.fx for each module."""
        return type(m) in self._opaque or super().is_leaf_module(m, module_qualified_name)

    def call_module(
        self, m: nn.Module, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Called by torch.fx for each module."""
        try:
            return super().call_module(m, forward, args, kwargs)
        except Exception:
            self.failed = self.failed or m
            raise


def _traced(network: nn.Module) -> fx.Graph:
    """The network's graph. What can't be traced is one node. Raises whatever torch.fx raises."""
    opaque: set[type[nn.Module]] = set()
    while True:
        tracer = _Tracer(opaque)
        try:
            return tracer.trace(network)
        except Exception:
            if tracer.failed is None:
                raise
            opaque.add(type(tracer.failed))


class _Search(fx.Interpreter):
    """Runs a graph until a node's value is the one that is looked for."""

    def __init__(self, module: fx.GraphModule, wanted: Tensor) -> None:
        super().__init__(module)
        self._graph, self._wanted = module.graph, wanted
        self.found: fx.Node | None = None
        self.idle: list[fx.Node] = []
        """Nodes that return what they are given: dropout and the like."""
        self.constant: dict[fx.Node, Tensor] = {}
        """Those whose value depends on weights only, such as a table of positions."""

    def search(self, example: Tensor) -> None:
        """As `run`, which would leave a thread of tqdm's behind."""
        self.args_iter = iter((example,))
        for node in self._graph.nodes:
            self.env[node] = self.run_node(node)
            for unused in self.user_to_last_uses.get(node, []):
                del self.env[unused]

    def run_node(self, n: fx.Node) -> Any:
        """Called by torch.fx for each node."""
        inputs = n.all_input_nodes
        given = self.env.get(inputs[0]) if len(inputs) == 1 else None
        version = given._version if isinstance(given, Tensor) else -1
        value = super().run_node(n)
        if n.op == "output" or not isinstance(value, Tensor):
            return value
        # What is changed in place is returned too; torch counts its changes.
        if isinstance(given, Tensor) and value is given and given._version == version:
            self.idle.append(n)
        elif inputs and all(each.op == "get_attr" or each in self.constant for each in inputs):
            self.constant[n] = value
        if value.shape == self._wanted.shape and self.found is None:
            scale = float(self._wanted.abs().max())
            if torch.allclose(value, self._wanted, rtol=1e-5, atol=1e-6 * scale):
                self.found = n
        return value


def cut_at(network: nn.Module, example: Tensor, value: Tensor, with_logits: bool) -> fx.GraphModule:
    """The network up to the tensor that has this value for the example, batch norms fused.

    It returns that tensor; with_logits: a tuple of it and the scores. Its weights are the network's own,
    except for those that were fused. Raises whatever torch.fx raises, LookupError where no node has it.
    """
    network = copy_with_same_tensors(network)  # forwards may keep what they saw while traced
    graph = _traced(network)
    traced = fx.GraphModule(network, graph)
    with torch.no_grad():
        search = _Search(traced, value)
        search.search(example)
    found = search.found
    if found is None:
        raise LookupError("no node of the graph has the features' value")
    for node in search.idle:
        if node is not found:
            node.replace_all_uses_with(node.all_input_nodes[0])
            graph.erase_node(node)
    _keep_constants(traced, search.constant)
    end = next(node for node in graph.nodes if node.op == "output")
    if with_logits:
        end.args = ((found, _scores(end.args[0])),)
    else:
        end.args = (found,)
        for node in list(reversed(graph.nodes))[1:]:
            if node is found:
                break
            graph.erase_node(node)
    _functions_to_modules(traced)
    _fuse(traced)
    traced.delete_all_unused_submodules()
    traced.recompile()
    # Without this the graph and its module refer to each other, and an unused model stays in memory.
    graph.owning_module = None
    return traced


def _scores(output: Any) -> Any:
    """The node of the scores, among what the network returns: as `logits_of`."""
    if isinstance(output, Mapping):
        return output["logits"] if "logits" in output else next(iter(output.values()))
    return output[0] if isinstance(output, (tuple, list)) else output


def _keep_constants(traced: fx.GraphModule, constants: Mapping[fx.Node, Tensor]) -> None:
    """Instead of computing them for each frame."""
    for node, value in reversed(list(constants.items())):
        if any(user not in constants for user in node.users):
            name = f"constant_{node.name}"
            traced.register_buffer(name, value)
            with traced.graph.inserting_before(node):
                node.replace_all_uses_with(traced.graph.get_attr(name))
        if not node.users:
            traced.graph.erase_node(node)


def _value(traced: fx.GraphModule, node: Any) -> Any:
    """A parameter or buffer, if the node gets one; what isn't a node as it is. Raises LookupError."""
    if not isinstance(node, fx.Node):
        return node
    if node.op != "get_attr":
        raise LookupError("no constant")
    value: Any = traced
    for name in str(node.target).split("."):
        value = getattr(value, name)
    return value


def _module_of(traced: fx.GraphModule, node: Any) -> nn.Module | None:
    if isinstance(node, fx.Node) and node.op == "call_module":
        return traced.get_submodule(str(node.target))
    return None


def _functions_to_modules(traced: fx.GraphModule) -> None:
    """Convolutions and batch norms that are called as functions, with weights that are constants."""
    makers: dict[Any, Callable[..., nn.Module | None]] = {
        torch.conv2d: _conv,
        nn.functional.batch_norm: _batch_norm,
        torch.batch_norm: _batch_norm,
    }
    for node in list(traced.graph.nodes):
        if node.op != "call_function" or node.target not in makers:
            continue
        try:
            args = [_value(traced, each) for each in node.args[1:]]
            module = makers[node.target](
                *args, **{name: _value(traced, each) for name, each in node.kwargs.items()}
            )
        except (LookupError, TypeError):
            continue  # its weights are computed, or it has other arguments
        if module is not None:
            _replace(traced, node, module, (node.args[0],))


def _replace(traced: fx.GraphModule, node: fx.Node, module: nn.Module, args: tuple[Any, ...]) -> None:
    name = f"made_of_{node.name}"
    traced.add_module(name, module)
    with traced.graph.inserting_before(node):
        new = traced.graph.call_module(name, args)
    node.replace_all_uses_with(new)
    traced.graph.erase_node(node)


def _conv(
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> nn.Module:
    """As torch.nn.functional.conv2d has them."""
    conv = nn.Conv2d(
        weight.shape[1] * groups,
        weight.shape[0],
        (weight.shape[2], weight.shape[3]),
        stride,
        padding,
        dilation,
        groups,
        bias=bias is not None,
        device="meta",
    )
    conv.weight = nn.Parameter(weight.detach(), requires_grad=False)
    if bias is not None:
        conv.bias = nn.Parameter(bias.detach(), requires_grad=False)
    return conv.eval()


def _batch_norm(
    mean: Tensor | None,
    variance: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,  # noqa: ARG001
    eps: float = 1e-5,
) -> nn.Module | None:
    """As torch.nn.functional.batch_norm has them; None if it normalises with the frame's own mean."""
    if training or mean is None or variance is None:
        return None
    norm = nn.BatchNorm2d(len(mean), eps, affine=weight is not None, device="meta")
    norm.running_mean, norm.running_var = mean, variance
    if weight is not None and bias is not None:
        norm.weight, norm.bias = nn.Parameter(weight.detach()), nn.Parameter(bias.detach())
    return norm.eval()


def _fuse(traced: fx.GraphModule) -> None:
    """Batch norms into the convolutions before them."""
    for node in list(traced.graph.nodes):
        norm = _module_of(traced, node)
        before = node.args[0] if node.args else None
        conv = _module_of(traced, before)
        if not isinstance(before, fx.Node) or len(before.users) != 1:
            continue
        if type(norm) is not nn.BatchNorm2d or not isinstance(conv, nn.Conv2d) or norm.training:
            continue
        if norm.running_mean is None or norm.running_var is None:
            continue
        weight, bias = fuse_conv_bn_weights(
            conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
        )
        fused = copy.copy(conv)  # it may be called elsewhere too, with its own weights
        fused._parameters = dict(conv._parameters, weight=weight, bias=bias)
        if type(conv) is nn.Conv2d or _same_function(fused, nn.Sequential(conv, norm)):
            _replace(traced, node, fused, before.args)
            traced.graph.erase_node(before)


def _same_function(ours: nn.Conv2d, theirs: nn.Module) -> bool:
    """A kind of convolution may do more with its weights than convolve."""
    side = 8 * max(ours.kernel_size)
    generator = torch.Generator().manual_seed(0)
    example = torch.randn(1, ours.in_channels, side, side, generator=generator).to(ours.weight)
    with torch.no_grad():
        return alike(ours(example), theirs(example))
