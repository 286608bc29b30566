"""Ways to make a network's input pixels of a live frame, beside torch's: time, and how right each is.

    python tests/benchmarks/resizing.py [--rounds 15] [--heights 480 720 1080 2160] [--photo FILE]
                                       [--lock]

For each frame size, fit and interpolation a table: processor time (of the thread, so other programs count
little) as a multiple of torch's resize of bytes, all in turns within this run, the best of the rounds; and
the differences from Pillow, which is the preset, on the photo and on noise: the largest, and the share of
values that differ by more than 1 of 255. All use one thread. Qt is here for comparison: core may not use it.

With --lock: which part of a core's Python another thread gets meanwhile, 1: the lock is never held. It needs
two cores that are idle otherwise.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import onnxruntime
import torch
from av.video.reformatter import Interpolation, VideoReformatter
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from threadpoolctl import threadpool_limits

from camviewer.core.arrays import ByteArray
from camviewer.core.frames import Fit
from camviewer.core.geometry import InputGeometry, input_geometry
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.spec import Preprocessing
from camviewer.core.resizing import WEIGHT_BITS, AxisWeights, axis_weights
from camviewer.core.resources import resource_path
from camviewer.core.runtimes.live_pixels import live_pixels
from camviewer.core.runtimes.preprocess import input_pixels
from camviewer.core.runtimes.torch_input import torch_resized

SIZES = ((640, 480), (1280, 720), (1920, 1080), (3840, 2160))
SHAPES = ((Fit.CROP, 224), (Fit.SQUASH, 224), (Fit.WHOLE, 224), (Fit.WHOLE, 448))
FITTING = 24
"""Letters for a candidate's name."""

Candidate = Callable[[ByteArray], ByteArray]
"""A frame, uint8 [H, W, 3], to pixels, uint8 [h, w, 3]."""


