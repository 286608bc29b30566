"""Reads the command line into options. A wrong one ends the program with the usage and status 2.

Nothing heavy is imported before it is needed: `camviewer --help` needs no numpy, torch or Qt.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from camviewer import __version__
from camviewer.commands.arguments import (
    add_card_arguments,
    add_colour_argument,
    add_faithfulness,
    add_method_arguments,
    add_model_arguments,
    add_resolution_argument,
    colormap,
    covering,
    model_options,
    opacity,
    seconds,
    threshold,
)
from camviewer.commands.cover import (
    add_cover_arguments,
    cover_options,
)
from camviewer.commands.options import (
    STDOUT,
    DoctorOptions,
    DoctorStyle,
    DrawingOptions,
    ExplainOptions,
    FolderTruth,
    InspectOptions,
    ReportOptions,
)
from camviewer.core.models.builtin import spec_named
from camviewer.core.storage.files import (
    exists,
    is_folder,
)
from camviewer.options import WindowOptions

if TYPE_CHECKING:
    from camviewer.core.explanation import ExplainRequest


_COMMANDS = """\
commands:
  camviewer explain PATH… --out DIR   explain photos without a window; explain --help says more
  camviewer bench                     measure how fast this computer is; bench --help says more
  camviewer train FOLDER --out FILE   teach a model your own classes; train --help says more
  camviewer inspect FILE              say what a model file is; inspect --help says more
  camviewer doctor                    check this computer, and say what to do; doctor --help says more

A photo that is called as a command is opened with ./ before its name.
"""
_EXPLAIN_FILES = """\
files, for a photo STEM.jpg:
  STEM.CLASS.png   the overlay of each class, with its facts inside
  STEM.npz         --raw: class_ids [k], cams [k,h,w] (signed), remainder [k], unit, method, layer,
                   logits [N], probabilities [N], region (left, top, width, height), image_size (width,
                   height); cams[i].mean() + remainder[i] is logits[class_ids[i]] (bias [k] is the same);
                   with --fine, cams are the averaged maps (all else is of one pass), so this doesn't
                   hold, and fine (true) is there; of Occlusion also patch (pixels) and fill; with
                   --cover also edited (true), before_logits [N], before_probabilities [N]
for a video STEM.mp4:
  STEM.cam.mp4     every frame once, with the overlay of the first class asked for (by default the frame's
                   own top class); STEM.jsonl: a line of predictions a frame
A snapshot is explained as it was when it was saved, without a model. A second photo of the same name
becomes STEM-2. Files of an earlier run are replaced.

report, with --report FILE.html:
  FILE.html        accuracy and the worst mistakes first, each with the maps of the predicted and the true
                   class, if --truth tells the classes; else the least certain photos first; self-contained
  FILE.csv         a row for each photo
A class is called by its label, its id, or, for ImageNet's, its WordNet id. Ctrl+C writes the report of what
is done; once more, it gives up.

