"""The user's guide: what it says of the window is so, in each language, and pages are made of it."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QImage, QImageReader, QTextDocument
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from camviewer.ui.help import guide
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system import language
from camviewer.ui.widgets.words import without_mnemonic
from tests.ui.fakes import Windows, settings_in

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
sys.path.append(str(PACKAGING))  # as for a script that lies there; it is no package
builder = importlib.import_module("guide")
TEXTS: dict[str, Path] = builder.sources()


@pytest.fixture(params=sorted(TEXTS))
def code(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    language.apply(qapp, request.param)
    yield request.param
    language.apply(qapp, "en")


@pytest.fixture
def window(code: str, qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with settings_in(tmp_path):
        yield Windows(qtbot)()


def shape(text: str) -> list[str]:
    """Headings by their level, pictures by their name, rows of tables, points of lists."""
    patterns = r"^(#+) |\]\((\S+\.png)\)|^(\|)|^(- )"
    return ["".join(found) for found in re.findall(patterns, text, re.MULTILINE)]


def test_there_is_a_guide_in_every_language_of_the_window() -> None:
    assert set(TEXTS) == set(language.languages())


def test_all_languages_tell_the_same(code: str) -> None:
    assert shape(TEXTS[code].read_text("utf-8")) == shape(TEXTS["en"].read_text("utf-8"))


def plain(text: str) -> str:
    return without_mnemonic(text).removesuffix("…").strip()


def test_the_menus_that_it_names_are_there(code: str, window: MainWindow) -> None:
    menus = {}
    for action in window.menuBar().actions():
        menu = action.menu()
        assert isinstance(menu, QMenu)
        menu.aboutToShow.emit()  # some are filled only now
        menus[plain(action.text())] = [plain(entry.text()) for entry in menu.actions()]
    bold = re.findall(r"\*\*(.+?)\*\*", TEXTS[code].read_text("utf-8"))
    ours = [words for text in bold if (words := text.split(" → "))[0] in menus and len(words) == 2]
    assert len(ours) >= 7
    for menu, entry in ours:
        assert plain(entry) in menus[menu], f"{menu} → {entry}"


def test_the_keys_that_it_names_are_there(code: str, window: MainWindow) -> None:
    known = {key.toString() for action in window.actions_by_name.values() for key in action.shortcuts()}
    named = set(re.findall(r"(?:Ctrl|Shift)\+(?:Shift\+)?[A-Z](?![A-Za-z])", TEXTS[code].read_text("utf-8")))
    assert len(named) >= 6
    assert named <= known


def test_it_is_shown_with_and_without_pictures(code: str, window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_name["guide"].trigger()
    shown = guide.show_guide(window)
    text = shown.browser.toPlainText()
    assert TEXTS[code].read_text("utf-8").splitlines()[0].removeprefix("# ") in text
    assert "![" not in text
    with qtbot.waitSignal(shown.destroyed):
        shown.close()


def test_pictures_are_no_wider_than_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    assert b"webp" in {bytes(f.data()) for f in QImageReader.supportedImageFormats()}
    QImage(1280, 800, QImage.Format.Format_RGB32).save(str(tmp_path / "main.webp"))
    browser = guide._Browser(tmp_path)
    qtbot.addWidget(browser)
    browser.resize(600, 400)
    browser.show()
    kind = QTextDocument.ResourceType.ImageResource.value
    image = browser.loadResource(kind, QUrl("main.png"))
    assert isinstance(image, QImage)
    assert 300 < image.width() / image.devicePixelRatio() <= 600


def test_a_language_without_a_guide_gets_the_english_one() -> None:
    file, code = guide.guide_text("xx")
    assert (file.name, code) == ("guide.md", "en")


# The pages


def test_a_page_stands_alone(code: str) -> None:
    text = TEXTS[code].read_text("utf-8")
    page = builder.page(text, code, {"en": "English", "ko": "한국어"})
    assert f'<html lang="{code}">' in page
    assert "http" not in re.sub(r"<code>.*?</code>", "", page), "nothing is fetched"
    assert "<script" not in page
    places = re.findall(r'href="#([^"]+)"', page)
    assert len(places) == len(re.findall("^## ", text, re.MULTILINE))
    assert all(f'id="{place}"' in page for place in places)
    assert page.count(f'src="images/{code}/') == len(builder.pictures_of(text))
    other = "ko" if code == "en" else "en"
    assert f'href="guide.{other}.html"' in page
    assert all('alt=""' not in image for image in re.findall("<img[^>]*>", page))


def test_the_script_takes_all_pictures() -> None:
    tree = ast.parse((PACKAGING / "screenshots.py").read_text("utf-8"))
    (scenes,) = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "guide_scenes"]
    taken = {
        node.args[0].value
        for node in ast.walk(scenes)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("studio.take", "studio.keep")
        if isinstance(node.args[0], ast.Constant)
    }
    for text in TEXTS.values():
        assert {Path(name).stem for name in builder.pictures_of(text.read_text("utf-8"))} <= taken


def test_pages_are_built_around_pictures_that_were_taken(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    for code, text in TEXTS.items():
        (taken / code).mkdir(parents=True)
        for name in builder.pictures_of(text.read_text("utf-8")):
            QImage(64, 40, QImage.Format.Format_RGB32).save(str(taken / code / name))
    pages = builder.build(tmp_path / "html", taken)
    assert [page.name for page in pages] == ["guide.en.html", "guide.ko.html"]
    for page in pages:
        for source in re.findall(r'src="([^"]+)"', page.read_text("utf-8")):
            assert (page.parent / source).is_file()


@pytest.mark.slow
def test_the_real_window_has_its_picture_taken(tmp_path: Path) -> None:
    command = [sys.executable, str(PACKAGING / "screenshots.py"), str(tmp_path), "--language", "ko"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    taken = {file.stem: QImage(str(file)) for file in tmp_path.glob("*.png")}
    assert len(taken) >= 7
    saved = taken["saved"]  # by the program itself: the photo, and a strip below it
    assert (saved.width(), saved.height()) == (451, 344)
    assert {(i.width(), i.height()) for i in taken.values() if i is not saved} == {(1280, 800)}
    seen = list(taken.values())
    assert not any(one == other for i, one in enumerate(seen) for other in seen[:i]), "no two are the same"
