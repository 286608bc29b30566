"""Every text that a user sees is in the translations; those are complete, and are what is shipped.

The texts are looked up here in another way than lupdate does, so that one that it can't see is noticed.
"""

from __future__ import annotations

import ast
import importlib
import re
import string
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from camviewer.core.failures import SourceFailure
from camviewer.core.review.truth import ClassNames, folder_truth
from camviewer.core.text import Text, joined
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system import language
from camviewer.ui.widgets import words
from camviewer.ui.widgets.banner import BannerKey
from tests.ui.fakes import Windows, current, settings_in

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "packaging"))  # as for a script that lies there; it is no package
translations = importlib.import_module("translations")

LANGUAGES = sorted(language.folder().glob("camviewer_*.ts"))
CORE = {
    "Text",
    "DamagedError",
    "Failure",
    "SourceFailure",
    "ModelFailure",
    "DeviceFailure",
    "NoDeviceFailure",
    "OtherNetworkFailure",
    "SaveFailure",
}
NOT_LITERAL = {"words.py", "language.py"}
"""Where `translate` is called with what is no literal: a template of core's, a text marked elsewhere."""


def sources() -> list[Path]:
    package = ROOT / "camviewer"
    rooms = ("core", "media", "ui", "commands/checks")
    alone = [package / "app.py", package / "commands" / "doctor.py"]
    return [*alone, *(f for room in rooms for f in (package / room).rglob("*.py"))]


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def window_texts(file: Path) -> Iterator[tuple[str, str | None]]:
    """Context and text of every call of tr and translate; None for a text that is no literal."""
    tree = ast.parse(file.read_text("utf-8"))

    def look(node: ast.AST, owner: str) -> Iterator[tuple[str, str | None]]:
        for child in ast.iter_child_nodes(node):
            inside = child.name if isinstance(child, ast.ClassDef) else owner
            if isinstance(child, ast.Call):
                name = called(child)
                if name == "tr":
                    yield inside, literal(child.args[0])
                elif name in ("translate", "QT_TRANSLATE_NOOP"):
                    yield literal(child.args[0]) or "", literal(child.args[1])
            yield from look(child, inside)

    yield from look(tree, "")


