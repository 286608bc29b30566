"""View states of small networks of all kinds, for the drawing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from camviewer.core.arrays import read_only
from camviewer.core.explanation import Explanation, predicted
from camviewer.core.maps import ExactMaps, Unit
from camviewer.core.models.spec import LinearHead
from camviewer.core.targets import ClassScore, Target
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import ViewState, view_state
from tests.helpers import computed
from tests.ui.fakes import crafted, plain_frame

FIRST = ClassScore(0)


def pooled(
    channels: int = 14, classes: int = 6, shape: tuple[int, int] = (3, 4), seed: int = 0
) -> Explanation:
    """Random features and a random head after pooling, with the logits that follow from them."""
    numbers = np.random.default_rng(seed)
    features = numbers.random((channels, *shape), np.float32)
    weight = (3 * numbers.standard_normal((classes, channels))).astype(np.float32)
    bias = numbers.standard_normal(classes).astype(np.float32)
    logits = (weight @ features.mean((1, 2)) + bias).astype(np.float32)
    labels = tuple(f"class {chr(97 + i % 26)}{i // 26 or ''}" for i in range(classes))
    head = LinearHead(read_only(weight), read_only(bias), labels)
    return replace(
        crafted(plain_frame()),
        prediction=predicted(logits, labels),
        maps=ExactMaps(read_only(features), head),
        network_input=read_only(np.full((60, 80, 3), 90, np.uint8)),
    )


def local(unit: Unit = Unit.LOGIT, shape: tuple[int, int] = (5, 4)) -> Explanation:
    """Without a linear head: maps that a method computed."""
    return computed(pooled(), [FIRST], unit, shape=shape)


def state_of(explanation: Explanation, target: Target = FIRST) -> ViewState:
    classes = tuple(range(min(5, len(explanation.logits))))
    return view_state(explanation, target, OverlayStyle(), classes=classes)
