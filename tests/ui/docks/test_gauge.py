"""The Trust dock: what it shows of a measurement, and when pyqtgraph is imported."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from camviewer.core.gauge.curves import Curves
from camviewer.core.gauge.measuring import Measurement
from camviewer.core.gauge.sanity import SanityTest
from camviewer.core.targets import ClassScore
from camviewer.ui.docks.gauge import GaugeDock

LABELS = ("boxer", "bull <mastiff>")


def curves(goodness: float) -> Curves:
    share = np.linspace(0, 1, 8)
    return Curves(0.9 * (1 - share) ** (1 + goodness), 0.9 * share ** (1 / (1 + goodness)))


def measurement() -> Measurement:
    randoms = tuple(curves(each) for each in (0.1, -0.1, 0.2, -0.2))
    return Measurement(ClassScore(0), "CAM", curves(3), randoms, curves(1), curves(2), 1, 86)


@pytest.fixture
def dock(qtbot: QtBot) -> GaugeDock:
    made = GaugeDock()
    qtbot.addWidget(made)
    return made


def test_it_says_what_it_costs_and_can_stop(dock: GaugeDock) -> None:
    dock.show_budget(86, 1.26)
    assert dock.texts[0] == "86 passes of the network, about 1 s"
    dock.show_progress((20, 86))
    assert dock.measure.text() == "&Stop"
    dock.show_progress(None)
    assert dock.measure.text() == "&Measure"
    dock.allow(False)
    assert not dock.measure.isEnabled()
    assert not dock.sanity.isEnabled()


def test_a_measurement_has_its_verdict_gains_and_curves(dock: GaugeDock, qtbot: QtBot) -> None:
    dock.show()
    dock.show_measurement(measurement(), LABELS, earlier=False)
    assert "depends on the places that this map shows" in dock.texts[1]
    names = [row.name for row in dock.gains.rows]
    assert names == ["this map", "map of bull <mastiff>", "a hill in the centre", "random maps (95 %)"]
    assert dock.gains.rows[0].value.startswith("+")
    dock.show_measurement(measurement(), LABELS, earlier=True)
    assert dock.texts[1].startswith("Of an earlier frame: ")
    dock.show_nothing("There is no map.")
    assert dock.texts[1] == "There is no map."
    assert not dock.gains.isVisible()


def test_the_sanity_test_is_told(dock: GaugeDock) -> None:
    dock.show_sanity(SanityTest((0.1, -0.1)))
    assert dock.texts[2].startswith("The map changes")
    dock.show_sanity("It can't be.")
    assert dock.texts[2] == "It can't be."
    dock.show_sanity(None)
    assert dock.texts[2] == ""


def test_the_window_starts_without_pyqtgraph_and_scipy() -> None:
    code = (
        "import sys, camviewer.ui.shell.main_window; "
        "print([m for m in ('pyqtgraph', 'scipy', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
