"""What the restless user of soak.py does: by the window's own actions, tabs, docks and drops."""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from camviewer.core.loading import ModelChoice
    from camviewer.ui.shell.main_window import MainWindow

Table = dict[str, tuple[int, Callable[[], object]]]
"""Name → weight, what to do."""


def table(
    window: MainWindow, chance: random.Random, args: argparse.Namespace, film: Path, choice: ModelChoice
) -> Table:
    """args: those of soak.py. choice: the model that it starts with."""
    from PySide6.QtCore import QMimeData, QTimer, QUrl
    from PySide6.QtWidgets import QApplication

    from camviewer.core.covering import Fill
    from camviewer.core.edits import Rectangle
    from camviewer.core.explanation import ExplainRequest
    from camviewer.core.frames import Fit
    from camviewer.core.lessons.reading import lesson_named, lesson_names
    from camviewer.core.loading import ModelChoice
    from camviewer.core.scaling import Interpolation, Scale
    from camviewer.media.sources.photos import sample_photos

    pipeline = window._pipeline
    acts, samples = window.actions_by_name, sample_photos()

    def trigger(name: str) -> Callable[[], object]:
        return acts[name].trigger

    def request() -> None:
        pipeline.set_request(
            ExplainRequest(
                chance.choice(list(Fit)),
                chance.choice([224, 224, 320, 448]),
                chance.random() < 0.2,
            )
        )
        pipeline.set_smoothing(chance.choice([0.0, 0.0, 0.5]))

    def style() -> None:
        window.styles.restyle(
            scale=chance.choice(list(Scale)),
            interpolation=chance.choice(list(Interpolation)),
            threshold=chance.choice([None, None, 0.2]),
            follow_value=chance.random() < 0.7,
        )

    def model() -> None:
        name = "efficientnet_lite0"
        weights = os.environ.get("CAMVIEWER_WEIGHTS")
        if args.model == "resnet18":
            window.models.choose(replace(choice, device=chance.choice(["auto", "auto", "cpu"])))
        elif weights and chance.random() < 0.5:
            window.models.choose(ModelChoice("resnet18", Path(weights)))
        else:
            window.models.choose(ModelChoice(name))

    def pin() -> None:
        if pipeline.current is not None:
            class_id = chance.randrange(len(pipeline.current.logits))
            window.classes.show(class_id)
            if len(window.tabs.pinned) > 4:
                window.tabs.choose(window.tabs.pinned[0])
                window.classes.toggle_pin()

    def find() -> None:
        window.classes.find()
        window.classes.finder.hide()

    def drop() -> None:
        mime = QMimeData()
        snapshots = sorted(window.saves.folder().glob("*.camsnap"))[-3:]
        films = [] if args.no_film else [film]
        mime.setUrls([QUrl.fromLocalFile(str(chance.choice([*samples, *films, *snapshots])))])
        window.sources.open_mime(mime)

    def resize() -> None:
        window.resize(chance.randint(700, 1500), chance.randint(480, 1000))

    def dialog() -> None:
        trigger(chance.choice(["help", "about", "open", "export", "review"]))()
        for widget in QApplication.topLevelWidgets():
            if widget is not window and widget.isVisible() and widget.isWindow():
                widget.close()

    def screenshot() -> None:
        window.sources.open_screen()

    def menus() -> None:
        for menu in (
            window.source_menus.camera_menu,
            window.model_menu.menu,
            window.source_menus.recent_menu,
        ):
            menu.aboutToShow.emit()

    def tab() -> None:
        window.tabs.choose_tab(chance.randrange(8))

    def hover() -> None:
        from PySide6.QtCore import QPoint
        from PySide6.QtTest import QTest

        QTest.mouseMove(window.view, QPoint(chance.randint(0, 600), chance.randint(0, 400)))

    def review() -> None:
        window.reviews.start(samples[0].parent)

    def convert() -> None:
        if window.conversions.conversion is None:
            window.conversions.start(film, window.saves.folder() / "converted.mp4")
        else:
            window.conversions.cancel()

    def camera() -> None:
        if window.sources.cameras.all():
            window.sources.open_camera("")

    def timeline() -> None:
        dock = window.timeline.dock
        dock.setVisible(not dock.isVisible())

    def moment() -> None:
        span = window.history.keeper.history.span()
        if span is not None:
            window.timeline.dock.moment_chosen.emit(chance.uniform(span.first, span.last))

    def edit() -> None:
        """A rectangle, or what the map shows, or one step back."""
        if pipeline.current is None or not window.edits.may_edit:
            return
        how = chance.choice(["cover", "evidence", "undo", "clear"])
        if how == "cover":
            width, height = pipeline.current.frame.width, pipeline.current.frame.height
            left, top = chance.uniform(0, 0.7) * width, chance.uniform(0, 0.7) * height
            fill = chance.choice(list(Fill))
            window.edits.add(Rectangle(left, top, left + 0.3 * width, top + 0.3 * height, fill))
        else:
            acts[{"evidence": "cover_evidence", "undo": "undo", "clear": "clear_edit"}[how]].trigger()

    def teach() -> None:
        """Half a second of examples for one of two classes, or all forgotten."""
        window.docks["teach_dock"].show()
        keeper = window.teaching.keeper
        if not keeper.ready:
            return
        if len(keeper.project.classes) < 2:
            window.teaching.add_class()
        elif len(keeper.project.examples) > 60 or chance.random() < 0.1:
            window.teaching.delete_all()
        else:
            window.teaching.begin_hold(chance.choice(keeper.project.classes).key)
            QTimer.singleShot(500, window.teaching.capture.end)

    def own_classes() -> None:
        window.teaching.set_running(chance.random() < 0.5)

    def gauge() -> None:
        dock = window.docks["gauge_dock"]
        dock.setVisible(not dock.isVisible())

    def lesson() -> None:
        """Begun, gone on with, or left."""
        control = window.lessons.control
        if control is None:
            name = chance.choice(list(lesson_names()))
            window.lessons.begin(lesson_named(name, "en"))
        elif chance.random() < 0.6:
            control.show_me()
            control.go_on()
        else:
            window.lessons.leave()

    table: Table = {
        "edit": (6, edit),
        "teach": (5, teach),
        "own classes": (2, own_classes),
        "gauge": (2, gauge),
        "lesson": (3, lesson),
        "timeline": (3, timeline),
        "moment": (4, moment),
        "tab": (14, tab),
        "pin a class": (4, pin),
        "find": (2, find),
        "drop a file": (8, drop),
        "camera": (8, camera),
        "screen": (2, screenshot),
        "model": (3, model),
        "request": (5, request),
        "style": (6, style),
        "resize": (4, resize),
        "dialog": (3, dialog),
        "menus": (3, menus),
        "hover": (6, hover),
        "review": (3, review),
        "convert": (2, convert),
    }
    weights = {
        **{"freeze": 8, "all": 4, "compare": 4, "follow": 2, "overlay": 2, "next_colormap": 5},
        **{"reverse": 2, "less_opacity": 2, "more_opacity": 2, "zoom_in": 2, "zoom_out": 2},
        **{"fit_window": 2, "full_screen": 2, "previous": 4, "next": 4, "save": 4, "copy": 3},
        **{"back_to_live": 4, "explain_again": 3, "save_history": 2, "forget_history": 1},
        **{"paste": 2, "record": 4, "snapshot": 3, "show_review": 2, "next_mistake": 2},
    }
    if QApplication.platformName() == "offscreen":
        # Qt's screen capture reads the windows from another thread; offscreen, where a window is a QImage
        # that is painted on meanwhile, that takes the paint engine from under it (a crash in drawWidget).
        del table["screen"]
    for name, weight in weights.items():
        if name in acts:
            table[name] = (weight, trigger(name))
    return table
