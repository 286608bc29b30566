"""Centre: the tabs, the banners, the view with its colour bar, and the bar to seek in below it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.picture.all_view import AllView
from camviewer.ui.picture.caption_strip import CaptionStrip
from camviewer.ui.picture.class_tabs import ClassTabs
from camviewer.ui.picture.colour_bar import ColourBar
from camviewer.ui.picture.edit_layer import EditLayer
from camviewer.ui.picture.edit_strip import EditStrip
from camviewer.ui.picture.group_strip import GroupStrip
from camviewer.ui.picture.history_bar import HistoryBar
from camviewer.ui.picture.overlay_view import OverlayView
from camviewer.ui.picture.video_bar import VideoBar
from camviewer.ui.review.page import ReviewPage
from camviewer.ui.widgets.banner import BannerArea
from camviewer.ui.widgets.class_words import class_name


class Centre(QWidget):
    """Either the frame page (one map large, or those of all tabs side by side) or the review of a folder."""

    def __init__(self, actions: dict[str, QAction]) -> None:
        super().__init__()
        self.tabs = ClassTabs()
        self.groups = GroupStrip()
        self.groups.comes_after = self.tabs.last_button
        self.banners = BannerArea()
        self.banners.comes_after = self.tabs.last_button
        self.view = OverlayView()
        self.edit_layer = EditLayer(self.view)
        self.edit_strip = EditStrip(actions)
        self.all_view = AllView()
        self.colour_bar = ColourBar()
        self.caption = CaptionStrip()
        self.video_bar = VideoBar(actions["freeze"], actions["previous"], actions["next"])
        playing = [actions[name] for name in ("freeze", "previous", "next", "back_to_live")]
        self.history_bar = HistoryBar(*playing)
        self.review = ReviewPage()
        self.frame_page = QWidget()
        """Tabs, banners, view and bars."""
        self._maps = QStackedWidget()
        self._maps.addWidget(self.view)
        self._maps.addWidget(self.all_view)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self._maps, 1)
        row.addWidget(self.colour_bar)
        self._column = QVBoxLayout(self.frame_page)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.tabs)
        self._column.addWidget(self.groups)
        self._column.addWidget(self.banners)
        self._column.addWidget(self.edit_strip)
        self._column.addLayout(row, 1)
        self._column.addWidget(self.caption)
        self._column.addWidget(self.video_bar)
        self._column.addWidget(self.history_bar)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.frame_page)
        self._pages.addWidget(self.review)
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(0)
        self._outer.addWidget(self._pages, 1)

    @property
    def all_on(self) -> bool:
        """Whether all tabs are side by side."""
        return self._maps.currentWidget() is self.all_view

    def set_all(self, on: bool) -> None:
        before = self._maps.currentWidget()
        now = self.all_view if on else self.view
        had_focus = before is not None and before.hasFocus()
        self._maps.setCurrentWidget(now)
        if had_focus and now is not before:
            now.setFocus()

    def put_controls_back(self) -> None:
        """Tabs and bars to where they belong, from wherever they were put."""
        self._column.insertWidget(0, self.tabs)
        self._column.insertWidget(1, self.groups)
        if not self.review_on:
            self._column.insertWidget(self._column.indexOf(self.edit_strip), self.banners)
        self._column.addWidget(self.video_bar)
        self._column.addWidget(self.history_bar)

    @property
    def review_on(self) -> bool:
        return self._pages.currentWidget() is self.review

    def set_review(self, on: bool) -> None:
        """Show the review of a folder, or the frame. Banners are seen in both."""
        if on:
            self._outer.insertWidget(0, self.banners)
        else:
            self._column.insertWidget(self._column.indexOf(self.edit_strip), self.banners)
        self._pages.setCurrentWidget(self.review if on else self.frame_page)
        (self.review.list if on else self.view).setFocus()

    def show_state(self, state: ViewState) -> None:
        """Show one map large."""
        self.view.show_state(state)
        explanation, target = state.explanation, state.target
        ends = None
        if target.other is not None:
            labels = explanation.labels
            ends = class_name(labels, target.other), class_name(labels, target.class_id)
        self.colour_bar.show_range(state.style, state.shown, explanation.maps.unit, ends)

    def show_states(self, states: Sequence[ViewState], chosen: int) -> None:
        """Show the maps of all tabs side by side, under one range."""
        self.all_view.show_states(states, chosen)
        self.colour_bar.show_range(states[0].style, states[0].shown, states[0].explanation.maps.unit)

    def show_message(self, message: str, style: OverlayStyle) -> None:
        """Show a message in place of the frame."""
        self.view.show_message(message)
        self.all_view.clear()
        self.colour_bar.show_range(style, None)
