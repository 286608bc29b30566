"""Photos of every kind become upright RGB; what can't be read is a SourceFailure and nothing else."""

from __future__ import annotations

import contextlib
import io
import os
import re
import struct
import subprocess
import sys
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from camviewer.core.arrays import ByteArray
from camviewer.core.failures import SourceFailure
from camviewer.core.storage import images, reduced_images
from camviewer.core.storage.images import read_image, read_photo, to_rgb

RED, GREEN, BLUE, GREY = (200, 30, 40), (20, 180, 60), (30, 60, 220), (128, 128, 128)
ORIENTATION = 0x0112


def corners(width: int = 48, height: int = 32) -> ByteArray:
    """Red, green / blue, grey."""
    pixels = np.empty((height, width, 3), np.uint8)
    top, left = np.s_[: height // 2], np.s_[: width // 2]
    bottom, right = np.s_[height // 2 :], np.s_[width // 2 :]
    pixels[top, left], pixels[top, right], pixels[bottom, left], pixels[bottom, right] = (
        RED,
        GREEN,
        BLUE,
        GREY,
    )
    return pixels


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    tags[0x010E] = "a description"
    tags[0x011A] = 72.0
    return tags


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def stored(upright: ByteArray, orientation: int) -> ByteArray:
    """As a camera stores it, from the table of the EXIF standard: where row 0 and column 0 are seen."""
    row0, column0 = [
        ("top", "left"),
        ("top", "right"),
        ("bottom", "right"),
        ("bottom", "left"),
        ("left", "top"),
        ("right", "top"),
        ("right", "bottom"),
        ("left", "bottom"),
    ][orientation - 1]
    pixels = upright if row0 in ("top", "bottom") else upright.transpose(1, 0, 2)
    if row0 in ("bottom", "right"):
        pixels = pixels[::-1]
    if column0 in ("bottom", "right"):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["png", "tiff", "webp"])
def test_exif_orientation(tmp_path: Path, orientation: int, kind: str) -> None:
    path = tmp_path / f"photo.{kind}"
    options: dict[str, Any] = {"lossless": True} if kind == "webp" else {}
    Image.fromarray(stored(corners(), orientation)).save(path, exif=exif(orientation), **options)
    np.testing.assert_array_equal(read_image(path), corners())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_of_a_jpeg(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "photo.jpg"
    Image.fromarray(stored(corners(), orientation)).save(
        path, exif=exif(orientation), subsampling=0, quality=95
    )
    read = read_image(path).astype(int)
    assert read.shape == corners().shape
    for y, x in ((4, 4), (4, -5), (-5, 4), (-5, -5)):
        assert np.abs(read[y, x] - corners()[y, x]).max() <= 4


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_unknown_orientation_is_none(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "photo.png"
    Image.fromarray(corners()).save(path, exif=exif(orientation))
    np.testing.assert_array_equal(read_image(path), corners())


def test_damaged_metadata_does_not_hide_the_photo(tmp_path: Path) -> None:
    """Every byte of the EXIF data changed: the pixels are as readable as before."""
    path = tmp_path / "photo.jpg"
    good = encoded(Image.fromarray(corners()), "JPEG", exif=exif(1))
    path.write_bytes(good)
    sound = read_image(path)
    start = good.index(b"Exif\0\0")
    length = int.from_bytes(good[start - 2 : start], "big") - 2
    assert length > 50
    for at in range(start, start + length):
        for value in (0, 2, 7, 255):
            path.write_bytes(good[:at] + bytes([value]) + good[at + 1 :])
            assert read_image(path).size == sound.size  # it may be turned
    path.write_bytes(encoded(Image.fromarray(corners()), "JPEG", exif=b"Exif\0\0no TIFF header"))
    np.testing.assert_array_equal(read_image(path), sound)


def test_a_damaged_tag_does_not_stop_the_turn(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    good = encoded(Image.fromarray(corners()), "JPEG", exif=exif(6))
    tag = good.index(struct.pack(">HHI", 0x011A, 5, 1))
    path.write_bytes(good[: tag + 2] + b"\0\2" + good[tag + 4 :])  # the resolution is said to be text
    assert read_image(path).shape == (48, 32, 3)


# What a mode without colour holds of them.
GREYS = np.array(Image.fromarray(corners()).convert("L"))[..., None].repeat(3, axis=2)


@pytest.mark.parametrize(
    ("mode", "expected", "tolerance"),
    [
        ("RGB", corners(), 0),
        ("RGBA", corners(), 0),
        ("RGBX", corners(), 0),
        ("RGBa", corners(), 0),
        ("P", corners(), 0),
        ("PA", corners(), 0),
        ("CMYK", corners(), 1),
        ("YCbCr", corners(), 2),
        ("HSV", corners(), 4),
        ("LAB", corners(), 10),
        ("L", GREYS, 0),
        ("LA", GREYS, 0),
    ],
)
def test_every_mode_becomes_rgb(mode: str, expected: ByteArray, tolerance: int) -> None:
    source = Image.fromarray(corners())
    rgb = to_rgb(as_mode(source, mode))
    assert rgb.dtype == np.uint8
    assert rgb.shape == (32, 48, 3)
    assert not rgb.flags.writeable
    assert np.abs(rgb.astype(int) - expected).max() <= tolerance


def as_mode(image: Image.Image, mode: str) -> Image.Image:
    if mode == "RGBa":
        return image.convert("RGBA").convert("RGBa")
    if mode == "LAB":
        from PIL import ImageCms

        profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        transform = ImageCms.buildTransform(*profiles, "RGB", "LAB")
        lab = ImageCms.applyTransform(image, transform)
        assert lab is not None
        return lab
    if mode in ("P", "PA"):
        palette = image.convert("P", palette=Image.Palette.ADAPTIVE, colors=4)
        return palette if mode == "P" else palette.convert("PA")
    return image.convert(mode)


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [
        ("1", "png"),
        ("L", "png"),
        ("LA", "png"),
        ("P", "png"),
        ("P", "gif"),
        ("RGBA", "png"),
        ("CMYK", "tiff"),
        ("YCbCr", "tiff"),
        ("LAB", "tiff"),
        ("RGB", "bmp"),
    ],
)
def test_files_of_every_mode(tmp_path: Path, mode: str, suffix: str) -> None:
    path = tmp_path / f"photo.{suffix}"
    white = Image.new("RGB", (6, 4), "white")
    white.paste("black", (0, 0, 3, 4))
    as_mode(white, mode).save(path)
    with Image.open(path) as image:
        assert image.mode == mode
    rgb = read_image(path)
    assert rgb.shape == (4, 6, 3)
    assert rgb[:, :3].max() <= 2
    assert rgb[:, 3:].min() >= 253


def test_16_bits_are_scaled_not_cut(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    values = np.array([[0, 100 * 257, 65535, 200 * 257 + 100]], np.uint16)
    Image.fromarray(values).save(path)
    with Image.open(path) as image:
        assert image.mode.startswith("I")
    np.testing.assert_array_equal(read_image(path)[0], [[v] * 3 for v in (0, 100, 255, 200)])


@pytest.mark.parametrize("suffix", ["tiff", "png"])
def test_16_bits_are_turned_too(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"deep.{suffix}"
    Image.fromarray(np.array([[0, 65535]], np.uint16)).save(path, exif=exif(6))
    np.testing.assert_array_equal(read_image(path)[..., 0], [[0], [255]])


def test_whole_numbers_of_32_bits() -> None:
    image = Image.fromarray(np.array([[-5, 0, 257, 65535, 2**31 - 1]], np.int32))
    assert image.mode == "I"
    np.testing.assert_array_equal(to_rgb(image)[0, :, 0], [0, 0, 1, 255, 255])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((-1.5, 0.0, 1.5), (0, 128, 255)),
        ((7.0, 7.0), (0, 0)),
        ((np.nan, 0.0, 2.0), (0, 0, 255)),
        ((np.inf, 0.0, 2.0, -np.inf), (255, 0, 255, 0)),
        ((np.nan, np.inf), (0, 255)),
    ],
)
def test_floating_point_is_scaled_by_what_it_holds(
    values: tuple[float, ...], expected: tuple[int, ...]
) -> None:
    image = Image.fromarray(np.array([values], np.float32))
    np.testing.assert_array_equal(to_rgb(image)[0, :, 1], expected)


def test_alpha_lies_over_white(tmp_path: Path) -> None:
    pixels = np.array([[[200, 0, 0, 255], [200, 0, 0, 0], [0, 0, 0, 128]]], np.uint8)
    path = tmp_path / "clear.png"
    Image.fromarray(pixels).save(path)
    np.testing.assert_array_equal(read_image(path)[0], [[200, 0, 0], [255, 255, 255], [127, 127, 127]])
    assert to_rgb(Image.fromarray(pixels[..., 2:]))[0, 1].tolist() == [255, 255, 255]  # LA


@pytest.mark.parametrize(
    ("mode", "colour", "clear"), [("P", 0, 0), ("RGB", RED, RED), ("L", 9, 9), ("1", 0, 0)]
)
def test_a_transparent_colour_is_white(tmp_path: Path, mode: str, colour: object, clear: object) -> None:
    path = tmp_path / "clear.png"
    image = Image.new(mode, (3, 2), colour)  # type: ignore[arg-type]
    if mode == "P":
        image.putpalette([10, 20, 30])
    image.save(path, transparency=clear)
    assert (read_image(path) == 255).all()


@pytest.mark.parametrize("suffix", ["gif", "tiff", "webp", "png"])
def test_the_first_of_several_frames(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"moving.{suffix}"
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((255, 0, 0), (0, 0, 255))]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert read_image(path)[4, 4].tolist() == pytest.approx([255, 0, 0], abs=3)


@pytest.mark.parametrize("name", ["photo.png", "photo", "photo.txt", "Löwe, “Leo” 🦁.jpg"])
def test_the_content_counts_not_the_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(encoded(Image.fromarray(corners()), "BMP"))
    np.testing.assert_array_equal(read_image(tmp_path / name), corners())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"x\.jpg is empty"),
        (b"no photo\n", r"x\.jpg is not an image that camviewer can read"),
        (b"\x89PNG\r\n\x1a\n", "x.jpg"),
        (b"\xff\xd8\xff", "x.jpg"),
        (b"%PDF-1.4", "not an image"),
    ],
)
def test_what_is_no_photo(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(content)
    with pytest.raises(SourceFailure, match=message):
        read_image(path)


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    for path, message in (
        (tmp_path / "missing.jpg", r"missing\.jpg doesn't exist"),
        (tmp_path, "is not a file"),
        (tmp_path / ("x" * 5000), "can't be read"),
        (tmp_path / "nul\0.jpg", "x?"),
    ):
        with pytest.raises(SourceFailure, match=message):
            read_image(path)


def sound_files() -> Iterator[bytes]:
    image = Image.fromarray(corners())
    for kind in ("JPEG", "PNG", "TIFF", "GIF", "BMP", "WEBP"):
        yield encoded(image, kind)
    yield encoded(image, "JPEG", progressive=True, exif=exif(6))
    yield encoded(image, "TIFF", exif=exif(3))
    yield encoded(image.convert("F"), "TIFF")


SOUND = tuple(sound_files())


@given(st.sampled_from(SOUND), st.data())
def test_damage_is_a_source_failure_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, data: st.DataObject
) -> None:
    changed = bytearray(content[: data.draw(st.integers(0, len(content)), label="cut")])
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4)):
        if at < len(changed):
            changed[at] = value
    path = tmp_path_factory.getbasetemp() / "damaged.jpg"
    path.write_bytes(changed)
    with contextlib.suppress(SourceFailure):
        rgb = read_image(path)
        assert rgb.ndim == 3
        assert rgb.shape[2] == 3


