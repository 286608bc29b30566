"""Takes off the names of a checkpoint's tensors what training frameworks put before them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PREFIXES = (
    "module.",
    "model.",
    "backbone.",
    "net.",
    "network.",
    "encoder.",
    "_orig_mod.",
    "teacher.",
    "student.",
)
"""Before all names of a network, one after the other. Others, such as ``vit.``, belong to an architecture."""
_BESIDE_TRAINING = re.compile(
    r"(criterion|criteria|loss|losses|loss_fn|loss_func|loss_function|\w+_loss|\w*metrics?|n_averaged"
    r"|(train|training|val|valid|validation|test)_\w+|(\w+_)?(acc|accuracy|auroc|auc|f1|f1_score|confmat)\d*)"
)
"""First parts of names that are of losses and metrics: not of the network, whatever it is."""
_PROFILE = frozenset({"total_ops", "total_params"})
"""Last parts of names: what the profiler thop leaves in every layer."""
_HEADS = re.compile(
    r"(head|heads|fc|classifier|classification_head|cls_head|clf|linear|last_linear|logits|output|out|mlp)\d*"
)
"""First parts of names of a head that lies beside a ``backbone.``."""
_COPIES = re.compile(r"(\w+_)?ema(_\w+)?|student|momentum_\w+|\w+_momentum")
"""First parts of names of a second copy of the network."""


def cleaned(names: Iterable[str]) -> tuple[dict[str, str], str, tuple[str, ...]]:
    """Clean names by those in the file; the prefix that was taken off them; names that are left out.

    A prefix comes off where everything else is explained: a head beside it keeps its own name; losses,
    metrics and second copies of the network are left out.
    """
    names = list(names)
    clean = {name: name for name in names if not _of_training(name)}
    taken = ""
    while True:
        for copy in _copies(clean.values()):
            clean = {name: new for name, new in clean.items() if not new.startswith(copy)}
        prefix = _shared(clean.values())
        if not prefix:
            return clean, taken, tuple(name for name in names if name not in clean)
        taken += prefix
        clean = {name: new.removeprefix(prefix) for name, new in clean.items()}


def _of_training(name: str) -> bool:
    first, _, rest = name.partition(".")
    return bool(_BESIDE_TRAINING.fullmatch(first)) or (rest or first).rpartition(".")[2] in _PROFILE


def _copies(names: Iterable[str]) -> list[str]:
    """Prefixes of second copies: most of what lies under them lies under another one, too."""
    groups: dict[str, set[str]] = {}
    for name in names:
        first, _, rest = name.partition(".")
        groups.setdefault(first, set()).add(rest)
    return [
        f"{first}."
        for first, inside in groups.items()
        if _COPIES.fullmatch(first)
        and any(
            10 * len(inside & other) >= 9 * len(inside)
            for another, other in groups.items()
            if another != first and not _COPIES.fullmatch(another)
        )
    ]


def _shared(names: Iterable[str]) -> str:
    """The prefix that comes off all names, but those of a head beside it; empty if there is none."""
    names = list(names)
    for prefix in _PREFIXES:
        inside = [name for name in names if name.startswith(prefix)]
        outside = [name for name in names if not name.startswith(prefix)]
        if (
            len(inside) > len(outside)
            and all(_HEADS.fullmatch(name.partition(".")[0]) for name in outside)
            and {name.removeprefix(prefix) for name in inside}.isdisjoint(("", *outside))
        ):
            return prefix
    return ""
