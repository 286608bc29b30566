"""`camviewer.explain`, as a notebook calls it: nothing of the network changes, and errors say what to do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import MethodType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import camviewer
from camviewer import api
from camviewer.core.explanation import Explanation
from camviewer.core.failures import ModelFailure, SourceFailure
from camviewer.core.frames import Fit
from camviewer.core.live.images import frame_of
from camviewer.core.live.model import InputOptions, live_model
from camviewer.core.maps import AttributionMap, Unit
from camviewer.core.models.builtin import DEFAULT
from camviewer.core.models.spec import Link, WeightsOrigin, per_channel
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference
from tests.live_fakes import LABELS, SmallNet, install

install()
from camviewer.core.runtimes.torch_live import evaluating_twin, unwrapped  # noqa: E402

PIXELS = np.random.default_rng(7).integers(0, 256, (64, 96, 3), dtype=np.uint8)
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@pytest.fixture
def network() -> SmallNet:
    torch.manual_seed(3)
    return SmallNet()


def explained(network: nn.Module, image: object = PIXELS, *arguments: Any, **more: Any) -> api.Explained:
    return camviewer.explain(network, image, *arguments, **{"labels": LABELS, "size": 64, **more})


def test_importing_camviewer_is_light() -> None:
    code = (
        "import sys, camviewer\n"
        "assert not {'numpy', 'torch', 'PySide6', 'PIL'} & set(sys.modules)\n"
        "from camviewer import explain, view\n"
        "assert not {'torch', 'PySide6'} & set(sys.modules)\n"
        "assert callable(explain) and callable(view)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_camviewer_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'look'"):
        camviewer.look  # noqa: B018


# What comes back


def test_the_five_most_probable_classes_come_first_to_last(network: SmallNet) -> None:
    found = explained(network)
    assert len(found) == len(found.maps) == 5
    assert [m.target for m in found] == [ClassScore(i) for i in found.prediction.top(5)]
    assert found[0].target.class_id == int(found.prediction.probabilities.argmax())
    assert found.prediction.labels == LABELS
    assert found.title(found[0]) == LABELS[found[0].target.class_id]
    assert isinstance(found.explanation, Explanation)
    assert found.explanation.model.weights_origin is WeightsOrigin.LIVE
    for attribution in found:
        assert isinstance(attribution, AttributionMap)
        assert attribution.unit is Unit.LOGIT
        assert attribution.score == pytest.approx(
            found.prediction.logits[attribution.target.class_id], abs=1e-5
        )


def test_logits_are_those_of_the_network_in_eval_mode(network: SmallNet) -> None:
    found = explained(network.train(), PIXELS[:, 16:80])
    x = torch.from_numpy(PIXELS[:, 16:80].copy()).permute(2, 0, 1)[None] / 255
    x = (x - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)
    with torch.no_grad():
        expected = network.eval()(x)[0].numpy()
    assert np.abs(found.prediction.logits - expected).max() < 1e-5
    assert found.explanation.request.fit is Fit.SQUASH, "an image of the network's size is taken as it is"


def test_many_images_are_explained_one_by_one(network: SmallNet) -> None:
    read: list[int] = []

    def images() -> Iterator[object]:
        for number in range(3):
            read.append(number)
            yield np.roll(PIXELS, 16 * number, axis=1)

    found = camviewer.explain_all(network, images(), "dog", labels=LABELS, size=64)
    assert read == []
    first = next(found)
    assert read == [0]
    with torch.no_grad():
        network.fc.bias.add_(100)
    second, third = found
    assert [m.target for each in (first, second, third) for m in each] == [ClassScore(1)] * 3
    again = explained(network, PIXELS).prediction.logits
    assert np.abs(first.prediction.logits + 100 - again).max() < 1e-4
    assert not np.array_equal(first[0].values, second[0].values)
    with pytest.raises(ValueError, match="no class is called 'cow'"):
        camviewer.explain_all(network, [], "cow", labels=LABELS, size=64)


def test_multi_label_scores_are_right_or_wrong_each_by_itself(network: SmallNet) -> None:
    prediction = explained(network, multi_label=True).prediction
    assert prediction.probabilities == pytest.approx(1 / (1 + np.exp(-prediction.logits)), abs=1e-6)


def test_two_classes_of_one_logit_have_both_their_sides() -> None:
    class OneLogit(SmallNet):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x)[:, 0]

    found = live_model(OneLogit(classes=1), InputOptions(64), ["healthy", "ill"])
    assert found.link is Link.SIGMOID
    assert found.run.labels == ("healthy", "ill")
    assert live_model(SmallNet(classes=2), InputOptions(64)).link is Link.SOFTMAX


ENDS: dict[str, tuple[Callable[[SmallNet], nn.Module], Link]] = {
    "softmax": (lambda net: nn.Sequential(net, nn.Softmax(1)), Link.SOFTMAX),
    "log_softmax": (lambda net: nn.Sequential(net, nn.LogSoftmax(1)), Link.SOFTMAX),
    "sigmoid": (lambda net: nn.Sequential(net, nn.Sigmoid()), Link.SIGMOID),
    "functional": (lambda net: Ending(net, lambda y: nn.functional.softmax(y, -1)), Link.SOFTMAX),
    "method": (lambda net: Ending(net, lambda y: y.log_softmax(1)), Link.SOFTMAX),
    "dict": (lambda net: Ending(net, lambda y: {"logits": torch.sigmoid(y)}), Link.SIGMOID),
    "view": (lambda net: Ending(net, lambda y: y[:, :, None, None].softmax(1).flatten(1)), Link.SOFTMAX),
}


class Ending(nn.Module):
    """A network with something after its scores."""

    def __init__(self, net: nn.Module, end: Callable[[Tensor], object]) -> None:
        super().__init__()
        self.net, self.end = net, end

    def forward(self, x: Tensor) -> object:
        return self.end(self.net(x))


ONE_SCORE: dict[str, Callable[[Tensor], object]] = {
    "sigmoid": torch.sigmoid,
    "softmax": lambda y: y.softmax(1),
    "log_softmax": lambda y: y.log_softmax(1),
    "squeezed": lambda y: y.softmax(-1).squeeze(1),
    "dict": lambda y: {"logits": nn.functional.softmax(y, 1)},
}


@pytest.mark.parametrize("end", ONE_SCORE.values(), ids=ONE_SCORE.keys())
def test_a_softmax_over_one_score_is_never_shown(end: Callable[[Tensor], object]) -> None:
    """It is 1 for every picture. The score that it is made of is a sigmoid's, as in ONNX files."""
    torch.manual_seed(3)
    net = SmallNet(classes=1)
    found = live_model(Ending(net, end), InputOptions(64))
    assert found.link is Link.SIGMOID
    prediction = explained(Ending(net, end), labels=["healthy", "ill"]).prediction
    plain = explained(net, labels=["healthy", "ill"]).prediction
    np.testing.assert_allclose(prediction.logits, plain.logits, atol=1e-5)
    assert prediction.probabilities == pytest.approx(1 / (1 + np.exp(-plain.logits)), abs=1e-6)


