"""The menu bar and the toolbar: where the actions are found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDockWidget,
    QMenu,
    QMenuBar,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QWidget,
)

from camviewer.core.models.spec import ModelInfo
from camviewer.media.sources.screen import ScreenSource
from camviewer.media.sources.source import Source
from camviewer.ui.shell.action_records import (
    MenuRecord,
    Place,
)
from camviewer.ui.shell.actions import (
    DOCKS,
    MENU_BAR,
    TOOLBAR,
    action_records,
    table,
)
from camviewer.ui.shell.window_protocol import Window
from camviewer.ui.widgets.icons import (
    icon,
    icon_side,
)
from camviewer.ui.widgets.menu_button import (
    CutMenuButton,
    MenuButton,
)
from camviewer.ui.widgets.text_window import USUAL_LINE
from camviewer.ui.widgets.words import translated


def fill_menu_bar(window: Window, bar: QMenuBar, docks: Mapping[str, QDockWidget]) -> None:
    """Menus as the table has them; every action is in one, with its key beside it. Docks are in View."""
    top = window.window()
    menus: dict[str, QMenu] = {}
    found: list[tuple[Place, QAction]] = []
    for record in table():
        if isinstance(record, MenuRecord):
            menus[record.id] = menu = record.made(window) if record.made else QMenu(record.text, top)
            found.append((record.place, menu.menuAction()))
        elif record.menu is not None:
            found.append((record.menu, window.actions_by_name[record.id]))
    found += [(DOCKS, dock.toggleViewAction()) for dock in docks.values()]
    _fill(bar, found, MENU_BAR)
    for name, menu in menus.items():
        _fill(menu, found, name)
    for menu in top.findChildren(QMenu):
        menu.aboutToShow.connect(partial(_make_room, menu))


def _fill(widget: QWidget, found: Iterable[tuple[Place | None, QAction]], name: str) -> None:
    """Add what has its place in this menu or bar, in order, with separators between the groups."""
    here = [(place, action) for place, action in found if place is not None and place.menu == name]
    before = None
    for place, action in sorted(here, key=lambda pair: (pair[0].group, pair[0].order)):
        if before is not None and place.group != before:
            separator = QAction(widget)
            separator.setSeparator(True)
            widget.addAction(separator)
        before = place.group
        widget.addAction(action)


def _make_room(menu: QMenu) -> None:
    """The Fusion style draws the column of icons wider than it counts, and cuts the widest text, if text is
    large."""
    menu.setMinimumWidth(0)
    line = menu.fontMetrics().height()
    menu.setMinimumWidth(menu.sizeHint().width() + max(0, line - USUAL_LINE))


class MainToolBar(QToolBar):
    """The source at the left, the model and its device at the right."""

    def __init__(
        self, actions: dict[str, QAction], camera_menu: QMenu, model_menu: QMenu, device_menu: QMenu
    ) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Toolbar"))
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._camera = _menu_button(camera_menu, "camera", self.tr("Camera"))
        self._model = _menu_button(model_menu, "", self.tr("Model"))
        self._brush, self._brush_width = actions["brush"], 0
        self._device = CutMenuButton(device_menu)
        self._device.setAutoRaise(True)
        _set_menu_text(self._device, self.tr("Device"))
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(self._camera)
        _fill(self, [(record.toolbar, actions[record.id]) for record in action_records()], TOOLBAR)
        self._after_brush = self.actions()[self.actions().index(self._brush) + 1]
        self.addWidget(room)
        self.addWidget(self._model)
        self.addWidget(self._device)
        self._fit_icons()

    def _fit_icons(self) -> None:
        side = icon_side(self)
        for part in (self, self._camera):
            part.setIconSize(QSize(side, side))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_icons()

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._fit_device()
            self._fit_brush()
        return handled

    def _fit_device(self) -> None:
        """The device gives way to the others: a toolbar would rather hide it than make it narrower."""
        device, layout = self._device, self.layout()
        assert layout is not None, "toolbars have one"
        others = layout.sizeHint().width() - min(device.sizeHint().width(), device.maximumWidth())
        most = max(device.minimumSizeHint().width(), self.width() - others)
        if most != device.maximumWidth():
            device.setMaximumWidth(most)
            layout.invalidate()  # of a hidden widget it wouldn't hear

    def show_source(self, source: Source | None) -> None:
        """A camera's name stands on the button that chooses it. A screen has another button."""
        text = self.tr("Camera")
        camera = source is not None and source.live and not source.pausable
        if source is not None and camera and not isinstance(source, ScreenSource):
            text = translated(source.title)
        _set_menu_text(self._camera, text)

    def _fit_brush(self) -> None:
        """It gives way to the others: it also has a key, and is in the Edit menu."""
        layout, is_there = self.layout(), self._brush in self.actions()
        assert layout is not None, "toolbars have one"
        device = self._device
        cut = min(device.sizeHint().width(), device.maximumWidth()) - device.minimumSizeHint().width()
        needed = layout.sizeHint().width() - max(cut, 0)
        if is_there and needed > self.width():
            button = self.widgetForAction(self._brush)
            self._brush_width = button.sizeHint().width() + layout.spacing()
            self.removeAction(self._brush)
        elif not is_there and needed + self._brush_width <= self.width():
            self.insertAction(self._after_brush, self._brush)

    @Slot()
    def show_loading(self) -> None:
        """Loading takes seconds; the model before it runs meanwhile."""
        _set_menu_text(self._model, self.tr("Loading…"))

    def show_model(self, model: ModelInfo) -> None:
        _set_menu_text(self._model, model.title)
        self._model.setToolTip(model.weights_file)
        _set_menu_text(self._device, model.computed_on)
        self._device.setToolTip(self.tr("The model runs on {0}").format(model.computed_on))


def _menu_button(menu: QMenu, icon_name: str, text: str) -> QToolButton:
    button = MenuButton(menu)
    _set_menu_text(button, text)
    if icon_name:
        button.setIcon(icon(icon_name))
    button.setAutoRaise(True)
    return button


def _set_menu_text(button: QToolButton, text: str) -> None:
    button.setText(f"{text} ▾")
    button.setAccessibleName(text)