@pytest.mark.slow
def test_a_photo_of_90_megapixels(tmp_path: Path) -> None:
    """Pillow warns of it as of a decompression bomb; such cameras exist."""
    path = tmp_path / "large.png"
    Image.new("1", (9500, 9500), 1).save(path)
    frame = read_photo(path)
    assert (frame.image.shape, frame.original_size) == ((4750, 4750, 3), (9500, 9500))
    assert frame.image[::250, ::250].min() == 255


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [(mode, "png") for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")]
    + [(mode, "tiff") for mode in ("PA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F")]
    + [("P", "gif"), ("RGB", "webp"), ("RGBA", "webp")],
)
@pytest.mark.parametrize("orientation", [1, 6])
def test_large_photos_of_every_mode_are_reduced(
    mode: str, suffix: str, orientation: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"photo.{suffix}"
    whole = noise("RGB", 83, 60) if suffix != "webp" else Image.fromarray(corners(83, 60))
    deep = {"I;16": np.uint16, "I": np.int32, "F": np.float32}
    if mode in deep:
        image = Image.fromarray(np.asarray(whole.convert("L")).astype(deep[mode]) * deep[mode](257))
    else:
        image = as_mode(whole, mode)
    options: dict[str, Any] = {} if suffix == "gif" else {"exif": exif(orientation)}
    image.save(path, **options)
    unreduced = read_photo(path)
    monkeypatch.setattr(images, "SHOWN_PIXELS", 83 * 60 - 1)
    monkeypatch.setattr(images, "TILE_PIXELS", 100)  # several in both directions
    frame = read_photo(path)
    assert frame.original_size == (unreduced.width, unreduced.height)
    turned = orientation == 6 and suffix != "gif"
    assert frame.image.shape == ((42, 30, 3) if turned else (30, 42, 3))
    expected = np.asarray(Image.fromarray(unreduced.image).reduce(2)).astype(int)
    assert np.abs(frame.image - expected).max() <= 1


def test_formats_that_are_not_offered_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """EPS is a program, which Pillow lets Ghostscript run, for as long as it runs."""
    marker, gs = tmp_path / "called", tmp_path / "gs"
    gs.write_text(f"#!/bin/sh\ntouch '{marker}'\n")
    gs.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr("PIL.EpsImagePlugin.gs_binary", None)  # so it looks again
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(Image.fromarray(corners()), "EPS"))
    with pytest.raises(SourceFailure, match=r"photo\.jpg is not an image"):
        read_image(path)
    assert not marker.exists()
    if sys.platform != "win32":
        with contextlib.suppress(OSError), Image.open(path) as image:
            image.load()
        assert marker.exists()  # this is how it would have been called


