"""Shares in percent."""

from __future__ import annotations

import pytest

from camviewer.core.numbers import percent, percent_digits


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (1.0, "100 %"),
        (0.8712, "87 %"),
        (0.1, "10 %"),
        (0.0995, "10 %"),
        (0.0994, "9.9 %"),
        (0.094, "9.4 %"),
        (0.01, "1.0 %"),
        (0.001, "0.1 %"),
        (0.0005, "0.1 %"),
        (0.00049, "<0.1 %"),
        (0.0, "<0.1 %"),
    ],
)
def test_percent(probability: float, text: str) -> None:
    assert percent(probability) == text


def test_the_rule_alone() -> None:
    assert [percent_digits(share) for share in (0.5, 0.05, 0.0001)] == [0, 1, None]
