"""Methods whose maps cost work each, through the whole window: one local, one without a unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDoubleSpinBox
from pytestqt.qtbot import QtBot

from camviewer.core.evidence import arithmetic
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import ModelFailure
from camviewer.core.loading import ModelChoice
from camviewer.core.maps import Maps, Unit, shape_of
from camviewer.core.methods.base import PassedFrame
from camviewer.core.models.card import ModelCard
from camviewer.core.review.reviewer import Reviewer
from camviewer.core.review.thumbnails import ThumbnailStore
from camviewer.core.runtimes.base import ModelRun
from camviewer.core.runtimes.device import DeviceOffer
from camviewer.core.storage.export import read_facts
from camviewer.core.targets import ClassScore, ScoreDifference, Target
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.review.report import ReportFacts, write_report
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import BannerKey
from tests.method_fakes import LABELS, OnRequest, deep_explainer, local, relative
from tests.ui.fakes import FakeCamera, Windows, current, pipeline_of, plain_frame, settings_in


@dataclass
class DeepModel:
    """A ReadyModel."""

    explainer: Explainer
    missing: ModelFailure | None = None
    device_problem: str | None = None
    card: ModelCard | None = None
    precision_problem: str | None = None
    devices: tuple[DeviceOffer, ...] = ()


@pytest.fixture(params=["Local", "Relative"])
def method(request: pytest.FixtureRequest) -> OnRequest:
    return local() if request.param == "Local" else relative()


@pytest.fixture
def window(method: OnRequest, qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """With a network that has this method alone, on a sample photo."""
    with settings_in(tmp_path / "settings"):
        Settings().set("save/folder", str(tmp_path / "saved"))
        loader = lambda _: DeepModel(deep_explainer(method))  # noqa: E731
        opened = Windows(qtbot)(None, loader=loader)
        pipeline = pipeline_of(opened)
        pipeline.set_request(ExplainRequest(method=method.name))
        opened.sources.open_sample()
        qtbot.waitUntil(lambda: opened.view.state is not None)
        yield opened


def reaches(pipeline: Pipeline, qtbot: QtBot, class_id: int) -> None:
    def there() -> bool:
        return pipeline.current is not None and pipeline.current.maps.available(ClassScore(class_id))

    qtbot.waitUntil(there)


def point_at_middle(window: MainWindow) -> tuple[str, ...]:
    middle = window.view.region_on_screen().center().toPoint()
    QTest.mouseMove(window.view, middle)
    return window.view.pointed_lines


def test_the_tabs_get_their_maps(window: MainWindow, method: OnRequest) -> None:
    explanation = current(window)
    assert explanation.maps.method == method.name
    assert all(explanation.maps.available(ClassScore(c)) for c in window.tabs.classes)
    assert not explanation.maps.available(ClassScore(11)), "only what was asked for"
    state = window.view.state
    assert state is not None
    assert state.target == ClassScore(explanation.top(1)[0])


def test_a_map_that_is_not_there_says_so_and_comes(
    window: MainWindow, method: OnRequest, qtbot: QtBot
) -> None:
    window.tabs.choose(11)
    assert "The map of kind 11 is not computed yet." in window.view.message
    assert window.presenter.state is None, "there is nothing to save"
    assert window.evidence.steps.rows == ()
    reaches(pipeline_of(window), qtbot, 11)
    assert window.view.message == ""
    assert window.view.state is not None
    assert window.view.state.target == ClassScore(11)
    assert ClassScore(11) in method.asked[-1]
    assert set(method.asked[-1]) >= {ClassScore(c) for c in window.tabs.classes}


def test_nothing_is_asked_for_again_and_again(window: MainWindow, method: OnRequest, qtbot: QtBot) -> None:
    window.tabs.choose(11)
    reaches(pipeline_of(window), qtbot, 11)
    count = len(method.asked)
    for _ in range(3):
        window.presenter.refresh()
        window.tabs.choose(11)
    with qtbot.assertNotEmitted(pipeline_of(window).explained, wait=100):
        pass
    assert len(method.asked) == count


def test_all_side_by_side(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_name["all"].trigger()
    tiles = window.centre.all_view
    assert [state.target.class_id for state in tiles.states] == list(window.tabs.classes)
    assert all(state.available for state in tiles.states)
    window.tabs.toggle_pin(9)
    window.presenter.refresh()
    missing = [state for state in tiles.states if not state.available]
    assert [state.target for state in missing] == [ClassScore(9)]
    assert not tiles.grab().isNull(), "it says that it is not computed yet"
    reaches(pipeline_of(window), qtbot, 9)
    assert all(state.available for state in tiles.states)


def test_a_difference_comes_too(window: MainWindow, qtbot: QtBot) -> None:
    first, second = window.tabs.classes[:2]
    window.tabs.choose(first)
    window.presenter.comparison.compare_with(second)
    target = ScoreDifference(first, second)
    qtbot.waitUntil(lambda: window.view.state is not None and window.view.state.target == target)
    assert current(window).maps.available(target)


def test_hovering_borrows_no_logit(window: MainWindow, method: OnRequest) -> None:
    state = window.view.state
    assert state is not None
    lines = point_at_middle(window)
    rows, columns = shape_of(state.explanation.maps)
    assert lines[0].startswith(f"row {rows // 2 + 1}, column {columns // 2 + 1}: ")
    if method.unit is Unit.RELATIVE:
        assert lines[1] == "relative: where, not how much"
        assert not any("logit" in line for line in lines)
    else:
        assert "of the logit" in lines[1]
        value = float(state.map.values[rows // 2, columns // 2])
        share = float(lines[1].split()[0])
        assert share == pytest.approx(value / (rows * columns), abs=0.006)


def test_the_colour_bar_has_the_maps_unit(window: MainWindow, method: OnRequest) -> None:
    expected = "relative" if method.unit is Unit.RELATIVE else "logit"
    assert window.centre.colour_bar.unit_text == expected
    window.centre.colour_bar.setFocus()
    window.centre.colour_bar.show_range(OverlayStyle(), None)
    window.presenter.refresh()
    assert expected in window.centre.colour_bar.accessibleDescription()


def test_a_range_in_logits_is_not_for_what_has_no_unit(window: MainWindow, method: OnRequest) -> None:
    window.styles.restyle(scale=window.presenter.style.scale.FIXED, fixed=123.0)
    shown = window.centre.colour_bar.shown
    assert shown is not None
    assert (shown.high == 123.0) == (method.unit is Unit.LOGIT)
    spin = window.dock.findChild(QDoubleSpinBox)
    assert spin is not None
    assert spin.isVisibleTo(window.dock) == (method.unit is Unit.LOGIT)
    tip = window.centre.colour_bar.toolTip()
    assert ("logit" in tip and "Drag" in tip) == (method.unit is Unit.LOGIT)


def test_the_box_of_one_map_is_not_told_of_the_next(window: MainWindow, qtbot: QtBot) -> None:
    window.dock.raise_()
    window.styles.restyle(threshold=0.3)
    qtbot.waitUntil(lambda: window.dock.found_text != "")
    window.tabs.choose(11)
    assert "not computed yet" in window.view.message
    assert window.dock.found_text == ""
    reaches(pipeline_of(window), qtbot, 11)
    assert window.dock.found_text != ""
    window.presenter.clear_frame("No picture yet")
    assert window.dock.found_text == ""


def test_the_evidence_says_what_adds_up(window: MainWindow, method: OnRequest, qtbot: QtBot) -> None:
    window.evidence.raise_()
    qtbot.waitUntil(lambda: window.evidence.steps.rows != ())
    shown = (*window.evidence.steps.rows, *window.evidence.details.rows)
    rows = {row.name: row.value for row in shown}
    assert rows["layer"] == "block 5"
    assert f"map by {method.name}" in rows
    state = window.view.state
    assert state is not None
    sums = arithmetic(state.explanation, state.target)
    if method.unit is Unit.RELATIVE:
        assert sums is None
        assert rows["unit"] == "relative: where, not how much"
        assert not any("logit" in name or "bias" in name or "mean" in name for name in rows)
    else:
        assert sums is not None
        parts = float(rows["mean of the map"]), float(rows["remainder, not on the map"])
        assert sum(parts) == pytest.approx(float(rows["logit"]), abs=1.6e-3)
        assert rows["share that is not on the map"].endswith("%")
        assert abs(float(rows["left over by rounding"])) < 1e-5
    assert not window.evidence.channels.isVisible(), "there is no linear head"


def saved(window: MainWindow, action: str, qtbot: QtBot, tmp_path: Path) -> Path:
    window.banners.clear(BannerKey.SAVE)
    before = set((tmp_path / "saved").glob("*"))
    window.actions_by_name[action].trigger()
    qtbot.waitUntil(lambda: "Saved" in str(window.banners.text(BannerKey.SAVE)))
    (path,) = set((tmp_path / "saved").glob("*")) - before
    return path


def test_the_saved_image_says_its_method(
    window: MainWindow, method: OnRequest, qtbot: QtBot, tmp_path: Path
) -> None:
    facts = read_facts(saved(window, "save", qtbot, tmp_path))
    assert facts is not None
    assert (facts["method"], facts["layer"], facts["unit"]) == (method.name, "block 5", method.unit.value)
    assert ("remainder" in facts) == (method.unit is Unit.LOGIT)


def test_a_snapshot_opens_with_the_same_maps(
    window: MainWindow, method: OnRequest, qtbot: QtBot, tmp_path: Path
) -> None:
    before, tabs = current(window), window.tabs.classes
    path = saved(window, "snapshot", qtbot, tmp_path)
    window.sources.open_paths([path])
    qtbot.waitUntil(lambda: pipeline_of(window).origin.snapshot is not None)
    after = current(window)
    assert window.tabs.classes == tabs
    assert (after.maps.method, after.maps.unit) == (method.name, method.unit)
    for class_id in tabs:
        one, other = before.map(ClassScore(class_id)), after.map(ClassScore(class_id))
        np.testing.assert_array_equal(one.values, other.values)
        assert one.remainder == other.remainder
    window.tabs.choose(11)
    assert "doesn't hold the map of kind 11" in window.view.message, "what it lacks will not come"
    window.tabs.choose(tabs[0])
    window.tabs.toggle_pin(11)
    assert window.tabs.classes == tabs
    again = saved(window, "snapshot", qtbot, tmp_path)
    assert again.read_bytes() == path.read_bytes()


def test_numbers_are_exported_with_their_unit(window: MainWindow, method: OnRequest, tmp_path: Path) -> None:
    state = window.presenter.state
    assert state is not None
    formats = {f.name: f for f in window.saves.formats}
    path = formats["npz"].write(state, tmp_path / "maps.npz", False, False)
    with np.load(path, allow_pickle=False) as raw:
        assert (str(raw["unit"]), str(raw["method"]), str(raw["layer"])) == (
            method.unit.value,
            method.name,
            "block 5",
        )
        assert "bias" not in raw.files
        means = raw["cams"].astype(np.float64).mean((1, 2))
        if method.unit is Unit.RELATIVE:
            assert np.isnan(raw["remainder"]).all()
        else:
            np.testing.assert_allclose(means + raw["remainder"], raw["logits"][raw["class_ids"]], atol=1e-5)
    assert formats["csv"].write(state, tmp_path / "map.csv", False, False).stat().st_size
    facts = read_facts(formats["grey"].write(state, tmp_path / "map.png", False, False))
    assert facts is not None
    assert facts["method"] == method.name


def test_live_frames_follow_the_top_class(window: MainWindow, method: OnRequest, qtbot: QtBot) -> None:
    pipeline, camera = pipeline_of(window), FakeCamera()
    pipeline.open(camera)
    for grey in (10, 200, 90):
        with qtbot.waitSignal(pipeline.explained):
            camera.bring(plain_frame(grey=grey))
        state = window.view.state
        assert state is not None
        assert state.explanation is pipeline.current
        assert state.available
    pipeline.set_smoothing(1.0)
    for grey in (10, 200):
        with qtbot.waitSignal(pipeline.explained):
            camera.bring(replace(plain_frame(grey=grey), time=float(grey)))
    assert current(window).drawn is not None
    assert current(window).map(ClassScore(current(window).top(1)[0])).unit is method.unit


@pytest.mark.parametrize("fine", [False, True])
def test_a_report_has_maps_of_the_true_class_too(
    method: OnRequest, fine: bool, tmp_path: Path, samples: Path
) -> None:
    """It is outside of what is computed for each photo."""
    explainer = deep_explainer(method)
    photos = sorted(samples.glob("*.png"))[:2]
    request = ExplainRequest(method=method.name, fine=fine)
    with closing(ThumbnailStore()) as store:
        with closing(Reviewer(photos, {photos[0]: 11}, request, store)) as reviewer:
            items = reviewer.step(explainer)
            while fresh := reviewer.step(explainer):
                items += fresh
        wrong = next(item for item in items if item.truth == 11)
        assert wrong.thumbnail is not None
        thumbnail = store.get(wrong.thumbnail)
        assert thumbnail.true is not None
        assert thumbnail.unit is method.unit
        facts = ReportFacts("samples", explainer.info, request, LABELS, len(photos))
        html, _ = write_report(tmp_path / "report.html", items, store, facts, OverlayStyle())
    page = html.read_text("utf-8")
    unit = "relative" if method.unit is Unit.RELATIVE else "logit"
    assert page.count("data:image/jpeg") >= 3
    assert f" {unit}</" in page or f" {unit}<" in page
    assert ("where, not how much" in page) == (method.unit is Unit.RELATIVE)
    assert ("evidence for one class" in page) == (method.unit is Unit.LOGIT)


def test_a_method_that_the_model_lacks_is_told(window: MainWindow, qtbot: QtBot) -> None:
    pipeline = pipeline_of(window)
    with qtbot.waitSignal(pipeline.frame_failed) as failed:
        pipeline.set_request(ExplainRequest(method="CAM"))
    assert failed.args is not None
    assert "Deep has no maps by CAM" in str(failed.args[0])


def test_the_pointer_leaves(window: MainWindow) -> None:
    assert point_at_middle(window)
    QTest.mouseMove(window.view, QPoint(1, 1))
    assert window.view.pointed_lines == ()


def test_choosing_the_model_again_starts_anew(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(pipeline_of(window).explained):
        window.models.choose(ModelChoice("resnet18"))
    assert window.view.state is not None


class NoDifferences(OnRequest):
    """A method that says what is where, for scores alone."""

    def maps(self, run: ModelRun, passed: PassedFrame, targets: Sequence[Target]) -> Maps:
        return super().maps(run, passed, [t for t in targets if t.other is None])


def test_a_map_that_the_method_can_not_make_is_not_waited_for(qtbot: QtBot, tmp_path: Path) -> None:
    method = NoDifferences("Rough", Unit.RELATIVE)
    with settings_in(tmp_path / "settings"):
        window = Windows(qtbot)(None, loader=lambda _: DeepModel(deep_explainer(method)))
        window.sources.open_sample()
        qtbot.waitUntil(lambda: window.view.state is not None)
        first, second = window.tabs.classes[:2]
        window.tabs.choose(first)
        window.presenter.comparison.compare_with(second)
        title = f"{LABELS[first]} − {LABELS[second]}"
        wanted = f"Rough can't make a map of {title}. Choose another method."
        qtbot.waitUntil(lambda: window.view.message == wanted)
        count = len(method.asked)
        with qtbot.assertNotEmitted(pipeline_of(window).explained, wait=100):
            window.presenter.refresh()
        assert len(method.asked) == count, "it isn't asked for again and again"
        window.presenter.comparison.toggle(False)
        qtbot.waitUntil(lambda: window.view.message == "")
