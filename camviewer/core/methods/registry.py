"""The registry of methods, by name. A new method is a module beside this one, and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from camviewer.core.methods.attention import AttentionRollout
from camviewer.core.methods.base import Method
from camviewer.core.methods.cam import CamMethod
from camviewer.core.methods.eigen_cam import EigenCam
from camviewer.core.methods.extent import ObjectExtent
from camviewer.core.methods.grad_cam import (
    GradCam,
    GradCamPlusPlus,
    LayerCam,
)
from camviewer.core.methods.gradient import GradientMethod
from camviewer.core.methods.occlusion import Occlusion
from camviewer.core.methods.recipro_cam import ReciproCam
from camviewer.core.methods.score_cam import ScoreCam

_IN_ORDER: tuple[Method, ...] = (
    CamMethod(),
    GradientMethod(),
    GradCam(),
    GradCamPlusPlus(),
    LayerCam(),
    ReciproCam(),
    ScoreCam(),
    ObjectExtent(),
    EigenCam(),
    AttentionRollout(),
    Occlusion(),
)

METHODS: Mapping[str, Method] = {method.name: method for method in _IN_ORDER}
"""The most faithful first: exact, local, then relative ones, those that speak of a class before others.

The last one answers another question: not where the score comes from, but what happens without a place.
"""
