"""The hint of the first start."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from camviewer.ui.help import first_start
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import BannerArea
from tests.ui.fakes import settings_in


def test_three_lines_once(qtbot: QtBot, tmp_path: Path) -> None:
    with settings_in(tmp_path):
        for expected in (True, False):
            banners = BannerArea()
            qtbot.addWidget(banners)
            settings = Settings()
            first_start.show_hint_once(banners, settings)
            settings.sync()
            text = banners.text(first_start.KEY)
            assert (text is not None) is expected
            if text is not None:
                assert len(text.splitlines()) == 3
                banner = banners.banner(first_start.KEY)
                assert banner is not None
                banner.findChildren(QPushButton)[0].click()
                assert banners.text(first_start.KEY) is None
