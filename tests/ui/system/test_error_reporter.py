"""Unforeseen errors of any thread: a banner shows them, and the program goes on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.frames import Frame
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system import logs
from camviewer.ui.system.error_reporter import KEY, ErrorReport, ErrorReporter, report_of
from tests.ui.fakes import (
    FakeCamera,
    FakeExplainer,
    FakeLoader,
    FakeModel,
    Windows,
    model_info,
    pipeline_of,
    settings_in,
)

log = logging.getLogger("camviewer.test")


class Failing(FakeExplainer):
    """Fails at every frame while `broken`."""

    broken = False

    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        if self.broken:
            raise ZeroDivisionError("made to fail")
        return super().explain(frame, request, load)


@pytest.fixture
def explainer() -> Failing:
    return Failing(model_info("resnet18"))


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, explainer: Failing) -> Iterator[MainWindow]:
    with settings_in(tmp_path / "settings"):
        window = Windows(qtbot)(loader=FakeLoader(lambda _: FakeModel(explainer)))
        reporter = ErrorReporter(pipeline_of(window), window.banners, window)
        yield window
        reporter.close()


def raise_once() -> None:
    raise KeyError("here")


def log_one() -> None:
    try:
        raise_once()
    except KeyError:
        log.exception("it was tried")


def raise_in_a_slot() -> None:
    try:
        raise_once()
    except KeyError as error:
        logs.log_uncaught(type(error), error, error.__traceback__)


def test_an_exception_that_is_logged_in_any_thread_is_shown_and_can_be_copied(
    window: MainWindow, qtbot: QtBot
) -> None:
    thread = threading.Thread(target=log_one, name="elsewhere")
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: window.banners.text(KEY) is not None)
    text = window.banners.text(KEY)
    assert text is not None
    assert "it was tried (KeyError: 'here')" in text
    assert "goes on" in text
    banner = window.banners.banner(KEY)
    assert banner is not None
    (copy,) = (button for button in banner.buttons() if button.text() == "Copy report")
    copy.click()
    copied = QGuiApplication.clipboard().text()
    assert "raise_once" in copied
    assert "thread elsewhere" in copied
    assert copied.startswith("camviewer ")


def test_an_exception_in_a_slot_reaches_the_banner_through_the_hook(window: MainWindow, qtbot: QtBot) -> None:
    raise_in_a_slot()
    qtbot.waitUntil(lambda: window.banners.text(KEY) is not None)


def test_warnings_and_errors_without_an_exception_are_not_reported() -> None:
    plain = logging.LogRecord("a", logging.ERROR, __file__, 1, "text", None, None)
    assert report_of(plain) is None
    error = ValueError("x")
    warned = logging.LogRecord("a", logging.WARNING, __file__, 1, "text", None, (ValueError, error, None))
    assert report_of(warned) is None


def test_what_fails_at_every_frame_freezes_the_live_frame_and_space_resumes(
    window: MainWindow, explainer: Failing, qtbot: QtBot
) -> None:
    pipeline, camera = pipeline_of(window), FakeCamera()
    pipeline.open(camera)
    camera.bring()
    qtbot.waitUntil(lambda: pipeline.current is not None)
    explainer.broken = True
    failures: list[object] = []
    pipeline.frame_failed.connect(failures.append)
    camera.bring()
    qtbot.waitUntil(lambda: len(failures) == 1)
    qtbot.waitUntil(lambda: window.banners.text(KEY) is not None)
    assert not pipeline.frozen, "once is no reason to stop"
    camera.bring()
    qtbot.waitUntil(lambda: pipeline.frozen)
    assert "again and again" in (window.banners.text(KEY) or "")
    explainer.broken = False
    window.actions_by_name["freeze"].trigger()
    assert not pipeline.frozen
    with qtbot.waitSignal(pipeline.explained):
        camera.bring()


def test_a_camera_that_never_gave_a_frame_is_stopped_too(
    window: MainWindow, explainer: Failing, qtbot: QtBot
) -> None:
    pipeline, camera = pipeline_of(window), FakeCamera()
    pipeline.open(camera)
    explainer.broken = True
    failures: list[object] = []
    pipeline.frame_failed.connect(failures.append)
    camera.bring()
    qtbot.waitUntil(lambda: len(failures) == 1)
    camera.bring()
    qtbot.waitUntil(lambda: pipeline.frozen)


def test_what_fails_again_each_time_it_is_resumed_freezes_each_time(window: MainWindow, qtbot: QtBot) -> None:
    pipeline = pipeline_of(window)
    pipeline.open(FakeCamera())
    for _ in range(logs.FULLY_LOGGED):
        raise_in_a_slot()
        raise_in_a_slot()
        qtbot.waitUntil(lambda: pipeline.frozen)
        assert "again and again" in (window.banners.text(KEY) or "")
        window.banners.clear(KEY)
        window.actions_by_name["freeze"].trigger()
        assert not pipeline.frozen


def test_what_fails_at_every_repaint_is_shown_once_a_second(window: MainWindow, qtbot: QtBot) -> None:
    reporter = window.findChild(ErrorReporter)
    assert reporter is not None
    shown: list[str] = []
    window.banners.show_message = lambda key, *_: shown.append(key)  # type: ignore[method-assign]
    for count in range(180):
        reporter.reported.emit(ErrorReport("it fails", "painting.py:1", f"report {count}", count / 60))
    qtbot.waitUntil(lambda: "report 179" in reporter.reports)
    assert shown == [KEY] * 3


def test_every_error_is_shown_with_the_same_words(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(logs.FULLY_LOGGED + 200):
        raise_in_a_slot()
    assert len(caplog.records) == logs.FULLY_LOGGED + 200
    assert len({record.getMessage() for record in caplog.records}) == 1, "the banner counts equal ones"
