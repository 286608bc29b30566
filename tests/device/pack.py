"""Packs what a bare GPU machine lacks: `python tests/device/pack.py [ASSETS] [--webgpu]`; see `check.sh`.

The machine has Python, torch, torchvision, numpy and Pillow of its own. It lacks Qt, PyAV and a few libraries
in Python, and the system libraries that Qt links: all of these are taken from this computer, without what the
checks don't use. They come into .device/env.tar.xz. ASSETS, a folder with weights and photos such as
tests/conftest.py wants, comes into .device/work.tar.xz.

--webgpu: what the part `webgpu` needs, and nothing else, into .device/webgpu.tar.xz: ONNX Runtime for that
machine's Python, the plug-in, and Vulkan's loader. All together is too much to bring there at once.
"""

from __future__ import annotations

import importlib.metadata
import lzma
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import av
import PySide6
import shiboken6

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / ".device"
QT = Path(PySide6.__file__).parent
MODULES = [
    "Core",
    "Gui",
    "Widgets",
    "Multimedia",
    "MultimediaWidgets",
    "Network",
    "Svg",
    "SvgWidgets",
    "DBus",
    "Test",
    "PrintSupport",
    "Concurrent",
]
"""Of Qt. Its multimedia plugin, which has FFmpeg a second time, is left out: no camera, no player there."""
PLUGINS = (
    "platforms/libqoffscreen.so",
    "imageformats/libqjpeg.so",
    "imageformats/libqsvg.so",
    "iconengines/libqsvgicon.so",
)
PACKAGES = [
    "av",
    "cmap",
    "contourpy",
    "jinja2",
    "platformdirs",
    "psutil",
    "safetensors",
    "threadpoolctl",
    "timm",
    "tqdm",
    "efficientnet-lite-pytorch",
    "torchcam",
    "grad-cam",
    "ttach",
]
"""Those that are there already keep their own version: see `check.sh`."""
THERE = ("contourpy", "jinja2", "psutil", "safetensors", "threadpoolctl", "timm", "tqdm")
GIVEN = ("libc.so", "libm.so", "libpthread", "libdl.so", "librt.so", "ld-linux", "libstdc++", "libgcc_s")
"""What every Linux has, and must be its own."""
FONTS = Path("/usr/share/fonts/truetype/dejavu")
PYTHON = "3.12"
"""Of the bare machine: ONNX Runtime has another wheel for each."""
UNUSED = ("onnxruntime/transformers/", "onnxruntime/quantization/", "onnxruntime/tools/")
DRIVERS_LINK = ("libX11.so.6", "libXext.so.6")
"""What NVIDIA's driver for Vulkan wants of the system."""


def _add(files: dict[str, Path], path: Path, name: str) -> None:
    """A file, or a folder's files without what Python makes by itself."""
    if path.is_dir():
        for each in path.iterdir():
            if each.name != "__pycache__" and each.suffix != ".pyi":
                _add(files, each, f"{name}/{each.name}")
    elif path.exists():
        files[name] = path


def _linked(files: dict[str, Path]) -> dict[str, Path]:
    """The libraries that those link which are in the files: name → where it lies here."""
    environment = {**os.environ, "LD_LIBRARY_PATH": str(QT / "Qt/lib")}
    found: dict[str, Path] = {}
    for path in files.values():
        if ".so" not in path.name or path.read_bytes()[:4] != b"\x7fELF":
            continue
        printed = subprocess.run(
            ["ldd", path], check=False, capture_output=True, text=True, env=environment
        ).stdout
        for line in printed.splitlines():
            name, arrow, rest = line.strip().partition(" => ")
            if arrow and rest.startswith("/") and not name.startswith(GIVEN):
                found[name] = Path(rest.split(" (")[0])
    return found


