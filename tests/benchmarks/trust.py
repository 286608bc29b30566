"""How well the trust gauge tells maps from random ones, on photos; and whether its curves are torch-cam's.

    python -m tests.benchmarks.trust FOLDER [--weights FILE] [--randoms 8] [--parity 5] [--json FILE]

For each photo: the CAM of the predicted class, random maps, each judged in the same way by the others, and
the map of a class drawn at random. ROC areas with 95 % bootstrap intervals over the photos, of the gain alone
(12 passes) and of its strength, by the spread of the random maps.
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.gauge.curves import STRONG, Curves, blurred, curve_inputs, curves_from, passes_for
from camviewer.core.gauge.rivals import gaussian_map, random_maps
from camviewer.core.gauge.verdict import Standing, compared
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.many_passes import batches_of_logits
from camviewer.core.runtimes.base import ModelRun
from camviewer.core.storage.images import read_photo
from camviewer.core.targets import ClassScore

SUFFIXES = (".jpg", ".jpeg", ".png")
Values = NDArray[np.float64]


def curves_of(run: ModelRun, explanation: Explanation, maps: list[Any], class_id: int) -> tuple[Curves, ...]:
    """All of the probability of one class."""
    pixels = explanation.network_input
    assert pixels is not None
    inputs = curve_inputs(pixels, blurred(pixels, STRONG), maps)
    logits = np.concatenate(list(batches_of_logits(run, inputs, passes_for(len(maps))))).astype(np.float64)
    shares = np.exp(logits - logits.max(1, keepdims=True))
    return curves_from(shares[:, class_id] / shares.sum(1))


def roc_area(positive: Values, negative: Values) -> float:
    """The share of pairs in which the positive one is larger; equal ones count half."""
    above = positive[:, None] - negative[None]
    return float((above > 0).mean() + 0.5 * (above == 0).mean())


def with_interval(positive: Values, negative: Values) -> str:
    """positive [photos], negative [photos, of each]: the area, and its interval over the photos."""
    numbers, count = np.random.default_rng(0), len(positive)
    again = []
    for _ in range(1000):
        drawn = numbers.integers(0, count, count)
        again.append(roc_area(positive[drawn], negative[drawn].ravel()))
    low, high = np.percentile(again, (2.5, 97.5))
    return f"{roc_area(positive, negative.ravel()):.3f} [{low:.3f}, {high:.3f}]"


def measure(explainer: Explainer, run: ModelRun, photos: list[Path], randoms: int) -> dict[str, Any]:
    """gains: of each photo; of random maps [photos, randoms + 1]. strengths: as gains, by the spread."""
    gains: dict[str, list[Any]] = {"cam": [], "other": [], "runner-up": [], "gaussian": [], "random": []}
    strengths: dict[str, list[Any]] = {name: [] for name in gains}
    verdicts = dict.fromkeys(Standing, 0)
    numbers = np.random.default_rng(17)
    for photo in photos:
        explanation = explainer.explain(read_photo(photo), ExplainRequest())
        top, runner_up = explanation.top(2)
        pixels = explanation.network_input
        assert pixels is not None
        other = int(numbers.choice([c for c in range(len(explanation.labels)) if c != top]))
        drawn = random_maps(pixels)
        maps = [explanation.map(ClassScore(c)).values for c in (top, other, runner_up)]
        maps += [gaussian_map(pixels), *(next(drawn) for _ in range(randoms + 1))]
        found = [c.gain for c in curves_of(run, explanation, maps, top)]
        rest = found[4:]
        for name, gain in zip(gains, found, strict=False):
            gains[name].append(gain)
            strengths[name].append(compared(gain, rest[:randoms]).strength)
        gains["random"][-1] = rest
        without = [rest[:i] + rest[i + 1 :] for i in range(len(rest))]
        judged = [compared(gain, others) for gain, others in zip(rest, without, strict=True)]
        strengths["random"][-1] = [each.strength for each in judged]
        comparison = compared(found[0], rest[:randoms])
        verdicts[comparison.standing] += 1
        print(f"{photo.name}: {found[0]:+.2f}, spread {comparison.spread:.2f}", flush=True)
    return {
        "gains": {name: np.array(each) for name, each in gains.items()},
        "strengths": {name: np.array(each) for name, each in strengths.items()},
        "verdicts": verdicts,
    }


def parity(explainer: Explainer, run: ModelRun, weights: Path | None, photos: list[Path]) -> float:
    """The largest difference of an area from that of torch-cam's DeletionInsertionMetric, on plain torch."""
    import torch
    import torchvision
    from torch import Tensor
    from torchcam.metrics import DeletionInsertionMetric

    network = torchvision.models.resnet18()
    assert weights is not None, "torchvision's network needs the same weights"
    network.load_state_dict(torch.load(weights, weights_only=True))
    network.eval()
    mean, std = (torch.tensor(v).reshape(1, 3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))

    class Extractor:
        """Gives the metric the same map."""

        model = network
        values: Any = None

        def __call__(self, *_: object) -> list[Tensor]:
            return [torch.from_numpy(self.values.copy())[None]]

        def fuse_cams(self, cams: list[Tensor]) -> Tensor:
            return cams[0]

        def _hooks_off(self) -> Any:
            return torch.inference_mode()

    def as_input(pixels: Any) -> Tensor:
        return (torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255 - mean) / std

    largest = 0.0
    for photo in photos:
        explanation = explainer.explain(read_photo(photo), ExplainRequest())
        (top,) = explanation.top(1)
        extractor = Extractor()
        extractor.values = explanation.map(ClassScore(top)).values
        pixels = explanation.network_input
        assert pixels is not None
        metric = DeletionInsertionMetric(
            cast(Any, extractor),
            partial(torch.softmax, dim=-1),
            steps=7,
            baseline=as_input(blurred(pixels, STRONG)),
        )
        metric.update(as_input(pixels), top)
        (own,) = curves_of(run, explanation, [extractor.values], top)
        found = metric.summary()
        pairs = ((own.deletion_area, found["deletion_auc"]), (own.insertion_area, found["insertion_auc"]))
        largest = max(largest, *(abs(one - other) for one, other in pairs))
        print(f"{photo.name}: " + ", ".join(f"{one:.4f} {other:.4f}" for one, other in pairs), flush=True)
    return largest


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--randoms", type=int, default=8)
    parser.add_argument("--parity", type=int, default=0, help="photos to compare with torch-cam")
    parser.add_argument("--most", type=int, help="photos at most")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    explainer = load_model(ModelChoice(weights=args.weights)).explainer
    run = explainer._run
    photos = sorted(p for p in args.folder.iterdir() if p.suffix.lower() in SUFFIXES)[: args.most]
    if args.parity:
        largest = parity(explainer, run, args.weights, photos[: args.parity])
        print(f"torch-cam, {args.parity} photos: areas differ by {largest:.1e} at most")
    found = measure(explainer, run, photos, args.randoms)
    gains, strengths = found["gains"], found["strengths"]
    print(f"{len(photos)} photos; verdicts on CAM: { {s.value: n for s, n in found['verdicts'].items()} }")
    for name, each in gains.items():
        print(f"gain of {name}: {each.mean():+.2f} ± {each.std():.2f}")
    for rival in ("random", "other", "runner-up", "gaussian"):
        alone = with_interval(gains["cam"], gains[rival])
        strength = with_interval(strengths["cam"], strengths[rival])
        print(
            f"CAM against {rival}: ROC area {alone} by the gain (12 passes), {strength} by its strength "
            f"({passes_for(1 + args.randoms)} passes)"
        )
    if args.json is not None:
        args.json.write_text(json.dumps({name: each.tolist() for name, each in gains.items()}))


if __name__ == "__main__":
    main()
