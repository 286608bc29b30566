"""The colour bar beside the view: its numbers, and the range by hand."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QMouseEvent, QWheelEvent
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox
from pytestqt.qtbot import QtBot

from camviewer.core.scaling import Scale, ValueRange
from camviewer.media.drawing.style import OverlayStyle
from camviewer.ui.picture.colour_bar import ColourBar
from camviewer.ui.shell.main_window import MainWindow
from tests.ui.fakes import Windows, settings_in

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def bar(qtbot: QtBot) -> ColourBar:
    bar = ColourBar()
    qtbot.addWidget(bar)
    bar.resize(bar.sizeHint().width(), 400)
    bar.show_range(OverlayStyle(), ValueRange(0.0, 10.0))
    return bar


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with settings_in(tmp_path / "settings"):
        yield Windows(qtbot)()


def drag(bar: ColourBar, *places: int, button: Qt.MouseButton = LEFT) -> None:
    """Press at the first y, move over the others, let go at the last."""
    kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * (len(places) - 1)]
    for kind, y in zip([*kinds, QEvent.Type.MouseButtonRelease], [*places, places[-1]], strict=True):
        at = QPointF(10, y)
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
        QApplication.sendEvent(bar, QMouseEvent(kind, at, bar.mapToGlobal(at), button, held, NONE))


def wheel(bar: ColourBar, across: int, up: int) -> None:
    at = QPointF(10, 100)
    event = QWheelEvent(
        at,
        bar.mapToGlobal(at),
        QPoint(),
        QPoint(across, up),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(bar, event)


def dragged(spy: QSignalSpy) -> list[float]:
    return [float(spy.at(i)[0]) for i in range(spy.count())]


def texts(bar: ColourBar) -> list[str]:
    """The texts that it paints."""
    buffer, svg = QBuffer(), QSvgGenerator()
    svg.setOutputDevice(buffer)
    svg.setSize(bar.size())
    bar.render(svg)
    found = re.findall(r"<text[^>]*>([^<]*)</text>", bytes(buffer.data().data()).decode())
    return [text.strip() for text in found]


# What it shows


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (0.0, 20.0),
        (0.0, 4.0),
        (-4.0, 4.0),
        (-20.0, 20.0),
        (0.0, 0.4),
        (0.0, 10.0),
        (0.0, 9.0),
        (0.0, 0.03),
    ],
)
def test_the_ticks_are_the_range(bar: ColourBar, low: float, high: float) -> None:
    bar.show_range(OverlayStyle(), ValueRange(low, high))
    unit, *ticks = texts(bar)
    assert unit == "logit"
    expected = np.linspace(low, high, 5)
    # What stands beside a place may be rounded, but not by more than an eye sees.
    assert [float(t) for t in ticks] == pytest.approx(list(expected), abs=0.02 * (high - low))


def test_another_range_is_painted(bar: ColourBar) -> None:
    before = bar.grab().toImage()
    bar.show_range(OverlayStyle(), ValueRange(0.0, 20.0))
    after = bar.grab().toImage()
    assert after != before
    bar.show_range(OverlayStyle(colormap="viridis"), ValueRange(0.0, 20.0))
    assert bar.grab().toImage() != after


def test_a_fixed_range_looks_fixed(bar: ColourBar) -> None:
    before = bar.grab().toImage()
    bar.show_range(OverlayStyle(scale=Scale.FIXED), ValueRange(0.0, 10.0))
    assert bar.grab().toImage() != before


@pytest.mark.parametrize("style", [OverlayStyle(visible=False), OverlayStyle()])
def test_without_colours_no_numbers(bar: ColourBar, style: OverlayStyle) -> None:
    bar.show_range(style, None if style.visible else ValueRange(0.0, 10.0))
    assert texts(bar) == []


# The range by hand


def test_dragging_up_raises_the_upper_end(bar: ColourBar) -> None:
    spy = QSignalSpy(bar.range_dragged)
    drag(bar, 200, 150, 100, 40)
    values = dragged(spy)
    assert values == sorted(values)
    assert len(set(values)) == 3
    assert values[0] > 10


def test_dragging_down_lowers_it_and_back_is_back(bar: ColourBar) -> None:
    spy = QSignalSpy(bar.range_dragged)
    drag(bar, 100, 200, 300, 102)
    first, second, back = dragged(spy)
    assert 0 < second < first < 10
    assert back == pytest.approx(10, rel=0.02)


def test_a_drag_goes_from_where_it_began(bar: ColourBar) -> None:
    """The window fixes the range at each step; that must not add up."""
    spy = QSignalSpy(bar.range_dragged)
    bar.range_dragged.connect(
        lambda high: bar.show_range(OverlayStyle(scale=Scale.FIXED), ValueRange(0.0, high))
    )
    drag(bar, 300, 250, 200)
    stepwise = dragged(spy)[-1]
    bar.show_range(OverlayStyle(), ValueRange(0.0, 10.0))
    drag(bar, 300, 200)
    assert dragged(spy)[-1] == stepwise


def test_a_click_fixes_nothing(bar: ColourBar) -> None:
    spy, freed = QSignalSpy(bar.range_dragged), QSignalSpy(bar.range_freed)
    drag(bar, 200)
    drag(bar, 200, 201)
    drag(bar, 200, 100, button=Qt.MouseButton.RightButton)
    assert dragged(spy) == []
    assert freed.count() == 0


def test_after_the_release_nothing_moves(bar: ColourBar) -> None:
    drag(bar, 200, 150)
    spy = QSignalSpy(bar.range_dragged)
    at = QPointF(10, 20)
    QApplication.sendEvent(
        bar,
        QMouseEvent(
            QEvent.Type.MouseMove,
            at,
            bar.mapToGlobal(at),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton,
            NONE,
        ),
    )
    assert dragged(spy) == []


def test_the_wheel(bar: ColourBar) -> None:
    spy = QSignalSpy(bar.range_dragged)
    wheel(bar, 0, 120)
    wheel(bar, 0, -120)
    up, down = dragged(spy)
    assert down < 10 < up


def test_a_sideways_wheel_fixes_nothing(bar: ColourBar) -> None:
    spy = QSignalSpy(bar.range_dragged)
    wheel(bar, 120, 0)
    assert dragged(spy) == []


def test_a_double_click_frees(bar: ColourBar) -> None:
    freed, moved = QSignalSpy(bar.range_freed), QSignalSpy(bar.range_dragged)
    QTest.mouseDClick(bar, LEFT, NONE, QPoint(10, 100))
    assert freed.count() == 1
    assert moved.count() == 0


@pytest.mark.parametrize("high", [1e-30, 0.01, 9_999.0, 1e30])
def test_what_it_asks_for_is_finite_and_within_what_the_dock_takes(bar: ColourBar, high: float) -> None:
    spy = QSignalSpy(bar.range_dragged)
    bar.show_range(OverlayStyle(), ValueRange(-high, high))
    drag(bar, 200, -3000, 3000)
    wheel(bar, 0, 12_000)
    wheel(bar, 0, -12_000)
    values = dragged(spy)
    assert len(values) == 4
    assert all(math.isfinite(v) and 0.01 <= v <= 10_000 for v in values)


def test_without_a_range_there_is_nothing_to_drag(bar: ColourBar) -> None:
    spy = QSignalSpy(bar.range_dragged)
    bar.show_range(OverlayStyle(), None)
    drag(bar, 200, 100)
    wheel(bar, 0, 120)
    assert dragged(spy) == []


# In the window


def test_a_drag_fixes_the_windows_range_and_a_double_click_frees_it(window: MainWindow) -> None:
    bar, dock = window.centre.colour_bar, window.dock
    (scale,) = (c for c in dock.findChildren(QComboBox) if c.accessibleName() == "Scale")
    (fixed,) = dock.findChildren(QDoubleSpinBox)
    spy = QSignalSpy(bar.range_dragged)
    free = bar.shown
    assert free is not None
    assert not fixed.isVisible()
    drag(bar, 300, 250, 200)
    high = dragged(spy)[-1]
    assert high > free.high
    style = window.presenter.style
    assert (style.scale, style.fixed) == (Scale.FIXED, high)
    assert bar.shown == ValueRange(0.0, high)
    assert window.view.state is not None
    assert window.view.state.shown == ValueRange(0.0, high)
    assert fixed.isVisible()
    assert fixed.value() == pytest.approx(high)
    assert scale.currentData() is Scale.FIXED
    QTest.mouseDClick(bar, LEFT, NONE, QPoint(10, 100))
    assert window.presenter.style.scale is Scale.MAP
    assert bar.shown == free
    assert scale.currentData() is Scale.MAP


def test_tiny_values_are_written_short(bar: ColourBar) -> None:
    """As an untrained network's are: 0.0000123 is cut off at the bar's edge."""
    bar.show_range(OverlayStyle(), ValueRange(0.0, 0.0000123))
    QApplication.sendEvent(bar, QFocusEvent(QEvent.Type.FocusIn))
    assert bar.accessibleDescription() == "0 to 1e-05 logit"
