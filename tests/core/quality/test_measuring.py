"""Maps of a network that is known, over photos."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.special import softmax

from camviewer.core.arrays import ByteArray
from camviewer.core.explanation import CAM, ExplainRequest
from camviewer.core.failures import ModelFailure, SourceFailure
from camviewer.core.frames import Fit, Frame
from camviewer.core.gauge.curves import RISE, passes_for
from camviewer.core.gauge.measuring import GaugePlan
from camviewer.core.geometry import as_input
from camviewer.core.methods.offers import MethodOffer
from camviewer.core.methods.registry import METHODS
from camviewer.core.models.builtin import RESNET18
from camviewer.core.quality.comparison import compared
from camviewer.core.quality.items import Item, TrueBoxes
from camviewer.core.quality.measuring import CENTRE, SLOW, QualityMeasuring, Row, rows_for
from camviewer.core.quality.scores import mask_of
from camviewer.core.targets import ClassScore
from camviewer.core.text import Text
from tests.core.gauge.networks import SIDE, StripesRun, explainer_of, striped
from tests.core.quality.networks import MaskableRun

REQUEST = ExplainRequest(Fit.SQUASH, SIDE, method=CAM)
ROWS = (Row(CAM, REQUEST), Row(CENTRE, None))


def saved(folder: Path, name: str, pixels: ByteArray) -> Path:
    Image.fromarray(pixels).save(folder / name)
    return folder / name


def test_a_map_of_what_the_network_uses_beats_the_centre(tmp_path: Path) -> None:
    run = MaskableRun()
    measuring = QualityMeasuring(explainer_of(run), ROWS)
    for i, (top, left) in enumerate(((8, 32), (32, 0))):
        path = saved(tmp_path, f"{i}.png", striped(slice(top, top + 24), slice(left, left + 24)))
        box = np.array([[left, top, left + 23.9, top + 23.9]])
        measuring.add(Item(path, TrueBoxes(0, box)))
    assert run.inputs == 2 * (1 + passes_for(2) + 2 * 2 + 1)
    figures = compared(measuring.scores)
    cam, centre = figures[CAM], figures[CENTRE]
    assert cam["max_box_acc_v2"].value > 0.9 > centre["max_box_acc_v2"].value
    assert cam["drop"].value < centre["drop"].value
    assert cam["drop_in_deletion"].value > centre["drop_in_deletion"].value
    assert cam["insertion"].value > centre["insertion"].value
    assert cam["deletion"].value < centre["deletion"].value
    assert centre["coherency"].value == pytest.approx(1)
    assert 0.5 < cam["coherency"].value < 1
    assert 0 < cam["adcc"].value < 1


def test_figures_are_of_the_predicted_class_and_the_same_as_one_by_one(tmp_path: Path) -> None:
    """Insertion and gain are the trust gauge's, with RISE's blur; drops are of passes made by hand."""
    explainer, pixels = explainer_of(MaskableRun()), striped()
    measuring = QualityMeasuring(explainer, ROWS)
    measuring.add(Item(saved(tmp_path, "one.png", pixels)))
    found = {name: figure.value for name, figure in compared(measuring.scores)[CAM].items()}
    assert "max_box_acc_v2" not in found

    explanation = explainer.explain(Frame(pixels), REQUEST)
    target = ClassScore(explanation.top(1)[0])
    plan = GaugePlan(randoms=0, gaussian=False, other=False, blur=RISE)
    curves = explainer.measuring(explanation, target, plan).finish().own
    assert found["gain"] == pytest.approx(curves.gain)
    assert found["deletion"] == pytest.approx(curves.deletion_area)
    mask = mask_of(explanation.map(target).values, SIDE, SIDE)
    halves = MaskableRun().of_masked(pixels, as_input(pixels, explanation.region), np.stack([mask, 1 - mask]))
    kept, removed = softmax(halves, axis=1)[:, target.class_id].tolist()
    whole = float(explanation.probabilities[target.class_id])
    assert found["drop"] == pytest.approx(max(0, whole - kept) / whole, abs=1e-6)
    assert found["increase"] == (kept > whole)
    assert found["drop_in_deletion"] == pytest.approx((whole - removed) / whole, abs=1e-6)
    assert found["complexity"] == pytest.approx(float(mask.mean()), abs=1e-6)


def test_a_photo_that_can_t_be_read_counts_nowhere(tmp_path: Path) -> None:
    measuring = QualityMeasuring(explainer_of(MaskableRun()), ROWS)
    (tmp_path / "bad.png").write_bytes(b"no photo")
    with pytest.raises(SourceFailure):
        measuring.add(Item(tmp_path / "bad.png"))
    measuring.add(Item(saved(tmp_path, "good.png", striped())))
    assert [scores.photos for scores in measuring.scores.values()] == [1, 1]


def offers(*missing: str) -> list[MethodOffer]:
    return [
        MethodOffer(
            m.name, m.unit, m.paper, m.cost, m.chooses_layer, Text("no") if m.name in missing else None
        )
        for m in METHODS.values()
    ]


def test_rows_are_all_that_a_model_has_cam_first() -> None:
    rows = rows_for(offers("Grad-CAM"), RESNET18.sizes, 224, slow=False)
    names = [row.name for row in rows]
    assert names[:2] == [CAM, "CAM, fine"]
    assert names[-1] == CENTRE
    assert {"LayerCAM", "Object extent", "Object extent, 448"} <= set(names)
    assert not {"Grad-CAM", *SLOW} & set(names)
    requests = {row.name: row.request for row in rows}
    extent = requests["Object extent, 448"]
    assert extent is not None
    assert (extent.resolution, extent.method) == (448, "Object extent")
    assert set(SLOW) <= {row.name for row in rows_for(offers(), RESNET18.sizes, 224, slow=True)}
    fixed = replace(RESNET18.sizes, smallest=224, largest=224)
    names = [row.name for row in rows_for(offers(), fixed, 224, slow=False)]
    assert not {"CAM, fine", "Object extent, 448"} & set(names)


def test_a_model_that_can_t_be_measured_is_told(tmp_path: Path) -> None:
    assert rows_for(offers(*METHODS), None, 224, slow=True) == ()
    with pytest.raises(ModelFailure, match="no maps that can be measured"):
        QualityMeasuring(explainer_of(MaskableRun()), ())
    measuring = QualityMeasuring(explainer_of(StripesRun()), ROWS)
    with pytest.raises(ModelFailure, match="can't be run on a changed input"):
        measuring.add(Item(saved(tmp_path, "one.png", striped())))
