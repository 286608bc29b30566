"""`camviewer doctor` and `camviewer --self-test`: run the checks, each in a process of its own, and report.

Whatever a driver or a damaged library does to such a process, this one goes on. Only those processes import
more than the standard library.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from camviewer.commands.checks import (
    devices,
    installation,
    surroundings,
)
from camviewer.commands.options import DoctorStyle
from camviewer.core.finding import (
    INSTALL_AGAIN,
    Check,
    Finding,
    State,
)
from camviewer.core.own_process import (
    own_argv,
    own_environment,
)
from camviewer.core.text import Text

TIMEOUT_S = 120.0
"""For one check; the slowest imports torch and opens the window."""
TOGETHER = 2
"""So many checks run at the same time."""
CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        installation.versions,
        installation.libraries,
        installation.qt,
        installation.torch,
        installation.resources,
        installation.embedded_weights,
        installation.weights,
        devices.device,
        installation.overlay,
        installation.window,
        surroundings.codecs,
        surroundings.camera,
        surroundings.display,
        surroundings.folders,
    )
}
SELF_TEST = tuple(name for name in CHECKS if name not in ("weights", "camera", "display", "folders"))
"""What must hold on every machine: no camera, no display, no network, no home."""


def run(names: Sequence[str], style: DoctorStyle = DoctorStyle.TEXT, visible: bool = False) -> int:
    """Print what the checks find; 1 if there is a problem.

    visible: show the window that one of the checks opens for a moment.
    """
    if sys.stdout is not None and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    findings: list[Finding] = []
    for finding in examine(names, visible):
        findings.append(finding)
        if style is DoctorStyle.TEXT:
            print(finding.report_line(), flush=True)
        elif style is DoctorStyle.LINES:
            print(json.dumps(finding.as_json()), flush=True)
    problems = sum(finding.state is State.PROBLEM for finding in findings)
    if style is DoctorStyle.JSON:
        print(json.dumps({"problems": problems, "findings": [_plain(f) for f in findings]}, indent=2))
    elif style is DoctorStyle.TEXT and problems:
        print(f"\n{problems} {'problem' if problems == 1 else 'problems'}: see above for what to do.")
    elif style is DoctorStyle.TEXT:
        print("\nEverything works.")
    return 1 if problems else 0


def _plain(finding: Finding) -> dict[str, object]:
    """In English only."""
    return {key: value for key, value in finding.as_json().items() if key != "translatable"}


def examine(names: Sequence[str], visible: bool = False) -> Iterator[Finding]:
    """The findings of these checks, in order."""
    with ThreadPoolExecutor(TOGETHER) as pool:
        for findings in pool.map(lambda name: examine_one(name, visible), names):
            yield from findings


def examine_one(name: str, visible: bool = False, call: Callable[..., Any] = subprocess.run) -> list[Finding]:
    """What one check finds, in a process of its own; if that process dies, a finding says so."""
    argv = own_argv("--check", name)
    variables = own_environment(os.environ)
    if name == "window" and not visible:
        variables["QT_QPA_PLATFORM"] = "offscreen"
    try:
        done = call(
            argv,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        words = _last_words(late.stderr or b"")
        text = Text("It took longer than {seconds} s{words}.", seconds=round(TIMEOUT_S), words=words)
        return [Finding(name, State.PROBLEM, text, Text("See the log; report it."))]
    except OSError as error:
        text = Text("{program} can't be started: {reason}", program=argv[0], reason=error)
        return [Finding(name, State.PROBLEM, text, INSTALL_AGAIN)]
    lines = [line for line in done.stdout.decode("utf-8", "replace").splitlines() if line.startswith("{")]
    try:
        findings = [Finding.from_json(json.loads(line)) for line in lines]
    except (LookupError, TypeError, ValueError):
        findings = []
    if done.returncode != 0 or not findings:
        how = (
            Text("signal {number}", number=-done.returncode)
            if done.returncode < 0
            else Text("exit status {number}", number=done.returncode)
        )
        text = Text("The check died ({how}){words}.", how=how, words=_last_words(done.stderr))
        findings.append(Finding(name, State.PROBLEM, text, INSTALL_AGAIN))
    return findings


def _last_words(output: bytes) -> str:
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    return Text("; its last words: {words}", words=" / ".join(lines[-2:])[:400]) if lines else ""


def check(name: str) -> int:
    """In the process of one check: print its findings, a line of JSON each."""
    import traceback

    try:
        for finding in CHECKS[name]():
            print(json.dumps(finding.as_json()), flush=True)
    except Exception as error:  # a report, not a traceback, is what the user needs
        traceback.print_exc()
        text = f"{type(error).__name__}: {error}"
        print(json.dumps(Finding(name, State.PROBLEM, text, INSTALL_AGAIN).as_json()), flush=True)
    # A normal exit would let Qt and torch clean up, which may hang or crash.
    sys.stdout.flush()
    os._exit(0)
