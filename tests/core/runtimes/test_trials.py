"""A driver that ends the process while a GPU is tried is not tried for ever."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from camviewer.core.runtimes import webgpu
from camviewer.core.runtimes.registry import resolve_device
from camviewer.core.runtimes.trials import forget, gave_up, trial, trials_file

ENDS = """
import os
from camviewer.core.runtimes.trials import trial
with trial():
    os._exit(139)  # as a segmentation fault does, without a word
"""


@pytest.fixture(autouse=True)
def searched_anew() -> Iterator[None]:
    webgpu.search.cache_clear()
    yield
    forget()
    webgpu.search.cache_clear()


def test_after_two_ends_no_more_trials_are_made() -> None:
    for ended, expected in ((1, False), (2, True)):
        assert subprocess.run([sys.executable, "-c", ENDS], check=False).returncode == 139
        assert gave_up() == expected, ended
    found = webgpu.search()
    assert found.adapter is None
    assert found.problem is not None
    assert "ended camviewer" in found.problem


def test_whoever_asks_for_the_gpu_has_it_tried_again() -> None:
    trials_file().parent.mkdir(parents=True, exist_ok=True)
    trials_file().write_text("2")
    webgpu.search()
    assert resolve_device("webgpu") == "webgpu"
    assert not gave_up()
    problem = webgpu.search().problem
    assert problem is None or "ended camviewer" not in problem


def test_errors_are_no_ends() -> None:
    for _ in range(3):
        with pytest.raises(RuntimeError), trial():
            raise RuntimeError("a driver's error")
    assert not gave_up()
    assert not trials_file().exists()


def test_a_trial_that_ends_well_is_forgotten_with_those_before() -> None:
    subprocess.run([sys.executable, "-c", ENDS], check=False)
    with trial():
        pass
    assert not trials_file().exists()


def test_what_else_stands_in_the_file_counts_for_nothing() -> None:
    trials_file().parent.mkdir(parents=True, exist_ok=True)
    trials_file().write_text("many")
    assert not gave_up()
