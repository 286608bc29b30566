"""The window's language (the system's, or the one that was chosen), and how it writes numbers.

A language is a file: resources/translations/camviewer_XX.qm, made by packaging/translations.py. English is in
the source. Another language counts from the next start: a window that is built anew would lose what is in it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QLibraryInfo, QLocale, QTranslator

from camviewer.core.resources import resource_path

log = logging.getLogger(__name__)

KEY = "window/language"
"""In the settings: ``system``, or a code that `languages` has."""
SYSTEM, ENGLISH = "system", "en"
_NAME = "camviewer-language"
_present = ENGLISH
_FROM_NEXT_START = QT_TRANSLATE_NOOP("language", "camviewer will be in {0} from its next start on.")
_RESTART_NOW = QT_TRANSLATE_NOOP("language", "Restart now")


def folder() -> Path:
    return resource_path("translations")


def languages(place: Path | None = None) -> dict[str, str]:
    """Codes and names, each in its own language, English first. place: another folder than the program's."""
    found = {ENGLISH: "English"}
    for file in sorted((place or folder()).glob("camviewer_*.qm")):
        code = file.stem.removeprefix("camviewer_")
        name = QLocale(code).nativeLanguageName() or code
        found[code] = name[:1].upper() + name[1:]
    return found


def system_language(wanted: Sequence[str] | None = None) -> str:
    """The first of the languages that the user of this computer wants (such as ``ko-KR``) that there is."""
    there = languages()
    for tag in QLocale.system().uiLanguages() if wanted is None else wanted:
        parts = tag.split("-")
        for length in range(len(parts), 0, -1):
            code = "_".join(parts[:length])
            if code in there:
                return code
    return ENGLISH


def present() -> str:
    """The code of the language that the window speaks."""
    return _present


def resolved(setting: str) -> str:
    """The code that a setting means. A language without a file counts as the system's."""
    return setting if setting in languages() else system_language()


def apply(app: QCoreApplication, setting: str) -> str:
    """Use this language's texts and number format from now on. Returns its code."""
    global _present
    code = _present = resolved(setting)
    for old in app.findChildren(QTranslator, _NAME):
        app.removeTranslator(old)
        old.deleteLater()
    QLocale.setDefault(locale_for(setting, code))
    if code != ENGLISH:
        qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        own = str(folder())
        # Qt's own texts first (dialog buttons, context menus): what is installed last is asked first.
        for file, place in ((f"qtbase_{code}", qt), (f"camviewer_{code}", own)):
            translator = QTranslator(app)
            translator.setObjectName(_NAME)
            if translator.load(file, place):
                app.installTranslator(translator)
            else:
                log.warning("there is no %s in %s", file, place)
    return code


def locale_for(setting: str, code: str) -> QLocale:
    """How numbers are written: as the system does, if it speaks this language; else as the language does."""
    system = QLocale.system()
    speaks_it = system.language() == QLocale(code).language()
    return system if setting == SYSTEM or speaks_it else QLocale(code)


def restart_notice(setting: str) -> str:
    """In the chosen language: that it counts from the next start on."""
    code = resolved(setting)
    return _told_in(code, str(_FROM_NEXT_START)).format(languages()[code])


def restart_title(setting: str) -> str:
    """In the chosen language: what the button says that restarts the program."""
    return _told_in(resolved(setting), str(_RESTART_NOW))


def _told_in(code: str, text: str) -> str:
    """In a language that the window may not speak yet."""
    translator = QTranslator()
    if code == ENGLISH or not translator.load(f"camviewer_{code}", str(folder())):
        return text
    return translator.translate("language", text) or text
