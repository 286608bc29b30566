from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QColorSpace, QImage
from PySide6.QtMultimedia import QtVideo, QVideoFrame, QVideoFrameFormat

from camviewer.core.arrays import ByteArray
from camviewer.core.failures import SourceFailure
from camviewer.core.storage.colour import VARIABLE, Colours
from camviewer.media import frames
from camviewer.media.frames import array_to_image, image_to_array, to_frame, to_srgb
from camviewer.media.pipeline.inlet import Inlet, PendingFrame
from camviewer.media.pipeline.mailbox import Mailbox
from tests.media.fakes import make_frame

pytestmark = pytest.mark.usefixtures("qapp")
SIZES = st.tuples(st.integers(1, 9), st.integers(1, 9))


def pixels(height: int, width: int) -> ByteArray:
    return np.random.default_rng(height * 100 + width).integers(0, 256, (height, width, 3), np.uint8)


@given(SIZES)
def test_arrays_and_images_round_trip(size: tuple[int, int]) -> None:
    array = pixels(*size)
    image = array_to_image(array)
    assert (image.height(), image.width()) == size
    colour = image.pixelColor(size[1] - 1, size[0] - 1)
    assert (colour.red(), colour.green(), colour.blue()) == tuple(array[-1, -1])
    np.testing.assert_array_equal(image_to_array(image), array)


def test_pasted_images_become_srgb(monkeypatch: pytest.MonkeyPatch) -> None:
    """If they say that they are of another space. Expected: LittleCMS's colours, as of a photo."""
    array, space = pixels(7, 9), QColorSpace(QColorSpace.NamedColorSpace.AdobeRgb)
    image = array_to_image(array)
    assert to_srgb(image) is image
    image.setColorSpace(space)
    right = Colours(bytes(space.iccProfile().data()), "RGB").srgb(Image.fromarray(array))
    difference = image_to_array(to_srgb(image)).astype(int) - np.asarray(right).astype(int)
    assert np.abs(difference).max() <= 2
    assert np.abs(image_to_array(image).astype(int) - np.asarray(right)).max() > 15
    monkeypatch.setenv(VARIABLE, "off")
    assert to_srgb(image) is image


@given(SIZES, st.integers(0, 13))
def test_padding_at_the_end_of_rows_is_left_out(size: tuple[int, int], padding: int) -> None:
    height, width = size
    array = pixels(height, width)
    padded = np.full((height, width * 3 + padding), 99, np.uint8)
    padded[:, : width * 3] = array.reshape(height, -1)
    image = QImage(padded.tobytes(), width, height, padded.shape[1], QImage.Format.Format_RGB888)
    np.testing.assert_array_equal(image_to_array(image), array)


def test_arrays_are_copies_and_read_only() -> None:
    array = pixels(3, 5)
    wanted = array.copy()
    image = array_to_image(array)
    array[:] = 0
    result = image_to_array(image)
    image.fill(0)
    np.testing.assert_array_equal(result, wanted)
    assert not result.flags.writeable


def test_part_of_an_array_becomes_an_image() -> None:
    part = pixels(8, 9)[1:6, 2:7]
    np.testing.assert_array_equal(image_to_array(array_to_image(part)), part)


def video_frame(
    array: ByteArray, rotation: QtVideo.Rotation | None = None, mirrored: bool = False
) -> QVideoFrame:
    """As a decoder or camera makes it: in memory of its own, and how it is to be turned in its format."""
    height, width, _ = array.shape
    form = QVideoFrameFormat(QSize(width, height), QVideoFrameFormat.PixelFormat.Format_RGBX8888)
    if rotation is not None:
        form.setRotation(rotation)
    form.setMirrored(mirrored)
    video = QVideoFrame(form)
    assert video.map(QVideoFrame.MapMode.WriteOnly)
    rows = np.asarray(video.bits(0)).reshape(height, video.bytesPerLine(0))
    rows[:, : width * 4] = np.dstack([array, np.full((height, width), 255, np.uint8)]).reshape(height, -1)
    video.unmap()
    return video


def test_a_decoded_frame_is_drawn_without_another_conversion() -> None:
    array = pixels(6, 8)
    frame = to_frame(video_frame(array), 0, 0.0, "camera")
    kept = len(frames._decoded)
    image = array_to_image(frame.image)
    assert image.format() == QImage.Format.Format_RGB32
    np.testing.assert_array_equal(image_to_array(image), array)
    again = array_to_image(frame.image)
    assert again.cacheKey() == image.cacheKey(), "the same pixels, not a copy"
    image.fill(0)
    np.testing.assert_array_equal(image_to_array(array_to_image(frame.image)), array)
    del frame
    assert len(frames._decoded) == kept - 1, "it goes with its frame"


def test_a_video_frame_becomes_a_frame() -> None:
    array, video = pixels(6, 8), video_frame(pixels(6, 8))
    video.setStartTime(1_500_000)
    frame = to_frame(video, 7, 12.5, "clip.mp4")
    np.testing.assert_array_equal(frame.image, array)
    assert (frame.index, frame.time, frame.source, frame.position) == (7, 12.5, "clip.mp4", 1.5)


def test_a_video_frame_without_a_time_has_no_position() -> None:
    assert to_frame(video_frame(pixels(2, 2)), 1, 0.0, "camera").position is None


@pytest.mark.parametrize(
    ("rotation", "quarters"),
    [
        (QtVideo.Rotation.Clockwise90, -1),
        (QtVideo.Rotation.Clockwise180, 2),
        (QtVideo.Rotation.Clockwise270, 1),
    ],
)
def test_rotated_video_frames_come_upright(rotation: QtVideo.Rotation, quarters: int) -> None:
    array = pixels(6, 8)
    video = video_frame(array, rotation)
    np.testing.assert_array_equal(to_frame(video, 0, 0.0, "phone").image, np.rot90(array, quarters))


def test_mirrored_video_frames_come_as_seen() -> None:
    array = pixels(6, 8)
    video = video_frame(array, mirrored=True)
    np.testing.assert_array_equal(to_frame(video, 0, 0.0, "front").image, array[:, ::-1])


def test_a_video_frame_that_cannot_be_decoded_is_a_source_failure() -> None:
    with pytest.raises(SourceFailure, match="camera"):
        to_frame(QVideoFrame(), 0, 0.0, "camera")


def test_an_inlet_counts_and_stamps_its_frames() -> None:
    box: Mailbox[PendingFrame] = Mailbox()
    inlet = Inlet(box, 3)
    inlet.put(lambda: make_frame(1))
    inlet.put(lambda: make_frame(2))
    assert (inlet.received, inlet.dropped) == (2, 1)
    pending = box.take()
    assert pending is not None
    assert (pending.load().index, pending.generation) == (2, 3)
    inlet.generation = 4
    inlet.put(lambda: make_frame(3))
    pending = box.take()
    assert pending is not None
    assert pending.generation == 4
    assert (inlet.received, inlet.dropped) == (3, 1)


def test_a_closed_inlet_lets_nothing_through() -> None:
    box: Mailbox[PendingFrame] = Mailbox()
    inlet = Inlet(box, 0)
    inlet.set_open(False)
    inlet.put(lambda: make_frame(1))
    assert box.take() is None
    assert (inlet.received, inlet.dropped) == (0, 0)
    inlet.set_open(True)
    inlet.put(lambda: make_frame(2))
    assert box.take() is not None
