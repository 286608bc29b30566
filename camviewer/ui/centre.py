"""Centre: the tabs, the banners, the picture with its colour bar, and the bar to seek in below it."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from camviewer.core.maps import MapChoice, class_of
from camviewer.core.scaling import ValueRange
from camviewer.core.types import Explanation
from camviewer.media.compositor import OverlayStyle
from camviewer.ui.all_view import AllView
from camviewer.ui.banner import BannerArea
from camviewer.ui.class_tabs import ClassTabs
from camviewer.ui.colour_bar import ColourBar
from camviewer.ui.overlay_view import OverlayView
from camviewer.ui.video_bar import VideoBar


class Centre(QWidget):
    """Shows one map large, or those of all tabs side by side."""

    def __init__(self, actions: dict[str, QAction]) -> None:
        super().__init__()
        self.tabs = ClassTabs()
        self.banners = BannerArea()
        self.view = OverlayView()
        self.all_view = AllView()
        self.colour_bar = ColourBar()
        self.video_bar = VideoBar(actions["freeze"], actions["previous"], actions["next"])
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.all_view)
        picture = QHBoxLayout()
        picture.setSpacing(0)
        picture.addWidget(self._stack, 1)
        picture.addWidget(self.colour_bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.banners)
        column.addLayout(picture, 1)
        column.addWidget(self.video_bar)

    @property
    def all_on(self) -> bool:
        """Whether all tabs are side by side."""
        return self._stack.currentWidget() is self.all_view

    def set_all(self, on: bool) -> None:
        self._stack.setCurrentWidget(self.all_view if on else self.view)

    def show_map(
        self, explanation: Explanation, choice: MapChoice, style: OverlayStyle, shown: ValueRange
    ) -> None:
        if self.all_on:
            classes = self.tabs.classes
            self.all_view.show_explanation(explanation, classes, class_of(choice), style, shown)
        else:
            self.view.show_explanation(explanation, choice, style, shown)
        self.colour_bar.show_range(style, shown)

    def show_message(self, message: str, style: OverlayStyle) -> None:
        """Say something where the picture was."""
        self.view.show_message(message)
        self.all_view.clear()
        self.colour_bar.show_range(style, None)
