"""`camviewer explain` on a device that fails in the middle, with a network that is made up."""

from __future__ import annotations

import gc
import json
import weakref
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from camviewer.commands.explain import ExplainRun
from camviewer.commands.inputs import find_photos, with_stems
from camviewer.commands.options import STDOUT, ExplainOptions
from camviewer.core.agreement import correlation
from camviewer.core.covering import Covering, Fill
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.frames import Frame
from camviewer.core.methods.occlusion import Occlusion
from camviewer.core.runtimes.device import CUDA
from camviewer.core.storage.images import read_photo
from camviewer.core.targets import scores_of
from tests.method_fakes import deep_explainer, local
from tests.ui.fakes import FakeExplainer, model_info

GPU = replace(model_info("resnet18"), device=CUDA, device_title="NVIDIA H200")


class Gpu(FakeExplainer):
    """Has memory for one photo."""

    left = 1

    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        self.left -= 1
        if self.left < 0:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return super().explain(frame, request, load)


@pytest.fixture
def options(samples: Path) -> ExplainOptions:
    paths = tuple(samples / f"{name}.png" for name in ("cat", "coffee", "camera"))
    return ExplainOptions(paths, ExplainRequest(), images=False, json=STDOUT)


def test_the_cpu_goes_on_and_no_photo_is_lost(
    options: ExplainOptions, capsys: pytest.CaptureFixture[str]
) -> None:
    gpu = Gpu(GPU)
    seen = weakref.ref(gpu)
    kept: list[bool] = []

    def on_cpu() -> Explainer:
        kept.append(seen() is not None)
        return cast(Explainer, FakeExplainer(model_info("resnet18")))

    run = ExplainRun(options, cast(Explainer, gpu), with_stems(find_photos(options.paths)), on_cpu)
    del gpu
    gc.disable()
    try:
        assert run.run() == 0
    finally:
        gc.enable()
    out, err = capsys.readouterr()
    assert [record["device"] for record in json.loads(out)] == ["cuda", "cpu", "cpu"]
    assert (
        err.count("camviewer: NVIDIA H200 has too little free memory; close other programs that use it.") == 1
    )
    assert "camviewer goes on with the CPU." in err
    assert kept == [False], "the memory of the model that failed is free before"


def test_what_fails_on_the_cpu_is_the_photos_fault(
    options: ExplainOptions, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = Gpu(model_info("resnet18"))
    run = ExplainRun(options, cast(Explainer, broken), with_stems(find_photos(options.paths)), None)
    assert run.run() == 1
    records = json.loads(capsys.readouterr().out)
    assert ["error" in record for record in records] == [False, True, True]


def records(
    explainer: Explainer, request: ExplainRequest, samples: Path, capsys: pytest.CaptureFixture[str]
) -> dict[str, object]:
    options = ExplainOptions((samples / "cat.png",), request, images=False, json=STDOUT, classes="top3")
    assert ExplainRun(options, explainer, with_stems(find_photos(options.paths))).run() == 0
    (record,) = json.loads(capsys.readouterr().out)
    return cast(dict[str, object], record)


def test_of_what_is_covered_it_tells_the_correlation_with_the_most_faithful_map(
    samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    explainer = deep_explainer(local(), Occlusion())
    request = ExplainRequest(method="Occlusion", covering=Covering(64, Fill.GREY))
    told = records(explainer, request, samples, capsys)["correlation"]
    frame = read_photo(samples / "cat.png", 0)
    occluded = explainer.explain(frame, request)
    targets = scores_of(occluded.top(3))
    other = explainer.explain(frame, ExplainRequest(method="Local", targets=tuple(targets)))
    expected = [correlation(other.map(t).values, occluded.map(t).values) for t in targets]
    assert told == {"method": "Local", "layer": "block 5", "of_classes": expected}
    assert "correlation" not in records(explainer, ExplainRequest(), samples, capsys)
    assert "correlation" not in records(deep_explainer(Occlusion()), request, samples, capsys), "with nothing"
