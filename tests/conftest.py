"""What every test gets: no display, a home of its own, and a check that it leaves nothing running or open."""

from __future__ import annotations

import gc
import os
import threading
import time
import weakref
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything makes a QApplication

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QSettings, QThread
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from camviewer.core.arrays import read_only
from camviewer.core.explanation import ExplainRequest, Explanation, Timing, predicted
from camviewer.core.frames import Frame, Region
from camviewer.core.maps import ExactMaps
from camviewer.core.models.spec import LinearHead, ModelInfo, WeightsOrigin
from camviewer.core.resources import resource_path
from camviewer.core.runtimes.device import CPU
from camviewer.core.storage.colour import VARIABLE

ASSETS_VARIABLE = "CAMVIEWER_TEST_ASSETS"
LEAK_PATIENCE_S = 5.0

_started_threads: weakref.WeakSet[QThread] = weakref.WeakSet()


@pytest.fixture(scope="session", autouse=True)
def isolated_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Settings, caches and logs go to a temporary home: tests neither read nor change the user's."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "USERPROFILE"):
            patch.setenv(name, str(home))
        folders = {
            "XDG_CONFIG_HOME": ".config",
            "XDG_CACHE_HOME": ".cache",
            "XDG_DATA_HOME": ".local/share",
            "XDG_STATE_HOME": ".local/state",
            "XDG_RUNTIME_DIR": "run",
            "APPDATA": "AppData/Roaming",
            "LOCALAPPDATA": "AppData/Local",
            "TORCH_HOME": ".cache/torch",
        }
        for name, folder in folders.items():
            (home / folder).mkdir(parents=True, exist_ok=True)
            (home / folder).chmod(0o700)  # Qt complains about a runtime folder that others may read
            patch.setenv(name, str(home / folder))
        for name in (
            "CAMVIEWER_WEIGHTS",
            VARIABLE,
            "XDG_PICTURES_DIR",
            "XDG_VIDEOS_DIR",
        ):
            patch.delenv(name, raising=False)
        # On Windows and macOS the native settings know nothing of the home: use files everywhere.
        settings_format = QSettings.defaultFormat()
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        for kind in (QSettings.Format.IniFormat, QSettings.Format.NativeFormat):
            QSettings.setPath(kind, QSettings.Scope.UserScope, str(home / "settings"))
        yield home
        QSettings.setDefaultFormat(settings_format)


@pytest.fixture(scope="session", autouse=True)
def _started_threads_are_known() -> Iterator[None]:
    """Qt can't list its threads, so note each that is started."""
    start = QThread.start

    def noting_start(thread: QThread, *args: Any) -> None:
        _started_threads.add(thread)
        start(thread, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QThread, "start", noting_start)
        yield


@pytest.fixture(autouse=True)
def _american_numbers() -> Iterator[None]:
    """Tests read English texts and numbers, whatever the locale of the machine, and of a test before."""
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    yield
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))


@pytest.fixture(autouse=True)
def _colours_are_managed_as_before() -> Iterator[None]:
    """`--no-colour-management` holds for a whole process, and here that is a test's."""
    before = os.environ.get(VARIABLE)
    yield
    os.environ.pop(VARIABLE, None)
    if before is not None:
        os.environ[VARIABLE] = before


def pytest_sessionstart() -> None:
    """Imports make objects that stay: looking for garbage among them meanwhile finds none."""
    gc.disable()


def pytest_collection_finish() -> None:
    """The modules of all tests, torch among them, are no garbage: later collections needn't look at them.

    Each test of a window ends with a full one, which took most of such a test's time.
    """
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that ends with a modal dialog open: a user would be stuck in it."""
    result = yield
    dialog = QApplication.activeModalWidget() if QApplication.instance() is not None else None
    if dialog is not None:
        title = _named(dialog)
        dialog.close()
        pytest.fail(f"{item.name} ended with a modal dialog open: {title}")
    return result


@pytest.fixture(autouse=True)
def no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread running or a top-level widget open that wasn't there before it."""
    before = _Alive()
    yield
    deadline = time.monotonic() + LEAK_PATIENCE_S
    if _Alive().since(before):
        _let_go()
    while (left := _Alive().since(before)) and time.monotonic() < deadline:
        _wait_a_moment()
        _let_go()
    if left:
        names = ", ".join(left)
        del left
        for widget in _Alive().widgets - before.widgets:
            widget.close()
            widget.deleteLater()
        pytest.fail(f"{request.node.name} left behind: {names}")


