"""The menu bar and the toolbar: where the actions are found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from camviewer.core.models.spec import ModelInfo
from camviewer.media.sources.source import Source
from camviewer.ui.system import language
from camviewer.ui.widgets.icons import icon, icon_side
from camviewer.ui.widgets.menu_button import MenuButton
from camviewer.ui.widgets.text_window import USUAL_LINE
from camviewer.ui.widgets.words import said

if TYPE_CHECKING:
    from camviewer.ui.shell.main_window import MainWindow

translate = QCoreApplication.translate


def fill_menu_bar(window: MainWindow) -> None:
    """Every action of the window is in a menu, with its key beside it."""
    act, bar, sources = window.actions_by_name, window.menuBar(), window.sources

    def fill(menu: QMenu, *names: str) -> None:
        for name in names:
            if name:
                menu.addAction(act[name])
            else:
                menu.addSeparator()

    file = bar.addMenu(translate("menus", "&File"))
    fill(file, "open", "open_folder")
    file.addMenu(sources.recent_menu)
    file.addMenu(sources.samples_menu)
    fill(file, "", "review", "report", "convert", "")
    fill(file, "save", "snapshot", "export", "caption", "", "copy", "paste", "", "quit")
    source = bar.addMenu(translate("menus", "&Source"))
    source.addMenu(sources.camera_menu)
    source.addMenu(sources.screen_menu)
    fill(source, "", "freeze", "record", "", "previous", "next")
    view = bar.addMenu(translate("menus", "&View"))
    fill(view, "overlay", "next_colormap", "reverse", "less_opacity", "more_opacity", "")
    fill(view, "zoom_in", "zoom_out", "fit_window", "full_screen", "")
    fill(view, "show_review", "next_mistake", "previous_mistake", "")
    for dock in (window.dock, window.evidence):
        view.addAction(dock.toggleViewAction())
    as_system = translate("menus", "As the system")
    looks = {
        "system": as_system,
        "light": translate("menus", "Light"),
        "dark": translate("menus", "Dark"),
    }
    _add_choices(
        view.addMenu(translate("menus", "&Appearance")), looks, window.appearance, window.set_appearance
    )
    _add_choices(
        view.addMenu(translate("menus", "Lan&guage")),
        {language.SYSTEM: as_system, **language.languages()},
        window.language,
        window.set_language,
    )
    classes = bar.addMenu(translate("menus", "&Classes"))
    fill(classes, "find_class", "pin", "follow", "compare")
    classes.addMenu(_compare_menu(window))
    fill(classes, "all", "")
    fill(classes, *(f"tab{i}" for i in range(1, 10)))
    bar.addMenu(window.models.menu)
    fill(bar.addMenu(translate("menus", "&Help")), "help", "guide", "diagnostics", "about")
    for menu in window.findChildren(QMenu):
        menu.aboutToShow.connect(partial(_make_room, menu))


def _make_room(menu: QMenu) -> None:
    """The Fusion style draws the column of icons wider than it counts, and cuts the widest text, if text is
    large."""
    menu.setMinimumWidth(0)
    line = menu.fontMetrics().height()
    menu.setMinimumWidth(menu.sizeHint().width() + max(0, line - USUAL_LINE))


def _add_choices(
    menu: QMenu, texts: Mapping[str, str], present: str, choose: Callable[[str], object]
) -> None:
    """One of several, by name."""
    group = QActionGroup(menu)
    for name, text in texts.items():
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setActionGroup(group)
        action.setChecked(name == present)
        action.triggered.connect(lambda _=False, name=name: choose(name))


def _compare_menu(window: MainWindow) -> QMenu:
    """What Ctrl+click on a tab does, for the keyboard."""
    menu = QMenu(translate("menus", "W&hy this class and not"), window)

    def fill() -> None:
        menu.clear()
        for class_id, label in window.presenter.others():
            action = menu.addAction(label.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(class_id == window.presenter.selection.other)
            action.triggered.connect(lambda _=False, c=class_id: window.presenter.compare_with(c))
        if menu.isEmpty():
            menu.addAction(translate("menus", "There is no other class")).setEnabled(False)

    menu.aboutToShow.connect(fill)
    return menu


class MainToolBar(QToolBar):
    """The source at the left, the model and its device at the right."""

    def __init__(self, actions: dict[str, QAction], camera_menu: QMenu, model_menu: QMenu) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Toolbar"))
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._camera = _menu_button(camera_menu, "camera", self.tr("Camera"))
        self._model = _menu_button(model_menu, "", self.tr("Model"))
        self._device = QLabel()
        self._device.setContentsMargins(8, 0, 10, 0)
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(self._camera)
        self.addActions([actions["open"], actions["open_screen"]])
        self.addSeparator()
        self.addActions([actions["freeze"], actions["record"], actions["save"]])
        self.addWidget(room)
        self.addWidget(self._model)
        self.addWidget(self._device)
        for name, text in (("open", self.tr("Open")), ("save", self.tr("Save"))):
            actions[name].setIconText(text)
        self._fit_icons()

    def _fit_icons(self) -> None:
        side = icon_side(self)
        for part in (self, self._camera):
            part.setIconSize(QSize(side, side))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_icons()

    def show_source(self, source: Source | None) -> None:
        """The name of a camera or screen stands on the button that chooses them."""
        text = self.tr("Camera")
        if source is not None and source.live and not source.pausable:
            text = said(source.title)
        _set_menu_text(self._camera, text)

    @Slot()
    def show_loading(self) -> None:
        """Loading takes seconds; the model before it runs meanwhile."""
        _set_menu_text(self._model, self.tr("Loading…"))

    def show_model(self, model: ModelInfo) -> None:
        _set_menu_text(self._model, model.title)
        self._model.setToolTip(model.weights_file)
        self._device.setText(model.device_title)


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
