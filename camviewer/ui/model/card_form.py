"""CardForm: the facts of a model card, each with where it comes from; some can be changed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QWidget,
)

from camviewer.core.methods.offers import MethodOffer
from camviewer.core.models.card import (
    ArchitectureName,
    Fact,
    FactOrigin,
    ModelCard,
)
from camviewer.core.models.spec import Link
from camviewer.ui.model import card_words as words
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.form import choice_box, choose, heading, label_of
from camviewer.ui.widgets.words import translated

_LARGE = 24
"""Points of a line of text; the usual ones have 17."""
_MOST_PIXELS = 100_000
_SHORT_HASH = 12
_BETWEEN = 4
"""Points between two facts."""


class CardForm(QWidget):
    """Shows a card; `corrections` is what the user has changed in it."""

    changed = Signal()
    labels_requested = Signal()
    """The user wants to change the labels."""

    def __init__(self) -> None:
        super().__init__()
        self._card: ModelCard | None = None
        self._labels: tuple[str, ...] = ()
        # A grid, not a form: a form gives texts of several lines too much room.
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, tuple[QWidget, ...]]] = []
        self._architecture = choice_box()
        self._resize, self._crop = _pixels(), _pixels()
        self._resize_name = label_of(self._resize, self.tr("Short side resized to"))
        self._bicubic = choice_box(((False, self.tr("bilinear")), (True, self.tr("bicubic"))))
        self._mean, self._std = QLineEdit(), QLineEdit()
        self._bgr = choice_box(((False, self.tr("red, green, blue")), (True, self.tr("blue, green, red"))))
        self._link = choice_box((link, words.link_text(link)) for link in Link)
        self._label_list = _text()
        self._edit_labels = QPushButton(self.tr("Labels…"))
        self._edit_labels.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._edit_labels.setAutoDefault(False)
        self._edit_labels.clicked.connect(self.labels_requested)
        self._texts = {
            name: _text()
            for name in ("file", "sha256", "parameters", "channels", "sizes", "head", "layers", "left_out")
        }
        self._origins = {
            name: _text(quiet=True)
            for name in ("architecture", "channels", "preprocessing", "sizes", "labels", "link")
        }
        self._doubts = {name: _text(quiet=True) for name in ("assumed", "passed_over")}
        """What nobody wrote down, and what was found and doesn't fit."""
        for label in self._doubts.values():
            label.setProperty("doubtful", True)
        self._fill()
        for box in (self._architecture, self._bicubic, self._bgr, self._link):
            box.currentIndexChanged.connect(self._on_changed)
        for spin in (self._resize, self._crop):
            spin.valueChanged.connect(self._on_changed)
        for line in (self._mean, self._std):
            line.textChanged.connect(self._on_changed)

    def _fill(self) -> None:
        texts, origins, doubts = self._texts, self._origins, self._doubts
        self._add(self.tr("Architecture"), self._architecture, origins["architecture"], doubts["assumed"])
        self._add(self.tr("File"), texts["file"])
        self._add("SHA-256", texts["sha256"])
        self._add(self.tr("Parameters"), texts["parameters"])
        self._add(self.tr("Maps"), texts["head"])
        self._add(self.tr("Layers"), texts["layers"])
        self._rows.append((heading(self.tr("What the network is given")), ()))
        self._add(self.tr("Sizes"), texts["sizes"], origins["sizes"])
        self._add(self.tr("Channels"), texts["channels"], origins["channels"])
        self._rows.append((self._resize_name, (self._resize,)))
        self._add(self.tr("Centre crop"), self._crop)
        self._add(self.tr("Between pixels"), self._bicubic)
        self._add(self.tr("Mean"), self._mean)
        self._add(self.tr("Standard deviation"), self._std)
        self._add(self.tr("Order of colours"), self._bgr, origins["preprocessing"])
        self._rows.append((heading(self.tr("What comes out")), ()))
        self._add(
            self.tr("Classes"), self._label_list, origins["labels"], doubts["passed_over"], self._edit_labels
        )
        self._edit_labels.setAccessibleName(self.tr("Change the labels"))
        self._add(self.tr("Probabilities"), self._link, origins["link"])
        self._add(self.tr("Left out"), texts["left_out"])
        self._place()

    def _add(self, name: str, value: QWidget, *below: QWidget) -> None:
        """A fact, and where it comes from."""
        self._rows.append((label_of(value, name), (value, *below)))

    def _place(self) -> None:
        """Large text has no room for names beside the values."""
        large = self.fontMetrics().height() > _LARGE
        at = 0
        for name, parts in self._rows:
            beside = parts and not large
            self._grid.setRowMinimumHeight(at, 3 * _BETWEEN if large else _BETWEEN)
            at += 1
            self._grid.addWidget(name, at, 0, 1, 1 if beside else 2, Qt.AlignmentFlag.AlignVCenter)
            at += 0 if beside else 1
            for part in parts:
                self._grid.addWidget(part, at, 1 if beside else 0, 1, 1 if beside else 2)
                at += 1

    # What is shown

    def show_card(self, card: ModelCard, offers: Sequence[MethodOffer]) -> None:
        """Forgets what was changed before. offers: the methods that its model has, and has not."""
        self._card = card
        blockers = [QSignalBlocker(widget) for widget in self._inputs]
        given = card.preprocessing.value
        self._architecture.clear()
        for fits in dict.fromkeys((card.architecture.value, *card.fits_as_well)):
            self._architecture.addItem(str(fits), fits)
        name = self.tr("Squeezed to a square of") if given.squash else self.tr("Short side resized to")
        self._resize_name.setText(name)
        self._resize.setAccessibleName(name)
        self._resize.setValue(given.resize)
        self._crop.setValue(given.crop)
        choose(self._bicubic, given.bicubic)
        self._mean.setText(words.numbers_text(given.mean))
        self._std.setText(words.numbers_text(given.std))
        choose(self._bgr, given.bgr)
        choose(self._link, card.link.value)
        del blockers
        self._show_labels(card.labels.value)
        facts: dict[str, Fact[object]] = {name: getattr(card, name) for name in self._origins}
        for name, label in self._origins.items():
            self._show_origin(label, facts[name])
        self._show_texts(card, offers)
        one = self._architecture.count() == 1
        self._architecture.setEnabled(not one)
        self._bgr.setEnabled(card.channels.value == 3)
        self._link.setEnabled(not card.one_score)
        self._fit_boxes()

    @property
    def _inputs(self) -> tuple[QWidget, ...]:
        choices = self._architecture, self._bicubic, self._bgr, self._link
        return *choices, self._resize, self._crop, self._mean, self._std

    def _show_texts(self, card: ModelCard, offers: Sequence[MethodOffer]) -> None:
        texts = self._texts
        texts["file"].setText(f"{card.path.name} · {words.format_text(card.format)}")
        texts["file"].setToolTip(str(card.path))
        texts["sha256"].setText(f"{card.sha256[:_SHORT_HASH]}…")
        texts["sha256"].setToolTip(card.sha256)
        texts["parameters"].setText(words.parameters_text(card.parameters))
        texts["channels"].setText(str(card.channels.value))
        texts["sizes"].setText(words.sizes_text(card.sizes.value))
        texts["head"].setText(words.head_text(card, offers))
        texts["layers"].setText(words.layers_text(card))
        texts["left_out"].setText(", ".join(card.left_out))
        self._rows[-1][0].setVisible(bool(card.left_out))
        texts["left_out"].setVisible(bool(card.left_out))
        for name, label in self._doubts.items():
            label.setText(" ".join(map(translated, getattr(card, name))))
            label.setVisible(bool(label.text()))
            _colour(label)

    def _show_origin(self, label: QLabel, fact: Fact[object]) -> None:
        label.setText(words.origin_text(fact))
        # What nobody wrote down is where to look first if the classes are wrong.
        label.setProperty("doubtful", fact.origin is FactOrigin.ASSUMED)
        _colour(label)

    def _show_labels(self, labels: tuple[str, ...]) -> None:
        self._labels = labels
        self._label_list.setText(words.labels_text(labels))

    # What is changed

    @property
    def labels(self) -> tuple[str, ...]:
        """As they are shown."""
        return self._labels

    def set_labels(self, labels: tuple[str, ...]) -> None:
        """The user's own, not applied yet."""
        self._show_labels(labels)
        self.changed.emit()

    @property
    def corrections(self) -> dict[str, object]:
        """What differs from the card, by the names of `core.models.corrections.Corrections`.

        Raises ValueError, with a sentence for the user, for what is no list of numbers.
        """
        card = self._card
        if card is None:
            return {}
        given = card.preprocessing.value
        asked: dict[str, tuple[object, object]] = {
            "architecture": (card.architecture.value, self._chosen_architecture()),
            "resize": (given.resize, self._resize.value()),
            "crop": (given.crop, self._crop.value()),
            "bicubic": (given.bicubic, bool(self._bicubic.currentData())),
            "mean": (words.numbers_text(given.mean), self._mean.text().strip()),
            "std": (words.numbers_text(given.std), self._std.text().strip()),
            "bgr": (given.bgr, bool(self._bgr.currentData())),
            "labels": (card.labels.value, self._labels),
            "link": (card.link.value, self._link.currentData()),
        }
        changed = {name: now for name, (before, now) in asked.items() if before != now}
        for name in ("mean", "std"):
            if name in changed:
                changed[name] = self._numbers(str(changed[name]), card.channels.value)
        return changed

    def _chosen_architecture(self) -> ArchitectureName:
        chosen = self._architecture.currentData()
        assert isinstance(chosen, ArchitectureName)
        return chosen

    def _numbers(self, text: str, count: int) -> tuple[float, ...]:
        wrong = self.tr("Write {0} numbers with commas between them, such as 0.485, 0.456, 0.406.")
        try:
            numbers = tuple(float(part) for part in text.replace(";", ",").split(","))
        except ValueError:
            numbers = ()
        if len(numbers) != count or not all(map(math.isfinite, numbers)):
            raise ValueError(wrong.format(count))
        return numbers

    def _on_changed(self, _value: object) -> None:
        self.changed.emit()

    def text(self) -> str:
        """All of it, to be copied: a line a fact."""
        lines = []
        for name, parts in self._rows:
            texts = [text for part in parts if (text := _value_text(part))]
            if texts and not name.isHidden():
                more = "".join(f" [{text}]" for text in texts[1:])
                lines.append(f"{name.text()}: {texts[0]}{more}")
        return "\n".join(lines)

    # The size of text

    def _fit_boxes(self) -> None:
        """Spin boxes are no wider than what they hold."""
        for spin in (self._resize, self._crop):
            spin.setMaximumWidth(spin.sizeHint().width() + 40)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._place()
            self._fit_boxes()
        elif event.type() == QEvent.Type.PaletteChange:
            for label in (*self._origins.values(), *self._doubts.values()):
                _colour(label)


def _pixels() -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(1, _MOST_PIXELS)
    spin.setSuffix(" px")
    spin.setGroupSeparatorShown(False)
    return spin


def _text(quiet: bool = False) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if quiet:
        _colour(label)
    return label


def _colour(label: QLabel) -> None:
    """Where a fact comes from stands back, unless it is doubtful."""
    palette = QPalette(QGuiApplication.palette())
    colour = theme.accent(palette) if label.property("doubtful") else theme.muted(palette)
    palette.setColor(QPalette.ColorRole.WindowText, colour)
    label.setPalette(palette)


def _value_text(widget: QWidget) -> str:
    if isinstance(widget, QLabel):
        return widget.toolTip() or widget.text()
    if isinstance(widget, QComboBox):
        return widget.currentText()
    return widget.text() if isinstance(widget, QSpinBox | QLineEdit) else ""