def test_one_score_that_is_0_at_first_is_a_sigmoids_too() -> None:
    """A head of zeros, as before it is trained, gives [-0, 0]: that could be two scores."""
    net = SmallNet(classes=1)
    nn.init.zeros_(net.fc.weight)
    nn.init.zeros_(net.fc.bias)
    assert live_model(net, InputOptions(64)).link is Link.SIGMOID


def test_two_scores_that_happen_to_be_opposite_are_two() -> None:
    net = SmallNet(classes=2)
    with torch.no_grad():
        net.fc.weight[1], net.fc.bias[1] = -net.fc.weight[0], -net.fc.bias[0]
    assert live_model(net, InputOptions(64)).link is Link.SOFTMAX


@pytest.mark.parametrize("name", ENDS)
def test_scores_are_those_before_the_probabilities(name: str, network: SmallNet) -> None:
    """Else a softmax would be taken of a softmax: nearly the same for each class."""
    ending, link = ENDS[name]
    plain = explained(network, multi_label=link is Link.SIGMOID)
    found = explained(ending(network))
    assert found.explanation.model.link is link
    assert found.prediction.logits == pytest.approx(plain.prediction.logits, abs=1e-5)
    assert found.prediction.probabilities == pytest.approx(plain.prediction.probabilities, abs=1e-6)
    assert found[0].method == plain[0].method == "CAM"
    assert found[0].values == pytest.approx(plain[0].values, abs=1e-5)


