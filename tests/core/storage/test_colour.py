"""Photos' colours become sRGB. What is right, Qt says, which has code of its own, and formulas."""

from __future__ import annotations

import io
import logging
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColorSpace, QImage
from torchvision.models import ResNet18_Weights

from camviewer.core.arrays import ByteArray
from camviewer.core.frames import Fit
from camviewer.core.models.builtin import RESNET18
from camviewer.core.review.helper_process import HelperProcess
from camviewer.core.review.preparing import PreparationPlan, PreparedPhoto, prepare_photo
from camviewer.core.storage import colour, images, profiles
from camviewer.core.storage.images import read_image, read_photo, read_rgb
from tests.core.storage.png_chunks import with_chunks

NAMES = QColorSpace.NamedColorSpace
SRGB = QColorSpace(NAMES.SRgb)
SPACES = {
    "Adobe RGB": QColorSpace(NAMES.AdobeRgb),
    "Display P3": QColorSpace(NAMES.DisplayP3),
    "ProPhoto": QColorSpace(NAMES.ProPhotoRgb),
    "Rec. 2020": QColorSpace(NAMES.Bt2020),
    "linear": QColorSpace(NAMES.SRgbLinear),
    "gamma 1.8": QColorSpace(QColorSpace.Primaries.SRgb, 1.8),
}
EXACT: dict[str, dict[str, Any]] = {"webp": {"lossless": True}, "jpg": {"quality": 100, "subsampling": 0}}
"""As exact as the format can be."""
D50 = QPointF(0.3457, 0.3585)


def scene(height: int = 48, width: int = 64) -> ByteArray:
    """Every hue, from dark to light and from grey to vivid, smooth."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    channels = [np.sin(3 * x + phase) * np.cos(2 * y + phase) for phase in (0.0, 2.1, 4.2)]
    return (127.5 + 120 * np.stack(channels, -1)).round().astype(np.uint8)


def qt_image(pixels: ByteArray) -> QImage:
    height, width, _ = pixels.shape
    return QImage(pixels.tobytes(), width, height, width * 3, QImage.Format.Format_RGB888).copy()


def qt_converted(pixels: ByteArray, source: QColorSpace, target: QColorSpace) -> ByteArray:
    image = qt_image(pixels)
    image.setColorSpace(source)
    image = image.convertedToColorSpace(target).convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def icc(space: QColorSpace) -> bytes:
    return bytes(space.iccProfile().data())


def to_light(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """IEC 61966-2-1."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def from_light(light: NDArray[np.float64]) -> NDArray[np.float64]:
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def away(found: ByteArray, right: NDArray[np.generic]) -> int:
    """Levels of 255, of the pixel that is farthest off."""
    assert found.shape == right.shape
    return int(np.abs(found.astype(int) - right.astype(int)).max())


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("suffix", ["png", "tiff", "webp", "jpg"])
def test_a_profile_says_which_colours(tmp_path: Path, name: str, suffix: str) -> None:
    space, path = SPACES[name], tmp_path / f"photo.{suffix}"
    stored = qt_converted(scene(), SRGB, space)
    exact = EXACT.get(suffix, {})
    Image.fromarray(stored).save(path, icc_profile=icc(space), **exact)
    with Image.open(path) as decoded:
        bare = np.array(decoded)
    assert away(bare, scene()) > 15, "the test has nothing to find"
    found = read_image(path)
    assert away(found, qt_converted(bare, space, SRGB)) <= 2
    assert np.abs(found.astype(int) - scene()).mean() < 1.5
    np.testing.assert_array_equal(np.asarray(read_rgb(path)), found)


@pytest.mark.parametrize("name", ["Adobe RGB", "ProPhoto"])
def test_the_network_is_given_what_is_shown(tmp_path: Path, name: str) -> None:
    """As torchvision's preset makes it of the sRGB picture that the file was made of."""
    path, shown = tmp_path / "photo.png", scene(300, 400)
    Image.fromarray(qt_converted(shown, SRGB, SPACES[name])).save(path, icc_profile=icc(SPACES[name]))
    preset = ResNet18_Weights.IMAGENET1K_V1.transforms()
    mean, deviation = (np.array(values)[:, None, None] for values in (preset.mean, preset.std))
    right = (preset(Image.fromarray(shown)).numpy() * deviation + mean).transpose(1, 2, 0) * 255
    plan = PreparationPlan(RESNET18.preprocessing, RESNET18.sizes, Fit.CROP, 224)
    prepared = prepare_photo(path, plan)
    assert isinstance(prepared, PreparedPhoto)
    assert np.abs(prepared.pixels - right).mean() < 1


