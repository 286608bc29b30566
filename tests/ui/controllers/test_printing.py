"""All tabs as they are seen: saved, copied, on a page; and the printer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from camviewer.core.storage.export import read_facts
from camviewer.media.drawing.compositor import compose
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.widgets.banner import BannerKey
from tests.ui.fakes import Windows, settings_in


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """All tabs are side by side."""
    with settings_in(tmp_path / "settings"):
        window = Windows(qtbot)()
        window.saves._settings.set("save/folder", str(tmp_path / "out"))
        window.actions_by_name["all"].trigger()
        qtbot.waitUntil(lambda: window.presenter.state is not None and bool(window.presenter.state.beside))
        yield window


def test_all_are_saved_and_copied_as_they_are_seen(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    state = window.presenter.state
    assert state is not None
    assert state.beside == window.centre.all_view.states
    window.actions_by_name["save"].trigger()
    qtbot.waitUntil(lambda: window.banners.text(BannerKey.SAVE) is not None)
    assert window.banners.text(BannerKey.SAVE) == f"Saved cat.all.png in {tmp_path / 'out'}."
    facts = read_facts(tmp_path / "out" / "cat.all.png")
    assert facts is not None
    assert facts["side_by_side"] == [s.explanation.label(s.target.class_id) for s in state.beside]
    window.actions_by_name["copy"].trigger()
    qtbot.waitUntil(lambda: window.banners.text(BannerKey.SAVE) == "Copied the overlay.")
    assert QGuiApplication.clipboard().image().size() == compose(state, caption=True).size()
    window.actions_by_name["all"].trigger()
    assert window.presenter.state is not None
    assert window.presenter.state.beside == ()


def test_what_is_in_view_is_printed(window: MainWindow, tmp_path: Path) -> None:
    image = QImage(400, 200, QImage.Format.Format_RGB32)
    image.fill(0x336699)
    printer = QPrinter(QPrinter.PrinterMode.ScreenResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    window.printing.print_image(image, printer)
    assert window.banners.text(BannerKey.SAVE) == "Sent to the printer."
    document = QPdfDocument()
    assert document.load(str(tmp_path / "printed.pdf")) is QPdfDocument.Error.None_
    assert document.pageCount() == 1
    document.close()


def test_a_printer_that_fails_is_told(window: MainWindow, tmp_path: Path) -> None:
    image = QImage(40, 20, QImage.Format.Format_RGB32)
    printer = QPrinter(QPrinter.PrinterMode.ScreenResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "nowhere" / "printed.pdf"))
    window.printing.print_image(image, printer)
    assert "Nothing was printed" in str(window.banners.text(BannerKey.SAVE))