def candidates(
    geometry: InputGeometry, preprocessing: Preprocessing, shape: tuple[int, int]
) -> Iterator[tuple[str, Candidate]]:
    """All for one geometry of frames of this height and width; the first is torch's."""
    bicubic, crop = preprocessing.bicubic, geometry.crop
    how = Image.Resampling.BICUBIC if bicubic else Image.Resampling.BILINEAR
    size = (crop.width, crop.height)
    across, down = shape[1] / geometry.resized[1], shape[0] / geometry.resized[0]
    box = (
        crop.left * across,
        crop.top * down,
        (crop.left + crop.width) * across,
        (crop.top + crop.height) * down,
    )

    def cut(pixels: ByteArray) -> ByteArray:
        return pixels[crop.top : crop.top + crop.height, crop.left : crop.left + crop.width]

    def reduced(image: ByteArray) -> ByteArray:
        """Means of k x k pixels, k such that two of them at least are left for each new pixel."""
        k = max(int(min(across, down) / 2), 1)
        height, width = image.shape[0] // k * k, image.shape[1] // k * k
        if k > 1:
            blocks = image[:height, :width].reshape(height // k, k, width // k, k, 3)
            image = (blocks.sum((1, 3), dtype=np.uint16) // (k * k)).astype(np.uint8)
        smaller = (box[0] / k, box[1] / k, min(box[2] / k, width // k), min(box[3] / k, height // k))
        return np.asarray(Image.fromarray(image).resize(size, how, smaller))

    yield "torch, bytes", lambda image: input_pixels(image, geometry, preprocessing, torch_resized)
    yield "live_pixels", lambda image: live_pixels(image, geometry, preprocessing)
    yield "Pillow", lambda image: input_pixels(image, geometry, preprocessing)
    yield "Pillow, box", lambda image: np.asarray(Image.fromarray(image).resize(size, how, box))
    yield (
        "Pillow, reducing_gap 2",
        lambda image: np.asarray(Image.fromarray(image).resize(size, how, box, reducing_gap=2)),
    )
    yield "numpy means, Pillow", reduced
    yield "numpy, banded products", banded(geometry, bicubic)
    yield "swscale, RGB to planes", lambda image: cut(swscale(image, geometry.resized, bicubic))
    yield "swscale, area", lambda image: cut(swscale(image, geometry.resized, area=True))
    yield "ONNX Runtime, Resize", onnx_resize(geometry, shape, bicubic)
    yield "ONNX Runtime, f32 dense", onnx_dense(geometry, shape, bicubic)
    yield "Qt, smooth", lambda image: cut(qt(image, geometry.resized))


def weights(geometry: InputGeometry, axis: int, bicubic: bool) -> AxisWeights:
    """axis 0: down; 1: across."""
    trim, crop = geometry.trim, geometry.crop
    if axis == 0:
        return axis_weights(trim.height, geometry.resized[0], crop.top, crop.height, bicubic=bicubic)
    return axis_weights(trim.width, geometry.resized[1], crop.left, crop.width, bicubic=bicubic)


def as_floats(axis: AxisWeights) -> Any:
    return (axis.whole / (1 << WEIGHT_BITS)).astype(np.float32)


def banded(geometry: InputGeometry, bicubic: bool) -> Candidate:
    """Blocks of eight new rows and 32 new columns, in float32."""
    down, across = weights(geometry, 0, bicubic), weights(geometry, 1, bicubic)

    def blocks(axis: AxisWeights, size: int) -> list[tuple[slice, slice, Any]]:
        found = []
        values = as_floats(axis)
        for first in range(0, len(values), size):
            part = values[first : first + size]
            used = np.flatnonzero(part.any(0))
            old = slice(int(used[0]), int(used[-1]) + 1)
            found.append((slice(first, first + len(part)), old, part[:, old].copy()))
        return found

    rows, columns = blocks(down, 8), blocks(across, 32)

    def resized(image: ByteArray) -> ByteArray:
        part = image[down.start : down.start + down.count, across.start : across.start + across.count]
        values = part.reshape(down.count, -1).astype(np.float32)
        low = np.empty((geometry.crop.height, values.shape[1]), np.float32)
        for new, old, block in rows:
            np.matmul(block, values[old], out=low[new])
        planes = low.reshape(len(low), -1, 3).transpose(2, 0, 1).reshape(3 * len(low), -1)
        made = np.empty((len(planes), geometry.crop.width), np.float32)
        for new, old, block in columns:
            made[:, new] = planes[:, old] @ block.T
        made += 0.5
        pixels: ByteArray = made.clip(0, 255).astype(np.uint8).reshape(3, len(low), -1).transpose(1, 2, 0)
        return pixels

    return resized


def swscale(image: ByteArray, size: tuple[int, int], bicubic: bool = False, area: bool = False) -> ByteArray:
    """All of the frame; without a copy before."""
    frame = av.VideoFrame.from_numpy_buffer(image, "rgb24")
    how = Interpolation.AREA if area else Interpolation.BICUBIC if bicubic else Interpolation.BILINEAR
    made = VideoReformatter().reformat(frame, size[1], size[0], "gbrp", interpolation=how, threads=1)
    green, blue, red = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: size[0], : size[1]]
        for plane in made.planes
    )
    return np.stack([red, green, blue]).transpose(1, 2, 0)


def qt(image: ByteArray, size: tuple[int, int]) -> ByteArray:
    height, width, _ = image.shape
    wrapped = QImage(image.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    how = Qt.TransformationMode.SmoothTransformation
    made = wrapped.scaled(size[1], size[0], Qt.AspectRatioMode.IgnoreAspectRatio, how)
    made = made.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(made.constBits(), np.uint8).reshape(size[0], made.bytesPerLine())
    return rows[:, : 3 * size[1]].reshape(*size, 3).copy()


def session(nodes: list[Any], constants: dict[str, Any], given: list[int]) -> Any:
    graph = helper.make_graph(
        nodes,
        "resize",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, given)],
        [helper.make_tensor_value_info("made", TensorProto.UINT8, None)],
        [numpy_helper.from_array(np.asarray(values), name) for name, values in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def onnx_resize(geometry: InputGeometry, shape: tuple[int, int], bicubic: bool) -> Candidate:
    """The operator for it, on bytes with channels last, of the whole frame."""
    crop = geometry.crop
    nodes = [
        helper.make_node(
            "Resize",
            ["image", "", "", "sizes"],
            ["all"],
            mode="cubic" if bicubic else "linear",
            cubic_coeff_a=-0.5,
            antialias=1,
        ),
        helper.make_node("Slice", ["all", "first", "stop"], ["made"]),
    ]
    constants = {
        "sizes": np.array([1, *geometry.resized, 3]),
        "first": np.array([0, crop.top, crop.left, 0]),
        "stop": np.array([1, crop.top + crop.height, crop.left + crop.width, 3]),
    }
    if bicubic:  # only with channels first
        constants["sizes"] = np.array([1, 3, *geometry.resized])
        constants["first"] = constants["first"][[0, 3, 1, 2]]
        constants["stop"] = constants["stop"][[0, 3, 1, 2]]
        nodes.insert(0, helper.make_node("Transpose", ["image"], ["turned"], perm=[0, 3, 1, 2]))
        nodes[1].input[0] = "turned"
    run = session(nodes, constants, [1, *shape, 3])

    def resized(image: ByteArray) -> ByteArray:
        made: ByteArray = run.run(None, {"image": image[None]})[0][0]
        return made.transpose(1, 2, 0) if bicubic else made

    return resized


def onnx_dense(geometry: InputGeometry, shape: tuple[int, int], bicubic: bool) -> Candidate:
    """Two products with whole matrices, of what counts of the frame."""
    down, across = weights(geometry, 0, bicubic), weights(geometry, 1, bicubic)
    crop = geometry.crop
    constants = {
        "first": np.array([down.start, 3 * across.start]),
        "stop": np.array([down.start + down.count, 3 * (across.start + across.count)]),
        "down": as_floats(down),
        "across": as_floats(across).T,
        "lowest": np.float32(0),
        "highest": np.float32(255),
        "colours": np.array([crop.height, across.count, 3]),
    }
    nodes = [
        helper.make_node("Slice", ["image", "first", "stop"], ["part"]),
        helper.make_node("Cast", ["part"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["down", "values"], ["low"]),
        helper.make_node("Reshape", ["low", "colours"], ["pixels"]),
        helper.make_node("Transpose", ["pixels"], ["planes"], perm=[2, 0, 1]),
        helper.make_node("MatMul", ["planes", "across"], ["small"]),
        helper.make_node("Round", ["small"], ["whole"]),
        helper.make_node("Clip", ["whole", "lowest", "highest"], ["clipped"]),
        helper.make_node("Cast", ["clipped"], ["made"], to=TensorProto.UINT8),
    ]
    run = session(nodes, constants, [shape[0], 3 * shape[1]])

    def resized(image: ByteArray) -> ByteArray:
        made: ByteArray = run.run(None, {"image": image.reshape(shape[0], -1)})[0]
        return made.transpose(1, 2, 0)

    return resized


def differences(ours: ByteArray, theirs: ByteArray) -> str:
    found = np.abs(ours.astype(int) - theirs)
    return f"{found.max():3d} {(found > 1).mean():8.1e}"


def times(candidate: Candidate, image: ByteArray) -> float:
    start = time.thread_time()
    candidate(image)
    return time.thread_time() - start


def share_of_python(candidate: Candidate, image: ByteArray, seconds: float = 0.3) -> float:
    """How fast another thread counts meanwhile, beside what it counts alone."""

    def counted() -> int:
        count, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            count += 1
        return count

    alone = counted()
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            candidate(image)

    thread = threading.Thread(target=work)
    thread.start()
    beside = counted()
    stop.set()
    thread.join()
    return beside / alone


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--heights", type=int, nargs="+", default=[height for _, height in SIZES])
    parser.add_argument("--photo", type=Path, default=resource_path("samples/coffee.png"))
    parser.add_argument("--lock", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    threadpool_limits(1)
    photo = Image.open(options.photo).convert("RGB")
    random = np.random.default_rng(0)
    for bicubic in (False, True):
        preprocessing = replace(RESNET18.preprocessing, bicubic=bicubic)
        for width, height in (size for size in SIZES if size[1] in options.heights):
            image = np.array(photo.resize((width, height)))
            noise = random.integers(0, 256, image.shape, dtype=np.uint8)
            for fit, resolution in SHAPES:
                geometry = input_geometry(width, height, fit, resolution, preprocessing, RESNET18.sizes)
                ways = dict(candidates(geometry, preprocessing, (height, width)))
                right = [input_pixels(each, geometry, preprocessing) for each in (image, noise)]
                wrong = {
                    name: [
                        differences(way(each), each_right)
                        for each, each_right in zip((image, noise), right, strict=True)
                    ]
                    for name, way in ways.items()
                }
                best = dict.fromkeys(ways, float("inf"))
                for _ in range(options.rounds):
                    for name, way in ways.items():
                        best[name] = min(best[name], times(way, image))
                torch_s = next(iter(best.values()))
                how = "bicubic" if bicubic else "bilinear"
                print(f"\n{width} x {height}, {fit.value}, {resolution}, {how}; torch {1e3 * torch_s:.2f} ms")
                print(f"{'':{FITTING}} time   photo: most, >1   noise: most, >1")
                for name, seconds in best.items():
                    lock = f"   {share_of_python(ways[name], image):.2f}" if options.lock else ""
                    print(
                        f"{name:{FITTING}} {seconds / torch_s:5.2f}   {'      '.join(wrong[name])}{lock}",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
