"""The drawing in its widget: what is pointed at is lit, told and reached by keys; unseen it costs nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QSignalSpy, QTest
from pytestqt.qtbot import QtBot

from camviewer.core.arrays import read_only
from camviewer.core.maps import Unit
from camviewer.core.targets import ChannelPart
from camviewer.ui.adding_up.contents import Cell, Channel, Pointed, contents_of, pictures_of
from camviewer.ui.adding_up.drawing import ScoreDrawing
from tests.ui.adding_up.crafting import local, pooled, state_of


@pytest.fixture
def drawing(qtbot: QtBot) -> ScoreDrawing:
    drawing = ScoreDrawing()
    qtbot.addWidget(drawing)
    drawing.resize(300, 1000)
    return drawing


@pytest.fixture
def shown(drawing: ScoreDrawing, qtbot: QtBot) -> ScoreDrawing:
    drawing.show_state(state_of(pooled()))
    drawing.resize(300, drawing.heightForWidth(300))
    with qtbot.waitExposed(drawing):
        drawing.show()
    return drawing


def channels_of(drawing: ScoreDrawing) -> list[int]:
    assert drawing.contents is not None
    return [each.channel for each in drawing.contents.parts.channels]


def pointed_in(drawing: ScoreDrawing) -> Pointed:
    return drawing.pointed


def has_pictures(drawing: ScoreDrawing) -> bool:
    """Whether what costs something was made, for the newest state."""
    return drawing._pictures is not None or bool(drawing._planes)


def image(drawing: ScoreDrawing) -> QImage:
    return drawing.grab().toImage()


def differs(one: QImage, other: QImage, place: QRect) -> bool:
    return one.copy(place) != other.copy(place)


def point(drawing: ScoreDrawing, place: QPointF) -> None:
    QTest.mouseMove(drawing, place.toPoint())


def test_a_pointed_cell_is_lit_in_every_picture(shown: ScoreDrawing) -> None:
    before, at = image(shown), shown.places
    assert at is not None
    changed = QSignalSpy(shown.pointed_changed)
    point(shown, shown.place_of(Cell(1, 2)).center())
    assert shown.pointed == Cell(1, 2)
    assert changed.at(0) == [Cell(1, 2)]
    now = image(shown)
    for part in (at.frame, at.grid, at.overlay, at.readout, at.pool, at.linear, *at.tiles):
        assert differs(before, now, part.translated(1, 1).toRect())
    for part in at.bars:
        assert not differs(before, now, part.translated(1, 1).toRect()), "probabilities are of no cell"
    for part in (at.frame, at.overlay):  # the same cell, from each picture
        x = part.left() + part.width() * 2.5 / 4
        y = part.top() + part.height() * 1.5 / 3
        assert shown.thing_at(QPointF(x + 1, y + 1)) == Cell(1, 2)


def test_a_pointed_channel_is_lit_in_every_part(shown: ScoreDrawing) -> None:
    before, at = image(shown), shown.places
    assert at is not None
    channel = channels_of(shown)[3]
    point(shown, shown.place_of(Channel(channel)).center())
    assert shown.pointed == Channel(channel)
    now = image(shown)
    for part in [at.tiles[3].adjusted(-2, -2, 2, 2), at.grid, at.overlay, at.pool, at.linear]:
        assert differs(before, now, part.translated(1, 1).toRect())
    assert not differs(before, now, at.tiles[7].translated(1, 1).toRect().adjusted(2, 2, -2, -2))
    for chart in (at.pool, at.linear):
        x = chart.left() + chart.width() * 3.5 / 10
        assert shown.thing_at(QPointF(x + 1, chart.center().y() + 1)) == Channel(channel)
    shown.leaveEvent(None)  # type: ignore[arg-type]
    assert image(shown) == before


def test_lighting_from_elsewhere_is_not_told_again(shown: ScoreDrawing) -> None:
    changed, before = QSignalSpy(shown.pointed_changed), image(shown)
    shown.light(Channel(channels_of(shown)[0]))
    assert image(shown) != before
    assert changed.count() == 0


def test_a_click_picks_a_channel_and_no_cell(shown: ScoreDrawing) -> None:
    picked = QSignalSpy(shown.channel_picked)
    for thing in (Cell(0, 0), Channel(channels_of(shown)[4])):
        place = shown.place_of(thing).center().toPoint()
        QTest.mouseClick(shown, Qt.MouseButton.LeftButton, pos=place)
    assert [picked.at(i)[0] for i in range(picked.count())] == [channels_of(shown)[4]]


def test_keys_reach_every_channel_and_cell_and_say_them(shown: ScoreDrawing) -> None:
    picked, channels = QSignalSpy(shown.channel_picked), channels_of(shown)
    reached: list[object] = []
    told: list[str] = []

    def press(key: Qt.Key) -> None:
        QTest.keyClick(shown, key)
        reached.append(shown.pointed)
        told.append(shown.accessibleDescription())

    for _ in range(11):  # the first brings the first, and the last stays
        press(Qt.Key.Key_Right)
    assert reached == [Channel(c) for c in (*channels, channels[-1])]
    assert all(
        text == f"channel {c}" or text.startswith(f"channel {c}: mean")
        for text, c in zip(told, channels, strict=False)
    )
    QTest.keyClick(shown, Qt.Key.Key_Return)
    assert picked.at(0) == [channels[-1]]
    reached.clear()
    press(Qt.Key.Key_Down)
    assert reached == [Cell(0, 3)]
    for row in range(3):
        for _ in range(4):
            press(Qt.Key.Key_Left if row % 2 == 0 else Qt.Key.Key_Right)
        press(Qt.Key.Key_Down)
    assert {Cell(row, column) for row in range(3) for column in range(4)} <= set(reached)
    assert "÷ 12" in shown.accessibleDescription()
    for _ in range(3):
        QTest.keyClick(shown, Qt.Key.Key_Up)
    assert isinstance(pointed_in(shown), Channel)
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert pointed_in(shown) is None
    assert "Arrow keys" in shown.accessibleDescription()
    assert shown.accessibleName()


def test_the_keyboard_s_cell_stays_while_frames_come(shown: ScoreDrawing) -> None:
    QTest.keyClick(shown, Qt.Key.Key_Down)
    QTest.keyClick(shown, Qt.Key.Key_Down)
    assert shown.pointed == Cell(0, 0)
    before = shown.lines
    shown.show_state(state_of(pooled(seed=3)))
    assert shown.pointed == Cell(0, 0)
    assert shown.lines != before, "with the new frame's numbers"
    shown.show_state(state_of(local(shape=(2, 2))))
    assert shown.pointed == Cell(0, 0)
    shown.point_at(Cell(1, 1))
    shown.show_state(state_of(local(shape=(1, 1))))
    assert shown.pointed is None, "there is no such cell"


def test_frames_move_nothing(shown: ScoreDrawing) -> None:
    height, at = shown.heightForWidth(300), shown.places
    for seed in range(1, 4):
        shown.show_state(state_of(pooled(seed=seed)))
        shown.point_at(Cell(seed - 1, 0))
        assert shown.places is at
        assert shown.heightForWidth(300) == height
    channel = channels_of(shown)[0]
    shown.show_state(state_of(pooled(seed=3), ChannelPart(0, channel)))
    assert shown.heightForWidth(300) == height, "nor does a channel that is chosen"


def test_no_picture_is_made_before_it_is_seen(drawing: ScoreDrawing) -> None:
    drawing.show_state(state_of(pooled()))
    assert (has_pictures(drawing), drawing.cost) == (False, 0.0)
    drawing.grab()
    assert has_pictures(drawing)
    assert drawing.cost > 0.0


def test_a_snapshot_s_frame_is_cut_to_what_the_network_saw() -> None:
    """It doesn't hold the network's input."""
    explanation = replace(pooled(), network_input=None)
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:, 32:] = 200
    region = replace(explanation.region, left=30, top=4, width=20, height=40)
    cut = replace(explanation, region=region, frame=replace(explanation.frame, image=read_only(pixels)))
    contents = contents_of(state_of(cut))
    seen = pictures_of(contents).seen
    assert contents.aspect == 2.0
    assert (seen.width(), seen.height()) == (20, 40)
    assert [seen.pixelColor(x, 20).red() for x in (0, 1, 2, 19)] == [0, 0, 200, 200]


def test_wide_enough_it_lies_side_by_side(drawing: ScoreDrawing) -> None:
    drawing.show_state(state_of(pooled()))
    narrow, wide = drawing.heightForWidth(300), drawing.heightForWidth(1000)
    assert wide < narrow
    drawing.resize(1000, wide)
    assert drawing.places is not None
    assert drawing.places.wide
    assert drawing.places.frame.right() < drawing.places.tiles[0].left() < drawing.places.grid.left()
    assert drawing.places.grid.bottom() < drawing.places.pool.top()
    assert drawing.places.pool.right() < drawing.places.linear.left() < drawing.places.bars[0].left()


@pytest.mark.parametrize("unit", list(Unit))
def test_maps_without_channels(drawing: ScoreDrawing, unit: Unit) -> None:
    drawing.show_state(state_of(local(unit)))
    drawing.set_flatten(True)  # of no meaning there
    for width in (300, 1000):
        drawing.resize(width, drawing.heightForWidth(width))
        assert not image(drawing).isNull()
        assert drawing.places is not None
        assert drawing.places.pool.isEmpty()
    QTest.keyClick(drawing, Qt.Key.Key_Down)
    assert drawing.pointed == Cell(0, 0)
    drawing.show_state(None)
    assert drawing.heightForWidth(300) == 0
    assert drawing.thing_at(QPointF(QPoint(20, 20))) is None
    assert drawing.lines == ()


def test_flatten_draws_other_weights_for_each_place(shown: ScoreDrawing) -> None:
    before, at = image(shown), shown.places
    assert at is not None
    shown.set_flatten(True)
    now = image(shown)
    for part in (at.grid, at.pool):
        assert differs(before, now, part.translated(1, 1).toRect())
    assert shown.places is not None
    assert shown.places.bars == []
    shown.set_flatten(False)
    assert image(shown) == before