def environment_files() -> dict[str, Path]:
    """Name in the archive → file here."""
    files: dict[str, Path] = {}
    for module in MODULES:
        _add(files, QT / f"Qt{module}.abi3.so", f"site/PySide6/Qt{module}.abi3.so")
    for path in (*QT.glob("*.py"), *QT.glob("libpyside6.abi3*")):
        _add(files, path, f"site/PySide6/{path.name}")
    _add(files, Path(shiboken6.__file__).parent, "site/shiboken6")
    for plugin in PLUGINS:
        _add(files, QT / "Qt/plugins" / plugin, f"site/PySide6/Qt/plugins/{plugin}")
    for package in PACKAGES:
        if package in THERE:
            continue
        for each in importlib.metadata.files(package) or ():
            top = each.parts[0]
            path = Path(str(each.locate()))
            if top != ".." and "__pycache__" not in each.parts and path.suffix != ".pyi":
                _add(files, path, f"site/{each}")
    for name, path in _linked({k: v for k, v in files.items() if "/av" not in k}).items():
        is_qt = path.is_relative_to(QT) or path.is_relative_to(Path(shiboken6.__file__).parent)
        place = "site/PySide6/Qt/lib" if is_qt else "lib"
        if path.name.startswith("libpyside6") or path.name.startswith("libshiboken6"):
            continue
        files[f"{place}/{name}"] = path.resolve()
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
        _add(files, FONTS / name, f"fonts/{name}")
    return files


def webgpu_files(folder: Path) -> dict[str, Path]:
    """Name in the archive → file here. folder: where what is fetched is unpacked."""
    wheel = f"onnxruntime=={importlib.metadata.version('onnxruntime')}"
    subprocess.run(
        [
            sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
            "--python-version", PYTHON, "--dest", folder, wheel,
        ],
        check=True,
    )  # fmt: skip
    (found,) = folder.glob("onnxruntime-*.whl")
    with zipfile.ZipFile(found) as packed:
        packed.extractall(folder / "wheel", [n for n in packed.namelist() if not n.startswith(UNUSED)])
    files: dict[str, Path] = {}
    _add(files, folder / "wheel/onnxruntime", "site/onnxruntime")
    for package in ("onnxruntime-ep-webgpu", "platformdirs"):
        for each in importlib.metadata.files(package) or ():
            if "__pycache__" not in each.parts:
                _add(files, Path(str(each.locate())), f"site/{each}")
    vulkan = ROOT / ".vulkan"
    subprocess.run(["bash", ROOT / "tests/vulkan.sh", vulkan], check=True)
    files["lib/libvulkan.so.1"] = (vulkan / "lib/libvulkan.so.1").resolve()
    lists = subprocess.run(["/sbin/ldconfig", "-p"], check=True, capture_output=True, text=True).stdout
    links = {line.split()[0]: Path(line.split(" => ")[1]) for line in lists.splitlines() if "x86-64" in line}
    for name in DRIVERS_LINK:
        files[f"lib/{name}"] = links[name].resolve()
    return files | {f"lib/{name}": path.resolve() for name, path in _linked(files).items()}


def _write(archive: Path, files: dict[str, Path]) -> None:
    archive.parent.mkdir(exist_ok=True)
    filters = [{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "preset": 9}]
    with lzma.open(archive, "wb", filters=filters) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for name, path in sorted(files.items()):
            tar.add(path.resolve(), name)
    print(f"{archive.relative_to(ROOT)}: {len(files)} files, {archive.stat().st_size / 1e6:.1f} MB")


def main() -> None:
    """As the module says."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--webgpu"]
    assets = Path(arguments[0] if arguments else os.environ.get("CAMVIEWER_TEST_ASSETS", ""))
    if "--webgpu" in sys.argv:
        with tempfile.TemporaryDirectory() as folder:
            _write(OUT / "webgpu.tar.xz", webgpu_files(Path(folder)))
        return
    print(f"PySide6 {PySide6.__version__}, PyAV {av.__version__}")
    _write(OUT / "env.tar.xz", environment_files())
    work: dict[str, Path] = {}
    if str(assets) != "." and assets.is_dir():
        _add(work, assets / "images", "assets/images")
        _add(work, assets / "media", "assets/media")
        _add(work, assets / "weights/resnet18-imagenet1k-pq.pth", "assets/weights/resnet18-imagenet1k-pq.pth")
        _write(OUT / "work.tar.xz", work)


if __name__ == "__main__":
    main()
