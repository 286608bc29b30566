"""The menu bar and the toolbar: where the actions are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from camviewer.core.types import ModelInfo
from camviewer.media.source import Source
from camviewer.ui import theme
from camviewer.ui.icons import icon

if TYPE_CHECKING:
    from camviewer.ui.main_window import MainWindow


def fill_menu_bar(window: MainWindow) -> None:
    """Every action of the window is in a menu, with its key beside it."""
    act, bar, sources, tr = window.actions_by_name, window.menuBar(), window.sources, window.tr

    def fill(menu: QMenu, *names: str) -> None:
        for name in names:
            if name:
                menu.addAction(act[name])
            else:
                menu.addSeparator()

    file = bar.addMenu(tr("&File"))
    fill(file, "open", "open_folder")
    file.addMenu(sources.recent_menu)
    file.addMenu(sources.samples_menu)
    fill(file, "", "review", "report", "convert", "")
    fill(file, "save", "snapshot", "export", "caption", "", "copy", "paste", "", "quit")
    source = bar.addMenu(tr("&Source"))
    source.addMenu(sources.camera_menu)
    source.addMenu(sources.screen_menu)
    fill(source, "", "freeze", "record", "", "previous", "next")
    view = bar.addMenu(tr("&View"))
    fill(view, "overlay", "next_colormap", "reverse", "less_opacity", "more_opacity", "")
    fill(view, "zoom_in", "zoom_out", "fit_window", "full_screen", "")
    fill(view, "show_review", "next_mistake", "previous_mistake", "")
    for dock in (window.dock, window.evidence):
        view.addAction(dock.toggleViewAction())
    appearance = view.addMenu(tr("&Appearance"))
    group = QActionGroup(window)
    texts = {"system": tr("As the system"), "light": tr("Light"), "dark": tr("Dark")}
    for name in theme.APPEARANCES:
        choice = appearance.addAction(texts[name])
        choice.setCheckable(True)
        choice.setActionGroup(group)
        choice.setChecked(window.appearance == name)
        choice.triggered.connect(lambda _=False, name=name: window.set_appearance(name))
    classes = bar.addMenu(tr("&Classes"))
    fill(classes, "find_class", "pin", "follow", "compare", "all", "")
    fill(classes, *(f"tab{i}" for i in range(1, 10)))
    bar.addMenu(window.models.menu)
    fill(bar.addMenu(tr("&Help")), "help", "diagnostics", "about")


def one_group(menu: QMenu) -> QActionGroup:
    """A new group for a menu that is filled anew each time it opens; the one before goes."""
    for group in menu.findChildren(QActionGroup, options=Qt.FindChildOption.FindDirectChildrenOnly):
        group.deleteLater()
    return QActionGroup(menu)


class MainToolBar(QToolBar):
    """The source at the left, the model and its device at the right."""

    def __init__(self, actions: dict[str, QAction], camera_menu: QMenu, model_menu: QMenu) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Toolbar"))
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setIconSize(QSize(20, 20))
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

    def show_source(self, source: Source | None) -> None:
        """The name of a camera or screen stands on the button that chooses them."""
        named = source is not None and source.live and not source.pausable
        _set_menu_text(self._camera, source.title if source is not None and named else self.tr("Camera"))

    @Slot()
    def show_loading(self) -> None:
        """Loading takes seconds; the model before it runs meanwhile."""
        _set_menu_text(self._model, self.tr("Loading…"))

    def show_model(self, model: ModelInfo) -> None:
        _set_menu_text(self._model, model.title)
        self._model.setToolTip(model.weights_file)
        self._device.setText(model.device_title)


def _menu_button(menu: QMenu, icon_name: str, text: str) -> QToolButton:
    button = QToolButton()
    _set_menu_text(button, text)
    # The styles' own arrow stands below the text in some and over it in others.
    button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
    if icon_name:
        button.setIcon(icon(icon_name))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(menu)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _set_menu_text(button: QToolButton, text: str) -> None:
    button.setText(f"{text} ▾")
    button.setAccessibleName(text)
