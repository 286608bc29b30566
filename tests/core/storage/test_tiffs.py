"""TIFFs of all depths and layouts, and deep PNGs with a transparent colour, become what was written.

What was written is known: tifffile writes arrays.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from camviewer.core.arrays import ByteArray
from camviewer.core.failures import SourceFailure
from camviewer.core.storage import tiffs
from camviewer.core.storage.images import read_image
from tests.core.storage.png_chunks import chunk
from tests.core.storage.test_colour import SPACES, SRGB, icc, qt_converted, scene

SCENE = scene(32, 48)
GREY = SCENE[..., 1]


def deep(pixels: ByteArray, bits: int = 16) -> NDArray[np.uint16]:
    values: NDArray[np.uint16] = np.rint(pixels / 255 * (2**bits - 1)).astype(np.uint16)
    return values


def written(path: Path, values: NDArray[Any], photometric: str = "rgb", **options: Any) -> ByteArray:
    tifffile.imwrite(path, values, photometric=photometric, **options)
    return read_image(path)


def rgb(grey: NDArray[Any]) -> NDArray[Any]:
    return np.stack([grey] * 3, -1)


def off(found: ByteArray, right: NDArray[Any]) -> int:
    assert found.shape == right.shape
    return int(np.abs(found.astype(int) - np.rint(right).astype(int)).max())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "photo.tif"


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_colours_of_16_bits(path: Path, planar: str, order: str, compression: str | None) -> None:
    values = deep(SCENE) if planar == "contig" else np.moveaxis(deep(SCENE), -1, 0)
    options: dict[str, Any] = {"compression": compression, "predictor": True} if compression else {}
    assert off(written(path, values, planarconfig=planar, byteorder=order, **options), SCENE) <= 1


@pytest.mark.parametrize("values", [GREY, deep(GREY), GREY.astype(np.float32)], ids=lambda v: str(v.dtype))
def test_where_white_is_zero(path: Path, values: NDArray[Any]) -> None:
    right = 255.0 - GREY
    if values.dtype == np.float32:
        right = 255 - (GREY - float(GREY.min())) * 255 / (float(GREY.max()) - GREY.min())
    assert off(written(path, values, "miniswhite"), rgb(right)) <= 1


@pytest.mark.parametrize("photometric", [0, 1])
def test_12_bits_packed(path: Path, photometric: int) -> None:
    """Two values in three bytes, as scanners and microscopes write them."""
    values = deep(GREY, 12)
    a, b = values[:, ::2].astype(int), values[:, 1::2].astype(int)
    packed = np.stack([a >> 4, (a & 15) << 4 | b >> 8, b & 255], -1).astype(np.uint8).tobytes()
    tags = [(256, 48), (257, 32), (258, 12), (259, 1), (262, photometric), (273, 134), (277, 1), (278, 32)]
    tags.append((279, len(packed)))
    table = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    head = struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + table + bytes(4)
    path.write_bytes(head.ljust(134, b"\0") + packed)
    assert off(read_image(path), rgb(GREY if photometric else 255.0 - GREY)) <= 1


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_the_greatest_value_may_be_told(path: Path, bits: int) -> None:
    tags = [(281, "H", 1, 2**bits - 1, True)]
    assert off(written(path, deep(GREY, bits), "minisblack", extratags=tags), rgb(GREY)) <= 1
    assert (
        off(written(path, deep(SCENE, bits), extratags=[(281, "H", 3, (2**bits - 1,) * 3, True)]), SCENE) <= 1
    )


def test_a_greatest_value_that_just_happens_to_be_there(path: Path) -> None:
    found = written(path, deep(GREY) // 2, "minisblack", extratags=[(281, "H", 1, 32000, True)])
    assert off(found, rgb(GREY / 2)) <= 1


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_colours_from_0_to_1(path: Path, dtype: type[np.floating[Any]], planar: str) -> None:
    """Of a dark photo: it isn't stretched."""
    values = (SCENE / 510).astype(dtype)
    values = values if planar == "contig" else np.moveaxis(values, -1, 0)
    assert off(written(path, values, planarconfig=planar), SCENE / 2) <= 1


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.uint32, np.float16, np.float64])
def test_numbers_without_a_range_are_scaled_by_what_they_hold(
    path: Path, dtype: type[np.number[Any]]
) -> None:
    values = (GREY.astype(int) // 3 - (0 if dtype is np.uint32 else 50)).astype(dtype)
    low, high = float(values.min()), float(values.max())
    right = (values.astype(float) - low) * 255 / (high - low)
    assert off(written(path, values, "minisblack"), rgb(right)) <= 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_more_bands_than_colours(path: Path, dtype: type[np.unsignedinteger[Any]]) -> None:
    """The first three are colours, if the file says so; else nobody knows which."""
    whole = SCENE if dtype is np.uint8 else deep(SCENE)
    values = np.concatenate([whole, whole[..., :2] // 3], -1)
    assert off(written(path, values, extrasamples=[0, 0]), SCENE) <= 1
    with pytest.raises(SourceFailure, match="5 bands, and doesn't say which are red, green and blue"):
        written(path, values, "minisblack", planarconfig="contig")


def test_alpha_of_16_bits_in_planes_lies_over_white(path: Path) -> None:
    alpha = deep(SCENE[..., :1])
    values = np.moveaxis(np.concatenate([deep(SCENE), alpha], -1), -1, 0)
    share = alpha / 65535
    found = written(path, values, planarconfig="separate", extrasamples=["unassalpha"])
    assert off(found, SCENE * share + 255 * (1 - share)) <= 1


@pytest.mark.parametrize(
    "values", [SCENE, deep(SCENE), (SCENE / 255).astype(np.float32)], ids=lambda v: str(v.dtype)
)
def test_a_thumbnail_before_the_photo(path: Path, values: NDArray[Any]) -> None:
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(values[::4, ::4], photometric="rgb", subfiletype=1)
        tiff.write(values, photometric="rgb")
        tiff.write(values[::-1], photometric="rgb")
    assert off(read_image(path), SCENE) <= 1


def test_nothing_but_a_thumbnail(path: Path) -> None:
    assert off(written(path, SCENE, subfiletype=1), SCENE) == 0


def test_turned_and_in_other_colours(path: Path) -> None:
    stored = qt_converted(SCENE, SRGB, SPACES["Adobe RGB"])
    found = written(
        path,
        np.moveaxis(deep(stored[::-1, ::-1]), -1, 0),
        planarconfig="separate",
        iccprofile=icc(SPACES["Adobe RGB"]),
        extratags=[(274, "H", 1, 3, True)],
    )
    assert off(found, qt_converted(stored, SPACES["Adobe RGB"], SRGB)) <= 3


def test_what_isnt_read_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tifffile.imwrite(path, (SCENE / 255).astype(np.float32), photometric="rgb")
    data = path.read_bytes()
    at = data.index(struct.pack("<HHII", 259, 3, 1, 1))
    path.write_bytes(data[: at + 8] + struct.pack("<I", 5) + data[at + 12 :])
    named = "of a kind that camviewer doesn't read .32-bit floating point, RGB, 3 bands, compression LZW"
    with pytest.raises(SourceFailure, match=named):
        read_image(path)
    path.write_bytes(data)
    monkeypatch.setattr(tiffs, "MOST_BYTES", 1000)
    with pytest.raises(SourceFailure, match="too large"):
        read_image(path)


def test_damaged_tiffs_are_a_sentence(path: Path) -> None:
    tifffile.imwrite(path, np.moveaxis(deep(SCENE), -1, 0), photometric="rgb", planarconfig="separate")
    data = path.read_bytes()
    for end in (4, 8, 60, 200, len(data) // 2):
        path.write_bytes(data[:end])
        with pytest.raises(SourceFailure, match=r"photo\.tif"):
            read_image(path)


def png16(values: NDArray[np.uint16], clear: list[int]) -> bytes:
    height, width = values.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 16, 2 if values.ndim == 3 else 0, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    chunks = (b"IHDR", header), (b"tRNS", np.array(clear, ">u2").tobytes()), (b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in (*chunks, (b"IEND", b"")))


def test_a_transparent_colour_of_16_bits(tmp_path: Path) -> None:
    """To its last bit: its neighbour isn't transparent."""
    path = tmp_path / "a.png"
    values = np.array([[[1000, 2000, 3000], [1001, 2000, 3000], [65535, 0, 0]]], np.uint16)
    path.write_bytes(png16(values, [1000, 2000, 3000]))
    assert read_image(path).tolist() == [[[255, 255, 255], [4, 8, 12], [255, 0, 0]]]
    path.write_bytes(png16(values[..., 0], [1000]))
    assert read_image(path).tolist() == [[[255] * 3, [4] * 3, [255] * 3]]
    Image.fromarray(SCENE).save(path, transparency=(1, 2, 3))
    np.testing.assert_array_equal(read_image(path), SCENE)