class _Alive:
    """What runs and what is open now."""

    def __init__(self) -> None:
        # Threads that others started show up as dummies once they have run Python code, and stay listed.
        self.threads = {t for t in threading.enumerate() if not isinstance(t, threading._DummyThread)}
        self.qthreads = {t for t in _started_threads if shiboken6.isValid(t) and t.isRunning()}
        self.widgets: set[QWidget] = set()
        if QApplication.instance() is not None:
            widgets = QApplication.topLevelWidgets()
            # Qt's tool tip is one for all, and hides itself when it likes.
            self.widgets = {w for w in widgets if w.parent() is None and not w.inherits("QTipLabel")}

    def since(self, before: _Alive) -> list[str]:
        return [
            *(f"thread {t.name!r}" for t in self.threads - before.threads),
            *(f"QThread {_named(t)}" for t in self.qthreads - before.qthreads),
            *(f"widget {_named(w)}" for w in self.widgets - before.widgets if shiboken6.isValid(w)),
        ]


def _let_go() -> None:
    """Let widgets go that nobody refers to or that are to be deleted."""
    gc.collect()
    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _wait_a_moment() -> None:
    """Give threads time to end."""
    if QCoreApplication.instance() is not None:
        QTest.qWait(20)
        return
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(0.01)


def _named(thing: QWidget | QThread) -> str:
    title = thing.windowTitle() if isinstance(thing, QWidget) else ""
    return f"{type(thing).__name__} {thing.objectName() or title!r}"


@pytest.fixture(scope="session")
def assets() -> Path:
    """The folder with real ResNet18 weights and photos. Skips where CAMVIEWER_TEST_ASSETS isn't set."""
    folder = os.environ.get(ASSETS_VARIABLE)
    if not folder:
        pytest.skip(f"{ASSETS_VARIABLE} is not set")
    path = Path(folder).resolve()
    for needed in ("weights/resnet18-imagenet1k-pq.pth", "images/expected.json"):
        assert (path / needed).is_file(), f"{ASSETS_VARIABLE}={folder} has no {needed}"
    return path


@pytest.fixture(scope="session")
def samples() -> Path:
    """The photos that come with the program."""
    return resource_path("samples")


LABELS = ("tabby", "tiger cat", "golden retriever", "tennis ball", "Löwe, “Leo”", "crane", "Crane")


@pytest.fixture(scope="session")
def make_explanation() -> Callable[..., Explanation]:
    """Makes a small explanation, true to the invariant. region: the whole frame, unless given."""

    def make(
        labels: tuple[str, ...] = LABELS,
        *,
        width: int = 64,
        height: int = 48,
        region: Region | None = None,
        seed: int = 0,
    ) -> Explanation:
        numbers = np.random.default_rng(seed)
        features = numbers.random((4, 2, 3), np.float32)
        weight = numbers.standard_normal((len(labels), 4)).astype(np.float32)
        bias = numbers.standard_normal(len(labels)).astype(np.float32)
        logits = (weight @ features.mean((1, 2)) + bias).astype(np.float32)
        image = numbers.integers(0, 256, (height, width, 3), np.uint8)
        return Explanation(
            frame=Frame(read_only(image), source="photo.png"),
            region=region or Region(0, 0, width, height),
            prediction=predicted(logits, labels),
            maps=ExactMaps(
                read_only(features), LinearHead(read_only(weight), read_only(bias), labels), "layer4"
            ),
            timing=Timing(0.0, 0.0, 0.0, 0.0),
            model=ModelInfo("fake", "Fake", CPU, "CPU", "0" * 64, "fake.pth", WeightsOrigin.FILE),
            request=ExplainRequest(resolution=224),
        )

    return make
