"""The Evidence dock: every number is the explanation's, and none is computed unseen."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QListView, QWidget
from pytestqt.qtbot import QtBot

from camviewer.core import evidence
from camviewer.core.arrays import ByteArray, FloatArray, read_only
from camviewer.core.explanation import Explanation, predicted
from camviewer.core.maps import AttributionMap, ComputedMaps, ExactMaps, Unit
from camviewer.core.models.spec import LinearHead, Link
from camviewer.core.numbers import percent
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import ViewState, view_state
from camviewer.ui.adding_up.contents import Cell, Channel, Pointed
from camviewer.ui.adding_up.page import DrawingPage
from camviewer.ui.docks.evidence import EvidenceDock, interval_ms
from camviewer.ui.docks.evidence_lists import Bar, Row
from camviewer.ui.docks.evidence_rows import detail_rows, step_rows
from camviewer.ui.system.settings import Settings
from tests.helpers import exact
from tests.ui.fakes import crafted, plain_frame

HEIGHT, WIDTH = 3, 4
FIRST = ClassScore(0)


def explained(
    channels: int = 14, classes: int = 6, *, seed: int = 0, seen: ByteArray | None = None
) -> Explanation:
    """Random features and a random head, with the logits that follow from them."""
    numbers = np.random.default_rng(seed)
    features = numbers.random((channels, HEIGHT, WIDTH), np.float32)
    weight = numbers.standard_normal((classes, channels)).astype(np.float32)
    bias = numbers.standard_normal(classes).astype(np.float32)
    logits = (weight @ features.mean((1, 2)) + bias).astype(np.float32)
    labels = tuple(f"class {chr(97 + i)}" for i in range(classes))
    head = LinearHead(read_only(weight), read_only(bias), labels)
    return replace(
        crafted(plain_frame()),
        prediction=predicted(logits, labels),
        maps=ExactMaps(read_only(features), head),
        network_input=seen,
    )


def state(explanation: Explanation, target: Target, classes: tuple[int, ...] = ()) -> ViewState:
    return view_state(explanation, target, OverlayStyle(), classes=classes)


def with_logits(explanation: Explanation, logits: FloatArray) -> Explanation:
    return replace(explanation, prediction=predicted(logits, explanation.labels))


def drawn_as(explanation: Explanation, planes: FloatArray) -> Explanation:
    return replace(explanation, drawn=explanation.maps.drawn_from(read_only(planes)))


def rows_of(explanation: Explanation, target: Target) -> tuple[Row, ...]:
    return step_rows(state(explanation, target))


def shown(explanation: Explanation, target: Target) -> dict[str, str]:
    rows = (*rows_of(explanation, target), *detail_rows(state(explanation, target)))
    assert len({row.name for row in rows}) == len(rows)
    return {row.name: row.value for row in rows}


def parts_of(explanation: Explanation, class_id: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Each channel's part of a logit, straight from the definition."""
    means = exact(explanation).features.astype(np.float64).mean((1, 2))
    parts: np.ndarray[tuple[int], np.dtype[np.float64]] = exact(explanation).head.weight[class_id] * means
    return parts


@pytest.fixture
def dock(qtbot: QtBot) -> EvidenceDock:
    dock = EvidenceDock()
    qtbot.addWidget(dock)
    dock.resize(340, 1500)
    return dock


@pytest.fixture
def open_dock(dock: EvidenceDock, qtbot: QtBot) -> EvidenceDock:
    with qtbot.waitExposed(dock):
        dock.show()
    return dock


def wait_for_layout(bars: QWidget, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bars.height() == bars.sizeHint().height())


def show(dock: EvidenceDock, qtbot: QtBot, explanation: Explanation, target: Target = FIRST) -> None:
    """Show and wait: another frame is shown soon, another target at once."""
    classes = tuple(range(min(len(explanation.logits), 20)))
    dock.show_state(state(explanation, target, classes))
    expected = rows_of(explanation, target)
    qtbot.waitUntil(lambda: not dock.waits)
    assert dock.steps.rows == expected
    for bars in (dock.channels, dock.logits, dock.probabilities):
        wait_for_layout(bars, qtbot)


