"""Fitter: fits heads of one's own classes in the background, the newest examples first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QThread, Signal

from camviewer.core.failures import Failure
from camviewer.core.models.taught import Backbone
from camviewer.core.runtimes.libraries import import_without_gc
from camviewer.core.training.examples import ExampleFeatures, TaughtExample
from camviewer.core.training.project import KeptExample, OwnClass
from camviewer.core.training.teaching import Learned, teach
from camviewer.media.thread_priority import lower_priority
from camviewer.ui.system.background import Background


@dataclass(frozen=True, slots=True, eq=False)
class FitRequest:
    """examples: each with its features; classes: those that have one."""

    classes: tuple[OwnClass, ...]
    examples: tuple[tuple[KeptExample, ExampleFeatures], ...]
    backbone: Backbone


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """learned: of the request; its examples are in the request's order."""

    request: FitRequest
    learned: Learned


class Fitter(QObject):
    """One fit at a time. Of requests that come meanwhile only the newest is kept."""

    fitted = Signal(object)
    """Fitted"""
    failed = Signal(object)
    """Failure"""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._running = False
        self._next: FitRequest | None = None
        self._wanted: FitRequest | None = None
        """What is under way, unless it was given up meanwhile."""

    @property
    def running(self) -> bool:
        """Whether there is a fit under way."""
        return self._running

    def prepare(self) -> None:
        """Import the solver, which takes a second, before somebody waits for it."""
        self._background.run(lambda: import_without_gc("scipy.optimize"), lambda _: None, self.failed.emit)

    def fit(self, request: FitRequest) -> None:
        """As soon as the one under way is done."""
        self._next = request
        self._begin()

    def forget(self) -> None:
        """Nothing that was asked for is wanted any more, not even what is under way."""
        self._next = self._wanted = None

    def wait(self, patience: float) -> bool:
        """As `Background.wait`."""
        self._next = None
        return self._background.wait(patience)

    def _begin(self) -> None:
        if self._running or self._next is None:
            return
        request, self._next = self._next, None
        self._running, self._wanted = True, request
        self._background.run(lambda: _fitted(request), self._on_fitted, self._on_failed)

    def _on_fitted(self, fitted: Fitted) -> None:
        self._running = False
        if fitted.request is self._wanted:
            self.fitted.emit(fitted)
        self._begin()

    def _on_failed(self, failure: Failure) -> None:
        self._running = False
        self.failed.emit(failure)
        self._begin()


def _fitted(request: FitRequest) -> Fitted:
    lower_priority(QThread.currentThread())
    ids = {each.key: number for number, each in enumerate(request.classes)}
    examples: Sequence[TaughtExample] = [
        TaughtExample(features, ids[kept.class_key], kept.moment) for kept, features in request.examples
    ]
    return Fitted(request, teach(examples, [each.name for each in request.classes], request.backbone))
