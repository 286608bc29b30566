"""MethodRows: the rows of the Overlay dock that say how the map is made: the method, and the layer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QFormLayout, QWidget

from camviewer.core.explanation import ExplainRequest
from camviewer.core.maps import Maps
from camviewer.core.methods.offers import (
    MethodOffer,
    most_faithful,
    offer_of,
)
from camviewer.core.models.card import Layer
from camviewer.ui.widgets.form import ElidedBox, choose, heading, label_of
from camviewer.ui.widgets.words import (
    translated,
    unit_word,
    whole,
)

translate = QCoreApplication.translate


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

    def __init__(self, form: QFormLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._method, self._layer = ElidedBox(), ElidedBox()
        self._method.activated.connect(lambda _: self.method_chosen.emit(self._method.currentData()))
        self._layer.activated.connect(lambda _: self.layer_chosen.emit(self._layer.currentData()))
        self._offers: tuple[MethodOffer, ...] = ()
        self._shown: tuple[str | None, str | None] | None = None
        """Method and layer; None for a snapshot's."""
        form.addRow(heading(self.tr("How the map is made")))
        form.addRow(label_of(self._method, self.tr("&Method")), self._method)
        form.addRow(label_of(self._layer, self.tr("La&yer")), self._layer)

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """All that the user can change."""
        return self._method, self._layer

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
        if (request.method, request.layer) == self._shown:
            return
        self._shown = request.method, request.layer
        offer = offer_of(self._offers, request.method)
        choose(self._method, request.method)
        choose(self._layer, request.layer)
        self._method.setEnabled(bool(self._offers))
        self._method.setToolTip(about(offer) if offer is not None else "")
        can_choose = offer is not None and offer.chooses_layer and self._layer.count() > 1
        self._layer.setEnabled(can_choose)
        self._layer.setToolTip(self._layer.currentText() if can_choose else layer_fixed_tip(offer))

    def show_maps(self, maps: Maps) -> None:
        """Of a snapshot: as they were made, and not to be changed."""
        self._shown = None
        for box, text in ((self._method, maps.method), (self._layer, maps.layer)):
            box.setEnabled(False)
            if box.findText(text) < 0:
                box.addItem(text, text)
            box.setCurrentIndex(box.findText(text))
