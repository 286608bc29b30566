"""Reads the command line of `camviewer bench` into options."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from camviewer.commands.arguments import (
    add_model_arguments,
    add_resolution_argument,
    model_options,
    seconds,
)
from camviewer.commands.options import BenchOptions, QualityOptions
from camviewer.core.storage.files import is_folder

_QUALITY = """\
quality of maps:
  Each photo is squeezed to the network's square, and all methods that the model has are compared with plain
  CAM, with paired bootstrap intervals. IMAGES is a folder with photos. BOXES is a CSV with rows of
  path,left,top,right,bottom in pixels, several for a photo with several objects; LABELS has rows of
  path,class number. With both, only the photos in BOXES are measured, and MaxBoxAccV2 is among the figures.
  docs/quality.md says what each figure is, what it can't tell, and what the stock network gets.
"""


def parse_bench(arguments: Sequence[str]) -> BenchOptions | QualityOptions:
    parser = bench_parser()
    args = parser.parse_args(arguments)
    if args.quality is not None:
        return _quality_options(args, parser)
    for given, option in ((args.slow, "--slow"), (args.limit is not None, "--limit")):
        if given:
            parser.error(f"{option} is of --quality: add --quality IMAGES")
    source = None if args.source == "synthetic" else Path(args.source)
    return BenchOptions(args.seconds, source, args.json, model_options(args, parser), args.resolution)


def _quality_options(args: argparse.Namespace, parser: argparse.ArgumentParser) -> QualityOptions:
    for option in ("seconds", "source"):
        if getattr(args, option) != parser.get_default(option):
            parser.error(f"--quality goes without --{option}: it measures maps, not speed")
    images, *lists = args.quality
    if len(lists) not in (0, 2):
        parser.error("--quality takes IMAGES alone, or IMAGES BOXES LABELS")
    if not is_folder(images):
        parser.error(f"argument --quality: there is no folder {images}")
    boxes, labels = lists or (None, None)
    return QualityOptions(
        images=images,
        boxes=boxes,
        labels=labels,
        slow=args.slow,
        limit=args.limit,
        json=args.json,
        model=model_options(args, parser),
        resolution=args.resolution,
    )


def bench_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "camviewer bench",
        description="Measure how fast this computer explains frames, or how good a model's maps are.",
        epilog=_QUALITY,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", metavar="N", type=seconds, default=10.0, help="how long (default: 10)")
    parser.add_argument(
        "--source",
        metavar="FILE",
        default="synthetic",
        help="a video or photo; synthetic (default): made-up frames",
    )
    parser.add_argument(
        "--quality",
        nargs="+",
        type=Path,
        metavar=("IMAGES", "BOXES LABELS"),
        help="measure the maps of photos instead; see below",
    )
    parser.add_argument(
        "--slow",
        action="store_true",
        help="with --quality: also the methods that take tens to hundreds of passes a map, Score-CAM and "
        "Occlusion",
    )
    parser.add_argument(
        "--limit", metavar="N", type=_photos, help="with --quality: the first N photos only (default: all)"
    )
    parser.add_argument(
        "--json", metavar="FILE", type=Path, help="write the figures to a file; - means stdout"
    )
    add_resolution_argument(parser)
    add_model_arguments(parser)
    return parser


def _photos(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of photos above 0")
    return value
