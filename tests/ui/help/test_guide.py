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
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from camviewer.ui.help import guide
from camviewer.ui.help.guide import GuideWindow
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


@pytest.fixture
def shown(window: MainWindow) -> GuideWindow:
    window.actions_by_name["guide"].trigger()
    shown = guide.show_guide(window)
    assert isinstance(shown, GuideWindow)
    return shown


def test_it_is_shown_with_its_pictures(code: str, shown: GuideWindow) -> None:
    text, document = TEXTS[code].read_text("utf-8"), shown.browser.document()
    assert shown.browser.toPlainText().startswith(text.splitlines()[0].removeprefix("# "))
    kind = QTextDocument.ResourceType.ImageResource.value
    room = shown.browser.viewport().width()
    for width in (room, room * 3 // 4, room * 5 // 4):
        shown.resize(shown.width() + width - shown.browser.viewport().width(), shown.height())
        for name in builder.pictures_of(text):
            picture = document.resource(kind, QUrl(name))
            assert isinstance(picture, QImage)
            assert 100 < picture.width() / picture.devicePixelRatio() <= shown.browser.viewport().width()
        if width >= room:  # the words of the table of folders can't be broken
            assert shown.browser.horizontalScrollBar().maximum() == 0


def test_it_begins_with_what_is_seen_and_ends_with_installing(code: str) -> None:
    chapters = re.findall(r"^## (.*)$", TEXTS[code].read_text("utf-8"), re.MULTILINE)
    ends = {"en": ("What you see", "Installing and removing"), "ko": ("창에서 보이는 것", "설치와 삭제")}
    assert (chapters[0], chapters[-1]) == ends[code]


def test_the_contents_go_to_a_chapter_and_follow_the_text(code: str, shown: GuideWindow) -> None:
    chapters = re.findall(r"^## (.*)$", TEXTS[code].read_text("utf-8"), re.MULTILINE)
    contents = shown.contents
    items = contents.findItems("*", Qt.MatchFlag.MatchWildcard)
    assert [item.text(0) for item in items] == chapters
    assert contents.currentItem() is items[0]
    contents.setCurrentItem(items[2])
    first_line = shown.browser.cursorForPosition(QPoint(40, 12)).block().text()
    assert first_line == chapters[2]
    assert contents.currentItem() is items[2]
    bar = shown.browser.verticalScrollBar()
    bar.setValue(bar.maximum())
    last = contents.currentItem()
    assert last is not None
    assert last.parent() is items[-1]
    contents.setCurrentItem(items[0])
    assert bar.value() < 200
    contents.setCurrentItem(last)  # too near to the end to come to the top
    assert contents.currentItem() is last


def test_words_are_found_from_the_first_to_the_last_and_round_again(code: str, shown: GuideWindow) -> None:
    words = {"en": "snapshot", "ko": "스냅샷"}[code]
    expected = [m.start() for m in re.finditer(words, shown.browser.toPlainText(), re.IGNORECASE)]
    assert len(expected) >= 2
    QTest.keyClick(shown, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert shown.find_bar.field.hasFocus()
    shown.find_bar.field.setText(words)
    assert [place.selectionStart() for place in shown.find_bar.found] == expected
    at = []
    for _ in expected:
        at.append(shown.browser.textCursor().position())
        QTest.keyClick(shown.find_bar.field, Qt.Key.Key_Return)
    assert at == expected
    assert shown.find_bar.at == 0, "round again"
    QTest.keyClick(shown, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert shown.find_bar.at == len(expected) - 1
    assert re.findall(r"\d+", shown.find_bar.count.text()) in ([str(len(expected))] * 2,)
    shown.find_bar.field.setText("qqq")
    assert shown.find_bar.found == []
    assert not shown.find_bar.next.isEnabled()
    assert shown.find_bar.count.text()
    QTest.keyClick(shown.find_bar.field, Qt.Key.Key_Escape)
    assert shown.isVisible(), "Escape leaves the search first"
    assert shown.find_bar.field.text() == ""
    assert shown.browser.hasFocus()


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


def test_all_pictures_are_there_and_small(code: str) -> None:
    for name in builder.pictures_of(TEXTS[code].read_text("utf-8")):
        picture = (builder.PICTURES / code / name).with_suffix(".webp")
        assert QImage(str(picture)).width() > 400
        assert picture.stat().st_size <= 150_000


def test_pages_are_built_with_their_pictures(tmp_path: Path) -> None:
    pages = builder.build(tmp_path / "html")
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
