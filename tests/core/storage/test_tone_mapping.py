"""HDR becomes sRGB: by BT.2100's formulas, written anew, and by FFmpeg's own filter."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.filter import Graph
from PIL import Image

from camviewer.core.storage import colour
from camviewer.core.storage.images import read_image
from camviewer.core.storage.tone_mapping import HLG, PEAK, PQ, WHITE, compressed, tone_mapping
from tests.core.storage.png_chunks import with_chunks
from tests.core.storage.test_colour import from_light


def test_the_curve_is_ffmpegs() -> None:
    """Its filter works on linear light, float planes of G, B and R."""
    light = np.linspace(0, PEAK / WHITE, 64, dtype=np.float32)
    frame = av.VideoFrame(64, 1, "gbrpf32le")
    for plane in frame.planes:
        np.frombuffer(plane, np.float32)[:64] = light  # type: ignore[call-overload]
    frame.color_trc, frame.pts, frame.time_base = 8, 0, Fraction(1, 25)
    graph = Graph()
    source = graph.add_buffer(
        width=64, height=1, format=av.VideoFormat("gbrpf32le"), time_base=Fraction(1, 25)
    )
    steps = (
        graph.add("tonemap", f"tonemap=mobius:param=0.3:desat=0:peak={PEAK / WHITE}"),
        graph.add("buffersink"),
    )
    source.link_to(steps[0])
    steps[0].link_to(steps[1])
    graph.configure()
    graph.push(frame)
    theirs = np.frombuffer(graph.pull().planes[0], np.float32)[:64]  # type: ignore[call-overload]
    np.testing.assert_allclose(compressed(light.astype(float)), theirs, atol=1e-4)


@pytest.mark.parametrize(
    ("transfer", "code", "nits"),
    # BT.2408, table 1: 203 cd/m² is 58 % in PQ and 75 % in HLG; its 100 and 1000 cd/m² in PQ.
    [(PQ, 0.58, 203), (PQ, 0.508, 100), (PQ, 0.75, 1000), (HLG, 0.75, 203), (HLG, 1.0, 1000), (PQ, 0.0, 0)],
)
def test_greys(transfer: int, code: float, nits: float) -> None:
    image = Image.new("RGB", (1, 1), (round(code * 255),) * 3)
    found = np.asarray(image.filter(tone_mapping(transfer)))[0, 0]
    right = 255 * from_light(compressed(np.array(nits / WHITE)))
    assert found == pytest.approx(float(right), abs=3)


def test_colours_of_rec2020_are_converted() -> None:
    """sRGB's red, at 100 cd/m² of white, in PQ and Rec. 2020 (BT.2087), is red again."""
    linear = np.array([0.6274, 0.0691, 0.0164]) * 100 / 10_000
    power = linear**0.1593017578125
    codes = ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    pixel = Image.fromarray((codes * 255).round().astype(np.uint8)[None, None])
    red, green, blue = np.asarray(pixel.filter(tone_mapping(PQ)))[0, 0].astype(int)
    assert red == pytest.approx(255 * float(from_light(compressed(np.array(100 / WHITE)))), abs=5)
    assert max(green, blue) < 30


def test_hdr_photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PNGs say it by cICP. Unmanaged, they are as they are."""
    codes = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    file, path = io.BytesIO(), tmp_path / "hdr.png"
    Image.fromarray(codes).save(file, "PNG")
    path.write_bytes(with_chunks(file.getvalue(), [(b"cICP", bytes([9, 16, 0, 1]))]))
    found = read_image(path)
    np.testing.assert_array_equal(found, np.asarray(Image.fromarray(codes).filter(tone_mapping(PQ))))
    assert found[9, 4, 0] == pytest.approx(212, abs=5), "a white sheet, 58 %, is light"
    monkeypatch.setenv(colour.VARIABLE, "off")
    np.testing.assert_array_equal(read_image(path), codes)
