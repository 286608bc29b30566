"""What is covered of a photo on the command line: --cover, --cover-map and --keep-map.

Nothing heavy is imported before it is needed: `camviewer --help` needs no numpy, torch or Qt.
"""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

from camviewer.commands.options import CoverOptions

if TYPE_CHECKING:
    from pathlib import Path

    from camviewer.core.edits import FrameEdit
    from camviewer.core.explanation import Explanation
    from camviewer.core.frames import Frame

FILLS = ("blur", "mean", "grey", "black", "noise", "around")
"""The names of all `covering.Fill`; the first is the usual one."""
_OPTIONS = "--cover, --cover-map and --keep-map"

Rectangle = tuple[tuple[float, float, float, float], str]


def add_cover_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cover",
        metavar="LEFT,TOP,RIGHT,BOTTOM[:FILL]",
        type=rectangle,
        action="append",
        default=[],
        help="cover these pixels of the upright photo before it is explained, and say what changes; FILL is "
        f"{', '.join(FILLS[:-1])} or {FILLS[-1]} (default: {FILLS[0]}); may be given several times",
    )
    by_map = parser.add_mutually_exclusive_group()
    by_map.add_argument(
        "--cover-map",
        metavar="SHARE[:FILL]",
        type=share,
        help="cover where the map of the first of --classes is above this share (0..1) of its maximum",
    )
    by_map.add_argument(
        "--keep-map", metavar="SHARE[:FILL]", type=share, help="cover all but what --cover-map covers"
    )


def cover_options(args: argparse.Namespace, parser: argparse.ArgumentParser) -> CoverOptions:
    """Ends the program with the usage where a report is asked for: it is about photos as they are."""
    keep = args.keep_map is not None
    options = CoverOptions(tuple(args.cover), args.keep_map if keep else args.cover_map, keep)
    if args.report is not None and not options.nothing:
        parser.error(f"--report goes without {_OPTIONS}: a report is about photos as they are")
    return options


def rectangle(text: str) -> Rectangle:
    """``10,20,110,220`` or ``10,20,110,220:black``."""
    sides, fill = _with_fill(text)
    try:
        left, top, right, bottom = (float(side) for side in sides.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text} is not LEFT,TOP,RIGHT,BOTTOM in pixels, such as 10,20,110,220"
        ) from error
    if not all(math.isfinite(side) for side in (left, top, right, bottom)):
        raise argparse.ArgumentTypeError(f"{text} has a side that is no number of pixels")
    if right <= left or bottom <= top:
        raise argparse.ArgumentTypeError(f"{text} covers nothing: RIGHT is above LEFT, BOTTOM above TOP")
    return (left, top, right, bottom), fill


def share(text: str) -> tuple[float, str]:
    """``0.5`` or ``0.5:black``."""
    number, fill = _with_fill(text)
    try:
        value = float(number)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is not a share of the maximum, such as 0.5") from error
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{number} is not above 0 and below 1")
    return value, fill


def _with_fill(text: str) -> tuple[str, str]:
    value, colon, fill = text.partition(":")
    if not colon:
        return value, FILLS[0]
    if fill not in FILLS:
        raise argparse.ArgumentTypeError(f"there is no fill {fill!r} (there are {', '.join(FILLS)})")
    return value, fill


def rectangles_of(options: CoverOptions, frame: Frame, path: Path) -> FrameEdit | None:
    """The edit of --cover; None without any. Raises Failure for a rectangle beside the frame."""
    from camviewer.core.covering import Fill
    from camviewer.core.edits import FrameEdit
    from camviewer.core.edits import Rectangle as Covered
    from camviewer.core.failures import Failure

    if not options.rectangles:
        return None
    for (left, top, right, bottom), _ in options.rectangles:
        if left >= frame.width or top >= frame.height or right <= 0 or bottom <= 0:
            raise Failure(
                f"--cover {left:g},{top:g},{right:g},{bottom:g} covers nothing of {path.name}.",
                f"It has {frame.width} x {frame.height} pixels.",
            )
    parts = tuple(Covered(*sides, Fill(fill)) for sides, fill in options.rectangles)
    return FrameEdit((frame.width, frame.height), parts)


def by_map(options: CoverOptions, explanation: Explanation, class_id: int, path: Path) -> FrameEdit:
    """The edit of --cover-map or --keep-map, of an explanation without one, over that of --cover.

    Raises Failure where the map has no evidence.
    """
    from camviewer.core.covering import Fill
    from camviewer.core.edits import FrameEdit
    from camviewer.core.failures import Failure
    from camviewer.core.map_outlines import all_else, looked_at
    from camviewer.core.targets import ClassScore

    assert options.by_map is not None, "it was asked for"
    value, fill = options.by_map
    frame = explanation.frame
    outline = looked_at(explanation, ClassScore(class_id), value, Fill(fill))
    if outline is None:
        label = explanation.label(class_id)
        raise Failure(f"The map of {label} has no evidence in {path.name}.", "Choose another class.")
    if options.keep:
        outline = all_else(outline, frame.width, frame.height)
    edit = rectangles_of(options, frame, path) or FrameEdit((frame.width, frame.height))
    return edit.with_part(outline)


def sentences(explanation: Explanation) -> list[str]:
    """A warning for each class that a fill itself makes."""
    return [
        f"{explanation.label(made.class_id)} ({100 * made.probability:.1f} %) may come from the fill "
        f"({made.fill.value}), not from what it covers: with {made.instead.value} it has "
        f"{100 * made.otherwise:.1f} %"
        for made in explanation.made_by_fill
    ]
