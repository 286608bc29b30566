"""Importing for good: what it leaves for the garbage collector, and what it must not keep."""

import gc
import json
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest

from camviewer.core.backbones import EMBEDDED
from camviewer.core.explainer import Explainer, ModelChoice, load_model
from camviewer.core.libraries import import_for_good

FRESH = """
import gc, json, sys
from camviewer.core.explainer import ModelChoice, load_model
gc.collect()
loaded = load_model(ModelChoice("efficientnet_lite0"))
print(json.dumps([gc.isenabled(), gc.get_freeze_count(), len(gc.get_objects())]))
"""


@pytest.fixture
def no_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_what_libraries_define_is_not_looked_at_again() -> None:
    done = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=True)
    enabled, frozen, looked_at = json.loads(done.stdout)
    assert enabled
    assert frozen > 100_000
    assert looked_at < 30_000


def test_a_model_that_nobody_uses_is_freed_without_a_collection(no_collection: None) -> None:
    explainer = load_model(ModelChoice(EMBEDDED.name)).explainer
    assert isinstance(explainer, Explainer)
    gone = weakref.ref(explainer._engine._features)  # type: ignore[attr-defined]
    del explainer
    assert gone() is None


def test_what_an_import_raises_is_raised() -> None:
    with pytest.raises(ModuleNotFoundError):
        import_for_good("camviewer.there_is_no_such_module")
    assert gc.isenabled()


def test_what_is_imported_freezes_nothing() -> None:
    before = gc.get_freeze_count()
    import_for_good("json", "camviewer.core.libraries")
    assert gc.get_freeze_count() == before
