"""Nothing is cut and all can be reached, in every language, also at twice the usual size of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QFont, QImage
from PySide6.QtWidgets import QApplication, QMenu, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from camviewer.core.covering import Fill
from camviewer.core.explanation import MadeByFill
from camviewer.core.loading import ModelChoice
from camviewer.core.maps import Unit
from camviewer.core.scaling import Scale
from camviewer.core.storage.snapshot import write_snapshot
from camviewer.ui.docks.what_if import WhatIfDock
from camviewer.ui.help import first_start
from camviewer.ui.help.diagnostics import Diagnostics, show_diagnostics
from camviewer.ui.model.labels_dialog import LabelsDialog
from camviewer.ui.shell.docks import dock_of
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system import language
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import BannerKey, Severity
from camviewer.ui.widgets.file_dialog import Mode, file_dialog
from camviewer.ui.widgets.text_window import TextWindow
from tests.media.fakes import computed
from tests.model_fakes import LAYERS, LOCAL_OFFERS, a_card
from tests.ui.fakes import (
    LABELS,
    FakeExplainer,
    FakeModel,
    FakeVideo,
    Windows,
    crafted,
    current,
    model_info,
    pipeline_of,
    plain_frame,
    settings_in,
)
from tests.ui.looking import cut_texts, out_of_reach

SIZE = QSize(1280, 800)
LONG = (
    "The camera doesn't start: it may be in use by another program. Close the other program; camviewer tries "
    "again by itself. 다른 프로그램이 카메라를 쓰고 있을 수 있습니다. 그 프로그램을 닫으면 다시 시도합니다."
)


@pytest.fixture(params=["en-100", "en-200", "ko-100", "ko-200"])
def window(
    request: pytest.FixtureRequest, qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> Iterator[MainWindow]:
    """A window of 1280 by 800 points, in one language and size of text."""
    code, percent = request.param.split("-")
    font = QFont(qapp.font())
    larger = QFont(font)
    larger.setPointSizeF(font.pointSizeF() * int(percent) / 100)
    language.apply(qapp, code)
    qapp.setFont(larger)
    try:
        with settings_in(tmp_path / "settings"):
            shown = Windows(qtbot)()
            shown.resize(SIZE)
            yield shown
    finally:
        qapp.setFont(font)
        language.apply(qapp, "en")


def settled(qtbot: QtBot, window: QWidget) -> None:
    """Once it is laid out, nothing is cut or out of reach."""

    def check() -> None:
        assert cut_texts(window) == []
        assert out_of_reach(window) == []

    qtbot.waitUntil(check, timeout=2000)


def test_the_view_and_its_docks(window: MainWindow, qtbot: QtBot) -> None:
    assert window.size() == SIZE, "it can be as small as that"
    settled(qtbot, window)
    window.styles.restyle(scale=Scale.FIXED, threshold=0.2)
    window.dock.raise_()
    settled(qtbot, window)
    window.evidence.raise_()
    qtbot.waitUntil(lambda: window.evidence.steps.rows != ())
    settled(qtbot, window)
    window.tabs.set_all(True)
    settled(qtbot, window)


def test_an_edit(window: MainWindow, qtbot: QtBot) -> None:
    """The strip of its tools, and the panel with its numbers and a warning."""
    window.actions_by_name["brush"].trigger()
    window.covers.cover_evidence()
    qtbot.waitUntil(lambda: current(window).edited)
    dock = dock_of(window.docks, WhatIfDock)
    made = MadeByFill(1, Fill.AROUND, 0.87, Fill.BLUR, 0.004)
    before = current(window).before
    assert before is not None
    told = replace(current(window), made_by_fill=(made,), before=replace(before, age=2.5))
    dock.show_explanation(told, window.tabs.classes, 0)
    qtbot.waitUntil(lambda: len(dock.texts) == 2)
    settled(qtbot, window)


def test_a_video(window: MainWindow, qtbot: QtBot) -> None:
    video = FakeVideo()
    pipeline_of(window).open(video)
    with qtbot.waitSignal(pipeline_of(window).explained):
        video.bring()
    window.records.set_recording(True)
    window.status_line.show_recording(83.0, 123_400_000)
    settled(qtbot, window)
    window.records.set_recording(False)
    qtbot.waitUntil(lambda: not window.records.recorder.recording)


def test_banners_and_the_hint(window: MainWindow, qtbot: QtBot) -> None:
    first_start.show_hint_once(window.banners, Settings())
    settled(qtbot, window)
    window.banners.clear(first_start.KEY)
    actions = [
        (window.source_banners.tr("Try again"), lambda: None),
        (window.saves.tr("Show folder"), lambda: None),
    ]
    for key, severity in zip((BannerKey.SAVE, BannerKey.MODEL, BannerKey.SOURCE), Severity, strict=True):
        window.banners.show_message(key, severity, LONG, actions)
    window.banners.show_progress(BannerKey.SAVE, 1, 2)
    settled(qtbot, window)


def test_an_own_model(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """Its card, the menus of its methods and layers, and what is said of a map that is not exact."""
    ready = FakeModel(
        FakeExplainer(model_info("resnet18"), methods=LOCAL_OFFERS, layers=LAYERS), card=a_card()
    )
    pipeline_of(window).model_ready.emit(ready)
    settled(qtbot, window)
    window.cards.show()
    shown = window.cards.window
    assert shown is not None
    qtbot.waitUntil(lambda: "…" not in shown.trust.texts)
    settled(qtbot, shown)
    dialog = LabelsDialog(shown, LABELS, tmp_path, lambda _: ())
    dialog.open()
    settled(qtbot, dialog)
    dialog.close()
    shown.close()
    window.evidence.raise_()
    state = window.presenter.state
    assert state is not None
    local = computed(state.explanation, Unit.LOGIT, [state.target])
    window.evidence.show_state(replace(state, explanation=local))
    settled(qtbot, window)


def test_a_snapshot(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    file = write_snapshot(current(window), window.tabs.classes, tmp_path / "a.camsnap")
    with qtbot.waitSignal(pipeline_of(window).explained):
        window.sources.open_paths([file])
    settled(qtbot, window)


def test_the_finder(window: MainWindow, qtbot: QtBot) -> None:
    window.classes.find()
    settled(qtbot, window.classes.finder)
    window.classes.finder.close()


def photos(folder: Path) -> Path:
    """Two right, one wrong, one unreadable."""
    for name in ("tabby/a.png", "tabby/b.png", "acorn/c.png"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        QImage(60, 40, QImage.Format.Format_RGB32).save(str(file))
    (folder / "acorn" / "broken.png").write_text("no picture")
    return folder


def test_a_review(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.reviews.start(photos(tmp_path / "photos"))
    qtbot.waitUntil(lambda: window.reviews.job is not None and window.reviews.job.over)
    qtbot.waitUntil(lambda: window.centre.review.head.headline != "")
    settled(qtbot, window)
    page = window.centre.review
    tables = page.findChild(QTabWidget)
    assert tables is not None
    tables.setCurrentWidget(page.classes)
    settled(qtbot, window)
    page.confusions.clicked.emit(page.confusions.model().index(0, 0))
    assert page.filter_text
    settled(qtbot, window)
    window.models.choose(ModelChoice("efficientnet_lite0"))
    qtbot.waitUntil(lambda: page.head.difference != "")
    settled(qtbot, window)


def test_tiles_fill_their_rows(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """Whatever the width: none is broken off a row that it was made for."""
    for i in range(6):
        QImage(60, 40, QImage.Format.Format_RGB32).save(str(tmp_path / f"{i}.png"))
    window.reviews.start(tmp_path)
    qtbot.waitUntil(lambda: window.reviews.job is not None and window.reviews.job.over)
    page = window.centre.review
    qtbot.waitUntil(lambda: page.list.photos.rowCount() == 6)
    for width in range(1180, 1190):
        window.resize(width, 700)
        QApplication.sendPostedEvents()
        view = page.list.viewport().width()
        rows: dict[int, list[QRect]] = {}
        for row in range(6):
            place = page.list.visualRect(page.list.photos.index(row))
            rows.setdefault(place.top(), []).append(place)
        first = next(iter(rows.values()))
        assert view - first[-1].right() < first[0].width() + 8, "as many as there is room for"


def test_what_there_is_to_read(window: MainWindow, qtbot: QtBot) -> None:
    for name in ("help", "guide", "about"):
        window.actions_by_name[name].trigger()
        (shown,) = [w for w in window.findChildren(TextWindow) if w.isVisible()]
        shown.resize(SIZE * 0.9)  # the screen of tests is narrower
        settled(qtbot, shown)
        assert shown.browser.toPlainText()
        bar = shown.browser.horizontalScrollBar()
        assert bar.maximum() == 0, "no line sticks out sideways"
        with qtbot.waitSignal(shown.destroyed):
            shown.close()


def test_diagnostics(window: MainWindow, qtbot: QtBot) -> None:
    shown = show_diagnostics(window, ["true"])
    assert isinstance(shown, Diagnostics)
    settled(qtbot, shown)
    with qtbot.waitSignal(shown.destroyed):
        shown.close()


def test_a_file_dialog(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = file_dialog(window, "Open", tmp_path, Mode.ExistingFiles, ["*.png"])
    dialog.open()
    assert dialog.height() <= SIZE.height()
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()


def test_menus_are_as_wide_as_their_texts(window: MainWindow) -> None:
    large = window.fontMetrics().height() - 17
    for menu in window.findChildren(QMenu):
        menu.aboutToShow.emit()
        texts = [action.text().replace("&", "") + action.shortcut().toString() for action in menu.actions()]
        if not texts:
            continue
        widest = max(map(menu.fontMetrics().horizontalAdvance, texts))
        assert max(menu.sizeHint().width(), menu.minimumWidth()) >= widest + large


def test_many_cells_and_classes(window: MainWindow, qtbot: QtBot) -> None:
    """Long labels are cut where that is meant, and push nothing away."""
    labels = tuple(f"a class with a long name indeed, number {i}" for i in range(8))
    window.tabs.show_explanation(crafted(plain_frame(), labels=labels), 0.0, False)
    settled(qtbot, window)


@pytest.mark.parametrize("window", ["en-100", "ko-100"], indirect=True)
def test_a_screen_of_1280_by_800_pixels_at_200_percent(window: MainWindow, qtbot: QtBot) -> None:
    """Which has room for half as many points."""
    window.resize(SIZE / 2)
    assert window.size() == SIZE / 2
    window.banners.show_message(
        BannerKey.SOURCE, Severity.ERROR, LONG, [(window.source_banners.tr("Try again"), lambda: None)]
    )
    settled(qtbot, window)
    for dock in (window.dock, window.evidence):
        dock.toggleViewAction().trigger()  # they have given way to the picture
        dock.raise_()
        settled(qtbot, window)
