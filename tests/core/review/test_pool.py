"""Pools of threads and processes: order, losses, processes that end or can't be started, and closing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from functools import partial
from pathlib import Path

import psutil
import pytest

from camviewer.commands import cli
from camviewer.core.own_process import own_argv, own_environment
from camviewer.core.review import helper_process
from camviewer.core.review.helper_process import HelperProcess, Lost
from camviewer.core.review.pool import MOST_THREADS, Pool
from tests.core.review.work import DEADLY, big, doubled, interrupts_itself, pid, place, written_once

PATIENCE_S = 20.0


@pytest.fixture
def processes() -> Iterator[Pool]:
    with closing(Pool(1, processes=True)) as pool:
        yield pool


@pytest.fixture
def thread() -> Iterator[Pool]:
    with closing(Pool(1)) as pool:
        yield pool


@pytest.fixture(params=["thread", "processes"])
def pool(request: pytest.FixtureRequest) -> Pool:
    found: Pool = request.getfixturevalue(request.param)
    return found


def gone(pids: list[int]) -> bool:
    """Whether these processes end soon."""
    alive = [psutil.Process(one) for one in pids if psutil.pid_exists(one)]
    return not psutil.wait_procs(alive, PATIENCE_S)[1]


# What comes out


def test_results_come_in_the_order_of_the_items(pool: Pool) -> None:
    futures = [pool.submit(doubled, range(start, start + 5)) for start in range(0, 10, 5)]
    assert [future.result(PATIENCE_S) for future in futures] == [[0, 2, 4, 6, 8], [10, 12, 14, 16, 18]]
    assert pool.submit(doubled, []).result(PATIENCE_S) == []


def test_what_raises_is_lost_alone(pool: Pool) -> None:
    one, lost, three = pool.submit(doubled, [1, -2, 3]).result(PATIENCE_S)
    assert (one, three) == (2, 6)
    assert isinstance(lost, Lost)
    assert lost.reason == "ValueError: -2 is below 0"
    assert "in doubled" in lost.details


def test_processes_are_others(processes: Pool, thread: Pool) -> None:
    assert thread.submit(pid, [0]).result(PATIENCE_S) == [os.getpid()]
    assert os.getpid() not in processes.submit(pid, [0]).result(PATIENCE_S)


def test_large_answers_come_whole(processes: Pool) -> None:
    """While the next tasks are asked for already."""
    futures = [processes.submit(big, [number, number + 1]) for number in range(8)]
    for number, future in enumerate(futures):
        assert future.result(PATIENCE_S) == [bytes([number + i]) * 3_000_000 for i in range(2)]


def test_what_is_urgent_comes_first(thread: Pool) -> None:
    begun, go_on = threading.Event(), threading.Event()
    done: list[int] = []

    def work(number: int) -> None:
        begun.set()
        assert go_on.wait(PATIENCE_S)
        done.append(number)

    futures: list[Future[list[Lost | None]]] = [thread.submit(work, [1])]
    assert begun.wait(PATIENCE_S)
    futures += [thread.submit(work, [2]), thread.submit(work, [3], first=True)]
    go_on.set()
    for future in futures:
        assert future.result(PATIENCE_S) == [None]
    assert done == [1, 3, 2]


# Processes that end


def test_an_item_that_ends_its_process_is_lost_alone(caplog: pytest.LogCaptureFixture) -> None:
    with closing(Pool(1, processes=True)) as pool:
        before = pool.submit(pid, [0]).result(PATIENCE_S)
        mixed = pool.submit(doubled, [11, 12, DEADLY, 14])
        single = pool.submit(doubled, [DEADLY])
        after = pool.submit(pid, [0])
        results = mixed.result(PATIENCE_S)
        assert [results[0], results[1], results[3]] == [22, 24, 28]
        for lost in (results[2], *single.result(PATIENCE_S)):
            assert isinstance(lost, Lost)
            assert lost.reason == (
                "the process that read it has ended; the photo may be damaged, or too large for the memory"
            )
        assert after.result(PATIENCE_S) not in (before, [os.getpid()])
    assert "ended with status 7" in caplog.text


def test_an_item_whose_process_ends_for_another_reason_is_not_lost(tmp_path: Path) -> None:
    with closing(Pool(1, processes=True)) as pool:
        (found,) = pool.submit(written_once, [tmp_path / "there"]).result(PATIENCE_S)
        assert not isinstance(found, Lost)
        assert found != os.getpid()


def raise_os_error() -> HelperProcess:
    raise OSError("no more processes")


@pytest.mark.parametrize(
    "start",
    [
        raise_os_error,
        partial(HelperProcess, [sys.executable, "-c", "pass"]),
        partial(HelperProcess, ["/does/not/exist"]),
    ],
    ids=["none can be made", "it ends at once", "no such program"],
)
def test_without_processes_threads_do_it(
    start: Callable[[], HelperProcess], caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is lost."""
    with closing(Pool(6, processes=True, start=start)) as pool:
        futures = [pool.submit(place, range(3)) for _ in range(40)]
        results = [each for future in futures for each in future.result(PATIENCE_S)]
        places = [each for each in results if not isinstance(each, Lost)]
        assert len(places) == 3 * 40
        assert {process for process, _ in places} == {os.getpid()}
        assert len({thread for _, thread in places}) <= MOST_THREADS
    told = [record.message for record in caplog.records]
    assert len(told) == 1
    assert told[0].startswith("no process that reads photos can be started, so threads read them: ")