def test_one_probability_has_two_sides(network: SmallNet) -> None:
    network = SmallNet(classes=1)
    found = explained(Ending(network, lambda y: torch.sigmoid(y).squeeze(1)), labels=["no", "yes"])
    plain = explained(network, labels=["no", "yes"])
    assert found.explanation.model.link is Link.SIGMOID
    assert found.prediction.logits == pytest.approx(plain.prediction.logits, abs=1e-5)


def test_a_forward_put_in_by_hand_gives_its_scores(network: SmallNet) -> None:
    plain = explained(network)

    def forward(self: SmallNet, x: Tensor) -> Tensor:
        return SmallNet.forward(self, x).softmax(1)

    network.forward = MethodType(forward, network)  # type: ignore[method-assign]
    found = explained(network)
    assert found.prediction.logits == pytest.approx(plain.prediction.logits, abs=1e-5)


def test_a_softmax_that_is_not_over_the_classes_stays(network: SmallNet) -> None:
    found = explained(Ending(network, lambda y: y.softmax(0)))
    assert found.prediction.logits == pytest.approx(np.ones(7))


# The network stays as it is


def state(network: nn.Module) -> dict[str, object]:
    """All that could change, and would be seen."""
    found: dict[str, object] = {}
    for name, module in network.named_modules():
        found[f"{name} class"] = type(module), id(module)
        found[f"{name} mode"] = module.training
        hooks = {k: dict(v) for k, v in module.__dict__.items() if "_hooks" in k and isinstance(v, dict)}
        found[f"{name} hooks"] = hooks
        found[f"{name} names"] = sorted(module.__dict__)
    for name, tensor in (*network.named_parameters(), *network.named_buffers()):
        place = id(tensor), tensor.data_ptr(), tensor.stride(), tensor.dtype, tensor.device
        found[f"{name} place"] = place
        found[f"{name} values"] = tensor.detach().clone().tolist()
        found[f"{name} version"] = tensor._version
        found[f"{name} grad"] = tensor.requires_grad, None if tensor.grad is None else tensor.grad.tolist()
    return found


def test_nothing_of_the_network_changes(network: SmallNet) -> None:
    network.train()
    network.body[1].eval()  # a frozen batch norm
    network.fc.bias.requires_grad_(False)
    seen: list[str] = []
    network.body.register_forward_hook(lambda *_: seen.append("body"))
    network(torch.rand(2, 3, 64, 64)).sum().backward()
    before = state(network)
    explained(network)
    explained(network, PIXELS, "cat", fine=True)
    assert state(network) == before
    assert network.training


def test_hooks_that_only_look_are_called_once(network: SmallNet, recwarn: pytest.WarningsRecorder) -> None:
    seen: list[object] = []
    network.body.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    network.body.register_full_backward_hook(lambda *_: seen.append("backward"))
    explained(network)
    explained(network, PIXELS, "cat", "Grad-CAM")
    assert [type(each) for each in seen] == [Tensor, Tensor], "once, each time the network is looked at"
    assert not recwarn.list


def test_hooks_that_change_the_output_are_a_part_of_the_network(network: SmallNet) -> None:
    plain = explained(network)
    network.body.register_forward_hook(
        lambda _module, _args, _kwargs, output: output * 2, with_kwargs=True, always_call=True
    )
    changed = explained(network)
    bias = network.fc.bias.detach().numpy()
    assert changed.prediction.logits - bias == pytest.approx(2 * (plain.prediction.logits - bias), abs=1e-5)
    network.fc = nn.utils.spectral_norm(network.fc)
    with torch.no_grad():
        expected = evaluating_twin(network)(torch.ones(1, 3, 64, 64))
        network.eval()
        assert torch.equal(network(torch.ones(1, 3, 64, 64)), expected)


@pytest.mark.parametrize("how", ["autocast", "no_grad", "inference_mode"])
def test_what_is_around_the_call_changes_nothing(network: SmallNet, how: str) -> None:
    plain = explained(network)
    contexts: dict[str, Callable[[], AbstractContextManager[Any]]] = {
        "autocast": lambda: torch.autocast("cpu", torch.bfloat16),
        "no_grad": torch.no_grad,
        "inference_mode": torch.inference_mode,
    }
    with contexts[how]():
        grad, inference, cast = (
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            torch.is_autocast_enabled("cpu"),
        )
        found = explained(network)
        after = (
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            torch.is_autocast_enabled("cpu"),
        )
    assert after == (grad, inference, cast)
    assert np.array_equal(found.prediction.logits, plain.prediction.logits)
    assert found[0].values.dtype == np.float32