exit status: 0 all done; 1 some photos failed (each is named), or nothing could be explained;
2 wrong usage; 130 stopped with Ctrl+C (what is done is kept)
"""


FOLDERS = "folders"
"""As --truth."""


def parse_window(arguments: Sequence[str]) -> WindowOptions:
    parser = window_parser()
    args = parser.parse_args(arguments)
    if bool(args.paths) + (args.camera is not None) + args.screen > 1:
        parser.error("photos and videos, --camera and --screen exclude each other")
    return WindowOptions(
        paths=tuple(args.paths),
        camera=args.camera,
        screen=args.screen,
        new_window=args.new_window,
        model=model_options(args, parser),
        quit_after=args.quit_after,
        stats=args.stats,
        log_level=args.log_level,
        method=args.method,
        layer=args.layer,
        covering=covering(args, parser),
        colour_management=args.colour_management,
        from_python=args.from_python,
    )


def parse_explain(arguments: Sequence[str]) -> ExplainOptions | ReportOptions:
    parser = explain_parser()
    args = parser.parse_args(arguments)
    if args.resolution is not None and not isinstance(args.model, Path):  # a file's are known when it is open
        try:
            spec_named(args.model).sizes.check(args.resolution)
        except ValueError as error:
            parser.error(f"argument --resolution: {error}")
    if args.threshold is not None and not args.boxes:
        parser.error("--threshold says where --boxes draws: add --boxes")
    cover = cover_options(args, parser)
    if args.report is not None:
        return _report_options(args, parser)
    if args.truth is not None:
        parser.error("--truth says what is right in a report: add --report FILE.html")
    if args.out is None and (args.raw or not args.no_images):
        parser.error("--out is needed: the folder for the files (or ask for --no-images without --raw)")
    if args.out is not None and exists(args.out) and not is_folder(args.out):
        parser.error(f"argument --out: {args.out} is a file, not a folder")
    if args.json is not None and is_folder(args.json):
        parser.error(f"argument --json: {args.json} is a folder, not a file")
    options = ExplainOptions(
        paths=tuple(args.paths),
        request=_request(args, parser),
        out=args.out,
        classes=args.classes,
        model=model_options(args, parser),
        drawing=_drawing_options(args),
        raw=args.raw,
        images=not args.no_images,
        json=args.json,
        cover=cover,
        faithfulness=args.faithfulness,
        colour_management=args.colour_management,
    )
    _check_json(options, parser)
    return options


def _check_json(options: ExplainOptions, parser: argparse.ArgumentParser) -> None:
    """Before the work, not after it. The folder of --out may be made by this run."""
    path, out = options.json, options.out
    if path is None or path == STDOUT or (out is not None and path.absolute().parent == out.absolute()):
        return
    if not is_folder(path.absolute().parent):
        parser.error(f"argument --json: there is no folder {path.parent}")


def _report_options(args: argparse.Namespace, parser: argparse.ArgumentParser) -> ReportOptions:
    for given, option in (
        (args.out is not None, "--out"),
        (args.json is not None, "--json"),
        (args.raw, "--raw"),
        (args.no_images, "--no-images"),
        (args.classes != "top5", "--classes"),
    ):
        if given:
            parser.error(f"--report goes without {option}: explain the photos twice to have both")
    html: Path = args.report
    if html.suffix.lower() not in (".html", ".htm"):
        parser.error(f"argument --report: {html} is no name of an HTML file; add .html")
    truth: FolderTruth | Path | None = None
    if args.truth is not None:
        truth = FolderTruth() if args.truth == FOLDERS else Path(args.truth)
    return ReportOptions(
        paths=tuple(args.paths),
        request=_request(args, parser),
        html=html,
        truth=truth,
        model=model_options(args, parser),
        drawing=_drawing_options(args),
        faithfulness=args.faithfulness,
        colour_management=args.colour_management,
    )


def parse_inspect(arguments: Sequence[str]) -> InspectOptions:
    parser = inspect_parser()
    args = parser.parse_args(arguments)
    if not exists(args.file):
        parser.error(f"there is no file {args.file}")
    if args.write_card is not None and exists(args.write_card):
        parser.error(f"argument --write-card: {args.write_card} is there already; name another file")
    return InspectOptions(args.file, args.json, args.card, args.labels, args.write_card)


def parse_doctor(arguments: Sequence[str]) -> DoctorOptions:
    args = doctor_parser().parse_args(arguments)
    if args.lines:
        return DoctorOptions(DoctorStyle.LINES)
    return DoctorOptions(DoctorStyle.JSON if args.json else DoctorStyle.TEXT)


def _request(args: argparse.Namespace, parser: argparse.ArgumentParser) -> ExplainRequest:
    from camviewer.core.covering import USUAL
    from camviewer.core.explanation import ExplainRequest
    from camviewer.core.frames import Fit

    return ExplainRequest(
        Fit(args.fit),
        args.resolution,
        fine=args.fine,
        method=args.method,
        layer=args.layer,
        covering=covering(args, parser) or USUAL,
    )


def _drawing_options(args: argparse.Namespace) -> DrawingOptions:
    share: float | None = args.threshold
    if args.boxes and share is None:
        from camviewer.core.localize import usual_threshold

        share = usual_threshold(args.method)
    return DrawingOptions(share, args.colormap, args.opacity)


def window_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "camviewer",
        usage="camviewer [options] [PATH …]\n       camviewer explain | bench | train | inspect | doctor …",
        description="See, live, where an image classifier looks: exact class activation maps.",
        epilog=_COMMANDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", type=Path, help="photos, folders or a video to open"
    )
    parser.add_argument(
        "--camera",
        nargs="?",
        const="",
        metavar="NAME",
        help="open a camera: its name or number, or the default one",
    )
    parser.add_argument(
        "--new-window",
        action="store_true",
        help="open PATH in a new window, not in one that is there",
    )
    parser.add_argument("--screen", action="store_true", help="open the screen")
    add_model_arguments(parser)
    add_method_arguments(parser)
    add_colour_argument(parser)
    parser.add_argument(
        "--quit-after", metavar="SECONDS", type=seconds, help="close the window after so long"
    )
    parser.add_argument(
        "--stats", metavar="FILE", type=Path, help="write frame rates and times, one line of JSON a second"
    )
    parser.add_argument(
        "--log-level",
        choices=("debug", "info", "warning", "error"),
        default="info",
        help="what the log tells",
    )
    parser.add_argument(
        "--self-test", action="store_true", help="check that this installation is whole (exit status 0 or 1)"
    )
    parser.add_argument("--from-python", action="store_true", help=argparse.SUPPRESS)  # by camviewer.view
    parser.add_argument("--version", action="version", version=f"camviewer {__version__}")
    return parser


def explain_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "camviewer explain",
        description="Explain photos, videos and snapshots without a window: overlays, raw maps, predictions, "
        "or a report.",
        epilog=_EXPLAIN_FILES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", type=Path, help="photos, folders with photos, videos, snapshots"
    )
    parser.add_argument(
        "--out", metavar="DIR", type=Path, help="folder for the files; made if it isn't there"
    )
    parser.add_argument(
        "--classes",
        default="top5",
        metavar="LIST",
        help="topK, class ids and names, comma separated, such as top3,282,tiger cat (default: top5)",
    )
    add_model_arguments(parser)
    add_method_arguments(parser)
    add_colour_argument(parser)
    parser.add_argument(
        "--fit",
        choices=("crop", "squash", "whole"),
        default="crop",
        help="how a photo becomes the network's input: its centre square, squeezed, or whole (default: crop)",
    )
    add_resolution_argument(parser)
    parser.add_argument(
        "--fine",
        action="store_true",
        help="sharper maps: the average over three resolutions, plain and mirrored (14 times the work)",
    )
    add_cover_arguments(parser)
    parser.add_argument(
        "--boxes",
        action="store_true",
        help="draw the contour and the box of each map, and add box and area to the predictions",
    )
    parser.add_argument(
        "--threshold",
        metavar="0..1",
        type=threshold,
        help="share of a map's maximum where --boxes draws (default: 0.2; of extents 0.55)",
    )
    parser.add_argument(
        "--colormap",
        metavar="NAME",
        type=colormap,
        help="inferno (default), viridis, vik, …; NAME_r is reversed",
    )
    parser.add_argument("--opacity", metavar="0..1", type=opacity, help="of the heat map (default: 0.8)")
    parser.add_argument("--raw", action="store_true", help="write the maps as numbers too: STEM.npz")
    parser.add_argument(
        "--json", metavar="FILE", type=Path, help="write the predictions; - writes them to stdout"
    )
    parser.add_argument("--no-images", action="store_true", help="write no overlays")
    parser.add_argument(
        "--report",
        metavar="FILE.html",
        type=Path,
        help="instead of all these files, write one page about the photos, and FILE.csv",
    )
    parser.add_argument(
        "--truth",
        metavar="folders|FILE.csv",
        help="with --report: what is right; the photos' folders are called as their classes, or a table of "
        "path,label",
    )
    add_faithfulness(parser)
    return parser


def inspect_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "camviewer inspect",
        description="Say what a model file is: architecture, input, labels, head and layers, and where each "
        "fact comes from. The exit status is 1 if the file can't be opened.",
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="a model file, or the folder of one")
    parser.add_argument("--json", action="store_true", help="write all that was found as JSON")
    parser.add_argument(
        "--write-card",
        metavar="NEW",
        type=Path,
        help="write what can be corrected into a new file, to be edited and given to --card; beside the "
        "model file and called like it, with .card.json added, it counts by itself",
    )
    add_card_arguments(parser)
    return parser


def doctor_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "camviewer doctor",
        description="Check this computer: libraries, device, cameras, codecs, weights, folders, display. "
        "The exit status is 1 if there is a problem.",
    )
    parser.add_argument("--json", action="store_true", help="write the findings as JSON")
    parser.add_argument("--lines", action="store_true", help=argparse.SUPPRESS)  # for the window
    return parser
