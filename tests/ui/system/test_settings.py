"""What is remembered; and that nothing in the file can keep the program from starting."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from camviewer.core.explanation import ExplainRequest
from camviewer.core.frames import Fit
from camviewer.core.scaling import Interpolation, Scale
from camviewer.media.drawing.style import OverlayStyle
from camviewer.ui.system.settings import RECENT, Settings
from tests.ui.fakes import settings_in


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path) -> Iterator[None]:
    with settings_in(tmp_path):
        yield


def file_of(tmp_path: Path) -> Path:
    return tmp_path / "camviewer" / "camviewer.ini"


def again() -> Settings:
    """As a new start reads them."""
    return Settings()


def test_defaults() -> None:
    settings = Settings()
    assert settings.style() == OverlayStyle()
    assert settings.request() == ExplainRequest()
    assert settings.texts("recent") == []
    assert settings.blob("window/geometry").isEmpty()


@pytest.mark.parametrize("name", ["vik", "viridis_r"])
def test_style_and_request_come_back(name: str) -> None:
    style = OverlayStyle(name, 0.35, True, False, Scale.SHARED, Interpolation.NEAREST)
    request = ExplainRequest(Fit.WHOLE, 448)
    settings = Settings()
    settings.set_style(style)
    settings.set_request(request)
    settings.sync()
    assert again().style() == style
    assert again().request() == request


@pytest.mark.parametrize("resolution", [None, 160, 896])
def test_a_resolution_comes_back(resolution: int | None) -> None:
    settings = Settings()
    settings.set_request(ExplainRequest(resolution=resolution))
    settings.sync()
    assert again().request() == ExplainRequest(resolution=resolution)


def test_settings_of_version_0_1(tmp_path: Path) -> None:
    """Which wrote the default resolution as a number."""
    file_of(tmp_path).parent.mkdir()
    file_of(tmp_path).write_text(
        "[General]\nversion=1\n[explain]\nfine=false\nfit=crop\nresolution=224\nsmoothing=0\n", "utf-8"
    )
    assert Settings().request() == ExplainRequest(resolution=224)


def test_a_hidden_overlay_is_shown_again_at_the_next_start() -> None:
    settings = Settings()
    settings.set_style(OverlayStyle(visible=False))
    assert settings.style().visible


def test_values_of_each_kind_come_back(tmp_path: Path) -> None:
    values: dict[str, list[str]] = {"none": [], "one": ["281"], "two": ["281", "a, b; “c”/ü=%2F"]}
    settings = Settings()
    for key, texts in values.items():
        settings.set(f"lists/{key}", texts)
    settings.set("flag", False)
    settings.set("text", "C:\\Löwe, 1%")
    settings.set_blob("blob", QByteArray(b"\0\xff\n"))
    settings.sync()
    assert file_of(tmp_path).is_file()
    for key, texts in values.items():
        assert again().texts(f"lists/{key}") == texts
    assert again().flag("flag", True) is False
    assert again().text("text") == "C:\\Löwe, 1%"
    assert again().blob("blob") == QByteArray(b"\0\xff\n")


@pytest.mark.parametrize("place", [3, 40, 70, 90])
def test_a_window_state_that_was_changed_is_none(tmp_path: Path, place: int) -> None:
    """Qt's restoreState crashes on some of those."""
    settings = Settings()
    settings.set_blob("window/state", QByteArray(bytes(range(60))))
    settings.sync()
    line = next(x for x in file_of(tmp_path).read_text().splitlines() if x.startswith("state="))
    at = len("state=") + place
    changed = line[:at] + ("b" if line[at] != "b" else "c") + line[at + 1 :]
    file_of(tmp_path).write_text(file_of(tmp_path).read_text().replace(line, changed))
    os.utime(file_of(tmp_path), (0, 0))  # Qt reads a file again if its size or time differs
    assert again().blob("window/state").isEmpty()


def test_recent_files_newest_first_and_each_once() -> None:
    settings = Settings()
    for i in [*range(RECENT + 3), 5]:
        settings.add_recent(f"/photos/{i}.png")
    recent = settings.texts("recent")
    assert len(recent) == RECENT
    assert recent[:3] == ["/photos/5.png", f"/photos/{RECENT + 2}.png", f"/photos/{RECENT + 1}.png"]


@pytest.mark.parametrize(
    "content",
    [
        b"\0\xff\xfe garbage \n[[[",
        b"[overlay]\ncolormap=nothing\nopacity=much\nfollow_value=perhaps\nscale=7\ninterpolation=\n"
        b"[explain]\nfit=round\nresolution=225\n",
        b"[overlay]\ncolormap=a, b\nopacity=@Invalid()\n[explain]\nresolution=1e9\nfit=crop, whole\n",
        b"[overlay]\nopacity=nan\n[explain]\nresolution=\n",
        b"[overlay]\ncolormap=@ByteArray(x)\n[window]\ngeometry=text\n[explain]\nresolution=-224\n",
    ],
)
def test_what_cannot_be_read_is_its_default(tmp_path: Path, content: bytes) -> None:
    file_of(tmp_path).parent.mkdir()
    file_of(tmp_path).write_bytes(content)
    settings = Settings()
    style = settings.style()
    assert 0 <= style.opacity <= 1
    assert (style.colormap, style.scale, style.interpolation) == ("inferno", Scale.MAP, Interpolation.BICUBIC)
    assert settings.request() == ExplainRequest()
    assert settings.blob("window/geometry").isEmpty()


@pytest.mark.parametrize(("text", "opacity"), [("-3", 0.0), ("7", 1.0), ("inf", 1.0), ("0.25", 0.25)])
def test_numbers_are_kept_within_their_limits(tmp_path: Path, text: str, opacity: float) -> None:
    file_of(tmp_path).parent.mkdir()
    file_of(tmp_path).write_text(f"[overlay]\nopacity={text}\n")
    assert Settings().style().opacity == opacity


def test_settings_that_cannot_be_written_do_no_harm(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "camviewer").write_text("a file where the folder should be")
    settings = Settings()
    settings.set("text", "x")
    settings.sync()
    assert settings.text("text") == "x"
    assert "can't be written" in caplog.text


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00garbage",
        b"[overlay]\ncolormap=viridis\n\0\0",
        b"version=99\n[overlay]\ncolormap=viridis\n",
        b"[General]\nversion=2\n[overlay]\ncolormap=viridis\n",
        b"[General]\nversion=two\n",
        b"x" * 2_000_000,
    ],
)
def test_a_file_that_cannot_be_used_is_kept_beside_and_defaults_are_taken(
    tmp_path: Path, content: bytes
) -> None:
    file = file_of(tmp_path)
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    settings = Settings()
    assert settings.style() == OverlayStyle()
    assert settings.put_aside is not None
    assert settings.put_aside.read_bytes() == content
    settings.set_style(OverlayStyle("viridis"))
    settings.sync()
    assert again().style().colormap == "viridis"
    assert again().put_aside is None


def test_two_files_that_cannot_be_used_are_both_kept(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    file.parent.mkdir(parents=True)
    kept = []
    for content in (b"\xff1", b"\xff2"):
        file.write_bytes(content)
        aside = Settings().put_aside
        assert aside is not None
        kept.append(aside)
    assert [path.read_bytes() for path in kept] == [b"\xff1", b"\xff2"]
