"""Opens networks of all families of torchvision and timm, and writes docs/architectures.md.

    python tests/benchmarks/architectures.py            write the page (some minutes)
    python tests/benchmarks/architectures.py NAME …     print the rows of these: timm:resnet10t

Of each family the smallest network is taken, with random weights; a file of these is opened as a user's would
be. tests/core/test_every_architecture.py runs the same and holds it against the page.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Frame
from camviewer.core.maps import Unit
from camviewer.core.models.card import ArchitectureName
from camviewer.core.models.files import find_model_file
from camviewer.core.models.signature_index import signature_index
from camviewer.core.opening import open_model
from camviewer.core.runtimes.libraries import prepare_torch
from camviewer.core.targets import ClassScore

if TYPE_CHECKING:
    from torch import Tensor, nn

PAGE = Path(__file__).resolve().parents[2] / "docs" / "architectures.md"
TOLERANCE = 1e-4
"""Of |mean(map) + remainder − score|, times max(1, |score|)."""
_HEAD = """\
# Every family of networks

Made by `python tests/benchmarks/architectures.py`: the smallest network of each family of torchvision and
timm, with random weights, saved as a file of weights and opened as a user's file is.
`tests/core/test_every_architecture.py` opens them again and compares.

*Exact*: the class activation maps of all classes add up to the scores, with a remainder that no picture
changes. *Local*: gradient × activation, to first order at one picture. *Error* is the largest
|mean(map) + remainder − score| ÷ max(1, |score|) of five classes; it must be below 1e-4. *Head* is what was
proved by numbers, or why nothing was. *Seconds* are those to open the file on two busy cores (after the
libraries are imported), and say no more than that.

A local map's remainder is by definition what is not on the map, so its error is rounding; that its gradients
are right is tested against pytorch-grad-cam and torch-cam in `tests/core/methods/`.

| family | network | maps | head | map | error | opened as | seconds |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one network. opened: what the file was taken for."""

    family: str
    architecture: ArchitectureName
    maps: str
    head: str
    shape: str = ""
    error: float = 0.0
    opened: str = ""
    seconds: float = 0.0

    @property
    def line(self) -> str:
        """Of the table."""
        cells = (
            self.family,
            str(self.architecture),
            self.maps,
            self.head,
            self.shape,
            f"{self.error:.0e}" if self.shape else "",
            self.opened,
            f"{self.seconds:.1f}",
        )
        return f"| {' | '.join(cells)} |"


def families() -> Mapping[str, ArchitectureName]:
    """The smallest network of each family that is known: family → network."""
    from timm.models import _registry as timm_registry
    from torchvision.models import get_model_builder

    smallest: dict[str, tuple[int, ArchitectureName]] = {}
    for signature in signature_index().signatures:
        for variant in signature.variants:
            name = variant.architecture
            if name.library == "torchvision":
                family = f"torchvision {get_model_builder(name.name).__module__.rpartition('.')[2]}"
            elif name.library == "timm":
                family = f"timm {timm_registry._model_to_module[name.name]}"
            else:
                continue
            if not variant.published.classes:  # its published weights have no classifier
                continue
            if family not in smallest or signature.parameters < smallest[family][0]:
                smallest[family] = signature.parameters, name
    return {family: name for family, (_, name) in sorted(smallest.items(), reverse=True)}


def shaken_state(network: nn.Module) -> dict[str, Tensor]:
    """Its state with nothing that is constant: fresh norms are the identity, and some heads are zero."""
    import torch

    generator = torch.Generator().manual_seed(0)
    state = {}
    for key, tensor in network.state_dict().items():
        if tensor.is_floating_point() and tensor.numel() > 1 and float(tensor.std()) == 0:
            tensor = tensor + 0.1 * torch.randn(tensor.shape, generator=generator)  # noqa: PLW2901
        state[key] = tensor.contiguous().clone()
    return state


def original(architecture: ArchitectureName) -> nn.Module:
    """Of the library itself, with random weights."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if architecture.library == "torchvision":
            from torchvision.models import get_model

            network: nn.Module = get_model(architecture.name, weights=None)
        else:
            import timm

            network = timm.create_model(architecture.name, pretrained=False)
    return network.eval()


def row_of(family: str, architecture: ArchitectureName, folder: Path) -> Row:
    """Save it, open it, explain a frame."""
    from safetensors.torch import save_file

    path = folder / "network.safetensors"
    save_file(shaken_state(original(architecture)), path)
    start = time.perf_counter()
    try:
        opened = open_model(find_model_file(path))
    except ModelFailure as failure:
        return Row(family, architecture, "none", str(failure).replace("|", "∣")[:160])
    seconds = time.perf_counter() - start
    explainer = Explainer(opened.run, opened, opened.info)
    side = opened.preprocessing.crop
    image = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    card, proof = opened.card, opened.card.proof
    assert proof is not None
    what = proof.kind.value if proof.kind.exact else proof.reason
    try:
        explanation = explainer.explain(Frame(image), ExplainRequest())
    except ModelFailure as failure:
        return Row(
            family, architecture, "none", f"{what} {failure}", "", 0.0, str(card.architecture.value), seconds
        )
    errors = []
    for class_id in explanation.top(5):
        attribution = explanation.map(ClassScore(class_id))
        score = float(explanation.logits[class_id])
        if attribution.score is not None:
            errors.append(abs(attribution.score - score) / max(1.0, abs(score)))
    maps = explanation.maps
    kind = "relative" if maps.unit is Unit.RELATIVE else "exact" if proof.kind.exact else "local"
    rows, columns = maps.planes.shape[1:]
    as_what = card.architecture.value
    return Row(
        family,
        architecture,
        kind,
        what,
        f"{rows} × {columns}",
        max(errors, default=0.0),
        str(as_what),
        seconds,
    )


def rows(names: Mapping[str, ArchitectureName]) -> Iterator[Row]:
    """Of each, as soon as it is done."""
    with tempfile.TemporaryDirectory() as folder:
        for family, architecture in names.items():
            yield row_of(family, architecture, Path(folder))


def main(arguments: list[str]) -> None:
    prepare_torch("torchvision.models", "timm")
    if arguments:
        named = [ArchitectureName(*argument.split(":")) for argument in arguments]
        for row in rows({name.name: name for name in named}):
            print(row.line, flush=True)
        return
    lines = []
    for row in rows(families()):
        print(row.line, flush=True)
        lines.append(row.line)
    PAGE.write_text(_HEAD + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