def click(bars: QListView, index: int, count: int) -> None:
    height = bars.sizeHint().height() / count
    QTest.mouseClick(
        bars.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, round((index + 0.5) * height))
    )


# The steps


@pytest.mark.parametrize("seed", range(5))
def test_the_steps_of_a_class_add_up_as_shown(seed: int) -> None:
    explanation = explained(seed=seed)
    texts, sums = shown(explanation, ClassScore(2)), evidence.arithmetic(explanation, ClassScore(2))
    assert sums is not None
    assert float(texts["mean of the class map"]) == pytest.approx(sums.mean, abs=5e-4)
    assert float(texts["bias"]) == pytest.approx(sums.remainder, abs=5e-4)
    assert float(texts["logit"]) == pytest.approx(sums.score, abs=5e-4)
    # Three roundings of half a digit.
    total = float(texts["mean of the class map"]) + float(texts["bias"])
    assert float(texts["logit"]) == pytest.approx(total, abs=1.5e-3 + 1e-9)
    assert texts["softmax over 6"] == percent(float(explanation.probabilities[2]))


def test_a_sigmoid_is_called_so() -> None:
    explanation = explained(seed=1)
    sigmoid = replace(
        explanation,
        model=replace(explanation.model, link=Link.SIGMOID),
        prediction=predicted(explanation.logits, explanation.labels, Link.SIGMOID),
    )
    texts = shown(sigmoid, ClassScore(2))
    assert texts["sigmoid, by itself"] == percent(float(1 / (1 + np.exp(-explanation.logits[2]))))
    assert "softmax over 6" not in texts


@pytest.mark.parametrize("target", [ClassScore(2), ScoreDifference(2, 5)])
def test_what_rounding_leaves_is_told(target: Target) -> None:
    explanation = explained()
    wrong = explanation.logits.copy()
    wrong[2] += np.float32(0.25)  # a broken head would show here
    assert abs(float(shown(explanation, target)["left over by rounding"])) < 1e-5
    broken = with_logits(explanation, wrong)
    assert float(shown(broken, target)["left over by rounding"]) == pytest.approx(0.25, abs=0.06)


def test_the_shapes() -> None:
    explanation = explained(seen=np.zeros((224, 288, 3), np.uint8))
    texts, region = shown(explanation, FIRST), explanation.region
    assert texts["input"] == "3 × 224 × 288"
    assert texts["features"] == f"14 × {HEIGHT} × {WIDTH}"
    maps = exact(explanation)
    named = replace(explanation, maps=ExactMaps(maps.features, maps.head, "norm"))
    assert shown(named, FIRST)["features of norm"] == texts["features"]
    assert texts["class map: weights × channels"] == f"{HEIGHT} × {WIDTH}"
    assert texts["drawn over the region"] == f"{region.width} × {region.height}"
    assert texts["pooled: each channel's mean"] == "14"
    assert texts["linear: weights × pooled + bias"] == "6"
    assert shown(explained(), FIRST)["input"] == "3 × 224 × 224", "the request's, before there is one"


@pytest.mark.parametrize("seed", range(5))
def test_the_steps_of_a_difference_add_up_as_shown(seed: int) -> None:
    explanation = explained(seed=seed)
    texts = shown(explanation, ScoreDifference(1, 4))
    logits, bias = explanation.logits.astype(np.float64), exact(explanation).head.bias.astype(np.float64)
    gap, mean = float(texts["difference of the logits"]), float(texts["its mean"])
    assert texts["map of the difference"] == f"{HEIGHT} × {WIDTH}"
    assert gap == pytest.approx(logits[1] - logits[4], abs=5e-4)
    assert mean == pytest.approx((parts_of(explanation, 1) - parts_of(explanation, 4)).sum(), abs=6e-4)
    assert float(texts["difference of the biases"]) == pytest.approx(bias[1] - bias[4], abs=5e-4)
    assert gap == pytest.approx(mean + float(texts["difference of the biases"]), abs=1.5e-3 + 1e-9)
    ratio = float(explanation.probabilities[1] / explanation.probabilities[4])
    assert float(texts["odds, e to that"]) == pytest.approx(ratio, rel=0.006), "odds are p : q"


