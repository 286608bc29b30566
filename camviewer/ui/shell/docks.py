"""The one table of docks. The window and its View menu are made from it; a new dock is one more record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from camviewer.core.explanation import ExplainRequest
from camviewer.media.drawing.style import OverlayStyle
from camviewer.ui.docks.evidence import EvidenceDock
from camviewer.ui.docks.gauge import GaugeDock
from camviewer.ui.docks.overlay import OverlayDock
from camviewer.ui.docks.timeline import TimelineDock
from camviewer.ui.docks.what_if import WhatIfDock
from camviewer.ui.system.settings import Settings
from camviewer.ui.teaching.dock import TeachDock

translate = QCoreApplication.translate
D = TypeVar("D", bound=QDockWidget)


@dataclass(frozen=True, slots=True)
class StartingState:
    """What docks show before there is an explanation."""

    style: OverlayStyle
    request: ExplainRequest
    smoothing: float
    settings: Settings


@dataclass(frozen=True, slots=True)
class DockRecord:
    """One dock. Docks of one area share it as tabs; the one `in_front` is seen where nobody chose."""

    id: str
    """Under this name Qt remembers its place: never another for the same dock."""
    title: str
    make: Callable[[StartingState], QDockWidget]
    area: Qt.DockWidgetArea = Qt.DockWidgetArea.RightDockWidgetArea
    in_front: bool = False
    width: int = 0
    """Pixels at the first start; 0 leaves it to Qt."""
    hidden: bool = False
    """At the first start: two tabs have room beside each other, more haven't."""


def dock_table() -> tuple[DockRecord, ...]:
    """In this order they are tabs, and entries of the View menu."""
    return (
        DockRecord(
            "overlay_dock",
            translate("docks", "Overlay"),
            lambda start: OverlayDock(start.style, start.request, start.smoothing),
            in_front=True,
            width=310,
        ),
        DockRecord(
            "evidence_dock", translate("docks", "How it adds up"), lambda start: EvidenceDock(start.settings)
        ),
        DockRecord("what_if_dock", translate("docks", "What if"), lambda _start: WhatIfDock(), hidden=True),
        DockRecord("gauge_dock", translate("docks", "Trust"), lambda _start: GaugeDock(), hidden=True),
        DockRecord("teach_dock", translate("docks", "My classes"), lambda _start: TeachDock(), hidden=True),
        DockRecord(
            "timeline_dock",
            translate("docks", "Timeline"),
            lambda _start: TimelineDock(),
            area=Qt.DockWidgetArea.BottomDockWidgetArea,
            hidden=True,
        ),
    )


def make_docks(start: StartingState) -> dict[str, QDockWidget]:
    """All docks by id, in the table's order."""
    docks = {}
    for record in dock_table():
        docks[record.id] = dock = record.make(start)
        dock.setObjectName(record.id)
        dock.setWindowTitle(record.title)
        # In a menu its title alone would be taken for what it is about, such as the overlay.
        dock.toggleViewAction().setText(translate("docks", "Panel “{0}”").format(record.title))
    return docks


def dock_of(docks: Mapping[str, QDockWidget], kind: type[D]) -> D:
    """The dock of this class."""
    return next(dock for dock in docks.values() if isinstance(dock, kind))


def place_docks(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    first: dict[Qt.DockWidgetArea, QDockWidget] = {}
    records = dock_table()
    for record in records:
        dock = docks[record.id]
        window.addDockWidget(record.area, dock)
        if record.area in first:
            window.tabifyDockWidget(first[record.area], dock)
        first[record.area] = dock
    for record in records:
        if record.in_front:
            docks[record.id].raise_()
        if record.hidden:
            docks[record.id].hide()


def resize_docks(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    """Once the window has its size."""
    for record in dock_table():
        if record.width:
            window.resizeDocks([docks[record.id]], [record.width], Qt.Orientation.Horizontal)
