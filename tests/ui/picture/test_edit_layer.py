"""The tools in the view: places of the pointer become pixels of the frame, wherever the frame lies."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from camviewer.core.covering import Fill
from camviewer.core.edits import FrameEdit, Outline, Part, Rectangle, Stroke
from camviewer.core.explanation import ExplainRequest
from camviewer.core.frames import Fit
from camviewer.core.targets import ClassScore
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import view_state
from camviewer.ui.picture.edit_layer import EditLayer
from camviewer.ui.picture.edit_tools import LEAST_SHARE, MOST_SHARE, NOTCH, USUAL_SHARE, Gesture, Tool, wider
from camviewer.ui.picture.overlay_view import OverlayView
from tests.ui.fakes import crafted, plain_frame

Button = Qt.MouseButton
WIDTH, HEIGHT = 320, 200
MOST_MS = 50.0
"""From the pointer's move to what it draws on the screen."""


class Drawn:
    """A view with a layer, and what was drawn."""

    def __init__(self, qtbot: QtBot) -> None:
        self.view = OverlayView()
        self.layer = EditLayer(self.view)
        qtbot.addWidget(self.view)
        self.view.resize(640, 480)
        self.view.show()
        explanation = crafted(plain_frame(WIDTH, HEIGHT), ExplainRequest(Fit.WHOLE))
        self.view.show_state(view_state(explanation, ClassScore(0), OverlayStyle()))
        self.spy = QSignalSpy(self.layer.drawn)
        self.under_way = QSignalSpy(self.layer.drawing)

    @property
    def parts(self) -> list[Part]:
        return [self.spy.at(i)[0] for i in range(self.spy.count())]

    def place(self, x: float, y: float) -> QPoint:
        """Where a pixel of the frame lies in the view, by the view's own geometry."""
        target = self.view.frame_on_screen()
        place = QPointF(
            target.left() + x / WIDTH * target.width(), target.top() + y / HEIGHT * target.height()
        )
        return place.toPoint()

    def drag(self, *points: tuple[float, float], button: Qt.MouseButton = Button.LeftButton) -> None:
        QTest.mousePress(self.layer, button, pos=self.place(*points[0]))
        for point in points[1:]:
            QTest.mouseMove(self.layer, self.place(*point))
        QTest.mouseRelease(self.layer, button, pos=self.place(*points[-1]))

    def wheel(self, turns: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        place = QPointF(self.layer.rect().center())
        event = QWheelEvent(
            place,
            self.layer.mapToGlobal(place),
            QPoint(),
            QPoint(0, 120 * turns),
            Button.NoButton,
            modifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.layer, event)

    def pending(self) -> list[Part]:
        return list(self.layer.pending)

    @property
    def pixel(self) -> float:
        """Half a point of the view, in pixels of the frame: as exact as a pointer is."""
        return 0.51 * WIDTH / self.view.frame_on_screen().width()


@pytest.fixture
def drawn(qtbot: QtBot) -> Drawn:
    return Drawn(qtbot)


def zoomed(drawn: Drawn) -> None:
    drawn.view.zoom_by(3.0, QPointF(400, 150))


def resized(drawn: Drawn) -> None:
    drawn.view.resize(200, 620)


def nothing(drawn: Drawn) -> None:
    pass


@pytest.mark.parametrize("seen", [nothing, zoomed, resized])
@pytest.mark.parametrize("tool", list(Tool))
def test_points_are_pixels_of_the_frame(drawn: Drawn, tool: Tool, seen: object) -> None:
    assert callable(seen)
    seen(drawn)
    drawn.layer.choose(tool)
    corners = (190.0, 60.0), (230.0, 60.0), (230.0, 100.0)
    drawn.drag(*corners)
    (part,) = drawn.parts
    near = [pytest.approx(corner, abs=drawn.pixel) for corner in corners]
    if isinstance(part, Stroke):
        assert list(part.points) == near
        assert part.width == pytest.approx(USUAL_SHARE * HEIGHT)
        assert part.fill is (None if tool is Tool.ERASER else Fill.BLUR)
    elif isinstance(part, Rectangle):
        found = (part.left, part.top), (part.right, part.top), (part.right, part.bottom)
        assert list(found) == near
    else:
        assert isinstance(part, Outline)
        assert [list(ring) for ring in part.rings] == [near]


def test_without_a_tool_the_pointer_is_the_views(drawn: Drawn) -> None:
    assert drawn.view.childAt(drawn.view.rect().center()) is None
    drawn.layer.choose(Tool.BRUSH)
    assert drawn.view.childAt(drawn.view.rect().center()) is drawn.layer
    drawn.layer.choose(None)
    assert drawn.view.childAt(drawn.view.rect().center()) is None


def test_a_click_is_a_dab_and_the_right_button_takes_back(drawn: Drawn) -> None:
    drawn.layer.choose(Tool.BRUSH)
    drawn.drag((100, 100))
    drawn.layer.choose(Tool.RECTANGLE)
    drawn.drag((10, 10), (40, 30), button=Button.RightButton)
    dab, back = drawn.parts
    assert isinstance(dab, Stroke)
    assert len(dab.points) == 1
    assert isinstance(back, Rectangle)
    assert back.fill is None


def test_what_covers_nothing_is_not_drawn(drawn: Drawn) -> None:
    for tool in (Tool.RECTANGLE, Tool.LASSO):
        drawn.layer.choose(tool)
        drawn.drag((100, 100))
    assert drawn.parts == []


def test_leaving_the_tool_gives_up_the_stroke(drawn: Drawn) -> None:
    drawn.layer.choose(Tool.BRUSH)
    QTest.mousePress(drawn.layer, Button.LeftButton, pos=drawn.place(100, 100))
    QTest.mouseMove(drawn.layer, drawn.place(150, 120))
    assert drawn.layer.is_drawing
    drawn.layer.choose(None)
    assert drawn.under_way.at(drawn.under_way.count() - 1)[0] is None
    QTest.mouseRelease(drawn.layer, Button.LeftButton, pos=drawn.place(150, 120))
    assert drawn.parts == []


def test_the_wheel_sizes_the_brush_and_with_ctrl_it_zooms(drawn: Drawn) -> None:
    drawn.layer.choose(Tool.BRUSH)
    drawn.wheel(2)
    assert drawn.layer.share == pytest.approx(USUAL_SHARE * NOTCH**2)
    assert drawn.view.zoom == 1
    drawn.wheel(2, Qt.KeyboardModifier.ControlModifier)
    assert drawn.view.zoom > 1
    assert drawn.layer.share == pytest.approx(USUAL_SHARE * NOTCH**2)
    drawn.layer.choose(Tool.LASSO)  # it has no width
    zoom = drawn.view.zoom
    drawn.wheel(1)
    assert drawn.view.zoom > zoom
    assert wider(USUAL_SHARE, 100) == MOST_SHARE
    assert wider(USUAL_SHARE, -100) == LEAST_SHARE


def test_the_middle_button_pans_a_zoomed_frame(drawn: Drawn) -> None:
    drawn.view.zoom_by(4.0)
    drawn.layer.choose(Tool.BRUSH)
    before = drawn.view.frame_on_screen().topLeft()
    middle = drawn.layer.rect().center()
    QTest.mousePress(drawn.layer, Button.MiddleButton, pos=middle)
    QTest.mouseMove(drawn.layer, middle + QPoint(30, 20))
    QTest.mouseRelease(drawn.layer, Button.MiddleButton, pos=middle + QPoint(30, 20))
    assert drawn.view.frame_on_screen().topLeft() - before == QPointF(30, 20)
    assert drawn.parts == []


def test_points_that_show_no_difference_are_left_out() -> None:
    gesture = Gesture(Tool.BRUSH, (0.0, 0.0), 24.0, Fill.GREY)
    moved = [gesture.move((x / 10, 0.0)) for x in range(101)]
    part = gesture.part
    assert isinstance(part, Stroke)
    assert len(part.points) == 6 == sum(moved) + 1
    assert part.points[-1] == (10.0, 0.0)


def test_a_stroke_is_seen_at_once(drawn: Drawn) -> None:
    """A long stroke: from each move of the pointer to its painting, and it is where the pointer is."""
    drawn.view.resize(1280, 720)
    drawn.layer.choose(Tool.BRUSH)
    edit = FrameEdit((WIDTH, HEIGHT))
    drawn.layer.drawing.connect(
        lambda part: drawn.layer.show_edit(edit if part is None else edit.with_part(part), None)
    )
    ground = drawn.view.grab().toImage().pixelColor(drawn.place(60, 60))
    QTest.mousePress(drawn.layer, Button.LeftButton, pos=drawn.place(40, 60))
    took = []
    for step in range(30):
        start = time.perf_counter()
        QTest.mouseMove(drawn.layer, drawn.place(40 + 8 * step, 60 + 30 * (step % 2)))
        QApplication.processEvents()
        took.append(1000 * (time.perf_counter() - start))
    assert drawn.view.grab().toImage().pixelColor(drawn.place(60, 60)) != ground
    assert sorted(took)[len(took) // 2] < MOST_MS, "the median: other programs run, too"
    drawn.layer.choose(None)
    assert drawn.view.grab().toImage().pixelColor(drawn.place(60, 60)) == ground, "given up"


def test_what_the_frame_has_already_is_not_painted_again(drawn: Drawn) -> None:
    first = Rectangle(0, 0, 10, 10, Fill.GREY)
    second, third = (Rectangle(0, 0, n, n, Fill.GREY) for n in (20, 30))
    edit = FrameEdit((WIDTH, HEIGHT), (first, second))
    drawn.layer.show_edit(edit, FrameEdit((WIDTH, HEIGHT), (first,)))
    assert drawn.pending() == [second]
    drawn.layer.show_edit(edit, edit.with_part(third))  # undone a moment ago
    assert drawn.pending() == []
    drawn.layer.show_edit(edit, None)
    assert drawn.pending() == [first, second]
