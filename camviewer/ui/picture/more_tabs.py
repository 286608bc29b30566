"""MoreTabs: ``+4 ▾`` at the end of the class tabs, and the list of those that have no room."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtWidgets import QMenu, QWidget

from camviewer.ui.picture.class_tab_bar import ClassTabBar
from camviewer.ui.widgets.menu_button import MenuButton
from camviewer.ui.widgets.words import whole


class MoreTabs(MenuButton):
    """Lies over the end of the bar, which leaves the room for it. Hidden while all tabs are seen."""

    class_chosen = Signal(int)

    def __init__(self, bar: ClassTabBar, parent: QWidget) -> None:
        self._list = QMenu(parent)
        super().__init__(self._list)
        self.setParent(parent)
        self._bar, self._tabs = bar, parent
        self.setAutoRaise(True)
        self.setToolTip(self.tr("Tabs that have no room"))
        self._list.aboutToShow.connect(self._fill)
        bar.laid_out.connect(self._on_bar_laid_out)
        self.hide()

    @Slot()
    def _on_bar_laid_out(self) -> None:
        count, bar = len(self._bar.without_room), self._bar
        self.setVisible(count > 0)
        if not count:
            return
        self.setText(f"+{whole(count)} ▾")
        name = self.tr("{0} more classes").format(whole(count))
        if name != self.accessibleName():
            self.setAccessibleName(name)
        place = bar.mapTo(self._tabs, QPoint(bar.width() - bar.more_width, 0))
        height = min(self.sizeHint().height(), bar.height())
        self.setGeometry(place.x(), place.y() + (bar.height() - height) // 2, bar.more_width, height)
        self.raise_()

    @Slot()
    def _fill(self) -> None:
        self._list.clear()
        for class_id, label, value in self._bar.without_room:
            action = self._list.addAction(f"{label.replace('&', '&&')}\t{value}")
            action.triggered.connect(partial(self.class_chosen.emit, class_id))
