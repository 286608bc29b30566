"""The program's icon in the formats of the desktops, from its one SVG.

    python icons.py SVG FOLDER     writes camviewer-SIZE.png, camviewer.ico and camviewer.icns

Needs PySide6 for drawing. The containers are written here: both just hold PNGs.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Mapping
from pathlib import Path

SIZES = (16, 24, 32, 48, 64, 128, 256, 512, 1024)
_ICNS = {"ic11": 32, "ic12": 64, "ic07": 128, "ic08": 256, "ic09": 512, "ic10": 1024}
"""Apple's names of those PNGs."""


def ico(pictures: Mapping[int, bytes]) -> bytes:
    """A Windows icon of PNGs, by their sizes of up to 256 pixels."""
    sizes = sorted(size for size in pictures if size <= 256)
    offset = 6 + 16 * len(sizes)
    header, body = struct.pack("<HHH", 0, 1, len(sizes)), b""
    for size in sizes:
        picture = pictures[size]
        # 0 stands for 256; no palette, 1 plane, 32 bits a pixel.
        side = size % 256
        header += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(picture), offset + len(body))
        body += picture
    return header + body


def icns(pictures: Mapping[int, bytes]) -> bytes:
    """A macOS icon of PNGs, by their sizes."""
    entries = b""
    for kind, size in _ICNS.items():
        if size in pictures:
            entries += kind.encode() + struct.pack(">I", 8 + len(pictures[size])) + pictures[size]
    return b"icns" + struct.pack(">I", 8 + len(entries)) + entries


def draw(svg: Path, size: int) -> bytes:
    """An SVG as a square PNG."""
    from PySide6.QtCore import QBuffer, QIODevice, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(str(svg))
    if not renderer.isValid():
        raise SystemExit(f"{svg} can't be drawn.")
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def main(svg: Path, folder: Path) -> None:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtGui import QGuiApplication

    application = QGuiApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {size: draw(svg, size) for size in SIZES}
    for size, picture in pictures.items():
        (folder / f"camviewer-{size}.png").write_bytes(picture)
    (folder / "camviewer.ico").write_bytes(ico(pictures))
    (folder / "camviewer.icns").write_bytes(icns(pictures))
    del application


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
