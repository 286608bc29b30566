"""How long the window, the model and the first overlay take: seconds since the process began, as JSON."""

from __future__ import annotations

import json
import sys
import time

import psutil

BEGAN = psutil.Process().create_time()


def since() -> float:
    return round(time.time() - BEGAN, 3)


def main() -> None:
    """Opens the real window with a sample photo, as the command line does, and closes it."""
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QShowEvent

    from camviewer import app
    from camviewer.core.resources import resource_path
    from camviewer.options import WindowOptions

    facts: dict[str, float] = {"imports": since()}
    sample = next(p for p in sorted(resource_path("samples").iterdir()) if p.suffix in (".png", ".jpg"))
    from camviewer.ui.shell.main_window import MainWindow

    show = MainWindow.showEvent

    def shown(window: MainWindow, event: QShowEvent) -> None:
        show(window, event)
        if "window" not in facts:
            facts["window"] = since()
            window._pipeline.model_ready.connect(lambda _: facts.setdefault("model", since()))

            def painted(_: object) -> None:
                facts.setdefault("overlay", since())
                QTimer.singleShot(0, window.close)

            window.view.painted.connect(painted)

    MainWindow.showEvent = shown  # type: ignore[method-assign,assignment]
    app.run(WindowOptions(paths=(sample,), new_window=True))
    print(json.dumps(facts))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
