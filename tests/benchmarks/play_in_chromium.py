"""Play a movie in headless Chromium: does it open, play and seek, and are its pictures the right ones?

    python tests/benchmarks/play_in_chromium.py FILE [--at SECONDS …] [--pictures FOLDER] [--chromium PATH]

A page with a <video> is served from this computer. It plays for a second, then seeks to each place (by
default five, in no order) and sends the picture there back, which must be the one that PyAV decodes. Prints
JSON; exit status 1 if anything is not as it should be. Debian: apt-get install chromium.
"""

from __future__ import annotations

import argparse
import http.server
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import av
import numpy as np
from av.video.reformatter import ColorRange
from numpy.typing import NDArray
from PIL import Image

PATIENCE_S = 90.0
MEAN_LIMIT, LIMIT = 3.0, 15.0
"""Levels of 255 by which a picture may differ: on average, and at the 99th percentile. Two decoders agree to
the bit; that chroma is brought to full size in two ways shows at edges."""

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)

PAGE = """<!doctype html><meta charset="utf-8"><video id="v" muted playsinline preload="auto"></video><script>
const wanted = __WANTED__, v = document.getElementById("v"), facts = {seeks: []};
const once = (name, seconds) => new Promise((resolve, reject) => {
  const late = () => reject(new Error("no " + name + " within " + seconds + " s"));
  const timer = setTimeout(late, 1000 * seconds);
  v.addEventListener(name, () => { clearTimeout(timer); resolve(); }, {once: true});
});
async function picture(at) {
  const c = document.createElement("canvas");
  c.width = v.videoWidth; c.height = v.videoHeight;
  const g = c.getContext("2d", {willReadFrequently: true});
  g.drawImage(v, 0, 0);
  await fetch("/picture?at=" + at + "&width=" + c.width + "&height=" + c.height,
    {method: "POST", body: g.getImageData(0, 0, c.width, c.height).data});
}
async function go() {
  v.addEventListener("error", () => { facts.error = v.error.code + " " + v.error.message; });
  const loaded = once("canplaythrough", 20);
  v.src = "/movie.mp4";
  await loaded;
  Object.assign(facts, {readyState: v.readyState, duration: v.duration});
  Object.assign(facts, {width: v.videoWidth, height: v.videoHeight});
  const start = performance.now();
  await v.play();
  const long = Math.min(1, v.duration / 2);
  while (v.currentTime < long && !v.ended && performance.now() - start < 15000)
    await new Promise(r => setTimeout(r, 20));
  v.pause();
  facts.played = v.currentTime;
  facts.shown = v.getVideoPlaybackQuality().totalVideoFrames;
  for (const at of wanted) {
    const sought = once("seeked", 20);
    v.currentTime = at;
    await sought;
    facts.seeks.push({at, currentTime: v.currentTime, readyState: v.readyState});
    await picture(at);
  }
}
go().catch(e => { facts.problem = String(e); })
  .finally(() => fetch("/facts", {method: "POST", body: JSON.stringify(facts)}));
</script>"""


