"""`camviewer doctor` and `camviewer --self-test`: run the checks, each in a process of its own, and report.

The processes keep this one alive whatever a driver or a damaged library does to them. Only
they import more than the standard library.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from camviewer.commands.checks import installation, surroundings
from camviewer.core.finding import INSTALL_AGAIN, Check, State
from camviewer.core.own_command import own_command
from camviewer.core.text import Text, as_json

TIMEOUT_S = 120.0
"""For one check; the slowest imports torch and opens the window."""
TOGETHER = 2
STATES = {"ok": "ok     ", "note": "note   ", "problem": "PROBLEM"}

Line = Mapping[str, Any]
"""A `Finding` from another process: its texts in English, and under "told" as `as_json` has them."""
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
        installation.device,
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


def run(names: Sequence[str], style: str = "text", visible: bool = False) -> int:
    """Print what the checks find, as soon as it is known; 1 if there is a problem.

    style: ``text``, ``json`` (one object at the end) or ``lines`` (one object a finding). visible: let the
    window be seen that is opened for a moment.
    """
    if sys.stdout is not None and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    findings: list[Line] = []
    for finding in examine(names, visible):
        findings.append({key: value for key, value in finding.items() if key != "told"})
        if style != "json":
            print(report_line(finding) if style == "text" else json.dumps(finding), flush=True)
    problems = sum(finding["state"] == "problem" for finding in findings)
    if style == "lines":
        return 1 if problems else 0
    if style == "json":
        print(json.dumps({"problems": problems, "findings": findings}, indent=2))
    elif problems:
        print(f"\n{problems} {'problem' if problems == 1 else 'problems'}: see above for what to do.")
    else:
        print("\nEverything works.")
    return 1 if problems else 0


def examine(names: Sequence[str], visible: bool = False) -> Iterator[Line]:
    """The findings of these checks, in order."""
    with ThreadPoolExecutor(TOGETHER) as pool:
        for findings in pool.map(lambda name: examine_one(name, visible), names):
            yield from findings


def report_line(finding: Line) -> str:
    """A finding for people, with what to do below it."""
    line = f"{STATES[finding['state']]}  {finding['name']}: {finding['text']}"
    return f"{line}\n         → {finding['mend']}" if finding["mend"] else line


def examine_one(name: str, visible: bool = False, call: Callable[..., Any] = subprocess.run) -> list[Line]:
    """What one check finds, in a process of its own; what became of that if it found nothing."""
    command = own_command("--check", name)
    surroundings = environment(os.environ)
    if name == "window" and not visible:
        surroundings["QT_QPA_PLATFORM"] = "offscreen"
    try:
        done = call(
            command,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        words = _last_words(late.stderr or b"")
        text = Text("It took longer than {seconds} s{words}.", seconds=round(TIMEOUT_S), words=words)
        return [_line(name, State.PROBLEM, text, Text("See the log; report it."))]
    except OSError as error:
        text = Text("{program} can't be started: {reason}", program=command[0], reason=error)
        return [_line(name, State.PROBLEM, text, INSTALL_AGAIN)]
    lines = [line for line in done.stdout.decode("utf-8", "replace").splitlines() if line.startswith("{")]
    try:
        findings: list[Line] = [json.loads(line) for line in lines]
    except ValueError:
        findings = []
    if done.returncode != 0 or not findings:
        how = (
            Text("signal {number}", number=-done.returncode)
            if done.returncode < 0
            else Text("exit status {number}", number=done.returncode)
        )
        text = Text("The check died ({how}){words}.", how=how, words=_last_words(done.stderr))
        findings.append(_line(name, State.PROBLEM, text, INSTALL_AGAIN))
    return findings


def _line(name: str, state: State, text: str, mend: str) -> Line:
    texts = {"name": name, "text": text, "mend": mend}
    told = {key: as_json(value) for key, value in texts.items()}
    return {**texts, "state": state.value, "told": told}


def _last_words(output: bytes) -> str:
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    return Text("; its last words: {words}", words=" / ".join(lines[-2:])[:400]) if lines else ""


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """For a check: without a display on Linux, Qt must not look for one (it would abort)."""
    own = dict(environ)
    if sys.platform == "linux" and not any(
        own.get(key) for key in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        own["QT_QPA_PLATFORM"] = "offscreen"
    own["PYTHONUTF8"] = "1"
    root = str(Path(__file__).resolve().parents[2])  # a checkout that isn't installed finds itself
    if not getattr(sys, "frozen", False):
        own["PYTHONPATH"] = os.pathsep.join(p for p in (root, own.get("PYTHONPATH", "")) if p)
    return own


def check(name: str) -> int:
    """In the process of one check: print its findings, a line of JSON each."""
    import traceback

    try:
        for finding in CHECKS[name]():
            line = _line(finding.name, finding.state, finding.text, finding.mend)
            print(json.dumps(line), flush=True)
    except Exception as error:  # a report, not a traceback, is what the user needs
        traceback.print_exc()
        text = f"{type(error).__name__}: {error}"
        print(json.dumps(_line(name, State.PROBLEM, text, INSTALL_AGAIN)), flush=True)
    # Not through the interpreter's end: what is left of Qt and torch has nothing to say any more.
    sys.stdout.flush()
    os._exit(0)
