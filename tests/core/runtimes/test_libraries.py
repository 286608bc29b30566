"""Importing without collections of garbage: what it leaves for later ones, and what it must not keep."""

import dataclasses
import gc
import json
import os
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from torch import nn

from camviewer.core.explainer import Explainer
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.models.builtin import EMBEDDED, MODELS
from camviewer.core.models.spec import ModelSpec
from camviewer.core.runtimes.libraries import import_without_gc
from camviewer.core.runtimes.torch_cpu import CpuRun
from tests.helpers import arrays

FRESH = """
import gc, json, sys
from camviewer.core.loading import ModelChoice, load_model
gc.collect()
from camviewer.core.runtimes.libraries import prepare_torch
prepare_torch()
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
    gone = weakref.ref(explainer._run)
    del explainer
    assert gone() is None


@pytest.mark.parametrize("spec", MODELS.values(), ids=MODELS.keys())
def test_a_network_is_freed_with_its_run(spec: ModelSpec, no_collection: None) -> None:
    gone = []

    def build(classes: int) -> nn.Module:
        network = spec.architecture.build(classes)
        gone.append(weakref.ref(network))
        return network

    state = arrays(spec.architecture.build(2).state_dict())
    architecture = dataclasses.replace(spec.architecture, build=build)
    run = CpuRun(dataclasses.replace(spec, architecture=architecture), state)
    gone.append(weakref.ref(run.features))
    del run, architecture
    assert [ref() for ref in gone] == [None, None]


def test_what_an_import_raises_is_raised() -> None:
    with pytest.raises(ModuleNotFoundError):
        import_without_gc("camviewer.there_is_no_such_module")
    assert gc.isenabled()


BROKEN = """
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.failures import ModelFailure
from camviewer.core.runtimes.precision import Precision
try:
    load_model(ModelChoice("efficientnet_lite0", precision=Precision.BFLOAT16))
except ModelFailure as failure:
    print(failure, failure.details)
"""


def test_a_library_that_fails_as_it_is_imported_is_a_model_that_does_not_run(tmp_path: Path) -> None:
    broken = tmp_path / "efficientnet_lite_pytorch"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise RuntimeError('no operator nms')")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    command = [sys.executable, "-c", BROKEN]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "EfficientNet-Lite0 doesn't run on this computer" in done.stdout, done.stderr
    assert "no operator nms" in done.stdout


def test_what_is_imported_freezes_nothing() -> None:
    before = gc.get_freeze_count()
    import_without_gc("json", "camviewer.core.runtimes.libraries")
    assert gc.get_freeze_count() == before
