"""The model card: what it says and where from, what is corrected in it, and its quick check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QLineEdit, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from camviewer.core.failures import ModelFailure
from camviewer.core.loading import ModelChoice
from camviewer.core.models.card import ArchitectureName, Fact, FactOrigin
from camviewer.core.models.corrections import Corrections, read_card, remembered, write_card
from camviewer.core.models.label_reading import read_labels
from camviewer.core.models.labels import wrong_number
from camviewer.core.models.proof import HeadKind, HeadProof
from camviewer.core.models.spec import Link, WeightsOrigin
from camviewer.core.opened import cards_folder
from camviewer.ui.model.card_form import CardForm
from camviewer.ui.model.card_window import CardWindow
from camviewer.ui.model.labels_dialog import LabelsDialog
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.widgets import theme
from tests.model_fakes import EXACT_OFFERS, LAYERS, LOCAL_OFFERS, a_card
from tests.ui.fakes import (
    LABELS,
    FakeExplainer,
    FakeModel,
    Windows,
    model_info,
    pipeline_of,
    ready,
    settings_in,
)
from tests.ui.looking import cut_texts, spoken, usable_below


@pytest.fixture
def form(qtbot: QtBot) -> CardForm:
    shown = CardForm()
    qtbot.addWidget(shown)
    shown.show_card(a_card(), EXACT_OFFERS)
    return shown


def line(form: CardForm, name: str) -> str:
    """The text of one fact, as it is copied."""
    (found,) = (text for text in form.text().splitlines() if text.startswith(f"{name}: "))
    return found.removeprefix(f"{name}: ")


def test_each_fact_says_where_it_comes_from(form: CardForm) -> None:
    assert line(form, "Architecture") == "torchvision: resnet18 [from the names and shapes of the weights]"
    assert line(form, "Parameters") == "11.2 million (11,180,616)"
    assert line(form, "Maps") == "exact: pooling and one linear layer; largest difference 3e-06 logits"
    assert line(form, "Layers") == "3; by default layer4 · 7 × 7 · 512 channels"
    assert line(form, "Classes").endswith("[from a file beside it (labels.txt)]")
    assert line(form, "Channels") == "3 [from the names and shapes of the weights (conv1.weight)]"
    assert line(form, "Order of colours") == "red, green, blue [assumed: nothing says so]"
    assert line(form, "Left out") == "optimizer"
    assert line(form, "SHA-256") == a_card().sha256, "all of it, to be compared"


def test_one_score_has_no_softmax_to_choose(form: CardForm) -> None:
    (link,) = (box for box in form.findChildren(QComboBox) if box.accessibleName() == "Probabilities")
    assert link.isEnabled()
    one = replace(a_card(), one_score=True, link=Fact(Link.SIGMOID, FactOrigin.WEIGHTS, "one score"))
    form.show_card(one, EXACT_OFFERS)
    assert not link.isEnabled()


def test_what_is_doubtful_is_told_where_it_belongs(form: CardForm) -> None:
    before = form.text()
    activation = "Between the linear layers of fc, ReLU is assumed: no tensor says so."
    labels = wrong_number("labels.txt", 4, 3)
    form.show_card(replace(a_card(), assumed=(activation,), passed_over=(labels,)), EXACT_OFFERS)
    assert line(form, "Architecture").endswith(f"[{activation}]")
    assert line(form, "Classes").endswith(f"[{labels}]")
    accent = theme.accent(QGuiApplication.palette())
    for text in (activation, labels):
        (label,) = (found for found in form.findChildren(QLabel) if found.text() == text)
        assert not label.isHidden()
        assert label.palette().color(QPalette.ColorRole.WindowText) == accent
    form.show_card(a_card(), EXACT_OFFERS)
    assert form.text() == before


@pytest.mark.parametrize("origin", FactOrigin)
def test_every_origin_has_words(origin: FactOrigin, qtbot: QtBot) -> None:
    form = CardForm()
    qtbot.addWidget(form)
    card = replace(a_card(), link=Fact(Link.SIGMOID, origin, "place"))
    form.show_card(card, EXACT_OFFERS)
    assert line(form, "Probabilities").startswith("sigmoid: each class by itself [")
    assert line(form, "Probabilities").endswith(" (place)]")


def test_maps_that_are_not_exact_say_why(form: CardForm) -> None:
    proof = HeadProof(HeadKind.OTHER, "features", reason="This network flattens its features.")
    card = replace(a_card(), proof=proof)
    form.show_card(card, LOCAL_OFFERS)
    assert line(form, "Maps").startswith("local: to first order")
    assert line(form, "Maps").endswith("This network flattens its features.")
    form.show_card(card, LOCAL_OFFERS[:1])
    assert line(form, "Maps").startswith("no map that adds up to the score. ")


def field(form: CardForm, name: str) -> QComboBox | QSpinBox | QLineEdit:
    (label,) = (found for found in form.findChildren(QLabel) if found.text() == name)
    buddy = label.buddy()
    assert isinstance(buddy, QComboBox | QSpinBox | QLineEdit)
    return buddy


def test_squeezed_frames_are_called_so(form: CardForm) -> None:
    card = a_card()
    squashed = replace(card.preprocessing, value=replace(card.preprocessing.value, squash=True))
    form.show_card(replace(card, preprocessing=squashed), EXACT_OFFERS)
    assert field(form, "Squeezed to a square of").accessibleName() == "Squeezed to a square of"
    form.show_card(card, EXACT_OFFERS)
    assert field(form, "Short side resized to").accessibleName() == "Short side resized to"


def test_nothing_is_corrected_at_first(form: CardForm) -> None:
    assert form.corrections == {}


def test_corrections_are_what_differs(form: CardForm, qtbot: QtBot) -> None:
    mean, crop, order = (field(form, name) for name in ("Mean", "Centre crop", "Order of colours"))
    assert isinstance(mean, QLineEdit)
    assert isinstance(crop, QSpinBox)
    assert isinstance(order, QComboBox)
    with qtbot.waitSignal(form.changed):
        mean.setText("0.5, 0.5; 0.5")
    crop.setValue(192)
    order.setCurrentIndex(1)
    assert form.corrections == {"mean": (0.5, 0.5, 0.5), "crop": 192, "bgr": True}
    form.show_card(a_card(), EXACT_OFFERS)
    assert form.corrections == {}, "another card forgets them"


def test_other_architectures_that_fit_can_be_chosen(form: CardForm) -> None:
    architecture = field(form, "Architecture")
    assert isinstance(architecture, QComboBox)
    architecture.setCurrentIndex(architecture.findText("timm: resnet18d"))
    assert form.corrections == {"architecture": ArchitectureName("timm", "resnet18d")}
    form.show_card(replace(a_card(), fits_as_well=()), EXACT_OFFERS)
    assert not architecture.isEnabled()


@pytest.mark.parametrize("text", ["", "a, b, c", "0.5", "0.5, 0.5, nan", "1, 2, 3, 4"])
def test_what_is_no_list_of_numbers_is_refused(qtbot: QtBot, text: str) -> None:
    window = CardWindow(None)  # type: ignore[arg-type]
    qtbot.addWidget(window)
    window.show_card(a_card(), EXACT_OFFERS, corrected=False)
    assert not window.apply_button.isEnabled()
    mean = field(window.form, "Mean")
    assert isinstance(mean, QLineEdit)
    mean.setText(text)
    assert window.message == "Write 3 numbers with commas between them, such as 0.485, 0.456, 0.406."
    assert not window.apply_button.isEnabled()
    mean.setText("0.5, 0.5, 0.5")
    assert window.message == ""
    assert window.apply_button.isEnabled()


# In the window


class Reloading:
    """A loader of one own file, with the card that the test gives."""

    def __init__(self, file: Path) -> None:
        self.card = a_card(file)
        self.given: list[ModelChoice] = []

    def __call__(self, choice: ModelChoice) -> FakeModel:
        self.given.append(choice)
        if choice.file is None:
            return ready(choice.name)
        info = replace(model_info("resnet18", WeightsOrigin.FILE), title="dogs")
        explainer = FakeExplainer(info, methods=EXACT_OFFERS, layers=LAYERS)
        return FakeModel(explainer, card=self.card)


@pytest.fixture
def loader(tmp_path: Path) -> Reloading:
    file = tmp_path / "dogs.pth"
    file.write_bytes(b"x")
    return Reloading(file)


@pytest.fixture
def main(qtbot: QtBot, tmp_path: Path, loader: Reloading) -> Iterator[MainWindow]:
    with settings_in(tmp_path / "settings"):
        window = Windows(qtbot)(loader=loader)
        assert not window.actions_by_name["model_card"].isEnabled(), "a built-in model has none"
        with qtbot.waitSignal(pipeline_of(window).model_ready):
            window.models.open_file(loader.card.path)
        yield window


def card_window(main: MainWindow) -> CardWindow:
    main.actions_by_name["model_card"].trigger()
    shown = main.cards.window
    assert shown is not None
    return shown


def test_what_is_corrected_is_remembered_and_loads_again(
    main: MainWindow, loader: Reloading, qtbot: QtBot, tmp_path: Path
) -> None:
    shown, count = card_window(main), len(loader.given)
    order = field(shown.form, "Order of colours")
    assert isinstance(order, QComboBox)
    order.setCurrentIndex(1)
    with qtbot.waitSignal(pipeline_of(main).model_ready):
        shown.apply_button.click()
    assert len(loader.given) == count + 1
    assert loader.given[-1].file == loader.card.path
    folder = cards_folder()
    assert remembered(folder, loader.card.sha256) == Corrections(bgr=True)
    qtbot.waitUntil(shown.reset_button.isEnabled)
    with qtbot.waitSignal(pipeline_of(main).model_ready):
        shown.reset_button.click()
    assert remembered(folder, loader.card.sha256) is None
    qtbot.waitUntil(lambda: not shown.reset_button.isEnabled())


@pytest.fixture
def opened_with(main: MainWindow, loader: Reloading, qtbot: QtBot, tmp_path: Path) -> ModelChoice:
    """The model again, as with --card and --labels."""
    card = write_card(Corrections(bgr=True, link=Link.SIGMOID), tmp_path / "given.card.json")
    labels = tmp_path / "given.txt"
    labels.write_text("\n".join(f"label {i}" for i in range(len(LABELS))))
    choice = ModelChoice(file=loader.card.path, card=card, labels=labels)
    with qtbot.waitSignal(pipeline_of(main).model_ready):
        main.models.choose(choice)
    return choice


def test_corrections_count_more_than_what_the_model_came_with(
    main: MainWindow, loader: Reloading, opened_with: ModelChoice, qtbot: QtBot
) -> None:
    """What else it came with still counts."""
    shown = card_window(main)
    order = field(shown.form, "Probabilities")
    assert isinstance(order, QComboBox)
    loader.card = replace(loader.card, link=Fact(Link.SIGMOID, FactOrigin.CARD))
    shown.show_card(loader.card, EXACT_OFFERS, corrected=False)
    order.setCurrentIndex(order.findData(Link.SOFTMAX))
    with qtbot.waitSignal(pipeline_of(main).model_ready):
        shown.apply_button.click()
    plain = replace(opened_with, card=None, labels=None)
    assert loader.given[-1] == plain
    found = remembered(cards_folder(), loader.card.sha256)
    assert found is not None
    assert (found.link, found.bgr) == (Link.SOFTMAX, True)
    assert found.labels is not None
    assert found.labels[0] == "label 0"
    with qtbot.waitSignal(pipeline_of(main).model_ready):
        main.models.open_file(loader.card.path)
    assert loader.given[-1] == plain, "nor does it come back in this session"


def test_reset_forgets_what_the_model_came_with(
    main: MainWindow, loader: Reloading, opened_with: ModelChoice, qtbot: QtBot
) -> None:
    shown = card_window(main)
    assert shown.reset_button.isEnabled()
    with qtbot.waitSignal(pipeline_of(main).model_ready):
        shown.reset_button.click()
    assert loader.given[-1] == replace(opened_with, card=None, labels=None)
    qtbot.waitUntil(lambda: not shown.reset_button.isEnabled())


def test_the_window_keeps_no_network(main: MainWindow) -> None:
    """The last reference to one must not go in the GUI thread: that takes long."""
    assert main.cards.card is not None
    for control in (main.cards, main.models, main.methods):
        kept = [value for value in vars(control).values() if isinstance(value, FakeModel | FakeExplainer)]
        assert kept == [], control


def test_what_can_not_be_true_is_told_and_nothing_loads(main: MainWindow, loader: Reloading) -> None:
    shown, count = card_window(main), len(loader.given)
    crop = field(shown.form, "Centre crop")
    assert isinstance(crop, QSpinBox)
    crop.setValue(300)
    shown.apply_button.click()
    assert "300" in shown.message
    assert len(loader.given) == count


def test_a_card_is_saved_beside_the_file(main: MainWindow, loader: Reloading) -> None:
    shown = card_window(main)
    saved = loader.card.path.with_name(f"{loader.card.path.name}.card.json")
    shown.save_requested.emit()
    assert not saved.exists(), "the dialog asks first, also whether a file may be replaced"
    dialog = shown.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    assert not dialog.testOption(QFileDialog.Option.DontConfirmOverwrite)
    assert dialog.selectedFiles() == [str(saved)]
    dialog.fileSelected.emit(str(saved))
    dialog.close()
    assert str(saved) in shown.message
    assert read_card(saved).labels == LABELS


def test_another_model_while_the_dialog_asks(main: MainWindow, qtbot: QtBot) -> None:
    """The dialog goes with the window."""
    shown = card_window(main)
    shown.save_requested.emit()
    assert shown.findChild(QFileDialog) is not None
    main.models.choose(ModelChoice())
    qtbot.waitUntil(lambda: main.cards.window is None)
    qtbot.waitUntil(lambda: main.findChild(QFileDialog) is None)


def test_a_card_is_copied_as_text(main: MainWindow) -> None:
    shown = card_window(main)
    shown.copy_requested.emit(shown.form.text())
    assert "Architecture: torchvision: resnet18" in QGuiApplication.clipboard().text()


def test_the_photos_are_looked_at(main: MainWindow, qtbot: QtBot, samples: Path) -> None:
    shown = card_window(main)
    expected = "63 % tabby\n23 % tiger cat\n8.6 % golden retriever"
    qtbot.waitUntil(lambda: shown.trust.texts == (expected,) * 4)
    main.cards.check_photos([str(samples / "cat.png"), str(samples / "missing.png")])
    qtbot.waitUntil(lambda: len(shown.trust.texts) == 2 and "…" not in shown.trust.texts)
    assert shown.trust.texts[0] == expected
    assert "doesn't exist" in shown.trust.texts[1]


def test_another_model_has_another_card(main: MainWindow, loader: Reloading, qtbot: QtBot) -> None:
    shown = card_window(main)
    loader.card = replace(loader.card, link=Fact(Link.SIGMOID, FactOrigin.CONFIG))
    with qtbot.waitSignal(pipeline_of(main).model_ready):
        main.models.choose_again()
    assert line(shown.form, "Probabilities") == "sigmoid: each class by itself [from config.json]"
    with qtbot.waitSignal(shown.closed):
        main.models.choose(ModelChoice())
    assert not main.actions_by_name["model_card"].isEnabled()
    assert main.cards.window is None


def test_the_window_is_one_and_can_be_opened_again(main: MainWindow, qtbot: QtBot) -> None:
    first = card_window(main)
    assert card_window(main) is first
    assert not first.isModal()
    with qtbot.waitSignal(first.destroyed):
        first.close()
    card_window(main).close()


def test_nothing_is_cut_and_all_have_names(main: MainWindow, qtbot: QtBot) -> None:
    shown = card_window(main)
    qtbot.waitUntil(lambda: "…" not in shown.trust.texts)

    def check() -> None:
        assert cut_texts(shown) == []

    qtbot.waitUntil(check)
    assert [widget for widget in usable_below(shown) if not spoken(widget)[0]] == []


# Labels


def test_labels_are_edited(main: MainWindow, qtbot: QtBot) -> None:
    shown = card_window(main)
    shown.form.labels_requested.emit()
    dialog = shown.findChild(LabelsDialog)
    assert dialog is not None
    assert dialog.labels == LABELS
    with qtbot.waitSignal(dialog.destroyed):
        dialog.accepted_labels.emit(("cat", *LABELS[1:]))
        dialog.accept()
    assert shown.form.corrections == {"labels": ("cat", *LABELS[1:])}
    assert shown.apply_button.isEnabled()


def test_labels_of_the_network_before_are_not_asked_for(
    main: MainWindow, loader: Reloading, qtbot: QtBot
) -> None:
    """As many classes would fit, and be wrong."""
    shown = card_window(main)
    shown.form.labels_requested.emit()
    dialog = shown.findChild(LabelsDialog)
    assert dialog is not None
    with qtbot.waitSignal(pipeline_of(main).model_ready):
        main.models.choose_again()
    assert dialog.isVisible(), "the same file on another device, or corrected"
    loader.card = replace(loader.card, sha256="f" * 64)
    with qtbot.waitSignals([pipeline_of(main).model_ready, dialog.destroyed]):
        main.models.choose_again()
    assert shown.form.corrections == {}


def test_labels_of_a_file(qtbot: QtBot, tmp_path: Path) -> None:
    def read(path: Path) -> tuple[str, ...]:
        if path.name == "bad.txt":
            raise ModelFailure("bad.txt holds no labels.")
        return tuple(path.read_text().split())

    dialog = LabelsDialog(None, ("a", "b"), tmp_path, read)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    (tmp_path / "three.txt").write_text("x y z")
    (tmp_path / "two.txt").write_text("x y")
    dialog.read_file(tmp_path / "three.txt")
    assert dialog.hint == wrong_number("three.txt", 3, 2)
    dialog.read_file(tmp_path / "bad.txt")
    assert dialog.hint == "bad.txt holds no labels."
    assert dialog.labels == ("a", "b")
    dialog.read_file(tmp_path / "two.txt")
    assert dialog.labels == ("x", "y")


def test_labels_of_folders(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = LabelsDialog(None, ("a", "b"), tmp_path, read_labels)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    for name in ("dog", "cat"):
        (tmp_path / "train" / name).mkdir(parents=True)
    (button,) = (b for b in dialog.findChildren(QPushButton) if b.text() == "From fol&ders…")
    button.click()
    asking = dialog.findChild(QFileDialog)
    assert asking is not None
    assert asking.fileMode() is QFileDialog.FileMode.Directory
    asking.fileSelected.emit(str(tmp_path / "train" / "cat"))
    assert dialog.hint == "cat holds no folders. Choose a folder with one folder a class, or a file."
    assert dialog.labels == ("a", "b")
    asking.fileSelected.emit(str(tmp_path / "train"))
    assert dialog.labels == ("cat", "dog")
    asking.close()
    qtbot.waitUntil(lambda: dialog.findChild(QFileDialog) is None)
