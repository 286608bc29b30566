"""The view: where the frame lies, zoom and pan, and the numbers under the pointer."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPaintEvent, QWheelEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.frames import Fit
from camviewer.core.targets import ClassScore
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import view_state
from camviewer.ui.picture.overlay_view import OverlayView
from tests.helpers import exact
from tests.ui.fakes import crafted, plain_frame

WHOLE = ExplainRequest(Fit.WHOLE)


class ListeningView(OverlayView):
    """Notes what the bubble beside the pointer says, and where."""

    lines: tuple[str, ...] = ()
    beside = QRectF()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if lines := self.pointed_lines:
            self.lines, self.beside = lines, self.cell_on_screen


@pytest.fixture
def view(qtbot: QtBot) -> ListeningView:
    widget = ListeningView()
    qtbot.addWidget(widget)
    widget.resize(640, 480)
    widget.show()
    show(widget, crafted(plain_frame(320, 200), WHOLE))
    return widget


def show(view: OverlayView, explanation: Explanation, class_id: int = 0) -> None:
    style = OverlayStyle()
    view.show_state(view_state(explanation, ClassScore(class_id), style))


def frame_point(view: OverlayView, place: QPointF) -> tuple[float, float]:
    """Which part of the frame, in 0..1 (the region is the whole frame here), lies at a place of the view."""
    target = view.region_on_screen()
    return (place.x() - target.left()) / target.width(), (place.y() - target.top()) / target.height()


def wheel(view: OverlayView, place: QPointF, turns: int) -> None:
    event = QWheelEvent(
        place,
        view.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120 * turns),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def drag(view: OverlayView, by: QPoint) -> None:
    start = view.rect().center()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, start + by)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + by)


@pytest.mark.parametrize("size", [(320, 200), (200, 320), (30, 30), (3000, 1000)])
def test_a_frame_fits_into_the_view(view: OverlayView, size: tuple[int, int]) -> None:
    show(view, crafted(plain_frame(*size), WHOLE))
    target = view.region_on_screen()
    assert target.width() / target.height() == pytest.approx(size[0] / size[1])
    assert QRectF(view.rect()).contains(target)
    assert target.center().toPoint() == QPointF(view.width() / 2, view.height() / 2).toPoint()
    assert min(view.width() - target.width(), view.height() - target.height()) < 30, "and fills it"


@pytest.mark.parametrize("place", [QPointF(320, 240), QPointF(200, 200), QPointF(400, 300)])
def test_the_wheel_keeps_the_point_under_the_pointer(view: OverlayView, place: QPointF) -> None:
    under = frame_point(view, place)
    for turns in (3, 5, -2):
        zoom = view.zoom
        wheel(view, place, turns)
        assert (view.zoom > zoom) is (turns > 0)
        assert frame_point(view, place) == pytest.approx(under, abs=1e-6)


def test_zoom_has_limits(view: OverlayView) -> None:
    fitted = view.region_on_screen()
    zooms = QSignalSpy(view.zoom_changed)
    for _ in range(60):
        view.zoom_by(1.25)
    assert view.zoom == 40
    assert zooms.at(zooms.count() - 1)[0] == 40
    view.zoom_by(1e-6)
    assert view.zoom == 1
    assert view.region_on_screen() == fitted


def test_dragging_moves_a_zoomed_frame_up_to_its_edge(view: OverlayView) -> None:
    fitted = view.region_on_screen()
    drag(view, QPoint(50, 40))
    assert view.region_on_screen() == fitted, "there is nothing to move to"
    view.zoom_by(4)
    before = view.region_on_screen()
    drag(view, QPoint(30, -20))
    assert view.region_on_screen().topLeft() - before.topLeft() == QPointF(30, -20)
    for _ in range(40):
        drag(view, QPoint(300, 200))
    target = view.region_on_screen()
    middle = frame_point(view, QPointF(320, 240))
    assert middle == pytest.approx((1 / 8, 1 / 8)), "the frame's corner is where it is without zoom"
    assert target.left() > 0
    assert target.size() == before.size()


def test_a_double_click_fits(view: OverlayView) -> None:
    fitted = view.region_on_screen()
    view.zoom_by(3, QPointF(100, 200))
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton)
    assert (view.zoom, view.region_on_screen()) == (1, fitted)


def test_zoom_stays_while_the_frames_have_the_same_size(view: OverlayView) -> None:
    view.zoom_by(3, QPointF(100, 200))
    zoomed = view.region_on_screen()
    show(view, crafted(plain_frame(320, 200, 120), WHOLE), class_id=2)
    assert (view.zoom, view.region_on_screen()) == (3, zoomed)
    show(view, crafted(plain_frame(320, 201), WHOLE))
    assert view.zoom == 1


def test_resizing_keeps_the_middle(view: OverlayView) -> None:
    view.zoom_by(3, QPointF(100, 200))
    middle = frame_point(view, QPointF(view.width() / 2, view.height() / 2))
    view.resize(900, 500)
    assert frame_point(view, QPointF(450, 250)) == pytest.approx(middle)


def point(view: ListeningView, place: QPoint) -> None:
    view.lines = ()
    QTest.mouseMove(view, place)
    view.grab()


def test_every_cell_tells_its_value_and_the_shares_add_up(view: ListeningView) -> None:
    explanation = crafted(plain_frame(200, 200), WHOLE)
    for class_id in (0, 5):
        show(view, explanation, class_id)
        cam, target = explanation.map(ClassScore(class_id)).values, view.region_on_screen()
        total = 0.0
        for row in range(7):
            for column in range(7):
                place = QPointF(
                    target.left() + (column + 0.5) * target.width() / 7,
                    target.top() + (row + 0.5) * target.height() / 7,
                )
                point(view, place.toPoint())
                assert view.lines[0] == f"row {row + 1}, column {column + 1}: {cam[row, column]:+.1f}"
                share, logit = re.findall(r"[-+]?\d+\.\d+", view.lines[1])
                assert logit == f"{explanation.logits[class_id]:.2f}"
                assert float(share) == pytest.approx(cam[row, column] / 49, abs=0.0051)
                assert view.beside.contains(place)
                total += float(share)
        expected = explanation.logits[class_id] - exact(explanation).head.bias[class_id]
        assert total == pytest.approx(expected, abs=49 * 0.005)


def test_no_value_where_there_is_none(view: ListeningView) -> None:
    explanation = crafted(plain_frame(320, 200), ExplainRequest(Fit.CROP))
    show(view, explanation)
    target = view.region_on_screen()
    point(view, target.center().toPoint())
    assert view.lines
    for place in (QPoint(round(target.left()) - 3, 240), QPoint(5, 5)):
        point(view, place)
        assert not view.lines, "the network did not see this"
    style = replace(OverlayStyle(), visible=False)
    view.show_state(view_state(explanation, ClassScore(0), style))
    point(view, target.center().toPoint())
    assert not view.lines


def test_painted_is_told_once_for_each_explanation(view: OverlayView, qtbot: QtBot) -> None:
    qtbot.waitExposed(view)
    view.grab()
    painted = QSignalSpy(view.painted)
    explanation = crafted(plain_frame(320, 200), WHOLE)
    for class_id in (0, 1, 2):
        show(view, explanation, class_id)
        view.grab()
    assert painted.count() == 1
    assert painted.at(0)[0] is explanation


def test_a_message_replaces_the_picture(view: OverlayView) -> None:
    picture = view.grab().toImage()
    view.zoom_by(3)
    view.show_message("Opening cat.png…")
    assert view.grab().toImage() != picture
    assert view.region_on_screen().isEmpty()
    view.zoom_by(2)
    assert view.zoom == 1, "there is nothing to zoom into"
    show(view, crafted(plain_frame(320, 200), WHOLE))
    assert view.grab().toImage() == picture


def test_screen_readers_hear_the_class(view: OverlayView) -> None:
    assert view.accessibleName()
    show(view, crafted(plain_frame(), WHOLE), class_id=2)
    assert "golden retriever" in view.accessibleDescription()


@pytest.mark.parametrize("zoom", [1.0, 1.37, 4.0])
@pytest.mark.parametrize("size", [(640, 480), (333, 217), (501, 500), (90, 400)])
def test_every_pixel_is_painted_anew(view: ListeningView, size: tuple[int, int], zoom: float) -> None:
    """The ground is left out only where the frame covers it, whose edges may lie between pixels."""
    view.resize(*size)
    view.zoom_by(zoom)
    grounds = []
    for ground in (Qt.GlobalColor.magenta, Qt.GlobalColor.green):
        image = QImage(*size, QImage.Format.Format_RGB32)
        image.fill(ground)
        view.render(image)
        grounds.append(image)
    assert grounds[0] == grounds[1], "something of what was there before shows through"