def test_a_twin_shares_nothing(network: SmallNet) -> None:
    network.train()
    network.again = network.fc  # the same layer twice
    network.forward = network.forward  # type: ignore[method-assign]  # as some libraries replace it
    twin: Any = evaluating_twin(network)
    assert twin.again is twin.fc is not network.fc
    assert twin.forward.__self__ is twin
    assert not any(module.training for module in twin.modules())
    assert not any(p.requires_grad for p in twin.parameters())
    assert twin.fc.weight.data_ptr() != network.fc.weight.data_ptr()
    twin.body.register_forward_hook(lambda *_: None)
    twin.double()
    assert not network.body._forward_hooks
    assert network.fc.weight.dtype == torch.float32
    x = torch.rand(1, 3, 64, 64)
    twin = evaluating_twin(network)
    before = twin(x)
    with torch.no_grad():
        network.fc.bias.add_(1)
    assert torch.equal(twin(x), before), "an optimizer's step doesn't show before viewer.update()"


def test_half_precision_is_explained_in_float32(network: SmallNet) -> None:
    network.bfloat16()
    found = explained(network)
    assert np.isfinite(found.prediction.logits).all()
    assert {p.dtype for p in network.parameters()} == {torch.bfloat16}


def test_wrappers_are_taken_off(network: SmallNet) -> None:
    class Compiled(nn.Module):
        def __init__(self, inner: nn.Module) -> None:
            super().__init__()
            self.add_module("_orig_mod", inner)

    assert unwrapped(Compiled(nn.DataParallel(network))) is network
    assert explained(nn.DataParallel(network)).explanation.model.name == "SmallNet"


# Targets


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (1, [ClassScore(1)]),
        (np.int64(1), [ClassScore(1)]),
        (torch.tensor(1), [ClassScore(1)]),
        ("dog", [ClassScore(1)]),
        ("DOG", [ClassScore(1)]),
        ("tiger", [ClassScore(2)]),
        ("cat", [ClassScore(0)]),
        (("cat", 1), [ScoreDifference(0, 1)]),
        (["dog", (0, "owl"), 5], [ClassScore(1), ScoreDifference(0, 6), ClassScore(5)]),
        (ScoreDifference(3, 4), [ScoreDifference(3, 4)]),
        ([ChannelPart(1, 7)], [ChannelPart(1, 7)]),
    ],
    ids=str,
)
def test_targets(network: SmallNet, target: Any, expected: list[object]) -> None:
    found = explained(network, PIXELS, target)
    assert [m.target for m in found] == expected
    for attribution in found:
        score = attribution.target.score(found.prediction.logits)
        if score is not None:
            assert attribution.score == pytest.approx(score, abs=1e-5)


@pytest.mark.parametrize(
    ("target", "error", "told"),
    [
        (7, ValueError, "class 7 doesn't exist: ids go from 0 to 6"),
        (-1, ValueError, "ids go from 0 to 6"),
        ("dgo", ValueError, "no class is called 'dgo'"),
        ("tiger kat", ValueError, r"did you mean .*tiger cat \(2\)"),
        ("crane", ValueError, r"crane \(3\), crane \(4\); give the number"),
        (True, TypeError, "a class is a number or a label, not bool"),
        (1.0, TypeError, "not float"),
        ((1, 2, 3), ValueError, "several targets are a list"),
        ((1, 1), ValueError, "the same"),
        ([], ValueError, "no target"),
        (ClassScore(9), ValueError, "class 9 doesn't exist"),
    ],
    ids=str,
)
def test_targets_that_there_are_not(
    network: SmallNet, target: Any, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        explained(network, PIXELS, target)


def test_a_method_that_there_is_not(network: SmallNet) -> None:
    with pytest.raises(ModelFailure, match=r"SmallNet \(from Python\) has no maps by Grad-KAM"):
        explained(network, PIXELS, method="Grad-KAM")


# Images


def tensor_of(pixels: np.ndarray[Any, Any]) -> Tensor:
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)