def test_without_a_program_there_are_no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", None)  # Python inside of another program
    with closing(Pool(1, processes=True)) as pool:
        assert pool.submit(pid, [0]).result(PATIENCE_S) == [os.getpid()]


# Closing


def test_closing_ends_processes_and_cancels_the_rest() -> None:
    pool = Pool(2, processes=True)
    (first,) = pool.submit(pid, [0]).result(PATIENCE_S)
    assert isinstance(first, int)
    futures = [pool.submit(big, range(100)) for _ in range(10)]
    pool.close()
    pool.close()
    assert gone([first])
    assert all(future.cancelled() for future in futures)
    assert pool.submit(pid, [0]).cancelled()
    assert not any(thread.name.startswith("review-") and thread.is_alive() for thread in pool._threads)


def test_an_interrupt_that_leaves_the_lock_taken_keeps_nothing_from_ending() -> None:
    """Python may handle Ctrl+C between taking a lock and the `with` that lets go of it."""
    pool = Pool(2)
    pool._changed.acquire()
    pool._changed.acquire()
    pool.close()
    assert not any(thread.is_alive() for thread in pool._threads)


def test_closing_a_thread_waits_for_its_item_alone(thread: Pool) -> None:
    begun, go_on = threading.Event(), threading.Event()
    done: list[int] = []

    def work(number: int) -> None:
        begun.set()
        assert go_on.wait(PATIENCE_S)
        done.append(number)

    future = thread.submit(work, [1, 2])
    assert begun.wait(PATIENCE_S)
    closing_thread = threading.Thread(target=thread.close)
    closing_thread.start()
    assert thread._closed.wait(PATIENCE_S)
    go_on.set()
    closing_thread.join(PATIENCE_S)
    assert done == [1]
    assert future.cancelled()


PARENT = """
import sys
from camviewer.core.review.pool import Pool
from tests.core.review.work import big, pid
pool = Pool(2, processes=True)
while len(pids := {pool.submit(pid, [0]).result()[0] for _ in range(50)}) < 2:
    pass
print(*pids, flush=True)
for _ in range(8):
    pool.submit(big, range(250))
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT] if sys.platform != "win32" else [])
def test_no_process_outlives_its_program(number: signal.Signals) -> None:
    """Killed, or interrupted at a terminal: all processes of its group are."""
    program = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=own_environment(os.environ),
        start_new_session=True,
    )
    with program:
        assert program.stdout is not None
        pids = [int(one) for one in program.stdout.readline().split()]
        assert len(pids) == 2
        assert all(psutil.pid_exists(one) for one in pids)
        os.killpg(program.pid, number)
        _, told = program.communicate(timeout=PATIENCE_S)
    assert gone(pids)
    assert told.count("Traceback") == (number == signal.SIGINT), "the program's own"
    assert program.returncode != 0


def test_helpers_take_no_notice_of_an_interrupt(processes: Pool) -> None:
    (same,) = processes.submit(interrupts_itself, [0]).result(PATIENCE_S)
    assert isinstance(same, int)
    assert psutil.pid_exists(same)
    assert same != os.getpid()


# How a process is started


def test_the_command_line_knows_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helper_process, "serve", lambda: 42)
    assert cli.main([helper_process.OPTION]) == 42


def test_a_bundle_s_entry_leads_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not to a second window. A frozen program is asked as the entry is here."""
    entry = Path(__file__).resolve().parents[3] / "packaging" / "entry.py"
    process = HelperProcess([sys.executable, str(entry), helper_process.OPTION])
    try:
        process.ask(doubled, [4])
        assert process.answer() == [8]
    finally:
        process.close()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert own_argv(helper_process.OPTION) == [sys.executable, helper_process.OPTION]
