"""Arguments that several commands have, and what reads their values.

Nothing heavy is imported before it is needed: `camviewer --help` needs no numpy, torch or Qt.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from camviewer.core.failures import ModelFailure
from camviewer.core.models.builtin import (
    DEFAULT,
    EMBEDDED,
    MODELS,
)
from camviewer.core.runtimes.precision import (
    Precision,
    precision_named,
)
from camviewer.core.storage.files import exists
from camviewer.options import ModelOptions

if TYPE_CHECKING:
    from camviewer.core.covering import Covering


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        metavar="NAME|FILE",
        type=_model,
        help=f"{', '.join(MODELS)}, or your own model file or its folder (default: {DEFAULT.name}; "
        f"while its weights aren't there, {EMBEDDED.name}, which comes along)",
    )
    parser.add_argument(
        "--weights",
        metavar="FILE",
        type=Path,
        help="as --model FILE; with --model NAME, weights of that model (or set CAMVIEWER_WEIGHTS)",
    )
    add_card_arguments(parser)
    parser.add_argument(
        "--device",
        metavar="NAME",
        help="auto (the best one), cpu, gpu (the best one of them), cuda:1, mps, …, or a part of a GPU's "
        "name (default: auto; the window remembers what was chosen in it)",
    )
    parser.add_argument(
        "--precision",
        metavar="NAME",
        type=_precision,
        help=f"{', '.join(each.value for each in Precision)} (default: the device's usual one; the window "
        "remembers what was chosen in it)",
    )


def add_card_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--card", metavar="FILE", type=Path, help="a model card, saved as JSON, that corrects what is found"
    )
    parser.add_argument(
        "--labels",
        metavar="FILE",
        type=Path,
        help="the classes' labels: text with one a line, JSON, YAML, CSV, or a folder of class folders",
    )


def add_method_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--method",
        metavar="NAME",
        type=method_named,
        help="how maps are made, such as gradcam (default: the most faithful that the model has)",
    )
    parser.add_argument(
        "--layer", metavar="NAME", help="the layer that the method looks at (default: the last with cells)"
    )
    parser.add_argument(
        "--patch",
        metavar="N",
        type=patch,
        help="Occlusion: pixels of the side of the square that covers, in the network's input (default: a "
        "quarter of the input's short side)",
    )
    parser.add_argument(
        "--fill",
        choices=("mean", "grey", "black", "blur"),
        help="Occlusion: what stands where the square covers (default: mean, the mean colour)",
    )


def add_faithfulness(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--faithfulness",
        action="store_true",
        help="measure how much the network uses what the map of the first class shows, against random maps: "
        "134 more passes a photo, 14 with --report. The numbers go into --json or the report; they say "
        "nothing of whether a prediction is right",
    )


def add_resolution(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--resolution",
        metavar="N",
        type=int,
        help="pixels of the input's short side (default: as many as the model was trained with)",
    )


def covering(args: argparse.Namespace, parser: argparse.ArgumentParser) -> Covering | None:
    """None for the usual. Ends the program with the usage where nothing is covered."""
    if args.patch is None and args.fill is None:
        return None
    from camviewer.core.covering import USUAL, Covering, Fill
    from camviewer.core.maps import Unit
    from camviewer.core.methods.registry import METHODS

    if args.method is None or METHODS[args.method].unit is not Unit.LOGIT_CHANGE:
        names = ", ".join(name for name, method in METHODS.items() if method.unit is Unit.LOGIT_CHANGE)
        parser.error(f"--patch and --fill say what covers a place: add --method {names}")
    return Covering(args.patch, Fill(args.fill) if args.fill is not None else USUAL.fill)


def model_options(args: argparse.Namespace, parser: argparse.ArgumentParser) -> ModelOptions:
    """Ends the program with the usage where the arguments contradict each other."""
    file = args.model if isinstance(args.model, Path) else None
    name = None if file is not None else args.model
    if file is not None and args.weights is not None:
        parser.error("--model FILE and --weights FILE are the same: give one of them")
    return ModelOptions(name, args.weights, args.labels, args.device, file, args.card, args.precision)


def _precision(text: str) -> Precision:
    try:
        return precision_named(text)
    except ModelFailure as failure:
        raise argparse.ArgumentTypeError(str(failure)) from failure


def _model(text: str) -> str | Path:
    """A built-in name goes before a file of that name, which has ./ before it."""
    if text in MODELS:
        return text
    path = Path(text)
    if not exists(path):
        raise argparse.ArgumentTypeError(
            f"the file {text} doesn't exist, and no model is called so (there are {', '.join(MODELS)})"
        )
    return path


def method_named(text: str) -> str:
    """The method whose name has or begins with these letters and digits: ``gradcam`` is ``Grad-CAM``.

    Where none begins so, the one that ends so: ``extent`` is ``Object extent``.
    """
    from camviewer.core.methods.registry import METHODS

    names, wanted = {_letters(name): name for name in METHODS}, _letters(text)
    begun = [name for letters, name in names.items() if wanted and letters.startswith(wanted)]
    begun = begun or [name for letters, name in names.items() if wanted and letters.endswith(wanted)]
    if wanted in names:
        return names[wanted]
    if len(begun) == 1:
        return begun[0]
    raise argparse.ArgumentTypeError(f"there is no method {text!r} (there are {', '.join(METHODS)})")


def _letters(name: str) -> str:
    """Grad-CAM++ keeps what tells it from Grad-CAM; the × of a product may be typed as an x."""
    return "".join(c for c in name.casefold().replace("×", "x") if c.isalnum() or c == "+")


def seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return value


def patch(text: str) -> int:
    from camviewer.core.covering import SMALLEST_PATCH

    value = int(text)
    if value < SMALLEST_PATCH:
        raise argparse.ArgumentTypeError(f"a patch has {SMALLEST_PATCH} pixels a side or more, not {text}")
    return value


def opacity(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def threshold(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and below 1")
    return value


def colormap(text: str) -> str:
    from camviewer.core import colormaps

    try:
        colormaps.info(text)
    except KeyError as error:
        raise argparse.ArgumentTypeError(error.args[0]) from error
    return text
