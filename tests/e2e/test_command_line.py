"""The parsers, and what `camviewer` does before it knows what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from camviewer import __version__
from camviewer.commands import cli
from camviewer.core.models.builtin import MODELS


def test_help_is_quick() -> None:
    code = """
import sys
from camviewer.commands.cli import main
try:
    main(["--help"])
except SystemExit as left:
    assert left.code == 0
loaded = {"numpy", "torch", "PySide6", "PIL"} & set(sys.modules)
assert not loaded, loaded
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for text in ("--camera", "--screen", "--quit-after", "--stats", "camviewer explain", "camviewer bench"):
        assert text in done.stdout


def test_the_window_gets_its_arguments() -> None:
    args = cli.window_parser().parse_args([])
    assert vars(args) == {
        "paths": [],
        "camera": None,
        "new_window": False,
        "screen": False,
        "model": None,
        "weights": None,
        "labels": None,
        "device": "auto",
        "quit_after": None,
        "stats": None,
        "log_level": "info",
        "self_test": False,
    }
    args = cli.window_parser().parse_args(["./explain", "b", "--quit-after", "2.5"])
    assert (args.paths, args.quit_after) == ([Path("explain"), Path("b")], 2.5)
    assert cli.window_parser().parse_args(["--camera"]).camera == ""
    assert cli.window_parser().parse_args(["--camera", "1"]).camera == "1"


@pytest.mark.parametrize(
    "arguments", ["a.png --camera=1", "--camera --screen", "--quit-after 0", "--log-level x"]
)
def test_wrong_usage_of_the_window(arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments.split())
    assert caught.value.code == 2
    assert "usage: camviewer" in capsys.readouterr().err


def test_the_parser_knows_the_registry() -> None:
    for name in MODELS:
        assert cli.window_parser().parse_args(["--model", name]).model == name
    with pytest.raises(SystemExit):
        cli.window_parser().parse_args(["--model", "vgg"])


def test_a_missing_library_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(name: str) -> None:
        raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr("camviewer.commands.cli.importlib.import_module", broken)
    for arguments in ([], ["explain", "p.png", "--out", "o"], ["bench"]):
        assert cli.main(arguments) == 1
        errors = capsys.readouterr().err
        assert "the library libEGL.so.1 is missing" in errors
        assert "python3 packaging/bootstrap.py run" in errors
        assert errors.count("\n") == 1


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"camviewer {__version__}\n"