def test_a_webp_that_is_too_large(tmp_path: Path) -> None:
    """By its header: 9,500 pixels each way, of one colour, are 34 bytes."""
    side = 9_500 - 1
    bits = (side | side << 14).to_bytes(4, "little")
    content = b"\x2f" + bits + bytes(9)
    chunk = b"WEBPVP8L" + struct.pack("<I", len(content)) + content
    path = tmp_path / "huge.webp"
    path.write_bytes(b"RIFF" + struct.pack("<I", len(chunk)) + chunk)
    with pytest.raises(SourceFailure, match="too large") as caught:
        read_photo(path)
    assert "89 megapixels" in caught.value.mend


@pytest.mark.parametrize(("side", "interlaced"), [(13_400, 1), (60_000, 0), (2_000_000_000, 0)])
def test_a_photo_that_is_too_large(tmp_path: Path, side: int, interlaced: int) -> None:
    """Refused by its header, before memory is taken."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, interlaced)
    path = tmp_path / "huge.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(SourceFailure, match=r"huge\.png is too large.* 178 megapixels"):
        read_image(path)


def noise(mode: str, width: int, height: int) -> Image.Image:
    """Every filter of PNG is the best for some row of it: flat, slanting and noisy parts."""
    chance = np.random.default_rng(7)
    channels = len(Image.new(mode, (1, 1)).getbands())
    rows = np.arange(height)[:, None, None] * 3 + np.arange(width)[None, :, None] * 2
    values = rows + chance.integers(0, 60, (height, width, channels)) * (rows % 90 > 40)
    values[height // 3 : height // 2] = 77
    pixels = (values % 256).astype(np.uint8)
    return Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels, "L" if mode == "P" else mode)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P"])
@pytest.mark.parametrize("strip", [1, 3_000, 10**9])
def test_a_png_in_strips_is_the_whole_png_reduced(
    mode: str, strip: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = noise(mode, 201, 150)
    if mode == "P":
        image = image.quantize(50)
    path = tmp_path / "photo.png"
    if mode == "P":
        image.save(path, transparency=3)
    else:
        image.save(path)
    monkeypatch.setattr(reduced_images, "STRIP_BYTES", strip)
    with path.open("rb") as file:
        small = reduced_images.reduced_png(file, 201 * 150 // 9)
    whole = Image.open(path).convert(small.mode).reduce(3)
    assert small.size == whole.size == (67, 50)
    np.testing.assert_array_equal(np.asarray(small), np.asarray(whole))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.slow
def test_a_photo_of_900_megapixels_is_shown_reduced_in_bounded_memory(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"huge.{kind.lower()}"
    if kind == "JPEG":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Image.new("L", (30_000, 30_000), 90).save(path, kind)
    else:
        write_grey_png(path, 30_000)
    width, original, grey, peak_kb = seen_elsewhere(path)
    assert original == (30_000, 30_000)
    assert 3000 <= width <= 8000
    assert grey == 90
    assert peak_kb < 1_500_000


@pytest.mark.parametrize("mode", ["I;16", "F", "P", "RGBA"])
@pytest.mark.slow
def test_a_photo_of_121_megapixels_of_any_mode_is_reduced_in_bounded_memory(
    mode: str, tmp_path: Path
) -> None:
    path = tmp_path / ("large.tiff" if mode == "F" else "large.png")
    if mode == "RGBA":
        Image.new(mode, (11_000, 11_000), (90, 90, 90, 255)).save(path, compress_level=1)
    elif mode == "F":
        image = Image.new(mode, (11_000, 11_000), 90)
        image.paste(255, (0, 0, 8, 8))
        image.paste(0, (8, 0, 16, 8))
        image.save(path, compression="packbits", exif=exif(6))
    else:
        write_grey_png(path, 11_000, mode)
    width, original, grey, peak_kb = seen_elsewhere(path)
    assert (width, original, grey) == (5500, (11_000, 11_000), 90)
    assert peak_kb < 1_300_000  # so less than 1,500,000 at the 178 megapixels where Pillow stops


@pytest.mark.slow
def test_a_photo_of_36_megapixels_and_16_bits_takes_little_memory(tmp_path: Path) -> None:
    write_grey_png(tmp_path / "deep.png", 6000, "I;16")
    width, original, grey, peak_kb = seen_elsewhere(tmp_path / "deep.png")
    assert (width, original, grey) == (6000, None, 90)
    assert peak_kb < 400_000


def seen_elsewhere(path: Path) -> tuple[int, tuple[int, int] | None, int, int]:
    """Width, original size, mean and peak of memory (0: unknown) of another process."""
    code = (
        "import sys; from pathlib import Path; from camviewer.core.storage.images import read_photo;"
        "f = read_photo(Path(sys.argv[1])); original = f.original_size or (0, 0);"
        "grey = f.image[::10, ::10].mean(); print(f.width, *original, round(grey));"
        "status = Path('/proc/self/status');"
        "print(status.read_text() if status.exists() else '')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    numbers, _, status = done.stdout.partition("\n")
    width, *original, grey = map(int, numbers.split())
    # Not getrusage's maxrss: that begins with what the process that started this one has.
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak is not None or sys.platform != "linux"
    return width, (original[0], original[1]) if original[0] else None, grey, int(peak[1]) if peak else 0


def write_grey_png(path: Path, side: int, mode: str = "L") -> None:
    """Without having it in memory."""
    packer = zlib.compressobj(1)
    pixel, depth, colour_type = {"L": (b"\x5a", 8, 0), "P": (b"\1", 8, 3), "I;16": (b"\x5a\x5a", 16, 0)}[mode]
    row = b"\0" + pixel * side
    data = b"".join([*(packer.compress(row) for _ in range(side)), packer.flush()])
    header = struct.pack(">IIBBBBB", side, side, depth, colour_type, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"PLTE", bytes(3) + b"\x5a" * 3), (b"IDAT", data), (b"IEND", b"")]
    if mode != "P":
        del chunks[1]
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + b"".join(reduced_images._chunk(name, content) for name, content in chunks)
    )
