"""ModelMenu: the built-in models, the own ones of before, and those that can be fetched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from camviewer.core.models.builtin import MODELS
from camviewer.core.models.ready import (
    READY,
    ReadyNetwork,
)
from camviewer.core.models.spec import WeightsOrigin
from camviewer.core.runtimes.libraries import has_torch
from camviewer.core.storage.files import exists
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.model_control import ModelControl
from camviewer.ui.controllers.model_loading import own_file
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.menu_choices import one_group
from camviewer.ui.widgets.words import translated


class ModelMenu(QObject):
    """Filled each time it opens: files come and go."""

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        models: ModelControl,
        actions: Sequence[QAction],
        parent: QWidget,
    ) -> None:
        """actions: of the window, that stand in this menu too."""
        super().__init__(parent)
        self._pipeline, self._settings, self._models = pipeline, settings, models
        self._actions = actions
        self.menu = QMenu(self.tr("&Model"), parent)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)
        self._full = has_torch()
        text = self.tr("Get &another network")
        self.networks_menu = QMenu(
            text if self._full else self.tr("{0} (needs the full edition)").format(text), parent
        )
        self.networks_menu.setToolTipsVisible(True)
        for network in READY.values():
            self._add_network(network)

    def _add_network(self, network: ReadyNetwork) -> None:
        text = self.tr("{0}: {1}").format(network.title, translated(network.reason))
        action = self.networks_menu.addAction(text)
        megabytes = round(network.official.size / 1e6)
        tip = self.tr("{0} MB, downloaded once.").format(megabytes)
        action.setToolTip(tip)
        action.setStatusTip(tip)
        action.triggered.connect(lambda _=False: self._models.get_network(network))

    def _fill(self) -> None:
        menu, running, choice = self.menu, self._pipeline.model, self._pipeline.choice
        menu.clear()
        group = one_group(menu)
        own = own_file(choice) if choice is not None else None
        is_own = running is not None and running.weights_origin == WeightsOrigin.FILE
        live = self._models.live
        is_live = running is not None and running.weights_origin is WeightsOrigin.LIVE
        if live is not None:
            action = _choice(menu, group, self.tr("The network from Python"))
            action.setChecked(is_live)
            action.triggered.connect(lambda _=False, choice=live: self._models.choose(choice))
        for spec in MODELS.values():
            action = _choice(menu, group, spec.title)
            built_in = running is not None and running.name == spec.name
            action.setChecked(built_in and not is_own and not is_live)
            action.triggered.connect(lambda _=False, spec=spec: self._models.choose_built_in(spec))
        recent = [Path(text) for text in self._settings.texts("models/recent")]
        if recent:
            menu.addSeparator()
        for path in recent:
            action = _choice(menu, group, path.name.replace("&", "&&") or str(path))
            action.setChecked(is_own and own is not None and own.absolute() == path)
            is_there = exists(path)
            action.setEnabled(is_there)
            tip = str(path) if is_there else self.tr("{0} is not there any more.").format(path)
            action.setToolTip(tip)
            action.setStatusTip(tip)
            action.triggered.connect(lambda _=False, path=path: self._models.open_file(path))
        if recent:
            clear = menu.addAction(self.tr("Clear the list"))
            clear.triggered.connect(lambda: self._settings.set("models/recent", []))
        menu.addSeparator()
        menu.addActions(list(self._actions))
        menu.addMenu(self.networks_menu)
        self.networks_menu.menuAction().setEnabled(self._models.can_download and self._full)


def _choice(menu: QMenu, group: QActionGroup, text: str) -> QAction:
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setActionGroup(group)
    return action