class Server(http.server.ThreadingHTTPServer):
    """Serves the page and the movie, keeps what the page sends."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, movie: Path, wanted: list[float]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.movie, self.page = movie, PAGE.replace("__WANTED__", json.dumps(wanted)).encode()
        self.pictures: dict[float, NDArray[np.uint8]] = {}
        self.facts: dict[str, Any] = {}
        self.done = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Chromium hangs up when it has seen enough."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/":
            self._answer(200, self.server.page, {"Content-Type": "text/html"})
        elif path == "/movie.mp4":
            self._movie()
        else:
            self._answer(404, b"", {})

    def do_POST(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if url.path == "/facts":
            self.server.facts = json.loads(body)
        else:
            query = parse_qs(url.query)
            height, width = int(query["height"][0]), int(query["width"][0])
            pixels = np.frombuffer(body, np.uint8).reshape(height, width, 4)[..., :3]
            self.server.pictures[float(query["at"][0])] = pixels
        self._answer(200, b"", {})
        if url.path == "/facts":
            self.server.done.set()

    def _movie(self) -> None:
        """A part of it, as a seek needs."""
        data = self.server.movie.read_bytes()
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        headers = {"Content-Type": "video/mp4", "Accept-Ranges": "bytes"}
        if match is None:
            self._answer(200, data, headers)
            return
        start, end = int(match[1]), min(int(match[2] or len(data) - 1), len(data) - 1)
        headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
        self._answer(206, data[start : end + 1], headers)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:  # it seeks elsewhere
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        return


def begins(movie: Path) -> list[float]:
    """When each picture begins, in seconds."""
    with av.open(str(movie)) as container:
        stream = container.streams.video[0]
        base = stream.time_base or 0
        return sorted(float((packet.pts or 0) * base) for packet in container.demux(stream) if packet.size)


def decoded(movie: Path, wanted: set[int]) -> dict[int, NDArray[np.uint8]]:
    """The pictures of these numbers, uint8 [H, W, 3]."""
    found: dict[int, NDArray[np.uint8]] = {}
    with av.open(str(movie)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index in wanted:
                rgb = frame.reformat(
                    format="rgb24",
                    src_colorspace=frame.colorspace,
                    src_color_range=frame.color_range,
                    dst_color_range=ColorRange.JPEG,
                )
                found[index] = np.asarray(rgb.to_ndarray(), np.uint8)
            if index >= max(wanted):
                break
    return found


def places(times: list[float], at: list[float]) -> list[int]:
    """The numbers of the pictures to look at: those shown at the given times, or five, in no order."""
    if at:
        return [max(0, int(np.searchsorted(times, second, "right")) - 1) for second in at]
    last = len(times) - 1
    return list(dict.fromkeys(round(last * share) for share in (0.5, 0.93, 0.02, 0.71, 0.3)))


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[float, float]:
    """The mean, and the 99th percentile, in levels."""
    if one.shape != other.shape:
        return 255.0, 255.0
    levels = np.abs(one.astype(np.int16) - other.astype(np.int16))
    return round(float(levels.mean()), 2), float(np.percentile(levels, 99))


def play(movie: Path, wanted: list[float], chromium: str) -> Server:
    """What the page said and saw."""
    server = Server(movie, wanted)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        browser = subprocess.Popen(
            [chromium, *FLAGS, "--remote-debugging-port=0", f"--user-data-dir={profile}", address],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            if not server.done.wait(PATIENCE_S):
                server.facts = {"problem": f"nothing was heard of Chromium for {PATIENCE_S:.0f} s"}
        finally:
            browser.terminate()
            browser.wait()
            server.shutdown()
            server.server_close()
    return server


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--at", type=float, nargs="*", default=[])
    parser.add_argument("--pictures", type=Path, help="write what Chromium showed here, as PNG")
    parser.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    args = parser.parse_args()
    times = begins(args.file)
    numbers = places(times, args.at)
    ends = [*times[1:], times[-1] + 1 / 60]
    middles = [(times[number] + ends[number]) / 2 for number in numbers]
    near = {n for number in numbers for n in (number - 1, number, number + 1) if 0 <= n < len(times)}
    right = decoded(args.file, near)
    server = play(args.file, middles, args.chromium)
    facts, seeks = server.facts, []
    for number, middle in zip(numbers, middles, strict=True):
        seen = server.pictures.get(middle)
        seek: dict[str, Any] = {"at": round(middle, 4), "picture": number, "seen": seen is not None}
        if seen is not None:
            off = {n: difference(seen, right[n]) for n in right if abs(n - number) <= 1}
            seek["mean"], seek["p99"] = off[number]
            # Still pictures are as like their neighbours as themselves.
            seek["good"] = (
                off[number][0] <= MEAN_LIMIT
                and off[number][1] <= LIMIT
                and off[number][0] <= min(m for m, _ in off.values()) + 0.05
            )
            if args.pictures is not None:
                args.pictures.mkdir(parents=True, exist_ok=True)
                Image.fromarray(seen).save(args.pictures / f"{args.file.stem}-{number}.png")
        seeks.append(seek)
    facts["seeks"] = seeks
    facts["pictures"] = len(times)
    good = (
        "problem" not in facts
        and "error" not in facts
        and facts.get("readyState") == 4
        and facts["shown"] > 0
        and facts["played"] > 0
        and all(seek.get("good") for seek in seeks)
    )
    print(json.dumps({"file": str(args.file), "good": good, **facts}, indent=2))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
