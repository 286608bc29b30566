"""The model that a command runs: loaded from options, and named on stderr."""

from __future__ import annotations

from camviewer.commands.console import print_message
from camviewer.commands.options import UsageError
from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import ModelFailure
from camviewer.core.loading import (
    LoadedModel,
    load_model,
)
from camviewer.core.methods.offers import for_layer
from camviewer.core.runtimes.device import (
    AUTO,
    CPU,
)
from camviewer.core.runtimes.registry import resolve_device
from camviewer.options import ModelOptions


def check_device(options: ModelOptions) -> None:
    """Raises UsageError for a device that isn't there, or a part of several devices' names."""
    try:
        resolve_device(options.device or AUTO)
    except ModelFailure as failure:
        raise UsageError(f"argument --device: {failure}") from failure


def load(options: ModelOptions) -> LoadedModel:
    """Load it, and say which one runs and where. Raises ModelFailure."""
    loaded = load_model(options.choice())
    info = loaded.explainer.info
    tell_problems(loaded)
    if loaded.missing is not None:
        print_message(
            f"camviewer: {loaded.missing} Until then {info.title} runs, which comes with camviewer."
        )
    print_message(
        f"camviewer: {info.title} on {info.computed_on} ({info.weights_origin}: {info.weights_file})"
    )
    if loaded.card is not None:
        for sentence in (*loaded.card.assumed, *loaded.card.passed_over):
            print_message(f"camviewer: {sentence}")
    return loaded


def tell_problems(loaded: LoadedModel) -> None:
    """Say why another device, or another precision, is used than the one that was asked for."""
    if loaded.device_problem is not None:
        info = loaded.explainer.info
        used = "The CPU" if info.device == CPU else info.device_title
        print_message(f"camviewer: {loaded.device_problem} {used} is used.")
    if loaded.precision_problem is not None:
        print_message(f"camviewer: {loaded.precision_problem}")


def fitting(loaded: LoadedModel, request: ExplainRequest) -> ExplainRequest:
    """The request as this model can do it: a file's model is known only now.

    Raises UsageError for a resolution, a layer or a method's layer that it doesn't have.
    """
    explainer = loaded.explainer
    sizes = explainer.info.sizes
    if request.resolution is not None and sizes is not None:
        try:
            sizes.check(request.resolution)
        except ValueError as error:
            raise UsageError(f"argument --resolution: {error}") from error
    try:
        meant = for_layer(request, explainer.methods, explainer.layers, explainer.default_layer)
    except ModelFailure as failure:
        raise UsageError(f"argument --layer: {failure}") from failure
    if meant.method != request.method:
        print_message(f"camviewer: {meant.method} is used, which can look at {meant.layer}")
    return meant
