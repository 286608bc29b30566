"""What camviewer does on a GPU, and how fast: `bash tests/device/check.sh [PART,PART…]`.

Prints a line a fact, and at the end one table, which is also written to $OUT/device.md and $OUT/device.json.
All figures are of one run on one card. Weights and photos are those of CAMVIEWER_TEST_ASSETS; without them
the network's weights are random, and what needs photos is left out, and said so.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
OUT = Path(os.environ.get("OUT", ROOT / ".device/out"))
ASSETS = Path(os.environ["CAMVIEWER_TEST_ASSETS"]) if "CAMVIEWER_TEST_ASSETS" in os.environ else None
DEVICE = os.environ.get("CAMVIEWER_CHECK_DEVICE", "cuda")
"""cpu: to rehearse the script where there is no GPU; its figures mean nothing then."""
PRECISIONS = ("tf32", "float32", "float16") if DEVICE == "cuda" else ("float32",)
QUICK = "CAMVIEWER_CHECK_QUICK" in os.environ
"""Leave out what takes long and says little of the GPU: own networks, and the CPU's live loop."""
FAST_OPENH264 = ROOT / ".device/openh264.so"
"""Made by packaging/fast_openh264.py: the wheels of PyAV have a slow one. Where it is, both are measured."""
CAMVIEWER = [sys.executable, "-m", "camviewer"]
MS = 1000.0


@dataclass
class Table:
    """Rows: what, the figure, and the goal, if there is one."""

    rows: list[tuple[str, str, str, bool | None]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, what: str, figure: float | str, unit: str = "", most: float | None = None) -> None:
        text = figure if isinstance(figure, str) else f"{figure:.3g} {unit}".strip()
        goal = "" if most is None else f"≤ {most:g} {unit}".strip()
        met = None if most is None or isinstance(figure, str) else figure <= most
        self._put(what, text, goal, met, figure)

    def at_least(self, what: str, figure: float, unit: str, least: float) -> None:
        self._put(what, f"{figure:.3g} {unit}", f"≥ {least:g} {unit}", figure >= least, figure)

    def _put(self, what: str, text: str, goal: str, met: bool | None, figure: object) -> None:
        self.rows.append((what, text, goal, met))
        self.facts[what] = figure
        mark = {None: "", True: "  ✓", False: "  ✗"}[met]
        print(f"  {what}: {text}  {goal}{mark}", flush=True)

    def markdown(self) -> str:
        lines = ["| what | figure | goal | |", "| --- | --- | --- | --- |"]
        marks = {None: "", True: "✓", False: "✗"}
        return "\n".join(lines + [f"| {w} | {t} | {g} | {marks[m]} |" for w, t, g, m in self.rows]) + "\n"


TABLE = Table()


def photos() -> list[Path]:
    if ASSETS is None:
        return []
    found = sorted((ASSETS / "images").iterdir())
    return [path for path in found if path.suffix.lower() in (".jpg", ".jpeg", ".png")]


def median_ms(work: Callable[[], object], count: int, warm: int = 8) -> float:
    """Each call must wait for its result."""
    for _ in range(warm):
        work()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return MS * statistics.median(times)


def loaded(device: str, precision: str | None = None) -> Any:
    """A model that runs: the real weights, or random ones written to a file."""
    from camviewer.core.loading import ModelChoice, load_model
    from camviewer.core.runtimes.precision import Precision

    chosen = None if precision is None else Precision(precision)
    return load_model(ModelChoice(weights=weights(), device=device, precision=chosen), allow_embedded=False)


def weights() -> Path:
    real = ASSETS / "weights/resnet18-imagenet1k-pq.pth" if ASSETS is not None else None
    if real is not None and real.exists():
        return real
    path = OUT / "random.safetensors"
    if not path.exists():
        import torch
        from safetensors.numpy import save_file

        from camviewer.core.models.builtin import RESNET18

        torch.manual_seed(0)
        network = RESNET18.architecture.build(1000)
        save_file({name: tensor.numpy() for name, tensor in network.state_dict().items()}, path)
    return path