def core_texts() -> set[str]:
    """All that is written into texts and failures and has letters outside of its placeholders."""
    found: set[str] = set()
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and called(node) in CORE:
                for argument in node.args[: 1 if called(node) in ("Text", "DamagedError") else 2]:
                    branches = (
                        [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
                    )
                    found |= {text for branch in branches if (text := literal(branch)) is not None}
    return {text for text in found if re.search("[A-Za-z]", re.sub("{[^}]*}", "", text))}


@pytest.fixture(params=LANGUAGES, ids=lambda file: file.stem.removeprefix("camviewer_"))
def messages(request: pytest.FixtureRequest) -> dict[tuple[str, str], str | None]:
    return {(context, text): told for context, text, told in translations.messages(request.param)}


def test_there_is_korean() -> None:
    assert language.languages()["ko"] == "한국어"


def test_every_text_of_the_window_is_there(messages: dict[tuple[str, str], str | None]) -> None:
    written = {
        (context, text) for file in sources() for context, text in window_texts(file) if text is not None
    }
    assert len(written) > 300
    assert written - set(messages) == set(), "lupdate can't see these"
    assert {key for key in messages if key[0] != "core"} - written == set(), "these are gone from the source"


def test_texts_of_the_window_are_literals() -> None:
    """What is put together can't be translated."""
    hidden = {file.name for file in sources() for _, text in window_texts(file) if text is None}
    assert hidden <= NOT_LITERAL


def test_every_text_of_core_is_there(messages: dict[tuple[str, str], str | None]) -> None:
    assert {text for context, text in messages if context == "core"} == core_texts()


def test_texts_of_core_are_not_put_together() -> None:
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and called(node) in CORE:
                formatted = [a for a in node.args[:2] if isinstance(a, ast.JoinedStr)]
                assert not formatted, f"{file.name}:{node.lineno}: give values by name instead"


def test_every_text_is_translated(messages: dict[tuple[str, str], str | None]) -> None:
    assert [key for key, told in messages.items() if not told] == []


def placeholders(text: str) -> Counter[str]:
    return Counter(f"{name}!{how}" for _, name, _, how in string.Formatter().parse(text) if name is not None)


def test_translations_have_the_texts_placeholders(messages: dict[tuple[str, str], str | None]) -> None:
    for (context, text), told in messages.items():
        assert set(placeholders(told or "")) == set(placeholders(text)), (context, text)


def test_translations_have_the_texts_form(messages: dict[tuple[str, str], str | None]) -> None:
    """Mnemonics, "…" for what asks further, lines, and the patterns of files."""
    for (context, text), told in messages.items():
        assert told is not None
        where = f"{context}: {text}"
        assert mnemonics(told) == mnemonics(text), where
        assert told.count("\n") == text.count("\n"), where
        assert told.endswith("…") == text.endswith("…"), where
        assert re.findall(r"\*\.?\w*", told) == re.findall(r"\*\.?\w*", text), where
        assert told == told.strip(), where


def mnemonics(text: str) -> list[str]:
    return [letter.lower() for letter in re.findall("&([^& ])", text)]


def test_what_is_shipped_is_up_to_date() -> None:
    """Run packaging/translations.py update, translate, and run it with release."""
    assert translations.problems() == []


# The language of the window


@pytest.fixture
def korean(qapp: QApplication) -> Iterator[None]:
    language.apply(qapp, "ko")
    yield
    language.apply(qapp, "en")


@pytest.fixture
def korean_window(korean: None, qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with settings_in(tmp_path):
        yield Windows(qtbot)()


def test_the_system_decides_unless_somebody_chooses() -> None:
    assert language.system_language(["ko-Kore-KR", "ko-KR", "ko-Kore", "ko"]) == "ko"
    assert language.system_language(["fr-FR", "fr", "ko-KR"]) == "ko"
    assert language.system_language(["en-US", "en", "ko-KR"]) == "en"
    assert language.system_language(["fr-FR", "C"]) == "en"
    assert language.resolved("ko") == "ko"
    assert language.resolved("xx") == language.resolved("system") == language.system_language()


def test_another_language_is_a_file_away(tmp_path: Path) -> None:
    for name in ("camviewer_de.qm", "camviewer_pt_BR.qm", "other.qm"):
        (tmp_path / name).touch()
    assert language.languages(tmp_path) == {"en": "English", "de": "Deutsch", "pt_BR": "Português"}


def test_a_new_language_can_be_begun(tmp_path: Path) -> None:
    file = tmp_path / "camviewer_de.ts"
    translations.update([file])
    begun = list(translations.messages(file))
    assert len(begun) > 500
    assert all(told is None for _, _, told in begun)
    assert translations.release(file).is_file()


def in_menus(menu: QMenu) -> Iterator[QAction]:
    for action in menu.actions():
        yield action
        below = action.menu()
        if isinstance(below, QMenu):
            yield from in_menus(below)


def test_the_window_speaks_korean(korean_window: MainWindow) -> None:
    window = korean_window
    assert window.dock.windowTitle() == "오버레이"
    assert window.actions_by_name["open"].text() == "열기(&O)…"
    assert window.actions_by_name["open"].toolTip() == "열기 (Ctrl+O)"
    assert window.actions_by_name["record"].iconText() == "녹화"
    menus = [action.menu() for action in window.menuBar().actions()]
    for menu in menus:
        assert isinstance(menu, QMenu)
        menu.aboutToShow.emit()
        for action in in_menus(menu):
            text = words.without_mnemonic(action.text())
            known = ("ResNet18", "EfficientNet-Lite0", "English", "CAM")
            label = text.split("  ")[-1]  # that of a tab stands behind its number
            named = text in known or (action.menu() is None and label in current(window).labels)
            assert named or not action.text() or re.search("[가-힣]", text), text


def test_mnemonics_of_a_korean_menu_differ(korean_window: MainWindow) -> None:
    bar = korean_window.menuBar()
    for actions in (bar.actions(), *([*menu.actions()] for menu in bar.findChildren(QMenu))):
        letters = Counter(letter for action in actions for letter in mnemonics(action.text()))
        assert {letter for letter, count in letters.items() if count > 1} == set()


def test_a_choice_counts_from_the_next_start_and_says_so_in_that_language(
    qtbot: QtBot, tmp_path: Path, qapp: QApplication
) -> None:
    with settings_in(tmp_path):
        window = Windows(qtbot)()
        (choice,) = [a for a in window.findChildren(QAction) if a.text() == "한국어"]
        choice.trigger()
        assert window.preferences.language == "ko"
        assert (
            window.banners.text(BannerKey.LANGUAGE) == "다음에 시작할 때부터 camviewer가 한국어로 나옵니다."
        )
        assert window.dock.windowTitle() == "Overlay"
        window.close()
        language.apply(qapp, window.preferences.language)
        try:
            again = Windows(qtbot)()
            assert again.dock.windowTitle() == "오버레이"
            again.preferences.set_language("en")
            assert (
                again.banners.text(BannerKey.LANGUAGE)
                == "camviewer will be in English from its next start on."
            )
        finally:
            language.apply(qapp, "en")


def test_failures_are_told_in_the_windows_language(korean: None, korean_window: MainWindow) -> None:
    korean_window.sources.open_paths([Path("/nowhere/고양이.jpg")])
    assert (
        korean_window.banners.text(BannerKey.SOURCE)
        == "/nowhere/고양이.jpg 파일이 없습니다. 경로를 확인하세요."
    )
    failure = SourceFailure("{name} is empty.", "Open another {thing}.", name="{x}", thing=1)
    assert words.translated(failure.text) == "{x} 파일이 비어 있습니다. Open another 1."
    assert str(failure) == "{x} is empty. Open another 1.", "the log and the command line stay English"


def test_parts_of_texts_are_told_too(korean: None) -> None:
    (note,) = folder_truth([Path("val/tabbi/a.jpg")], [Path("val")], ClassNames(("tabby", "cat"))).notes
    told = "'tabbi'(이)라는 클래스가 없습니다. 비슷한 클래스: tabby (0)."
    assert words.translated(note) == f"{told} 사진 1장은 정답 클래스 없이 검토했습니다."
    assert words.translated(
        joined(", ", [Text("camera"), "plain", Text("{count} families", count=1234)])
    ) == ("카메라, plain, 1,234종")


def test_what_has_no_translation_stays_english(korean: None) -> None:
    assert words.translated("A plain sentence {0}.") == "A plain sentence {0}."
    assert (
        words.translated(Text("Nobody has translated {this}.", this="{that}"))
        == "Nobody has translated {that}."
    )


# Numbers


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("en_US", ["25,088", "1,234.50", "-0.5", "+5e-07", "87 %", "9.4 %", "<0.1 %", "12.3"]),
        ("C", ["25,088", "1,234.50", "-0.5", "+5e-07", "87 %", "9.4 %", "<0.1 %", "12.3"]),
        ("de_DE", ["25.088", "1.234,50", "-0,5", "+5e-07", "87 %", "9,4 %", "<0,1 %", "12,3"]),
        ("ko_KR", ["25,088", "1,234.50", "-0.5", "+5e-07", "87 %", "9.4 %", "<0.1 %", "12.3"]),
    ],
)
def test_numbers_are_written_as_the_locale_does(name: str, expected: list[str]) -> None:
    QLocale.setDefault(QLocale(name))
    assert [
        words.whole(25_088),
        words.decimal(1234.5, 2),
        words.signed(-0.5, 1),
        words.signed(4.9e-7, 0, "e").replace("E", "e"),
        words.percent(0.87),
        words.percent(0.094),
        words.percent(0.0001),
        words.significant(12.34, 3),
    ] == expected


@pytest.mark.parametrize("value", [0.0, -0.04, 3.25, 12.5, -3.25, 99.95])
def test_numbers_are_rounded_as_in_files(value: float) -> None:
    assert words.signed(value, 1) == f"{value:+.1f}"
    assert words.decimal(abs(value), 0) == f"{abs(value):.0f}"


def test_the_locale_follows_the_language(qapp: QApplication) -> None:
    try:
        language.apply(qapp, "ko")
        assert QLocale().language() == QLocale.Language.Korean
        assert words.percent(0.5) == "50%"
    finally:
        language.apply(qapp, "en")
    assert QLocale().language() in (QLocale.Language.English, QLocale.system().language())
