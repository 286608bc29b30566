"""The figures of `camviewer bench --quality` on real photos, against torch-cam's on torchvision's network."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from camviewer.core.explanation import CAM, ExplainRequest
from camviewer.core.frames import Fit
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.spec import WeightsOrigin
from camviewer.core.models.weights import WeightsFile, read_state_dict
from camviewer.core.quality.comparison import compared
from camviewer.core.quality.items import Item
from camviewer.core.quality.measuring import QualityMeasuring, Row
from camviewer.core.runtimes.preprocess import normalised, pillow_resized
from camviewer.core.runtimes.torch_base import trained
from camviewer.core.storage.images import read_image

pytestmark = pytest.mark.weights
PHOTOS = 4


def test_drops_are_torch_cam_s(assets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of torch-cam's own CAM, without what speaks against the class, as its Grad-CAM has it.

    Its metric takes the gradient of the softmax, so that its Grad-CAM is another map there.
    """
    import torch
    from torchcam import methods
    from torchcam.metrics import ClassificationMetric
    from torchvision.models import resnet18

    weights = assets / "weights/resnet18-imagenet1k-pq.pth"
    loaded = load_model(ModelChoice(RESNET18.name, weights, None, "cpu"))
    photos = sorted((assets / "images").glob("*.jpg"))[:: 40 // PHOTOS][:PHOTOS]
    measuring = QualityMeasuring(loaded.explainer, [Row(CAM, ExplainRequest(Fit.SQUASH, 224, method=CAM))])
    for photo in photos:
        measuring.add(Item(photo))
    ours = compared(measuring.scores)[CAM]

    model = trained(resnet18(), read_state_dict(WeightsFile(weights, WeightsOrigin.FILE))[0])
    with methods.CAM(model, target_layer="layer4", fc_layer="fc") as extractor:
        monkeypatch.setattr(extractor, "_relu", True)
        metric = ClassificationMetric(extractor, partial(torch.softmax, dim=-1))
        for photo in photos:
            pixels = pillow_resized(read_image(photo), (224, 224), bicubic=False)
            metric.update(torch.from_numpy(normalised(np.asarray(pixels), RESNET18.preprocessing)))
    theirs = metric.summary()
    print(ours["drop"].value, ours["increase"].value, theirs)
    assert ours["drop"].value == pytest.approx(theirs["avg_drop"], abs=1e-3)
    assert ours["increase"].value == theirs["conf_increase"]