IMAGES = {
    "array": PIXELS,
    "floats": PIXELS.astype(np.float32) / 255,
    "doubles": PIXELS / 255,
    "integers": PIXELS.astype(np.int64),
    "16 bits": PIXELS.astype(np.uint16) * 257,
    "upside down": np.ascontiguousarray(PIXELS[::-1])[::-1],
    "RGBA": np.dstack([PIXELS, np.full(PIXELS.shape[:2], 255, np.uint8)]),
    "pillow": Image.fromarray(PIXELS),
    "tensor": tensor_of(PIXELS),
    "float tensor": tensor_of(PIXELS) / 255,
    "a batch of one": tensor_of(PIXELS)[None],
    "with gradient": (tensor_of(PIXELS) / 255).requires_grad_(),
}


@pytest.mark.parametrize("kind", IMAGES)
def test_kinds_of_images_give_the_same_pixels(kind: str) -> None:
    image = frame_of(IMAGES[kind]).image
    assert np.array_equal(image, PIXELS)
    assert not image.flags.writeable


def test_a_frame_does_not_change_with_the_array() -> None:
    mine = PIXELS.copy()
    frame = frame_of(mine)
    mine[:] = 0
    assert np.array_equal(frame.image, PIXELS)


@pytest.mark.parametrize(
    "image",
    [
        PIXELS[..., 0],
        PIXELS[..., :1],
        Image.fromarray(PIXELS[..., 0]),
        torch.from_numpy(PIXELS[..., 0].copy()),
        torch.from_numpy(PIXELS[..., 0].copy())[None],
    ],
)
def test_grey_becomes_rgb(image: object) -> None:
    assert np.array_equal(frame_of(image).image, np.repeat(PIXELS[..., :1], 3, axis=2))


def test_bits_are_black_and_white() -> None:
    assert np.array_equal(np.unique(frame_of(PIXELS > 99).image), [0, 255])


def test_alpha_lies_over_white() -> None:
    assert (frame_of(np.zeros((2, 3, 4), np.uint8)).image == 255).all()


def test_brain_floats_are_floats() -> None:
    assert (frame_of(torch.ones(3, 4, 5).bfloat16()).image == 255).all()


def test_files_are_read(tmp_path: Path, network: SmallNet) -> None:
    Image.fromarray(PIXELS).save(tmp_path / "photo.png")
    for path in (tmp_path / "photo.png", str(tmp_path / "photo.png")):
        found = explained(network, path)
        assert np.array_equal(found.explanation.frame.image, PIXELS)
        assert found.explanation.frame.source == "photo.png"
    with pytest.raises(SourceFailure, match="doesn't exist"):
        explained(network, tmp_path / "other.png")


NORMALISED = (PIXELS / 255 - MEAN) / STD