@pytest.mark.parametrize("mode", ["RGBA", "P", "L"])
def test_profiles_of_other_modes(tmp_path: Path, mode: str) -> None:
    """Alpha over white comes after the colours; a palette's and greys' are those of an RGB profile too."""
    space, path = SPACES["Adobe RGB"], tmp_path / "photo.png"
    image = Image.fromarray(scene()).convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.fromarray(scene()[..., 0]))
    image.save(path, icc_profile=icc(space))
    right = qt_converted(np.array(image.convert("RGB")), space, SRGB).astype(float)
    if mode == "RGBA":
        alpha = np.asarray(image)[..., 3:] / 255
        right = right * alpha + 255 * (1 - alpha)
    assert away(read_image(path), right.round()) <= 2


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_grey_profiles(tmp_path: Path, dtype: type[np.uint8] | type[np.uint16], suffix: str) -> None:
    most, path = np.iinfo(dtype).max, tmp_path / f"grey.{suffix}"
    grey = QColorSpace(D50, QColorSpace.TransferFunction.Gamma, 1.0)
    values = (np.linspace(0, 1, 64) ** 3 * most).round()[None]
    Image.fromarray(values.astype(dtype)).save(path, icc_profile=icc(grey))
    right = 255 * from_light(values / most)
    found = read_image(path)
    assert away(found, right.round()[..., None].repeat(3, axis=2)) <= (1 if dtype is np.uint8 else 2)
    assert away(found[..., 0], (values / most * 255).round()) > 60


def cmyk_profile(rgb_of: Callable[[NDArray[np.float64]], NDArray[np.float64]], steps: int = 9) -> bytes:
    """A printer's profile (ICC.1, lut16Type) of inks whose linear RGB light is known."""
    grid = np.stack(np.meshgrid(*[np.linspace(0, 1, steps)] * 4, indexing="ij"), -1).reshape(-1, 4)
    bradford = np.array([[1.0479, 0.0229, -0.0502], [0.0296, 0.9904, -0.0171], [-0.0092, 0.0151, 0.7519]])
    srgb = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = rgb_of(grid) @ (bradford @ srgb).T / [0.9642, 1.0, 0.8249]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    lab = np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], -1)
    table = (np.clip(lab * [652.8, 256, 256] + [0, 32768, 32768], 0, 65535)).astype(">u2").tobytes()
    identity = np.array([1, 0, 0, 0, 1, 0, 0, 0, 1]) * 65536
    lut = b"mft2\0\0\0\0" + bytes([4, 3, steps, 0]) + identity.astype(">i4").tobytes()
    ramp = struct.pack(">2H", 0, 65535)
    lut += struct.pack(">2H", 2, 2) + ramp * 4 + table + ramp * 3
    tags = struct.pack(">I4sII", 1, b"A2B0", 144, len(lut))
    header = struct.pack(">I4xI", 144 + len(lut), 0x02400000) + b"prtrCMYKLab " + bytes(12) + b"acsp"
    header = header.ljust(68, b"\0") + np.array([0.9642 * 65536, 65536, 0.8249 * 65536], ">i4").tobytes()
    return bytes(header.ljust(128, b"\0") + tags + lut)