def test_the_odds_of_a_sure_thing_are_told_without_overflow() -> None:
    explanation = explained()
    logits = np.array([2000, -2000, 0, 0, 0, 0], np.float32)
    explanation = with_logits(explanation, logits)
    assert shown(explanation, ScoreDifference(0, 1))["odds, e to that"].startswith(">")
    assert shown(explanation, ScoreDifference(1, 0))["odds, e to that"].startswith("<")


def test_the_steps_of_a_channel() -> None:
    explanation = explained()
    texts = shown(explanation, ChannelPart(3, 7))
    mean, weight = float(texts["its mean"]), float(texts["weight for this class"])
    assert texts["channel 7"] == f"{HEIGHT} × {WIDTH}"
    assert mean == pytest.approx(float(exact(explanation).features[7].mean()), abs=6e-4)
    assert weight == pytest.approx(float(exact(explanation).head.weight[3, 7]), abs=6e-5)
    part = float(texts["its part of the logit"])
    assert part == pytest.approx(parts_of(explanation, 3)[7], abs=6e-4)
    assert part == pytest.approx(weight * mean, abs=2e-3)


def test_averages_for_drawing_change_no_number() -> None:
    explanation = explained()
    drawn = drawn_as(explanation, np.ones((14, 6, 8), np.float32))
    for target in (FIRST, ScoreDifference(0, 1), ChannelPart(0, 1)):
        assert rows_of(drawn, target) == rows_of(explanation, target)


