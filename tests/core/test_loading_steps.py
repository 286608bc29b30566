"""Who began to load a model hears what is awaited."""

from __future__ import annotations

import threading

import pytest

from camviewer.core.loading_steps import announce, announced_to, announcing
from camviewer.core.text import Text

LIBRARY, MODEL = Text("Loading {name}…", name="PyTorch"), Text("Loading {name}…", name="ResNet18")


def test_steps_are_heard_in_order_and_an_outer_one_goes_on() -> None:
    heard: list[Text] = []
    with announced_to(heard.append):
        with announcing(LIBRARY):
            pass
        announce(MODEL)
        with announcing(LIBRARY):
            pass
    assert heard == [LIBRARY, MODEL, LIBRARY, MODEL]
    assert heard[0].values == {"name": "PyTorch"}, "it can be translated"


def test_an_outer_step_goes_on_after_a_failure() -> None:
    heard: list[Text] = []
    with announced_to(heard.append):
        announce(MODEL)
        with pytest.raises(ImportError), announcing(LIBRARY):
            raise ImportError
    assert heard == [MODEL, LIBRARY, MODEL]


def test_nobody_has_to_listen_and_others_hear_nothing() -> None:
    heard: list[Text] = []
    announce(MODEL)
    with announced_to(heard.append):
        elsewhere = threading.Thread(target=announce, args=(MODEL,))
        elsewhere.start()
        elsewhere.join()
    with announcing(LIBRARY):
        announce(MODEL)
    assert heard == []
