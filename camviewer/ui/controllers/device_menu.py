"""DeviceMenu: the devices of this computer, and how precisely the one in use computes."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from camviewer.core.models.spec import (
    ModelInfo,
    WeightsOrigin,
)
from camviewer.core.runtimes.device import (
    DeviceOffer,
    automatic,
)
from camviewer.core.runtimes.registry import gpu_problem
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.device_control import DeviceControl
from camviewer.ui.widgets.menu_choices import one_group
from camviewer.ui.widgets.words import translated

_TIP = 60
"""Characters of a tool tip's line."""


class DeviceMenu(QObject):
    """Filled each time it opens: devices are known only once a model has loaded."""

    def __init__(self, pipeline: Pipeline, devices: DeviceControl, parent: QWidget) -> None:
        super().__init__(parent)
        self._pipeline, self._devices = pipeline, devices
        self.menu = QMenu(self.tr("&Device"), parent)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        menu, model = self.menu, self._pipeline.model
        menu.clear()
        group = one_group(menu)
        if model is None:
            menu.addAction(self.tr("Known once a model has loaded")).setEnabled(False)
        elif model.weights_origin is WeightsOrigin.LIVE:
            text = self.tr("The network from Python runs where it is: {0}").format(model.device_title)
            menu.addAction(text).setEnabled(False)
        else:
            offers = self._devices.offers or (DeviceOffer(model.device, model.device_title),)
            self._add_devices(group, model, offers)
            self._add_precisions(model, offers)

    def _add_devices(self, group: QActionGroup, model: ModelInfo, offers: tuple[DeviceOffer, ...]) -> None:
        is_automatic = self._devices.is_automatic
        best = automatic(offers)
        self._add(
            group,
            self.tr("&Automatic ({0})").format(best.title.replace("&", "&&")),
            is_automatic,
            self.tr("The best device that can be used"),
            partial(self._devices.choose, None),
        )
        for offer in offers:
            tip = ""
            if offer.problem is not None:
                tip = translated(offer.problem)
            elif not offer.tested:
                tip = self.tr("camviewer has never been tried on a device of this kind.")
            elif self._devices.offers == (offer,):
                # The CPU alone: why there is no GPU. It was looked for when the model loaded.
                tip = translated(gpu_problem() or "")
            self._add(
                group,
                offer.title.replace("&", "&&"),
                offer.device == model.device and not is_automatic,
                tip,
                partial(self._devices.choose, offer),
            )

    def _add_precisions(self, model: ModelInfo, offers: tuple[DeviceOffer, ...]) -> None:
        offered = next((offer.precisions for offer in offers if offer.device == model.device), ())
        if not offered:
            return
        self.menu.addSection(self.tr("Precision"))
        group = QActionGroup(self.menu)
        for precision in offered:
            text = precision.title
            if precision is offered[0] and len(offered) > 1:
                text = self.tr("{0} (usual)").format(text)
            self._add(
                group,
                text,
                precision is model.precision,
                translated(precision.description),
                partial(self._devices.choose_precision, precision),
            )

    def _add(
        self, group: QActionGroup, text: str, checked: bool, tip: str, choose: Callable[[], None]
    ) -> QAction:
        action = self.menu.addAction(text)
        action.setCheckable(True)
        action.setActionGroup(group)
        action.setChecked(checked)
        action.setToolTip("\n".join(textwrap.wrap(tip, _TIP)))  # Qt would make one line of it
        action.setStatusTip(tip)
        action.triggered.connect(lambda _=False: choose())
        return action
