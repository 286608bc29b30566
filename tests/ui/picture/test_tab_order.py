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


def test_a_class_leaves_only_after_a_second_out_of_the_top() -> None:
    order = TabOrder(K)
    order.update((1, 2, 3, 4, 5), 0.0)
    assert order.update((1, 2, 3, 4, 6), LINGER - 0.01) == (1, 2, 3, 4, 5, 6)
    assert order.update((1, 2, 3, 4, 6), LINGER + 0.01) == (1, 2, 3, 4, 6)


def test_a_class_that_comes_back_begins_its_second_anew() -> None:
    order = TabOrder(K)
    order.update((1, 2, 3, 4, 5), 0.0)
    order.update((1, 2, 3, 4, 6), 0.5)
    order.update((1, 2, 3, 4, 5), 0.9)
    assert 5 in order.update((1, 2, 3, 4, 6), 1.8)


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
        assert order.order == ((1, 2, 3, 4, 5) if i == 1 else (1, 2, 3, 4, 5, 6))
    for i in range(90, 150):  # 6 stays for good: it takes 5's place
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
        assert set(top) <= set(after), "every class of the top k has a tab"
        assert after[: len(pinned)] == pinned
        if order.chosen in before:
            assert order.chosen in after
        recent = {c for c, last in seen.items() if now - last <= linger}
        assert set(after) <= {*pinned, order.chosen, *recent}, "bounded"
        assert recent - set(after) <= {c for c in recent if c not in before}, "none leaves early"
        running, was = after[len(pinned) :], before[len(pinned) :]
        if len(running) >= min(K, len(was)):  # else there is nobody who could take the free place
            for place, stays in enumerate(was[:K]):
                assert stays not in running or running[place] == stays
