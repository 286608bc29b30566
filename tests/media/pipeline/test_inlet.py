"""Whose frames come in, and which of them are stale."""

from __future__ import annotations

import pytest

from camviewer.core.frames import Frame
from camviewer.media.pipeline.inlet import Intake, PendingFrame
from camviewer.media.pipeline.mailbox import Mailbox
from tests.ui.fakes import plain_frame


@pytest.fixture
def mailbox() -> Mailbox[PendingFrame]:
    return Mailbox()


@pytest.fixture
def intake(mailbox: Mailbox[PendingFrame]) -> Intake:
    return Intake(mailbox)


def frame() -> Frame:
    return plain_frame(8, 6)


def test_a_new_source_closes_the_inlet_of_the_one_before(
    intake: Intake, mailbox: Mailbox[PendingFrame]
) -> None:
    first = intake.open()
    first.put(frame)
    second = intake.open()
    assert mailbox.take() is None, "what was waiting is of the source before"
    first.put(frame)
    assert mailbox.take() is None
    second.put(frame)
    pending = mailbox.take()
    assert pending is not None
    assert pending.generation == intake.generation == second.generation


def test_frames_are_counted_over_all_sources(intake: Intake) -> None:
    for puts in (3, 2):
        inlet = intake.open()
        for _ in range(puts):
            inlet.put(frame)
    assert (intake.received, intake.dropped) == (5, 3)
    intake.close()
    assert (intake.received, intake.dropped) == (5, 3)


def test_what_is_not_let_in_is_not_counted_and_what_waited_is_taken_back(
    intake: Intake, mailbox: Mailbox[PendingFrame]
) -> None:
    inlet = intake.open()
    inlet.put(frame)
    before = intake.generation
    intake.let_in(False)
    assert intake.generation > before, "a frame that the worker has already is stale, too"
    inlet.put(frame)
    assert mailbox.take() is None
    assert intake.received == 1
    intake.let_in(True)
    inlet.put(frame)
    pending = mailbox.take()
    assert pending is not None
    assert pending.generation == intake.generation


def test_a_frame_once_more_gives_way_to_a_newer_one(intake: Intake, mailbox: Mailbox[PendingFrame]) -> None:
    inlet, again = intake.open(), frame()
    intake.offer_again(again)
    pending = mailbox.take()
    assert pending is not None
    assert pending.load() is again
    newer = frame()
    inlet.put(lambda: newer)
    intake.offer_again(again)
    pending = mailbox.take()
    assert pending is not None
    assert pending.load() is newer


def test_after_a_jump_the_source_goes_on_in_a_new_generation(
    intake: Intake, mailbox: Mailbox[PendingFrame]
) -> None:
    inlet = intake.open()
    before = intake.generation
    intake.begin_generation()
    inlet.put(frame)
    pending = mailbox.take()
    assert pending is not None
    assert pending.generation == intake.generation == before + 1
