"""docs/python.md: every block of it runs, one after the other, as a reader would paste them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.live_fakes import install

install()
PAGE = Path(__file__).resolve().parents[1] / "docs" / "python.md"


@pytest.mark.slow
def test_every_block_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    text = PAGE.read_text("utf-8")
    blocks = list(re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    assert len(blocks) == 5
    names: dict[str, object] = {"__name__": "page"}
    for block in blocks:
        line = text.count("\n", 0, block.start()) + 1
        code = "\n" * line + block[1]  # so that an error names the page's line
        exec(compile(code, str(PAGE), "exec"), names)
    printed = capsys.readouterr().out
    assert "cat (7, 7)" in printed
    assert "Unit.LOGIT" in printed
