"""InputRows: the rows of the Overlay dock that say what the network is given."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFormLayout, QWidget

from camviewer.core.explanation import ExplainRequest
from camviewer.core.frames import Fit
from camviewer.core.methods.offers import only_square
from camviewer.core.models.builtin import DEFAULT
from camviewer.core.models.spec import SizeRule
from camviewer.ui.docks.method_rows import set_item
from camviewer.ui.widgets.check_box import CheckBox
from camviewer.ui.widgets.form import choice_box, choose, heading, label_of
from camviewer.ui.widgets.words import significant


class InputRows(QObject):
    """Show a request and the time that maps are smoothed over; emit them changed by the user."""

    request_changed = Signal(object)
    """ExplainRequest"""
    smoothing_changed = Signal(float)
    """Seconds."""

    def __init__(self, form: QFormLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._request = ExplainRequest()
        self._shown: tuple[ExplainRequest, float, bool] | None = None
        self._sizes: tuple[SizeRule, int] | None = None
        self._heading = heading(self.tr("What the network is given"))
        self._fit = choice_box(
            (
                (Fit.CROP, self.tr("centre crop (as trained)")),
                (Fit.SQUASH, self.tr("squeezed to a square")),
                (Fit.WHOLE, self.tr("whole frame, own aspect")),
            )
        )
        self._resolution = choice_box()
        self._fine = CheckBox(self.tr("Average six passes"))
        self._fine.setToolTip(
            self.tr(
                "Averages the maps of three resolutions, each also mirrored. Slower. Only the drawing is "
                "averaged, and what is read off it (colour bar, box); values under the pointer stay exact."
            )
        )
        self._smoothing = choice_box(
            (
                (0.0, self.tr("off")),
                *((s, self.tr("{0} s").format(significant(s, 2))) for s in (0.2, 0.5, 1.0, 2.0)),
            )
        )
        self._smoothing.setToolTip(self.tr("Steadies the drawing of a live picture. The numbers stay raw."))
        self._fit.activated.connect(self._on_request_activated)
        self._resolution.activated.connect(self._on_request_activated)
        self._fine.clicked.connect(self._on_request_activated)
        self._smoothing.activated.connect(self._on_smoothing_activated)

        form.addRow(self._heading)
        form.addRow(label_of(self._fit, self.tr("F&it")), self._fit)
        form.addRow(label_of(self._resolution, self.tr("&Resolution")), self._resolution)
        form.addRow(label_of(self._smoothing, self.tr("Smoot&h over")), self._smoothing)
        form.addRow(self._fine)
        self.show_sizes(DEFAULT.sizes, DEFAULT.preprocessing.crop)

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """All that the user can change."""
        return self._fit, self._resolution, self._smoothing, self._fine

    def show_request(self, request: ExplainRequest, smoothing: float, fixed: bool = False) -> None:
        """smoothing: seconds. fixed: as it was, and not to be changed: that of a snapshot."""
        if (request, smoothing, fixed) == self._shown:
            return
        self._request, self._shown = request, (request, smoothing, fixed)
        for widget in self.widgets:
            widget.setEnabled(not fixed)
        self._heading.setText(
            self.tr("What the network was given") if fixed else self.tr("What the network is given")
        )
        choose(self._fit, request.fit)
        self._choose_resolution(request.resolution)
        self._grey()
        choose(self._smoothing, smoothing)
        self._fine.setChecked(request.fine)

    def show_sizes(self, sizes: SizeRule, native: int, squash: bool = False) -> None:
        """List the resolutions of a model. native: the one that it was trained with, listed as None.

        squash: it was trained with whole frames, squeezed.
        """
        trained = self.tr("squeezed (as trained)") if squash else self.tr("centre crop (as trained)")
        self._fit.setItemText(self._entry(Fit.CROP), trained)
        if (sizes, native) == self._sizes:
            return
        self._sizes = sizes, native
        self._resolution.clear()
        self._resolution.setEnabled(self._fit.isEnabled())
        for pixels in sorted({*sizes.offered, native}):
            if pixels == native:
                self._resolution.addItem(self.tr("{0} pixels (as trained)").format(pixels), None)
            else:
                self._resolution.addItem(self.tr("{0} pixels").format(pixels), pixels)
        self._choose_resolution(self._request.resolution)
        self._grey()

    def _grey(self) -> None:
        """What this model's inputs can't be is grey, and says why."""
        if self._sizes is None:
            return
        sizes, native = self._sizes
        square, fixed = only_square(sizes), sizes.fixed
        tip = self.tr("This network takes only squares: it sees a whole frame squeezed.") if square else ""
        set_item(self._fit, self._entry(Fit.WHOLE), not square, tip)
        if fixed:
            self._resolution.setEnabled(False)
        tip = self.tr("This network takes one size only: {0} × {0} pixels.").format(native) if fixed else ""
        self._resolution.setToolTip(tip)

    def _entry(self, fit: Fit) -> int:
        return next(i for i in range(self._fit.count()) if self._fit.itemData(i) is fit)

    def _choose_resolution(self, pixels: int | None) -> None:
        listed = [self._resolution.itemData(index) for index in range(self._resolution.count())]
        if self._sizes is not None and pixels == self._sizes[1]:
            pixels = None
        if pixels not in listed:
            self._resolution.addItem(self.tr("{0} pixels").format(pixels), pixels)
        choose(self._resolution, pixels)

    def _on_request_activated(self, _index: int | bool) -> None:
        self._shown = None
        self._request = request = replace(
            self._request,
            fit=self._fit.currentData(),
            resolution=self._resolution.currentData(),
            fine=self._fine.isChecked(),
        )
        self.request_changed.emit(request)

    def _on_smoothing_activated(self, _index: int) -> None:
        self._shown = None
        self.smoothing_changed.emit(float(self._smoothing.currentData()))