@pytest.mark.parametrize(
    ("image", "error", "told"),
    [
        (NORMALISED, ValueError, r"before it is normalised: camviewer does that, by mean and std"),
        (tensor_of(NORMALISED), ValueError, "before it is normalised"),
        (PIXELS.astype(float), ValueError, "floats are from 0 to 1; these go to 255: divide by 255"),
        (np.full((4, 4, 3), np.nan), ValueError, "nan"),
        (PIXELS.transpose(2, 0, 1), ValueError, r"give image.transpose\(1, 2, 0\)"),
        (torch.zeros(64, 96, 3), ValueError, r"channels first, \[3, H, W\], and this one is \[64, 96, 3\]"),
        (torch.zeros(2, 3, 8, 8), ValueError, r"not \[2, 3, 8, 8\]"),
        (np.zeros((0, 4, 3), np.uint8), ValueError, r"not \[0, 4, 3\]"),
        (np.zeros(5, np.uint8), ValueError, r"not \[5\]"),
        ([1, 2], TypeError, "not list"),
        (None, TypeError, "a path, a Pillow image, a numpy array or a tensor, not NoneType"),
    ],
)
def test_what_is_no_image(image: object, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        frame_of(image)


# Networks and their input


def test_without_labels_classes_are_numbered(network: SmallNet) -> None:
    assert camviewer.explain(network, PIXELS).prediction.labels[:2] == ("class 0", "class 1")


def test_labels_from_a_file(network: SmallNet, tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("\n".join(f"kind {i}" for i in range(7)))
    assert explained(network, labels=tmp_path / "labels.txt").prediction.labels[6] == "kind 6"


def test_labels_by_their_numbers(network: SmallNet) -> None:
    backwards = {i: LABELS[i] for i in reversed(range(7))}
    assert explained(network, labels=backwards).prediction.labels == tuple(LABELS)
    by_name = {name: i for i, name in enumerate("abcdefg")}
    assert explained(network, labels=by_name).prediction.labels == tuple("abcdefg")
    with pytest.raises(TypeError, match="labels are a list"):
        explained(network, labels=dict.fromkeys(range(7), 0.5))
    with pytest.raises(ModelFailure, match="from 1 to 7, not from 0 to 6"):
        explained(network, labels={i + 1: name for i, name in enumerate(LABELS)})


def test_labels_that_a_network_of_transformers_has(network: SmallNet) -> None:
    config = SimpleNamespace(id2label=dict(enumerate(LABELS)))
    network.config = config  # type: ignore[assignment]
    assert explained(network, labels=None).prediction.labels == tuple(LABELS)
    assert explained(network, labels=list("abcdefg")).prediction.labels == tuple("abcdefg")
    for none in ({i: f"LABEL_{i}" for i in range(7)}, {0: "cat", 1: "dog"}):
        config.id2label = none
        assert explained(network, labels=None).prediction.labels[0] == "class 0"


def test_labels_of_other_classes_are_refused(network: SmallNet) -> None:
    with pytest.raises(ModelFailure, match="The list has 2 labels, but the model has 7 classes"):
        explained(network, labels=["cat", "dog"])


def test_a_file_of_labels_of_other_classes_is_refused_by_name(network: SmallNet, tmp_path: Path) -> None:
    (tmp_path / "pets.txt").write_text("cat\ndog")
    with pytest.raises(ModelFailure, match=r"pets\.txt has 2 labels, but the model has 7 classes"):
        explained(network, labels=tmp_path / "pets.txt")


def test_what_timm_says_of_its_networks_counts(network: SmallNet) -> None:
    network.pretrained_cfg = {  # type: ignore[assignment]
        "input_size": (3, 96, 96),
        "crop_pct": 0.75,
        "mean": (0.5, 0.4, 0.3),
        "std": (0.2, 0.2, 0.1),
        "interpolation": "bicubic",
    }
    found = live_model(network, InputOptions()).preprocessing
    assert (found.crop, found.resize, found.bicubic) == (96, 128, True)
    assert (found.mean, found.std) == ((0.5, 0.4, 0.3), (0.2, 0.2, 0.1))
    chosen = live_model(network, InputOptions(64, 64, (0, 0, 0), (1, 1, 1))).preprocessing
    assert (chosen.crop, chosen.resize, chosen.mean) == (64, 64, (0, 0, 0))


def test_sizes_are_found_out_by_trying(network: SmallNet) -> None:
    sizes = live_model(network, InputOptions(96)).sizes
    assert sizes.takes(96)
    assert sizes.takes(192)


def test_grey_networks_get_one_mean() -> None:
    found = live_model(SmallNet(channels=1), InputOptions(64)).preprocessing
    usual = DEFAULT.preprocessing
    assert found.mean == per_channel(usual.mean, 1, 0) == pytest.approx([sum(usual.mean) / 3])
    assert found.std == per_channel(usual.std, 1, 1) == pytest.approx([sum(usual.std) / 3])
    assert per_channel((0.5, 0.4), 4, 1) == (0.5, 0.4, 1, 1)
    assert explained(SmallNet(channels=1)).prediction.logits.shape == (7,)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"mean": (0.5,) * 3}, "mean and std go together"),
        ({"mean": (0.5,), "std": (0.5, 0.5)}, "mean and std go together"),
        ({"mean": (0.5,) * 3, "std": (0.5, 0.5, 0)}, "above 0"),
        ({"size": 64, "resize": 32}, "can't be cut out"),
        ({"size": -1}, "can't be cut out"),
        ({"fit": "zoom"}, "fit is crop, squash or whole, not 'zoom'"),
    ],
)
def test_options_that_can_not_be(network: SmallNet, more: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        explained(network, **more)


def test_a_network_of_other_channels_wants_means() -> None:
    network = SmallNet(channels=4)
    with pytest.raises(ValueError, match="has 4 channels: give mean and std, one number a channel"):
        explained(network)
    with pytest.raises(ModelFailure, match=r"can't take an input of 3 × 64 × 64 \(.*channels"):
        explained(network, mean=MEAN, std=STD)


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        (nn.Identity(), "output is not one score for each class"),
        (nn.Flatten(0), "Sequential gives 12288 rows of scores for one picture"),
        (nn.Conv2d(3, 1, 99), "can't take an input of 3 × 64 × 64"),
    ],
)
def test_what_is_no_classifier(layer: nn.Module, told: str) -> None:
    with pytest.raises(ModelFailure, match=told):
        explained(nn.Sequential(layer))


