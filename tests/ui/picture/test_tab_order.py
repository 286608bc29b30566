"""Tabs that do not jump."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from camviewer.ui.picture.tab_order import LINGER, TabOrder

K = 5
FRAME = 1 / 30


def test_classes_in_the_running_keep_their_place() -> None:
    order = TabOrder(K)
    assert order.update((1, 2, 3, 4, 5), 0.0) == (1, 2, 3, 4, 5)
    assert order.update((5, 3, 1, 2, 4), FRAME) == (1, 2, 3, 4, 5)


def test_a_newcomer_waits_for_the_slot_of_a_class_that_leaves() -> None:
    order = TabOrder(K)
    order.update((1, 2, 3, 4, 5), 0.0)
    assert order.update((1, 2, 3, 4, 6), LINGER - 0.01) == (1, 2, 3, 4, 5)
    assert order.update((1, 2, 3, 4, 6), LINGER + 0.01) == (1, 2, 3, 4, 6)


def test_the_most_probable_newcomer_does_not_wait() -> None:
    order = TabOrder(K)
    order.update((1, 2, 3, 4, 5), 0.0)
    assert order.update((6, 1, 2, 4, 5), FRAME) == (1, 2, 6, 4, 5)


def test_another_scene_takes_the_same_slots() -> None:
    """No moment has two times as many tabs."""
    order = TabOrder(K)
    order.update((1, 2, 3, 4, 5), 0.0)
    for i in range(1, 60):
        assert len(order.update((11, 12, 13, 14, 15), i * FRAME)) == K
    assert set(order.order) == {11, 12, 13, 14, 15}


def test_a_class_that_leaves_ages_in_its_slot() -> None:
    order = TabOrder(K)
    order.update((1, 2, 3, 4, 5), 0.0)
    assert order.age(5) == 0.0
    order.update((1, 2, 3, 4, 6), LINGER / 2)
    assert [order.age(c) for c in (1, 5)] == [0.0, 0.5]
    order.update((1, 2, 3, 4, 5), LINGER)
    assert order.age(5) == 0.0, "it is back"
    order.chosen = 5
    order.update((1, 2, 3, 4, 6), 9.0)
    assert order.age(5) == 0.0, "the chosen class doesn't leave"


def test_nobody_goes_where_nobody_comes() -> None:
    """A pinned class takes a place in the top k: the slot of the fifth stays what it was."""
    order = TabOrder(K)
    order.pin(70)
    order.update((1, 2, 3, 4, 5), 0.0)
    assert order.update((70, 1, 2, 3, 4), 9.0) == (70, 1, 2, 3, 4, 5)
    assert order.age(5) == 1.0


def test_a_class_that_comes_back_begins_its_time_anew() -> None:
    order = TabOrder(K)
    order.update((1, 2, 3, 4, 5), 0.0)
    order.update((1, 2, 3, 4, 6), 0.5)
    order.update((1, 2, 3, 4, 5), 0.6)
    assert 5 in order.update((1, 2, 3, 4, 6), 1.2)


def test_pinned_classes_stand_first_and_stay() -> None:
    order = TabOrder(K)
    for class_id in (70, 3):
        order.pin(class_id)
    order.update((1, 2, 3, 4, 5), 0.0)
    assert list(order.order) == [70, 3, 1, 2, 4, 5]
    order.update((11, 12, 13, 14, 15), 10.0)
    assert list(order.order[:2]) == list(order.pinned) == [70, 3]
    order.reset()
    assert list(order.order) == [70, 3]
    order.pin(3)
    assert list(order.order) == [70, 3]


def test_an_unpinned_class_leaves_with_the_next_frame_and_moves_no_other() -> None:
    order = TabOrder(K)
    order.pin(70)
    order.update((1, 2, 3, 4, 5), 0.0)
    order.unpin(70)
    assert order.update((1, 2, 3, 4, 5), FRAME) == (1, 2, 3, 4, 5)


def test_the_chosen_class_stays_where_it_is() -> None:
    order = TabOrder(K)
    order.update((1, 2, 3, 4, 5), 0.0)
    order.chosen = 3
    for i in range(1, 20):
        order.update((1, 2, 4, 5, 6), float(i))
        assert order.order.index(3) == 2
    assert order.order == (1, 2, 3, 4, 5, 6)


def test_the_class_that_is_compared_with_stays_too() -> None:
    order = TabOrder(K)
    order.update((1, 2, 3, 4, 5), 0.0)
    order.chosen, order.other = 1, 3
    order.update((1, 2, 4, 5, 6), 5.0)
    assert 3 in order.order
    order.other = None
    order.update((1, 2, 4, 5, 6), 10.0)
    assert 3 not in order.order


def test_a_flickering_class_moves_no_other() -> None:
    order = TabOrder(K)
    order.update((1, 2, 3, 4, 5), 0.0)
    for i in range(1, 90):
        order.update((1, 2, 3, 4, 5 if i % 2 else 6), i * FRAME)
        assert order.order == (1, 2, 3, 4, 5)
    for i in range(90, 150):  # 6 stays for good: it takes 5's slot
        order.update((6, 1, 2, 3, 4), i * FRAME)
    assert order.order == (1, 2, 3, 4, 6)


def test_stills_do_not_linger() -> None:
    order = TabOrder(K)
    order.update((1, 2, 3, 4, 5), 0.0, linger=0.0)
    assert order.update((6, 7, 3, 8, 9), 0.1, linger=0.0) == (6, 7, 3, 8, 9)


def test_fewer_classes_than_tabs() -> None:
    order = TabOrder(K)
    assert order.update((1, 0), 0.0) == (1, 0)


TOPS = st.lists(st.integers(0, 11), min_size=K, max_size=K, unique=True)
FRAMES = st.lists(
    st.tuples(
        TOPS,
        st.floats(0.01, 0.7),
        st.sampled_from(["", "", "", "pin", "unpin", "choose"]),
        st.integers(0, 11),
    ),
    max_size=40,
)


@given(FRAMES, st.sampled_from([0.0, LINGER]))
def test_whatever_happens(frames: list[tuple[list[int], float, str, int]], linger: float) -> None:
    order, now = TabOrder(K), 0.0
    seen: dict[int, float] = {}
    for top, step, deed, class_id in frames:
        if deed == "pin":
            order.pin(class_id)
        elif deed == "unpin" and class_id in order.pinned:
            order.unpin(class_id)
            seen.pop(class_id, None)  # it stayed because it was pinned; now it may leave at once
        elif deed == "choose" and order.order:
            order.chosen = order.order[class_id % len(order.order)]
        before, pinned = order.order, order.pinned
        now += step
        seen |= dict.fromkeys(top, now)
        after = order.update(top, now, linger)

        assert after == order.order
        assert len(set(after)) == len(after), "each once"
        assert after[: len(pinned)] == pinned
        assert top[0] in after
        running, was = after[len(pinned) :], before[len(pinned) :]
        assert len(running) <= max(K + 1, len(was)), "the row is never longer but for the chosen class"
        if order.chosen in before:
            assert order.chosen in after
        missing = set(top) - set(after)
        for slot, gone in enumerate(was):
            if gone not in running and now - seen.get(gone, -9.0) < linger:
                assert running[slot] == top[0], "none leaves early, but for the most probable"
        if linger == 0:
            assert missing == set()
            assert set(after) <= {*pinned, *top, order.chosen}
        out = [c for c in running if c not in {*top, order.chosen, order.other}]
        assert not missing or all(now - seen.get(c, -9.0) < linger for c in out), "none waits in vain"
        for slot, present in enumerate(was[:K]):
            assert linger == 0 or present not in running or running[slot] == present, "none moves"
