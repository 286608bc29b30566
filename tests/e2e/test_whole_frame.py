"""The fit "whole" finds what the preset's centre crop cuts away (real weights)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from camviewer.core.arrays import ByteArray, read_only
from camviewer.core.explanation import ExplainRequest
from camviewer.core.frames import Fit, Frame
from camviewer.core.geometry import cell_rect
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.storage.images import read_image
from tests.helpers import cam

MACAW = 88
pytestmark = pytest.mark.weights


def at_the_edge(photo: ByteArray, wide: bool) -> ByteArray:
    """A 16:9 (or 9:16) grey frame with the photo's middle square at its very end, outside of the crop."""
    side = 180
    frame = np.full((360, 640, 3), 124, np.uint8) if wide else np.full((640, 360, 3), 124, np.uint8)
    height, width, _ = photo.shape
    cut = photo[:, (width - height) // 2 :][:, :height]
    rows = np.arange(side) * height // side
    small = cut[rows][:, rows]
    if wide:
        frame[90 : 90 + side, 640 - side :] = small
    else:
        frame[640 - side :, 90 : 90 + side] = small
    return read_only(frame)


@pytest.mark.parametrize("wide", [True, False])
def test_a_subject_at_the_edge_is_found(assets: Path, wide: bool) -> None:
    choice = ModelChoice(weights=assets / "weights" / "resnet18-imagenet1k-pq.pth")
    explainer = load_model(choice).explainer
    frame = Frame(at_the_edge(read_image(assets / "images" / "n01818515_macaw.jpg"), wide))

    cropped = explainer.explain(frame, ExplainRequest(Fit.CROP))
    whole = explainer.explain(frame, ExplainRequest(Fit.WHOLE))

    found = cam(whole, MACAW)
    assert found.shape == ((7, 13) if wide else (13, 7))
    row, column = (int(i) for i in np.unravel_index(found.argmax(), found.shape))
    left, top, width, height = cell_rect(whole.region, (found.shape[0], found.shape[1]), row, column)
    x, y = left + width / 2, top + height / 2
    if wide:
        assert x > 640 - 180
        assert 90 <= y <= 270
    else:
        assert y > 640 - 180
        assert 90 <= x <= 270
    # Three quarters of the subject lie outside of the crop: what is left of it says less.
    assert whole.logits[MACAW] > cropped.logits[MACAW]
    assert MACAW in whole.top(5)