def test_lazy_layers_are_to_be_run_once() -> None:
    with pytest.raises(ModelFailure, match=r"Sequential has lazy layers without weights yet\. Run it once"):
        explained(nn.Sequential(nn.Flatten(), nn.LazyLinear(3)))


@pytest.mark.filterwarnings("ignore:`torch.jit.*:FutureWarning")  # torch.jit is on its way out
def test_torchscript_is_refused(network: SmallNet) -> None:
    with pytest.raises(ModelFailure, match="TorchScript module, which can't be looked into"):
        explained(torch.jit.trace(network.eval(), torch.rand(1, 3, 64, 64)))  # type: ignore[no-untyped-call]


def test_weights_in_two_places_are_refused(network: SmallNet) -> None:
    network.fc.to("meta")
    with pytest.raises(ModelFailure, match="has its weights on cpu, meta"):
        explained(network)


@pytest.mark.parametrize("model", [SmallNet, 7, None, {"fc.weight": 1}])
def test_what_is_no_model(model: Any) -> None:
    with pytest.raises(TypeError, match=r"a model is a torch\.nn\.Module, or a name or path"):
        camviewer.explain(model, PIXELS)
    with pytest.raises(TypeError, match=r"a model is a torch\.nn\.Module"):
        camviewer.view(model, PIXELS)


def test_a_built_in_model_by_its_name(samples: Path) -> None:
    found = camviewer.explain("efficientnet_lite0", samples / "cat.png", ["tabby", ("tabby", "tiger cat")])
    assert [found.title(m) for m in found] == ["tabby", "tabby − tiger cat"]
    assert found[0].score == pytest.approx(found.prediction.logits[281], abs=1e-4)


def test_a_model_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelFailure, match=r"no-such\.pth"):
        camviewer.explain(tmp_path / "no-such.pth", PIXELS)


def test_options_of_live_networks_are_of_no_use_for_files() -> None:
    with pytest.raises(TypeError, match="of live networks only"):
        camviewer.explain("resnet18", PIXELS, size=64)
    with pytest.raises(TypeError, match="are a path"):
        camviewer.explain("resnet18", PIXELS, labels=["cat"])


# What the window is to open


def test_images_that_are_no_files_become_some(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    paths, folder = api._paths([PIXELS, tmp_path / "a.png", Image.fromarray(PIXELS[::-1])])
    assert folder is not None
    with folder:
        assert [path.name for path in paths] == ["image 1.png", "a.png", "image 3.png"]
        assert np.array_equal(np.asarray(Image.open(paths[0])), PIXELS)
    assert not paths[0].exists()
    assert paths[1].exists()


def test_a_batch_is_several_images() -> None:
    paths, folder = api._paths(torch.zeros(11, 3, 4, 5))
    assert folder is not None
    with folder:
        assert [path.name for path in paths][:2] == ["image 01.png", "image 02.png"]
        assert len(paths) == 11


def test_folders_are_opened_as_they_are(tmp_path: Path) -> None:
    assert api._paths(str(tmp_path)) == ([tmp_path], None)
    assert api._paths(None) == ([], None)


@pytest.mark.parametrize(
    ("images", "error", "told"),
    [
        ([], ValueError, "leave them out for the camera"),
        ("no/such/photo.png", FileNotFoundError, "there is no"),
        ([PIXELS, "no/such/photo.png"], FileNotFoundError, "there is no"),
        ([PIXELS, NORMALISED], ValueError, "before it is normalised"),
    ],
)
def test_images_that_can_not_be_opened(images: object, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        api._paths(images)
