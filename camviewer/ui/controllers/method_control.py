"""MethodControl: which method makes the maps, and of which layer: the menus, and the rows of the dock."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from camviewer.core.covering import Covering
from camviewer.core.explanation import Explanation
from camviewer.core.maps import EXTENT
from camviewer.core.methods.offers import (
    MethodOffer,
    offer_of,
)
from camviewer.core.models.card import Layer
from camviewer.media.pipeline.jobs import FrameExplainer, ReadyModel
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.docks.method_rows import (
    MethodRows,
    about,
    automatic_tip,
    extent_missing,
    extent_tip,
    layer_fixed_tip,
    layer_title,
)
from camviewer.ui.widgets.banner import (
    BannerArea,
    BannerKey,
    Severity,
)
from camviewer.ui.widgets.menu_choices import one_group


class MethodControl(QObject):
    """Sets the method and layer of the pipeline's request. What a new model lacks goes back to automatic."""

    def __init__(
        self,
        pipeline: Pipeline,
        banners: BannerArea,
        rows: MethodRows,
        extent_action: QAction,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._banners, self._rows = pipeline, banners, rows
        self._extent_action = extent_action
        self._before_extent: str | None = None
        self._offers: tuple[MethodOffer, ...] = ()
        self._layers: tuple[Layer, ...] = ()
        self._usual = ""
        self._asked = pipeline.request
        self.menu = QMenu(self.tr("Me&thod"), parent)
        self.menu.setToolTipsVisible(True)
        self.layer_menu = QMenu(self.tr("&Layer"), parent)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.layer_menu.aboutToShow.connect(self._fill_layer_menu)
        rows.method_chosen.connect(self.choose_method)
        rows.layer_chosen.connect(self.choose_layer)
        rows.covering_chosen.connect(self.choose_covering)
        rows.extent_toggled.connect(self.set_extent)
        pipeline.model_ready.connect(self._on_pipeline_model_ready)
        pipeline.head_changed.connect(self._show_explainer)
        pipeline.request_changed.connect(self._on_pipeline_request_changed)
        pipeline.explained.connect(self._on_pipeline_explained)

    @Slot(object)
    def choose_method(self, name: str | None) -> None:
        """None: the most faithful one. The layer stays if the method can look at it."""
        self._banners.clear(BannerKey.METHOD)
        self._pipeline.set_request(replace(self._pipeline.request, method=name))

    @Slot(bool)
    def set_extent(self, on: bool) -> None:
        """One click from the map in view to the object's extent, and back."""
        method = self._pipeline.request.method
        if on and method != EXTENT:
            self._before_extent = method
        self.choose_method(EXTENT if on else self._before_extent)
        self._extent_action.setChecked(self._pipeline.request.method == EXTENT)

    @Slot(object)
    def choose_layer(self, name: str | None) -> None:
        """None: the usual one."""
        self._banners.clear(BannerKey.METHOD)
        self._pipeline.set_request(replace(self._pipeline.request, layer=name))

    @Slot(object)
    def choose_covering(self, covering: Covering) -> None:
        """By what parts of the input are covered, for methods that do."""
        self._pipeline.set_request(replace(self._pipeline.request, covering=covering))

    def _fill_menu(self) -> None:
        menu, asked = self.menu, self._pipeline.request.method
        menu.clear()
        group = one_group(menu)
        usual = offer_of(self._offers, None)
        text = self.tr("&Automatic (most faithful): {0}").format(usual.name if usual is not None else "–")
        self._add(menu, group, text, automatic_tip(), asked is None, None)
        menu.addSeparator()
        for offer in self._offers:
            self._add(menu, group, offer.name, about(offer), asked == offer.name, offer)
        menu.addSeparator()
        menu.addMenu(self.layer_menu)
        offer_now = offer_of(self._offers, asked)
        can_choose = offer_now is not None and offer_now.chooses_layer and len(self._layers) > 1
        self.layer_menu.setEnabled(can_choose)
        tip = "" if can_choose else layer_fixed_tip(offer_now)
        self.layer_menu.menuAction().setToolTip(tip)
        self.layer_menu.menuAction().setStatusTip(tip)

    def _add(
        self,
        menu: QMenu,
        group: QActionGroup,
        text: str,
        tip: str,
        checked: bool,
        offer: MethodOffer | None,
    ) -> None:
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setActionGroup(group)
        action.setChecked(checked)
        action.setToolTip(tip)
        action.setStatusTip(tip)
        action.setEnabled(offer is None or offer.missing is None)
        name = offer.name if offer is not None else None
        action.triggered.connect(lambda _=False: self.choose_method(name))

    def _fill_layer_menu(self) -> None:
        menu, asked = self.layer_menu, self._pipeline.request.layer
        menu.clear()
        group = one_group(menu)
        for layer in reversed(self._layers):
            name = None if layer.name == self._usual else layer.name
            action = menu.addAction(layer_title(layer))
            action.setCheckable(True)
            action.setActionGroup(group)
            action.setChecked(name == asked)
            action.triggered.connect(lambda _=False, name=name: self.choose_layer(name))

    @Slot(object)
    def _on_pipeline_model_ready(self, ready: ReadyModel) -> None:
        self._show_explainer(ready.explainer)

    @Slot(object)
    def _show_explainer(self, explainer: FrameExplainer) -> None:
        self._offers, self._layers = explainer.methods, explainer.layers
        self._usual = explainer.default_layer
        before, now = self._asked, self._pipeline.request
        self._rows.show_offers(self._offers, self._layers, self._usual, now)
        missing = extent_missing(self._offers)
        self._extent_action.setEnabled(not missing)
        self._extent_action.setStatusTip(missing or extent_tip())
        title = explainer.info.title
        if before.method is not None and now.method is None:
            usual = offer_of(self._offers, None)
            text = self.tr("{0} has no maps by {1}; these are by {2}.")
            text = text.format(title, before.method, usual.name if usual is not None else "–")
        elif before.layer is not None and now.layer is None:
            text = self.tr("{0} has no layer {1}; these maps are of {2}.")
            text = text.format(title, before.layer, self._usual)
        else:
            self._banners.clear(BannerKey.METHOD)
            return
        self._banners.show_message(BannerKey.METHOD, Severity.INFO, text)

    @Slot()
    def _on_pipeline_request_changed(self) -> None:
        self._asked = self._pipeline.request
        self._extent_action.setChecked(self._asked.method == EXTENT)
        if self._pipeline.origin.snapshot is None:
            self._rows.show_request(self._asked)

    @Slot(object)
    def _on_pipeline_explained(self, explanation: Explanation) -> None:
        if self._pipeline.origin.snapshot is not None:
            self._rows.show_explanation(explanation)
        else:
            self._rows.show_request(self._asked)