@pytest.mark.parametrize("suffix", ["tiff", "jpg"])
def test_cmyk(tmp_path: Path, suffix: str) -> None:
    """Inks that darken light by their square: far from Pillow's formula, and smooth enough for a table."""

    def light(inks: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(0.02 + 0.9 * ((1 - 0.9 * inks[..., :3]) * (1 - 0.9 * inks[..., 3:])) ** 2)

    y, x = np.mgrid[0:32, 0:48] / 48
    inks = (255 * np.stack([x, y, 1 - x, 0.4 * y], -1)).astype(np.uint8)
    path = tmp_path / f"print.{suffix}"
    exact = EXACT.get(suffix, {})
    Image.fromarray(inks, "CMYK").save(path, icc_profile=cmyk_profile(light), **exact)
    with Image.open(path) as stored:
        decoded = np.array(stored)
        bare = np.array(stored.convert("RGB"))
    # The darkest becomes black (black point compensation): only the middle follows the formula closely.
    right = 255 * from_light(light(decoded / 255))
    found = read_image(path)
    bright = right.min(axis=2) > 60
    assert np.abs(found - right)[bright].max() <= 4
    assert np.abs(bare - right)[bright].mean() > 15
    np.testing.assert_array_equal(np.asarray(read_rgb(path)), found)


def adobe_rgb_of(pixels: ByteArray) -> ByteArray:
    """By the matrices of IEC 61966-2-1 and Adobe RGB (1998), 4.3.5."""
    srgb = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    adobe = np.array([[0.57667, 0.18556, 0.18823], [0.29734, 0.62736, 0.07529], [0.02703, 0.07069, 0.99134]])
    light = to_light(pixels / 255) @ (np.linalg.inv(adobe) @ srgb).T
    return np.asarray((np.clip(light, 0, 1) ** (256 / 563) * 255).round().astype(np.uint8))


@pytest.mark.parametrize("mark", ["R03", "2"])
def test_exifs_mark_of_adobe_rgb(tmp_path: Path, mark: str) -> None:
    path, exif = tmp_path / "photo.jpg", Image.Exif()
    exif.get_ifd(0x8769)[0xA001] = 2 if mark == "2" else 0xFFFF
    if mark == "R03":
        exif.get_ifd(0x8769)[0xA005] = {1: "R03", 2: b"0100"}
    Image.fromarray(adobe_rgb_of(scene())).save(path, exif=exif, quality=100, subsampling=0)
    assert np.abs(read_image(path).astype(int) - scene()).mean() < 1.5


def test_uncalibrated_alone_says_nothing(tmp_path: Path) -> None:
    path, exif = tmp_path / "photo.png", Image.Exif()
    exif.get_ifd(0x8769)[0xA001] = 0xFFFF
    Image.fromarray(scene()).save(path, exif=exif)
    np.testing.assert_array_equal(read_image(path), scene())


def chunked(path: Path, pixels: ByteArray, **chunks: bytes) -> Path:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    path.write_bytes(with_chunks(file.getvalue(), [(name.encode(), data) for name, data in chunks.items()]))
    return path


SRGB_CHRM = struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
P3_CHRM = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)


@pytest.mark.parametrize("gamma", [1.0, 1 / 1.8, 0.7])
def test_png_gamma(tmp_path: Path, gamma: float) -> None:
    path = chunked(tmp_path / "a.png", scene(), gAMA=struct.pack(">I", round(gamma * 100_000)))
    right = 255 * from_light((scene() / 255) ** (1 / gamma))
    assert away(read_image(path), right.round()) <= 1


def test_png_primaries(tmp_path: Path) -> None:
    """Of Display P3, whose curve is sRGB's."""
    stored = qt_converted(scene(), SRGB, SPACES["Display P3"])
    for name, gamma in (("a", {}), ("b", {"gAMA": struct.pack(">I", 45455)})):
        path = chunked(tmp_path / f"{name}.png", stored, cHRM=P3_CHRM, **gamma)
        assert away(read_image(path), scene()) <= 2


@pytest.mark.parametrize(
    ("codes", "name"),
    [((12, 13), "Display P3"), ((9, 13), None), ((1, 8), "linear"), ((12, 2), "Display P3")],
)
def test_png_cicp(tmp_path: Path, codes: tuple[int, int], name: str | None) -> None:
    """Before all other marks. Rec. 2020's primaries with sRGB's curve: Qt knows them apart."""
    space = (
        SPACES[name] if name else QColorSpace(QColorSpace.Primaries.Bt2020, QColorSpace.TransferFunction.SRgb)
    )
    stored = qt_converted(scene(), SRGB, space)
    path = chunked(
        tmp_path / "a.png", stored, cICP=bytes([*codes, 0, 1]), sRGB=b"\0", gAMA=struct.pack(">I", 1000)
    )
    assert away(read_image(path), qt_converted(stored, space, SRGB)) <= 2


def test_avifs_codes(tmp_path: Path) -> None:
    """H.273's numbers in its box; made of a plain file by changing them."""
    file = io.BytesIO()
    stored = qt_converted(scene(), SRGB, SPACES["Display P3"])
    Image.fromarray(stored).save(file, "AVIF", quality=100, subsampling="4:4:4")
    plain = file.getvalue()
    at = plain.index(b"colrnclx") + 8
    assert struct.unpack(">HH", plain[at : at + 4]) == (1, 13)
    path = tmp_path / "a.avif"
    path.write_bytes(plain)
    bare = read_image(path)
    path.write_bytes(plain[:at] + struct.pack(">H", 12) + plain[at + 2 :])
    assert away(read_image(path), qt_converted(bare, SPACES["Display P3"], SRGB)) <= 2


