"""CAM (Zhou et al., CVPR 2016): exact, for networks that end in global average pooling and a linear layer."""

from __future__ import annotations

from collections.abc import Sequence

from camviewer.core.maps import (
    ExactMaps,
    Maps,
)
from camviewer.core.methods.base import PassedFrame
from camviewer.core.runtimes.base import (
    ModelRun,
    Needs,
)
from camviewer.core.targets import Target
from camviewer.core.text import Text


class CamMethod:
    """One forward pass gives the maps of all classes."""

    name = ExactMaps.method
    needs = Needs.LINEAR_HEAD
    unit = ExactMaps.unit
    paper = "Zhou et al., CVPR 2016"
    cost = Text("one pass for the maps of all classes")
    chooses_layer = False

    def maps(self, run: ModelRun, passed: PassedFrame, targets: Sequence[Target]) -> Maps:  # noqa: ARG002
        """The maps of all classes, each computed when it is read."""
        assert run.head is not None, "`needs` says so"
        return ExactMaps(passed.forward.features, run.head, run.layer)
