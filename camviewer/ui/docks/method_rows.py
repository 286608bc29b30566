"""MethodRows: the rows of the Overlay dock that say how the map is made: method, layer, what covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QFormLayout, QWidget

from camviewer.core.covering import PATCH_FILLS, USUAL, Covering
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.maps import Unit
from camviewer.core.methods.offers import (
    MethodOffer,
    most_faithful,
    offer_of,
)
from camviewer.core.models.card import Layer
from camviewer.ui.widgets.form import ElidedBox, choice_box, choose, heading, label_of
from camviewer.ui.widgets.words import (
    fill_word,
    pixels_word,
    translated,
    unit_word,
    whole,
)

translate = QCoreApplication.translate
_PATCHES = (16, 24, 32, 48, 64, 96, 128)


def automatic(offers: Sequence[MethodOffer]) -> str:
    """``automatic: CAM``"""
    usual = most_faithful(offers)
    name = usual.name if usual is not None else "–"
    return translate("methods", "automatic: {0}").format(name)


def automatic_tip() -> str:
    return translate("methods", "The most faithful method that this model has.")


def about(offer: MethodOffer) -> str:
    """Why it can't be had; else its unit, cost and paper."""
    if offer.missing is not None:
        return translated(offer.missing)
    text = translate("methods", "Unit: {0}. Cost: {1}. {2}.")
    return text.format(unit_word(offer.unit), translated(offer.cost), offer.paper)


def layer_title(layer: Layer) -> str:
    """``layer4 · 7 × 7 · 512 channels``"""
    text = translate("methods", "{0} · {1} × {2} · {3} channels")
    return text.format(layer.name, layer.rows, layer.columns, whole(layer.channels))


def layer_fixed_tip(offer: MethodOffer | None) -> str:
    """Why no layer can be chosen."""
    if offer is not None and offer.unit is Unit.LOGIT_CHANGE:
        return translate("methods", "{0} covers parts of the input, and looks at no layer.").format(
            offer.name
        )
    if offer is None or not offer.chooses_layer:
        text = translate("methods", "{0} looks at the last layer with cells, and at no other.")
        return text.format(offer.name if offer is not None else translate("methods", "This method"))
    return translate("methods", "This model has no other layer to look at.")


def set_item(box: QComboBox, index: int, enabled: bool, tip: str) -> None:
    """Grey an entry or not, and say why."""
    entries = box.model()
    assert isinstance(entries, QStandardItemModel)
    entries.item(index).setEnabled(enabled)
    box.setItemData(index, tip, Qt.ItemDataRole.ToolTipRole)


class MethodRows(QObject):
    """Shows what the model offers and what is asked for; emits what the user chooses."""

    method_chosen = Signal(object)
    """A method's name, or None for the most faithful one."""
    layer_chosen = Signal(object)
    """A layer's name, or None for the usual one."""
    covering_chosen = Signal(object)
    """Covering"""

    def __init__(self, form: QFormLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._method, self._layer = ElidedBox(), ElidedBox()
        self._method.activated.connect(lambda _: self.method_chosen.emit(self._method.currentData()))
        self._layer.activated.connect(lambda _: self.layer_chosen.emit(self._layer.currentData()))
        self._patch = choice_box(
            (
                (None, self.tr("a quarter of the side")),
                *((pixels, pixels_word(pixels)) for pixels in _PATCHES),
            )
        )
        self._patch.setToolTip(
            self.tr(
                "The side of the square that covers, in pixels of the network's input. Small ones show more, "
                "and take many more passes."
            )
        )
        self._fill = choice_box((fill, fill_word(fill)) for fill in PATCH_FILLS)
        self._fill.setToolTip(self.tr("What stands where the square covers. A fill can say something, too."))
        self._patch.activated.connect(self._on_covering_activated)
        self._fill.activated.connect(self._on_covering_activated)
        self._offers: tuple[MethodOffer, ...] = ()
        self._covering = USUAL
        self._shown: tuple[str | None, str | None, Covering] | None = None
        """Method, layer, what covers; None for a snapshot's."""
        self._form = form
        form.addRow(heading(self.tr("How the map is made")))
        form.addRow(label_of(self._method, self.tr("&Method")), self._method)
        form.addRow(label_of(self._layer, self.tr("La&yer")), self._layer)
        form.addRow(label_of(self._patch, self.tr("&Patch")), self._patch)
        form.addRow(label_of(self._fill, self.tr("Cov&ered by")), self._fill)
        self._show_covering(USUAL, False)

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """All that the user can change."""
        return self._method, self._layer, self._patch, self._fill

    def show_offers(
        self, offers: tuple[MethodOffer, ...], layers: tuple[Layer, ...], usual: str, request: ExplainRequest
    ) -> None:
        """Of a model. layers: the deepest last; usual: the one that is looked at by itself."""
        self._offers, self._shown = offers, None
        self._method.clear()
        self._method.addItem(automatic(offers), None)
        set_item(self._method, 0, True, automatic_tip())
        for offer in offers:
            self._method.addItem(offer.name, offer.name)
            set_item(self._method, self._method.count() - 1, offer.missing is None, about(offer))
        self._layer.clear()
        for layer in reversed(layers):
            self._layer.addItem(layer_title(layer), None if layer.name == usual else layer.name)
        listed = self._layer.view()
        listed.setMinimumWidth(listed.sizeHintForColumn(0) + 24)
        self.show_request(request)

    def show_request(self, request: ExplainRequest) -> None:
        """What is asked of the model. It comes with every frame: nothing is done where it is shown."""
        if (request.method, request.layer, request.covering) == self._shown:
            return
        self._shown = request.method, request.layer, request.covering
        offer = offer_of(self._offers, request.method)
        choose(self._method, request.method)
        choose(self._layer, request.layer)
        self._method.setEnabled(bool(self._offers))
        self._method.setToolTip(about(offer) if offer is not None else "")
        can_choose = offer is not None and offer.chooses_layer and self._layer.count() > 1
        self._layer.setEnabled(can_choose)
        self._layer.setToolTip(self._layer.currentText() if can_choose else layer_fixed_tip(offer))
        for box in (self._patch, self._fill):
            box.setEnabled(True)
        self._show_covering(request.covering, offer is not None and offer.unit is Unit.LOGIT_CHANGE)

    def _show_covering(self, covering: Covering, visible: bool) -> None:
        self._covering = covering
        if self._patch.findData(covering.patch) < 0 and covering.patch is not None:
            self._patch.addItem(pixels_word(covering.patch), covering.patch)
        choose(self._patch, covering.patch)
        choose(self._fill, covering.fill)
        for box in (self._patch, self._fill):
            self._form.setRowVisible(box, visible)

    def _on_covering_activated(self, _index: int) -> None:
        chosen = replace(self._covering, patch=self._patch.currentData(), fill=self._fill.currentData())
        self.covering_chosen.emit(chosen)

    def show_explanation(self, explanation: Explanation) -> None:
        """Of a snapshot: as its maps were made, and not to be changed."""
        self._shown, maps = None, explanation.maps
        self._show_covering(explanation.request.covering, maps.unit is Unit.LOGIT_CHANGE)
        for box in (self._patch, self._fill):
            box.setEnabled(False)
        for box, text in ((self._method, maps.method), (self._layer, maps.layer)):
            box.setEnabled(False)
            if box.findText(text) < 0:
                box.addItem(text, text)
            box.setCurrentIndex(box.findText(text))