@pytest.mark.parametrize(
    "chunks",
    [
        {"sRGB": b"\0", "gAMA": struct.pack(">I", 100_000), "cHRM": P3_CHRM},
        {"gAMA": struct.pack(">I", 45455), "cHRM": SRGB_CHRM},  # as ImageMagick writes it into most files
        {"gAMA": struct.pack(">I", 45455)},
        {"cICP": bytes([1, 13, 0, 1])},
        {"cICP": bytes([2, 2, 0, 1])},
        {"gAMA": bytes(4)},
        {"cHRM": bytes(32)},
        {"cICP": bytes([77, 99, 0, 1])},
        {"cICP": b""},
    ],
)
def test_pngs_that_stay_as_they_are(tmp_path: Path, chunks: dict[str, bytes]) -> None:
    """Those that are sRGB, and those whose chunks say nothing that can be."""
    np.testing.assert_array_equal(read_image(chunked(tmp_path / "a.png", scene(), **chunks)), scene())


@pytest.mark.parametrize("suffix", ["png", "tiff", "jpg"])
def test_srgb_stays_as_it_is_to_the_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    """Whoever wrote its profile."""
    from PIL import ImageCms

    path = tmp_path / f"photo.{suffix}"
    Image.fromarray(scene()).save(path)
    bare = read_image(path)
    theirs = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    rounded = profiles.matrix_profile(profiles.SRGB, (2.4, 0.948, 0.052, 0.0774, 0.0404))
    for profile in (icc(SRGB), theirs, rounded):
        Image.fromarray(scene()).save(path, icc_profile=profile)
        colour._opened(profile)
        with monkeypatch.context() as patch:
            patch.setattr(colour, "_transform", None)  # nothing is converted
            np.testing.assert_array_equal(read_image(path), bare)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_damaged_profiles(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """The pixels are as readable as before, and the log says so. So it is with a profile of another mode."""
    caplog.set_level(logging.INFO)
    path, good = tmp_path / "photo.tiff", icc(SPACES["Adobe RGB"])
    image = Image.fromarray(scene()).convert(mode)
    image.save(path)
    bare = read_image(path)
    cmyk = cmyk_profile(lambda inks: inks[..., :3], 2)
    for bad in (
        good[:200],
        good[:40],
        b"no profile at all",
        bytes(500),
        good.replace(b"RGB XYZ", b"LUV XYZ"),
    ):
        caplog.clear()
        image.save(path, icc_profile=bad)
        np.testing.assert_array_equal(read_image(path), bare)
        assert "colour profile can't be used" in caplog.text
    image.save(path, icc_profile=good if mode == "CMYK" else cmyk)
    np.testing.assert_array_equal(read_image(path), bare)


def test_huge_photos_are_converted_tile_by_tile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reduced by the decoder (JPEG), strip by strip (PNG), or as a whole (TIFF): the colours are the same."""
    space = SPACES["Adobe RGB"]
    flat = np.empty((240, 320, 3), np.uint8)
    flat[:] = (30, 200, 90)
    shown = qt_converted(flat, space, SRGB)[0, 0]
    assert np.abs(shown.astype(int) - (30, 200, 90)).max() > 15
    monkeypatch.setattr(images, "SHOWN_PIXELS", 20_000)
    monkeypatch.setattr(images, "TILE_PIXELS", 1000)
    for suffix in ("jpg", "png", "tiff"):
        path = tmp_path / f"huge.{suffix}"
        Image.fromarray(flat).save(path, icc_profile=icc(space))
        for limit in (images.MAX_PIXELS, 50_000):
            with monkeypatch.context() as patch:
                patch.setattr(images, "MAX_PIXELS", limit if suffix == "png" else images.MAX_PIXELS)
                frame = read_photo(path)
            assert frame.original_size == (320, 240)
            assert np.abs(frame.image.astype(int) - shown).max() <= 3


def test_unmanaged_colours_are_the_bare_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In processes that read photos, too."""
    space, path = SPACES["ProPhoto"], tmp_path / "photo.png"
    stored = qt_converted(scene(), SRGB, space)
    Image.fromarray(stored).save(path, icc_profile=icc(space))
    monkeypatch.setenv(colour.VARIABLE, "on")
    converted = read_image(path)
    assert away(stored, converted) > 15
    colour.leave_colours_alone()
    np.testing.assert_array_equal(read_image(path), stored)
    process = HelperProcess()
    try:
        process.ask(read_rgb, [path])
        (there,) = process.answer()
    finally:
        process.close()
    np.testing.assert_array_equal(np.asarray(there), stored)
