"""Texts of core and media in the window's language, and numbers as its locale writes them.

Not for files, JSON, the log and the captions of saved images: other programs and other computers read them,
so they stay in English with a decimal point.
"""

from __future__ import annotations

import re
import sys
from typing import Literal

from PySide6.QtCore import QCoreApplication, QLocale

from camviewer.core.covering import Fill
from camviewer.core.explanation import Explanation
from camviewer.core.maps import (
    Unit,
)
from camviewer.core.numbers import (
    LEAST_PERCENT,
    percent_digits,
)
from camviewer.core.targets import Target
from camviewer.core.text import Text

translate = QCoreApplication.translate


def translated(text: str) -> str:
    """A text of core or media in the window's language; any other str, or without a translation, as it is."""
    if not isinstance(text, Text):
        return text
    template = translate("core", text.template)
    if not text.values:
        return template
    values = {name: _value_text(value) for name, value in text.values.items()}
    try:
        return template.format(**values)
    except (LookupError, ValueError):  # a translation with a placeholder that isn't there
        return text.template.format(**values)


def _value_text(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return whole(value)
    return translated(value) if isinstance(value, Text) else value


def unit_word(unit: Unit) -> str:
    """The word that stands beside values of a unit."""
    if unit is Unit.LOGIT_CHANGE:
        return translate("words", "Δlogit")
    return translate("words", "logit") if unit is Unit.LOGIT else translate("words", "relative")


def fill_word(fill: Fill) -> str:
    """What stands where something is covered."""
    return {
        Fill.MEAN: translate("words", "mean colour"),
        Fill.GREY: translate("words", "grey"),
        Fill.BLACK: translate("words", "black"),
        Fill.BLUR: translate("words", "blur"),
        Fill.NOISE: translate("words", "noise"),
        Fill.AROUND: translate("words", "from around"),
    }[fill]


def pixels_word(pixels: int) -> str:
    """``56 pixels``"""
    return translate("words", "{0} pixels").format(whole(pixels))


def covered_by(explanation: Explanation) -> str:
    """``mean colour, 56 pixels``"""
    fill = fill_word(explanation.request.covering.fill)
    return translate("words", "{0}, {1}").format(fill, pixels_word(explanation.patch))


def missing_map(explanation: Explanation, target: Target) -> str:
    """Why a map is not there, in a few words."""
    if explanation.will_have(target):
        return translate("words", "not computed yet")
    if explanation.maps.on_request:
        return translate("words", "{0} has no such map").format(explanation.maps.method)
    return translate("words", "not in the snapshot")


_ENGLISH = QLocale(QLocale.Language.English, QLocale.Country.UnitedStates)
_default, _numbers = QLocale.c(), _ENGLISH
"""Qt's default locale when it was last asked for, and that of the numbers then."""


def locale() -> QLocale:
    """The locale of all numbers; English for the C locale, which is for programs."""
    global _default, _numbers
    now = QLocale()
    if now != _default:  # numbers are written a hundred times a frame: asking for the language is slow
        _default = now
        is_for_programs = now.language() == QLocale.Language.C
        _numbers = _ENGLISH if is_for_programs else now
    return _numbers


def whole(value: int) -> str:
    """``25,088``"""
    return locale().toString(value)


def decimal(value: float, digits: int) -> str:
    """``12.30``, with so many digits after the point."""
    return _written(value, "f", digits)


def signed(value: float, digits: int, form: Literal["f", "e"] = "f") -> str:
    """``+0.52`` or ``-0.52``; form ``e``: ``+5e-07``."""
    negative = f"{value:+.{digits}{form}}".startswith("-")  # also of a value that is rounded to 0
    sign = locale().negativeSign() if negative else locale().positiveSign()
    return sign + _written(abs(value), form, digits)


def significant(value: float, digits: int) -> str:
    """``18.3``, ``1.2e+06``: so many digits in all."""
    return _written(value, "g", digits)


def _written(value: float, form: Literal["f", "e", "g"], digits: int) -> str:
    # Rounded by Python, as numbers in files are: Qt takes 3.25 for 3.3, Python for 3.2.
    return locale().toString(float(f"{value:.{digits}{form}}"), form, digits)


def percent(probability: float) -> str:
    """``87 %``, ``9.4 %``, ``<0.1 %``: by the rule of `core.numbers.percent`, which is for files."""
    digits = percent_digits(probability)
    if digits is None:
        return translate("words", "<{0} %").format(decimal(LEAST_PERCENT, 1))
    return translate("words", "{0} %").format(decimal(100 * probability, digits))


def points(value: float) -> str:
    """``+31`` or ``−0.4``: percentage points, with a digit where there are few."""
    return signed(value, 0 if abs(value) >= 9.95 else 1)


def whole_percent(share: float) -> str:
    """``5 %``, of what is set, not measured."""
    return translate("words", "{0} %").format(decimal(100 * share, 0))


def without_mnemonic(text: str) -> str:
    """``&Open…`` as ``Open…``; ``열기(&O)…``, as languages without Latin letters write it, as ``열기…``."""
    return re.sub(r"\(&\w\)", "", text).replace("&", "")


def with_native_keys(text: str) -> str:
    """A text with its keys named as on this system's keyboards: Qt's Ctrl is ⌘ on a Mac."""
    return text.replace("Ctrl+", "⌘") if sys.platform == "darwin" else text