def test_averages_for_drawing_change_no_thumbnail(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    explanation = explained()
    show(open_dock, qtbot, explanation)
    before = [bar.thumbnail for bar in open_dock.channels.bars]
    larger = drawn_as(explanation, exact(explanation).features * np.float32(3))
    # The rows are the same: another target on the way shows that it was refreshed.
    show(open_dock, qtbot, larger, ClassScore(1))
    open_dock.show_state(state(larger, FIRST, (0, 1)))
    qtbot.waitUntil(lambda: open_dock.steps.rows == rows_of(explanation, FIRST))
    assert [bar.thumbnail for bar in open_dock.channels.bars] == before


# Bars


@pytest.mark.parametrize("target", [ClassScore(2), ScoreDifference(2, 1), ChannelPart(2, 3)])
def test_five_channels_for_and_five_against(open_dock: EvidenceDock, qtbot: QtBot, target: Target) -> None:
    explanation = explained()
    show(open_dock, qtbot, explanation, target)
    parts, bars = parts_of(explanation, 2), open_dock.channels.bars
    if target.other is not None:
        parts = parts - parts_of(explanation, target.other)  # as the map in view
    ordered = list(np.argsort(-parts))
    expected = ordered[:5] + ordered[-5:]
    if target.channel is not None and target.channel not in expected:
        expected[-1] = target.channel  # what is chosen is listed
    assert [bar.key for bar in bars] == expected
    assert [bar.value for bar in bars] == pytest.approx([parts[bar.key] for bar in bars], rel=1e-4)
    assert [float(bar.text) for bar in bars] == pytest.approx([bar.value for bar in bars], abs=0.006)
    assert all(str(bar.key) in bar.name for bar in bars)


def test_a_thumbnail_is_brightest_where_its_channel_is(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    """Also one that speaks against the class."""
    explanation = explained()
    show(open_dock, qtbot, explanation)
    signs = set()
    for bar in open_dock.channels.bars:
        signs.add(bar.value > 0)
        image, channel = bar.thumbnail, exact(explanation).features[bar.key]
        assert image is not None
        cell = image.width() // WIDTH

        def lightness(at: int, bar: Bar = bar, cell: int = cell) -> int:
            assert bar.thumbnail is not None
            row, column = divmod(at, WIDTH)
            return bar.thumbnail.pixelColor(column * cell + cell // 2, row * cell + cell // 2).lightness()

        assert lightness(int(channel.argmax())) > lightness(int(channel.argmin()))
    assert signs == {True, False}


def test_a_click_chooses_a_channel_and_one_on_it_goes_back(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    explanation, chosen = explained(), QSignalSpy(open_dock.channel_chosen)
    show(open_dock, qtbot, explanation)
    keys = [bar.key for bar in open_dock.channels.bars]
    plain = open_dock.channels.grab().toImage()
    click(open_dock.channels, 8, 10)
    show(open_dock, qtbot, explanation, ChannelPart(0, keys[8]))
    open_dock.channels.leaveEvent(None)  # type: ignore[arg-type]
    assert open_dock.channels.grab().toImage() != plain, "the shown one is marked"
    click(open_dock.channels, 3, 10)
    click(open_dock.channels, 8, 10)
    assert [chosen.at(i)[0] for i in range(chosen.count())] == [keys[8], keys[3], None]


def test_logits_and_probabilities_are_sorted_and_choose(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    explanation, chosen = explained(), QSignalSpy(open_dock.class_chosen)
    open_dock.show_state(state(explanation, ClassScore(4), (4, 1, 3, 0)))
    qtbot.waitUntil(lambda: len(open_dock.logits.bars) == 4)
    wait_for_layout(open_dock.logits, qtbot)
    wait_for_layout(open_dock.probabilities, qtbot)
    ordered = sorted((4, 1, 3, 0), key=lambda c: float(explanation.logits[c]), reverse=True)
    for bars, numbers, tolerance in (
        (open_dock.logits, explanation.logits, 0.006),
        (open_dock.probabilities, explanation.probabilities, 1e-6),
    ):
        assert [bar.key for bar in bars.bars] == ordered
        assert [bar.name for bar in bars.bars] == [explanation.label(c) for c in ordered]
        assert [bar.value for bar in bars.bars] == pytest.approx(
            [float(numbers[c]) for c in ordered], abs=tolerance
        )
    assert [float(bar.text) for bar in open_dock.logits.bars] == pytest.approx(
        [bar.value for bar in open_dock.logits.bars], abs=0.006
    )
    assert [bar.text for bar in open_dock.probabilities.bars] == [
        percent(float(explanation.probabilities[c])) for c in ordered
    ]
    click(open_dock.logits, 1, 4)
    click(open_dock.probabilities, 3, 4)
    assert [chosen.at(i)[0] for i in range(chosen.count())] == [ordered[1], ordered[3]]


# When


def test_a_closed_dock_computes_nothing(dock: EvidenceDock, qtbot: QtBot) -> None:
    explanation, refreshed = explained(), QSignalSpy(dock.refreshed)
    dock.show_state(state(explanation, FIRST, (0, 1)))
    dock.show_state(state(explanation, ChannelPart(0, 2), (0, 1)))
    assert not dock.waits
    assert dock.steps.rows == ()
    assert dock.channels.bars == ()
    dock.show()
    qtbot.waitUntil(lambda: dock.steps.rows == rows_of(explanation, ChannelPart(0, 2)))
    assert refreshed.count() == 1
    assert not dock.waits, "nothing more is to come"


def test_many_frames_are_one_refresh_with_the_newest(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    refreshed, before = QSignalSpy(open_dock.refreshed), open_dock.steps.rows
    frames = [explained(seed=seed) for seed in range(20)]
    for explanation in frames:
        open_dock.show_state(state(explanation, FIRST, (0, 1)))
    assert open_dock.steps.rows == before
    newest = rows_of(frames[-1], FIRST)
    qtbot.waitUntil(lambda: refreshed.count() == 1)
    assert open_dock.steps.rows != before
    assert open_dock.steps.rows == newest


def test_between_two_parts_the_window_does_other_things(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    """All parts at once would make the next picture wait."""
    turns: list[int] = []
    at: list[int] = []
    other = QTimer(interval=0)
    other.timeout.connect(lambda: turns.append(1))
    show_part = open_dock._show_part

    def shown_part() -> bool:
        at.append(len(turns))
        return show_part()

    open_dock._show_part = shown_part  # type: ignore[method-assign]
    refreshed = QSignalSpy(open_dock.refreshed)
    open_dock.show_state(state(explained(seed=7), FIRST, (0, 1)))
    other.start()
    qtbot.waitUntil(lambda: refreshed.count() == 1)
    other.stop()
    assert len(at) > 5
    assert all(later > earlier for earlier, later in pairwise(at))


def test_on_a_busy_machine_the_last_parts_have_their_turn(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    """Where a round takes longer than the time until the next."""
    refreshed = QSignalSpy(open_dock.refreshed)
    open_dock.show_state(state(explained(seed=7), FIRST, (0, 1)))
    qtbot.waitUntil(open_dock._step_timer.isActive)
    for _ in range(20):
        open_dock._on_timer_timeout()
        open_dock._on_step_timer_timeout()
        contents = open_dock.drawing.contents
        drawn = [each.channel for each in contents.parts.channels] if contents is not None else []
        assert drawn == [bar.key for bar in open_dock.channels.bars], "of one frame at any time"
        if refreshed.count():
            break
    assert refreshed.count() == 1


def test_a_steady_stream_of_frames_is_not_waited_out(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    """Frames that come faster than the refresh put it off no further."""
    frames = (explained(seed=seed) for seed in range(1000))
    stream = QTimer(open_dock, interval=20)
    stream.timeout.connect(lambda: open_dock.show_state(state(next(frames), FIRST, (0, 1))))
    stream.start()
    qtbot.waitUntil(lambda: open_dock.steps.rows != (), timeout=3000)
    before = open_dock.steps.rows
    qtbot.waitUntil(lambda: open_dock.steps.rows != before, timeout=3000)
    stream.stop()


def test_another_choice_of_the_same_frame_shows_at_once(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    explanation = explained()
    show(open_dock, qtbot, explanation)
    open_dock.show_state(state(explanation, ScoreDifference(0, 1), (0, 1)))
    assert open_dock.steps.rows == rows_of(explanation, ScoreDifference(0, 1))


# What it looks like, and says


def test_the_image_is_what_the_network_sees(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    seen = np.zeros((64, 96, 3), np.uint8)
    seen[:, :48], seen[:, 48:] = (200, 10, 20), (10, 20, 200)
    show(open_dock, qtbot, explained(seen=seen))
    picture = open_dock.network_input
    qtbot.waitUntil(lambda: picture.height() == picture.heightForWidth(picture.width()))
    assert picture.width() / picture.height() == pytest.approx(1.5, rel=0.02)
    image = picture.grab().toImage()
    middle = image.height() // 2
    assert image.pixelColor(image.width() // 4, middle) == QColor(200, 10, 20)
    assert image.pixelColor(image.width() * 3 // 4, middle) == QColor(10, 20, 200)


def spoken(view: QListView) -> list[str]:
    """What a screen reader says of each entry."""
    interface = QAccessible.queryAccessibleInterface(view)
    assert interface is not None
    entries = [interface.child(i) for i in range(interface.childCount())]
    assert {entry.role() for entry in entries} <= {QAccessible.Role.ListItem}
    return [entry.text(QAccessible.Text.Name) for entry in entries]


def test_screen_readers_are_told_all_of_it(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    explanation = explained()
    show(open_dock, qtbot, explanation)
    assert spoken(open_dock.steps) == [f"{row.name}: {row.value}" for row in rows_of(explanation, FIRST)]
    for bars in (open_dock.channels, open_dock.logits, open_dock.probabilities):
        expected = [f"{bar.name}: {bar.text}" + ", chosen" * bar.chosen for bar in bars.bars]
        assert spoken(bars) == expected
    parts = (open_dock.steps, open_dock.channels, open_dock.logits, open_dock.probabilities)
    assert len({part.accessibleName() for part in (*parts, open_dock.network_input)}) == 5


def test_bars_are_used_by_the_keyboard(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    """As by the mouse; and the place of the keyboard stays while numbers change."""
    show(open_dock, qtbot, explained())
    chosen, classes = QSignalSpy(open_dock.channel_chosen), QSignalSpy(open_dock.class_chosen)
    open_dock.channels.setFocus()
    assert open_dock.channels.currentIndex().row() == 0
    for _ in range(2):
        QTest.keyClick(open_dock.channels, Qt.Key.Key_Down)
    QTest.keyClick(open_dock.channels, Qt.Key.Key_Return)
    assert chosen.at(0) == [open_dock.channels.bars[2].key]
    show(open_dock, qtbot, explained(seed=3), ChannelPart(0, open_dock.channels.bars[2].key))
    assert open_dock.channels.currentIndex().row() == 2
    open_dock.logits.setFocus()
    QTest.keyClick(open_dock.logits, Qt.Key.Key_Down)
    QTest.keyClick(open_dock.logits, Qt.Key.Key_Space)
    assert classes.at(0) == [open_dock.logits.bars[1].key]


@pytest.mark.parametrize(("channels", "classes"), [(1, 2), (2, 2), (10, 2), (1, 1), (11, 1000)])
def test_heads_of_all_sizes(open_dock: EvidenceDock, qtbot: QtBot, channels: int, classes: int) -> None:
    explanation = explained(channels, classes)
    targets: list[Target] = [FIRST, ChannelPart(0, channels - 1)]
    if classes > 1:
        targets.append(ScoreDifference(1, 0))
    for target in targets:
        show(open_dock, qtbot, explanation, target)
        parts = parts_of(explanation, target.class_id)
        if target.other is not None:
            parts = parts - parts_of(explanation, target.other)
        assert len(open_dock.channels.bars) == min(channels, 10)
        assert open_dock.channels.bars[0].key == parts.argmax()
        assert not open_dock.grab().isNull()
    assert f"{channels * HEIGHT * WIDTH:,} weights" in open_dock.other_way_text
    # Of one linear layer it would be wrong to say that places have no part.
    assert "each place still has its part of the logit" in open_dock.other_way_text
    assert "tied to places and to one input size" in open_dock.other_way_text


def test_the_dock_grows_with_its_rows(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    for channels in (3, 12):
        show(open_dock, qtbot, explained(channels))
        assert open_dock.channels.height() >= 20 * len(open_dock.channels.bars)


def local_explanation(kept: float, *named: tuple[str, float]) -> Explanation:
    """Of a method whose map has this share of the exact one's mean; the rest is the remainder."""
    exact = explained(4, 3)
    found = exact.map(FIRST)
    values = read_only((found.values * kept).astype(np.float32))
    remainder = float(exact.logits[FIRST.class_id]) - float(values.mean(dtype=np.float64))
    made = AttributionMap(values, FIRST, "Gradient × activation", "layer4", Unit.LOGIT, remainder, named)
    return replace(exact, maps=ComputedMaps({FIRST: made}))


def given(dock: EvidenceDock, qtbot: QtBot, explanation: Explanation, target: Target) -> None:
    dock.show_state(view_state(explanation, target, OverlayStyle()))
    qtbot.waitUntil(lambda: not dock.waits)


def test_it_says_what_the_map_is(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    exact = explained(4, 3)
    given(open_dock, qtbot, exact, FIRST)
    assert open_dock.note_text == "Exact: these values add up to the score."
    for kept in (0.2, 0.7):
        local = local_explanation(kept)
        given(open_dock, qtbot, local, FIRST)
        sums = evidence.arithmetic(local, FIRST)
        assert sums is not None
        assert sums.share_left_out is not None
        left_out = f"{100 * sums.share_left_out:.0f} %"
        assert open_dock.note_text == (
            f"To first order, at this picture: {left_out} of the score is not on the map."
        )
    values = read_only(np.ones((2, 2), np.float32))
    drawn = AttributionMap(values, FIRST, "Grad-CAM", "layer4", Unit.RELATIVE, None)
    given(open_dock, qtbot, replace(exact, maps=ComputedMaps({FIRST: drawn})), FIRST)
    assert "no unit" in open_dock.note_text


def test_named_parts_of_the_remainder_are_told(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    given(open_dock, qtbot, local_explanation(0.5, ("class token", 3.1), ("biases", -0.25)), FIRST)
    names = [row.name.strip() for row in open_dock.steps.rows]
    values = {row.name.strip(): row.value for row in open_dock.steps.rows}
    at = names.index("remainder, not on the map")
    assert names[at + 1 : at + 3] == ["of it: class token", "of it: biases"]
    assert (values["of it: class token"], values["of it: biases"]) == ("+3.100", "-0.250")


def test_odds_of_sigmoids_are_a_ratio(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    explanation = explained(4, 3)
    given(open_dock, qtbot, explanation, ScoreDifference(1, 0))
    assert "odds, e to that" in [row.name for row in open_dock.details.rows]
    sigmoid = replace(explanation, model=replace(explanation.model, link=Link.SIGMOID))
    given(open_dock, qtbot, sigmoid, ScoreDifference(1, 0))
    assert "ratio of the odds, e to that" in [row.name for row in open_dock.details.rows]


# Pointing, and what stays where it is


def pointed_in(dock: EvidenceDock) -> Pointed:
    return dock.drawing.pointed


def page_of(dock: EvidenceDock) -> DrawingPage:
    dock.open_page()
    assert dock.page is not None
    return dock.page


def test_what_is_pointed_at_is_lit_in_the_drawing_the_list_and_on_the_page(
    open_dock: EvidenceDock, qtbot: QtBot
) -> None:
    show(open_dock, qtbot, explained())
    page = page_of(open_dock)
    channel = open_dock.channels.bars[3].key
    plain = open_dock.channels.grab().toImage()
    open_dock.drawing.point_at(Channel(channel))
    assert page.drawing.pointed == Channel(channel)
    assert open_dock.channels.grab().toImage() != plain
    open_dock.drawing.point_at(Cell(0, 0))
    assert open_dock.channels.grab().toImage() == plain, "a cell is of no single channel"
    place = QPoint(20, round(5.5 * open_dock.channels.sizeHint().height() / 10))
    QTest.mouseMove(open_dock.channels.viewport(), place)
    assert open_dock.drawing.pointed == Channel(open_dock.channels.bars[5].key)
    open_dock.channels.leaveEvent(None)  # type: ignore[arg-type]
    assert pointed_in(open_dock) is None


def test_keys_in_the_list_light_the_drawing(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    show(open_dock, qtbot, explained())
    open_dock.channels.setFocus()
    QTest.keyClick(open_dock.channels, Qt.Key.Key_Down)
    assert open_dock.drawing.pointed == Channel(open_dock.channels.bars[1].key)
    open_dock.logits.setFocus()
    assert open_dock.drawing.pointed is None


def test_choosing_a_channel_moves_nothing_in_the_list(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    explanation = explained()
    show(open_dock, qtbot, explanation)
    parts = (open_dock.drawing, open_dock.channels, open_dock.logits, open_dock.probabilities)
    places = [part.geometry() for part in parts]
    keys = [bar.key for bar in open_dock.channels.bars]
    for key in (keys[8], keys[0]):
        show(open_dock, qtbot, explanation, ChannelPart(0, key))
        assert [bar.key for bar in open_dock.channels.bars] == keys
        assert [bar.key for bar in open_dock.channels.bars if bar.chosen] == [key]
        assert [part.geometry() for part in parts] == places


def test_the_list_s_order_stays_while_a_channel_is_chosen_or_pointed_at(
    open_dock: EvidenceDock, qtbot: QtBot
) -> None:
    """Live, what is under the pointer would be another one each time."""
    show(open_dock, qtbot, explained(seed=1))
    keys = [bar.key for bar in open_dock.channels.bars]
    open_dock.drawing.point_at(Channel(keys[2]))
    show(open_dock, qtbot, explained(seed=2))
    assert [bar.key for bar in open_dock.channels.bars] == keys
    open_dock.drawing.point_at(None)
    show(open_dock, qtbot, explained(seed=3), ChannelPart(0, keys[2]))
    assert [bar.key for bar in open_dock.channels.bars] == keys
    show(open_dock, qtbot, explained(seed=3))
    assert [bar.key for bar in open_dock.channels.bars] != keys, "ordered anew"
    assert open_dock.channels.bars[0].key == parts_of(explained(seed=3), 0).argmax()


def test_escape_leaves_the_chosen_channel(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    chosen = QSignalSpy(open_dock.channel_chosen)
    show(open_dock, qtbot, explained())
    QTest.keyClick(open_dock.channels, Qt.Key.Key_Escape)
    assert chosen.count() == 0, "none is chosen"
    show(open_dock, qtbot, explained(), ChannelPart(0, 3))
    open_dock.drawing.point_at(Cell(0, 0))
    QTest.keyClick(open_dock.drawing, Qt.Key.Key_Escape)
    assert (open_dock.drawing.pointed, chosen.count()) == (None, 0), "first what is pointed at"
    for part in (open_dock.drawing, open_dock.channels):
        QTest.keyClick(part, Qt.Key.Key_Escape)
    assert [chosen.at(i) for i in range(chosen.count())] == [[None], [None]]


# Details and ways


def test_details_are_closed_at_first_and_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    dock = EvidenceDock(settings)
    qtbot.addWidget(dock)
    with qtbot.waitExposed(dock):
        dock.show()
    show(dock, qtbot, explained())
    assert not dock.details.list.isVisible()
    assert not any("e-" in row.value for row in dock.steps.rows)
    dock.details.button.click()
    assert dock.details.list.isVisible()
    assert [row.name for row in dock.details.rows] == ["left over by rounding"]
    again = EvidenceDock(Settings(tmp_path / "settings.ini"))
    qtbot.addWidget(again)
    assert again.details.is_open


def test_small_parts_are_nothing_unless_details_are_wanted(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    """No ``-0.00``: a sign of nothing."""
    explanation = explained(4, 3)
    maps = exact(explanation)
    weight = maps.head.weight.copy()
    weight[0, 2] = -0.004
    head = replace(maps.head, weight=read_only(weight))
    small = replace(explanation, maps=ExactMaps(maps.features, head))
    given(open_dock, qtbot, small, FIRST)
    texts = {bar.key: bar.text for bar in open_dock.channels.bars}
    assert texts[2] == "0"
    open_dock.details.button.click()
    texts = {bar.key: bar.text for bar in open_dock.channels.bars}
    assert texts[2].startswith("-0.00")
    assert float(texts[2]) == pytest.approx(parts_of(small, 0)[2], rel=0.1)


def test_pool_or_flatten(open_dock: EvidenceDock, qtbot: QtBot) -> None:
    show(open_dock, qtbot, explained())
    assert not open_dock._other_way.isVisible()
    open_dock.ways.flatten.click()
    assert open_dock._other_way.isVisible()
    assert page_of(open_dock).ways.flatten.isChecked(), "the same on the page"
    contents = open_dock.drawing.contents
    assert contents is not None
    assert contents.flattens
    given(open_dock, qtbot, local_explanation(0.5), FIRST)
    assert not open_dock.ways.choice.isVisible(), "nothing is pooled there"
    assert not open_dock._other_way.isVisible()
    show(open_dock, qtbot, explained())
    open_dock.ways.pool.click()
    assert not open_dock._other_way.isVisible()


def test_the_page_is_live_also_beside_a_closed_dock(dock: EvidenceDock, qtbot: QtBot) -> None:
    wanted = QSignalSpy(dock.handout_wanted)
    dock.show_state(state(explained(), FIRST, (0, 1)))
    dock.ways.button.click()
    page = dock.page
    assert page is not None
    qtbot.waitUntil(lambda: page.drawing.contents is not None)
    newer = explained(seed=4)
    dock.show_state(state(newer, FIRST, (0, 1)))
    qtbot.waitUntil(lambda: not dock.waits)
    assert page.drawing.contents is not None
    assert page.drawing.contents.explanation is newer
    page.ways.button.click()
    assert wanted.count() == 1
    page.close()
    dock.show_state(state(explained(seed=5), FIRST, (0, 1)))
    assert not dock.waits, "nobody sees it"


def test_what_takes_long_is_done_more_rarely() -> None:
    assert interval_ms(0.0) == interval_ms(0.006) == 200
    for cost in (0.007, 0.02, 0.05):
        assert 1000 * cost / interval_ms(cost) == pytest.approx(0.03, rel=0.01)
    assert interval_ms(10.0) == 2000
