"""The arguments of `camviewer train`. Nothing heavy is imported: `--help` needs no numpy, torch or Qt."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from camviewer.commands.arguments import add_model_arguments, model_options
from camviewer.commands.options import TrainOptions
from camviewer.core.storage.files import is_folder


def parse_train(arguments: Sequence[str]) -> TrainOptions:
    parser = train_parser()
    args = parser.parse_args(arguments)
    if not is_folder(args.folder):
        parser.error(f"{args.folder} is no folder: give one with a folder of photos for each class")
    if args.out.suffix.lower() != ".safetensors":
        parser.error(f"argument --out: {args.out} is no name of a model file; add .safetensors")
    for path in args.export:
        if path.suffix.lower() not in (".pth", ".pt", ".onnx"):
            parser.error(f"argument --export: end {path} with .pth for torch, or with .onnx")
    return TrainOptions(args.folder, args.out, tuple(args.export), model_options(args, parser))


def train_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "camviewer train",
        description="Teach a model your own classes, from photos: a linear layer on its features is "
        "fitted in seconds, so the maps of your classes are exact. Prints the cross-validated accuracy.",
    )
    parser.add_argument(
        "folder",
        metavar="FOLDER",
        type=Path,
        help="with a folder of photos for each class, called as the class; photos in a folder below that "
        "were taken in one moment, and are left out together where accuracy is measured",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        required=True,
        help="the model file (.safetensors), which opens like any: --model FILE; replaced if it is there",
    )
    parser.add_argument(
        "--export",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="also write the whole network for other programs: .pth (a state dict for torch) or .onnx",
    )
    add_model_arguments(parser)
    return parser
