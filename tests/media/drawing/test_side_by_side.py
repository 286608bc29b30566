"""All tabs side by side: where they lie, and as an image."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtPdf import QPdfDocument

from camviewer.core import colormaps
from camviewer.core.explanation import Explanation
from camviewer.core.storage.export import read_facts
from camviewer.core.targets import ClassScore, scores_of
from camviewer.media.drawing.caption import caption_texts
from camviewer.media.drawing.compositor import MOST_BESIDE, compose
from camviewer.media.drawing.side_by_side import arranged
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import ViewState, view_state
from camviewer.media.frames import image_to_array
from camviewer.media.image_export import save_overlay
from camviewer.media.pages import save_pdf

pytestmark = pytest.mark.usefixtures("qapp")
Make = Callable[..., Explanation]


@given(st.integers(1, 30), st.floats(0.3, 4), st.floats(200, 4000), st.floats(200, 4000), st.floats(0, 30))
def test_they_never_overlap_and_stay_inside(
    count: int, aspect: float, width: float, height: float, title: float
) -> None:
    places = arranged(count, aspect, width, height, title)
    if places.width <= 0:  # no room at all
        return
    rects = []
    for i in range(count):
        left, top = places.corner(i)
        rects.append((left, top - title, left + places.width, top + places.height))
    slack = 1e-6 * max(width, height)
    for left, top, right, bottom in rects:
        assert left >= -slack
        assert top >= -slack
        assert right <= width + slack
        assert bottom <= height + slack
    for a, b in itertools.combinations(rects, 2):
        apart = a[2] <= b[0] + slack or b[2] <= a[0] + slack or a[3] <= b[1] + slack or b[3] <= a[1] + slack
        assert apart


def states_of(explanation: Explanation, count: int) -> ViewState:
    """So many classes side by side in one range; the second one is chosen."""
    targets = scores_of(range(count))
    style = OverlayStyle(colormaps.DIVERGING)  # evidence against is painted, too: no two are alike
    states = tuple(view_state(explanation, t, style, compared=targets) for t in targets)
    return replace(states[1], beside=states)


def test_the_image_has_each_overlay_as_it_is_alone(make_explanation: Make) -> None:
    explanation = make_explanation(width=240, height=180)
    state = states_of(explanation, 4)
    image = image_to_array(compose(state, caption=False))
    places = set()
    for each in state.beside:
        alone = image_to_array(compose(each, caption=False, full_resolution=False))
        # Where it lies is found by its pixels: nothing is known of the arrangement here.
        difference, _, place, _ = cv2.minMaxLoc(cv2.matchTemplate(image, alone, cv2.TM_SQDIFF_NORMED))
        assert difference < 0.002
        places.add(tuple(place))
    assert len(places) == 4


def test_many_of_a_large_frame_stay_within_4k(make_explanation: Make) -> None:
    explanation = make_explanation(width=3000, height=2000)
    for full, most in ((True, MOST_BESIDE), (False, MOST_BESIDE // 2)):
        image = compose(states_of(explanation, 7), caption=True, full_resolution=full)
        assert most * 0.5 < image.width() <= most + 1
        assert image.height() <= most


def test_its_caption_and_facts_are_of_all(make_explanation: Make, tmp_path: Path) -> None:
    explanation = make_explanation()
    state = states_of(explanation, 3)
    assert caption_texts(state) == ("3 classes in one range", "Fake · CAM")
    facts = read_facts(save_overlay(state, tmp_path / "all.png"))
    assert facts is not None
    assert facts["side_by_side"] == [explanation.label(c) for c in range(3)]
    with (
        Image.open(tmp_path / "all.png") as saved,
        Image.open(save_overlay(state.beside[1], tmp_path / "one.png")) as one,
    ):
        assert saved.width > one.width


@pytest.mark.parametrize(("size", "landscape"), [((240, 180), True), ((120, 300), False)])
def test_a_pdf_is_one_page_with_all_of_it(
    make_explanation: Make, tmp_path: Path, size: tuple[int, int], landscape: bool
) -> None:
    explanation = make_explanation(width=size[0], height=size[1])
    state = view_state(explanation, ClassScore(0), OverlayStyle())
    path = save_pdf(state, tmp_path / "one.pdf", caption=False)
    document = QPdfDocument()
    assert document.load(str(path)) is QPdfDocument.Error.None_
    assert document.pageCount() == 1
    page = document.pagePointSize(0)
    assert (page.width() > page.height()) is landscape
    assert {round(page.width()), round(page.height())} == {595, 842}, "A4"
    drawn = document.render(0, QSize(round(page.width()) * 2, round(page.height()) * 2))
    image = compose(state, caption=False)
    margin = 12 / 25.4 * 72 * 2
    room = drawn.width() - 2 * margin, drawn.height() - 2 * margin
    scale = min(room[0] / image.width(), room[1] / image.height())
    left = (drawn.width() - scale * image.width()) / 2
    for x, y in ((0.2, 0.2), (0.5, 0.5), (0.8, 0.7)):
        across, down = int(x * image.width()) + 0.5, int(y * image.height()) + 0.5
        on_page = QColor(drawn.pixel(round(left + across * scale), round(margin + down * scale)))
        here = QColor(image.pixel(int(across), int(down)))
        for channel in ("red", "green", "blue"):
            assert abs(getattr(on_page, channel)() - getattr(here, channel)()) < 24
    document.close()