def noise(width: int, height: int, seed: int = 0) -> Any:
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 8 + 1, width // 8 + 1, 3))
    return np.kron(coarse, np.ones((8, 8, 1))).astype(np.uint8)[:height, :width]


def run(
    *command: object, timeout: float, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CAMVIEWER_WEIGHTS": str(weights()), **(env or {})}
    return subprocess.run(
        [str(part) for part in command],
        check=False, capture_output=True, text=True, timeout=timeout, env=environment,
    )  # fmt: skip


# Parts


def tests() -> None:
    """The unit tests that need a GPU."""
    done = run(
        sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider",
        "-c", os.devnull, "--rootdir", ROOT, f"--confcutdir={ROOT / 'tests/device'}",
        ROOT / "tests/device/test_cuda.py", "-k", "not own_networks" if QUICK else "", timeout=200,
    )  # fmt: skip
    print(done.stdout[-3500:], done.stderr[-800:])
    TABLE.add("tests of graphs, pinned memory, precisions", done.stdout.strip().splitlines()[-1])


def parity() -> None:
    """CUDA against the CPU, on photos."""
    from camviewer.core.explanation import ExplainRequest
    from camviewer.core.storage.images import read_photo

    paths = photos()
    if not paths:
        print("no photos: parity is left out")
        return
    frames = [read_photo(path, index) for index, path in enumerate(paths)]
    cpu = loaded("cpu").explainer
    expected = [cpu.explain(frame, ExplainRequest()) for frame in frames]
    for precision in PRECISIONS:
        cuda = loaded(DEVICE, precision).explainer
        same, off, maps, identity, features = 0, 0.0, 0.0, 0.0, 0.0
        for frame, theirs in zip(frames, expected, strict=True):
            for _ in range(2):  # eager, then recorded
                ours = cuda.explain(frame, ExplainRequest())
            top = theirs.top(1)[0]
            same += ours.top(1)[0] == top
            off = max(off, float(np.abs(ours.probabilities - theirs.probabilities).max()))
            head = ours.maps.head
            pooled = ours.maps.features.mean((1, 2), dtype=np.float64)
            identity = max(identity, float(np.abs(head.weight @ pooled + head.bias - ours.logits).max()))
            cam, other = (e.maps.features.reshape(512, -1).T @ head.weight[top] for e in (ours, theirs))
            maps = max(maps, float(np.abs(cam - other).max() / np.abs(other).max()))
            difference = np.abs(ours.maps.features - theirs.maps.features).max()
            features = max(features, float(difference / theirs.maps.features.max()))
        name = f"{precision} against the CPU, {len(frames)} photos"
        TABLE.at_least(f"{name}: top-1 the same", same, "photos", len(frames))
        TABLE.add(f"{name}: max │Δp│", off, "", 0.005)
        TABLE.add(f"{name}: identity", identity, "", 1e-4)
        TABLE.add(f"{name}: CAM, of its peak", maps)
        TABLE.add(f"{name}: features, of the largest", features)


def explain() -> None:
    """Times of one frame, and of what goes before and after the network."""
    import torch

    from camviewer.core.explanation import ExplainRequest
    from camviewer.core.frames import Frame

    goals = {(1280, 720): 1.5, (1920, 1080): 2.0, (3840, 2160): 5.0}
    if DEVICE == "cuda":
        torch.cuda.reset_peak_memory_stats()
    for precision in PRECISIONS:
        explainer, usual = loaded(DEVICE, precision).explainer, precision == PRECISIONS[0]
        for size, goal in goals.items():
            frame = Frame(noise(*size))
            took = explain_ms(explainer, frame, ExplainRequest(), 100)
            forward = explainer.explain(frame, ExplainRequest()).timing.forward * MS
            TABLE.add(f"explain {size[0]}×{size[1]}, {precision}", took, "ms", goal if usual else None)
            TABLE.add(f"… of it upload, resize, network, download, {precision}", forward, "ms")
        took = explain_ms(explainer, Frame(noise(1280, 720)), ExplainRequest(fine=True), 40)
        TABLE.add(f"explain fine 1280×720, {precision}", took, "ms", 8.0 if usual else None)
    explainer = loaded(DEVICE).explainer
    took = explain_ms(explainer, Frame(noise(4000, 3000), still=True), ExplainRequest(), 20)
    TABLE.add("explain a photo of 12 megapixels", took, "ms")
    frames = [Frame(noise(500, 375, seed)) for seed in range(32)]
    took = median_ms(lambda: explainer.explain_batch(frames, ExplainRequest()), 20) / 32
    TABLE.add("a frame in a batch of 32, 500×375", took, "ms")
    if DEVICE == "cuda":
        TABLE.add("peak memory of the device", torch.cuda.max_memory_allocated() / 2**20, "MiB")
    took = explain_ms(loaded("cpu").explainer, Frame(noise(1280, 720)), ExplainRequest(), 30)
    TABLE.add("explain 1280×720 on the CPU", took, "ms")
    network = _plain_network()
    image = torch.rand(1, 3, 224, 224, device=DEVICE)

    def plain() -> None:
        network(image)
        if DEVICE == "cuda":
            torch.cuda.synchronize()

    with torch.inference_mode():
        TABLE.add("torchvision's forward alone, eager", median_ms(plain, 100), "ms")


def explain_ms(explainer: Any, frame: Any, request: Any, count: int) -> float:
    return median_ms(lambda: explainer.explain(frame, request), count)


def _plain_network() -> Any:
    from torchvision.models import resnet18

    return resnet18().eval().to(DEVICE)


def bench() -> None:
    """The whole live loop, painted."""
    for device, seconds in ((DEVICE, 12), ("cpu", 8))[: 1 if QUICK else 2]:
        file = OUT / f"bench-{device}.json"
        done = run(*CAMVIEWER, "bench", "--seconds", seconds, "--device", device, "--json", file, timeout=90)
        if done.returncode:
            print(done.stdout[-500:], done.stderr[-1500:])
            continue
        figures = json.loads(file.read_text())
        print(f"  bench {device}: {json.dumps(figures)}")
        if device == DEVICE:
            refresh = figures.get("refresh_ms", 1000 / 60)
            TABLE.add(
                "live loop, painted frame to painted frame",
                figures["loop_ms"],
                "ms",
                max(4.0, 1.02 * refresh),
            )
            TABLE.add("… latency p50", figures["latency_ms"]["p50"], "ms", 6.0)
            TABLE.add("… latency p95", figures["latency_ms"]["p95"], "ms")
            TABLE.add("… GUI gap p99", figures["gui_gap_ms"]["p99"], "ms", 20.0)
            TABLE.add("… GUI gap max", figures["gui_gap_ms"]["max"], "ms")
            TABLE.add("… the worker's time for a frame, without its rests", figures["busy_ms"], "ms")
            TABLE.add("… the GUI thread's for a picture", figures["gui_ms"], "ms")
            TABLE.add("… a frame explained every", figures["explained_ms"], "ms")
        else:
            TABLE.add("live loop on the CPU, share of torchvision's forward", figures["loop_ratio"])


def start() -> None:
    """From process start to window, model and first overlay.

    Python keeps its byte code in a folder of ours: on some machines the libraries' own can't be written, and
    every start compiles torch anew.
    """
    env = {
        "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "camviewer-pyc"),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    import torch

    caches = (Path(torch.__file__).parent / "__pycache__").exists()
    print(f"  byte code of torch beside it: {caches}; writing it is off: {sys.dont_write_bytecode}")
    for turn in ("cold", "warm", "warm again"):
        done = run(sys.executable, ROOT / "tests/device/start.py", timeout=60, env=env)
        try:
            facts = json.loads(done.stdout.strip().splitlines()[-1])
        except (ValueError, IndexError):
            print(done.stdout[-500:], done.stderr[-1500:])
            continue
        print("  start", turn, json.dumps(facts))
        if turn == "warm again":
            TABLE.add("process start → window", facts["window"], "s")
            TABLE.add("window → model ready", facts["model"] - facts["window"], "s", 3.0)
            TABLE.add("window → first overlay", facts["overlay"] - facts["window"], "s")
    done = run(sys.executable, "-X", "importtime", "-c", "import torch", timeout=60, env=env)
    rows = [
        line.split("|")
        for line in done.stderr.splitlines()
        if line.startswith("import time:") and "self" not in line
    ]
    slow = sorted(((int(r[1]), r[2].strip()) for r in rows), reverse=True)[:14]
    print(
        "  import torch, slowest (ms, with what they import):", [(round(t / 1000), name) for t, name in slow]
    )
    own = sorted(((int(r[0].split(":")[1]), r[2].strip()) for r in rows), reverse=True)[:10]
    print("  import torch, slowest by themselves:", [(round(t / 1000), name) for t, name in own])


def report() -> None:
    """A report over thousands of photos, beside decoding alone."""
    count = 4000
    script = ROOT / "tests/benchmarks/report_speed.py"
    done = run(
        sys.executable, script, "--photos", count, "--originals", 100, "--device", DEVICE, "--rates-only",
        timeout=150,
    )  # fmt: skip
    print(done.stdout[-3000:], done.stderr[-1500:])
    facts = json.loads(done.stdout)
    for name in ("decode_1_thread", "decode_threads", "decode_processes", "decode_and_resize_processes"):
        TABLE.add(f"photos of 500×375, {name.replace('_', ' ')}", facts[name], "a second")
    least = 0.8 * facts["decode_threads"]
    TABLE.at_least(
        f"report over {count} photos, {facts['review_workers']}", facts["review"], "a second", least
    )
    TABLE.add("… of it the main thread", facts["review_main_thread_ms"], "ms a photo")


def convert() -> None:
    """A 1080p video of a minute: at the beginning and the end of a shorter one most encoders have no work."""
    frames = 300 if DEVICE == "cpu" else 1800
    _convert(f"conversion of 1080p video of 30 frames/s, {frames} frames", frames, {})
    if FAST_OPENH264.exists():
        name = "… the same with an OpenH264 that uses the processor's vectors"
        _convert(name, frames, {"LD_PRELOAD": str(FAST_OPENH264)})


def _convert(name: str, frames: int, env: dict[str, str]) -> None:
    file = OUT / "convert.json"
    file.unlink(missing_ok=True)
    done = run(
        sys.executable, ROOT / "tests/benchmarks/convert_speed.py", "--device", DEVICE, "--frames", frames,
        "--height", 1080, "--rounds", 1, "--json", file, timeout=150, env=env,
    )  # fmt: skip
    if done.returncode:
        print(done.stdout[-2500:], done.stderr[-1500:])
    facts = json.loads(file.read_text())
    print("  ", facts)
    found = next(found[-1] for way, found in facts.items() if way.startswith(str(ROOT)))
    TABLE.at_least(name, found["times_real_time"], "× real time", 4.0)
    TABLE.add(f"{name}: cores busy", found["cores_busy"])
    for part, took in facts["ms_per_frame_alone"].items():
        TABLE.add(f"{name}: a frame alone in one thread: {part}", took, "ms")


def faults() -> None:
    """What happens where the device fails."""
    image = photos()[0] if photos() else ROOT / "resources/samples/coffee.png"
    with tempfile.TemporaryDirectory() as folder:
        for name, args, env in (
            ("no GPU visible, auto", ["--device", "auto"], {"CUDA_VISIBLE_DEVICES": ""}),
            ("no GPU visible, cuda", ["--device", "cuda"], {"CUDA_VISIBLE_DEVICES": ""}),
            ("a GPU that isn't there", ["--device", "cuda:7"], {}),
        ):
            done = run(
                *CAMVIEWER,
                "explain",
                image,
                "--out",
                folder,
                "--no-images",
                "--json",
                "-",
                *args,
                timeout=60,
                env=env,
            )
            print(f"## {name}: rc {done.returncode}; {done.stderr.strip()[:400]}")
            TABLE.add(name, "goes on with the CPU" if done.returncode == 0 else f"rc {done.returncode}")
    _facts_of("full_gpu.py", image)


def choosing() -> None:
    """Devices as a user chooses them."""
    _facts_of("choosing.py", photos()[0] if photos() else ROOT / "resources/samples/coffee.png")


def webgpu() -> None:
    """The same GPU without CUDA."""
    _facts_of("webgpu.py", ROOT)


def _facts_of(script: str, image: Path) -> None:
    done = run(sys.executable, ROOT / "tests/device" / script, image, timeout=120)
    print(done.stdout[-2500:], done.stderr[-1500:])
    for line in done.stdout.splitlines():
        if line.startswith("FACT "):
            what, _, outcome = line[5:].partition(": ")
            TABLE.add(what, outcome)


def soak() -> None:
    """90 s of restless use, on the device."""
    done = run(
        sys.executable, ROOT / "tests/benchmarks/soak.py", "--minutes", 1.5, "--actions", 300, "--settle", 6,
        "--shows", 0.25, "--model", "resnet18", "--no-film", timeout=200,
    )  # fmt: skip
    print(done.stdout[-3500:], done.stderr[-1500:])
    TABLE.add("soak, 90 s", "memory flat" if done.returncode == 0 else f"rc {done.returncode}")


PARTS: dict[str, Callable[[], None]] = {
    each.__name__: each
    for each in (tests, parity, explain, start, bench, report, convert, faults, choosing, webgpu, soak)
}


def _about() -> str:
    """The machine and its versions, in a line."""
    import torch

    parts = [time.strftime("%Y-%m-%d"), f"{os.cpu_count()} cores", f"Python {platform.python_version()}"]
    parts.append(f"torch {torch.__version__}")
    if DEVICE == "cuda":
        card = torch.cuda.get_device_properties(0)
        query = ("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader")
        driver = run(*query, timeout=20).stdout.strip()
        parts[1:1] = [f"{card.name} ({card.total_memory >> 30} GiB)", f"driver {driver}"]
        parts.append(f"cuDNN {torch.backends.cudnn.version()}")  # type: ignore[no-untyped-call]
    return ", ".join(parts)


def main() -> int:
    """As the module says."""
    import torch

    wanted = sys.argv[1].split(",") if len(sys.argv) > 1 else list(PARTS)
    if DEVICE == "cuda" and not torch.cuda.is_available():
        print(f"There is no NVIDIA GPU here (torch {torch.__version__}): nothing is measured.")
        return 0
    OUT.mkdir(parents=True, exist_ok=True)
    os.environ["CAMVIEWER_WEIGHTS"] = str(weights())
    about = _about()
    print(about, flush=True)
    failed = []
    for name in wanted:
        begun = time.perf_counter()
        print(f"# {name}", flush=True)
        try:
            PARTS[name]()
        except Exception:  # noqa: BLE001  # the other parts are worth measuring
            traceback.print_exc()
            failed.append(name)
        print(f"# {name}: {time.perf_counter() - begun:.0f} s", flush=True)
    (OUT / "device.md").write_text(f"{about}\n\n{TABLE.markdown()}", encoding="utf-8")
    (OUT / "device.json").write_text(json.dumps({"about": about, **TABLE.facts}, indent=1), encoding="utf-8")
    print(TABLE.markdown())
    if failed:
        print("not measured, since it failed:", ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
