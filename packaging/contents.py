"""What a bundle holds: which files are wanted, which part of the program each belongs to, which are there
twice, and the manifest that the program's self-test checks it against. Standard library only.

Paths are relative to the folder of libraries (PyInstaller's `_internal`), with "/" between parts.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

MANIFEST = "camviewer-manifest.json"
"""As camviewer/commands/checks/installation.py names it."""

EXCLUDED_MODULES = (
    # torch imports these only where they are installed, to compile, test or draw, which camviewer doesn't.
    # (Without Triton it computes with kernels of its own. Triton needs a C compiler on the user's machine.)
    *("triton", "tensorboard", "torch.utils.tensorboard", "matplotlib", "pandas", "IPython"),
    *("onnxscript", "numba", "dill", "pytest", "hypothesis", "expecttest", "cuda", "pip"),
    # Tools, and parts of Python that draw, ask and store in ways of their own. (readline's library is GPL.)
    *("setuptools", "pkg_resources", "_distutils_hack", "wheel", "PyInstaller", "ensurepip", "idlelib"),
    *("tkinter", "_tkinter", "turtle", "lib2to3", "pydoc_data", "test", "readline", "curses", "_curses"),
    *("sqlite3", "_sqlite3", "dbm"),
    # Of scipy and pyqtgraph, what neither fills, fits nor plots.
    *(f"scipy.{name}" for name in ("stats", "signal", "integrate", "io", "interpolate", "cluster", "odr")),
    *(f"scipy.{name}" for name in ("datasets", "differentiate", "misc", "fftpack")),
    *("pyqtgraph.examples", "pyqtgraph.opengl", "pyqtgraph.console", "pyqtgraph.jupyter"),
    *("sklearn", "skimage", "cv2", "torchcam", "pytorch_grad_cam"),
    # What quantises, converts and draws networks; to open one takes none of it.
    *("onnxruntime.quantization", "onnxruntime.tools", "onnxruntime.transformers", "onnxruntime.training"),
    *("onnx.reference", "onnx.backend", "onnx.tools"),
)
"""Python modules that are left out, with what is below them."""

_UNWANTED = tuple(
    re.compile(pattern)
    for pattern in (
        # For building and testing against torch. (The hooks leave out most of it already.)
        r"^torch/(bin/(?!torch_shm_manager)|include/|share/|test/)",  # torch looks for that one as it starts
        r"^torchgen/",
        r"^torch/lib/lib(jitbackend_test|backend_with_compiler|aoti_custom_ops|torchbind_test|c10d_cuda_test)",
        r"(^|/)(caffe2|test_cpp|cpp_test)[^/]*$",
        r"\.(h|hpp|cuh|cmake|pyi|pxd|pyx|cpp|cu|a|la|lib|pdb|prl|pc)$",
        r"\.dist-info/(?!METADATA$|entry_points\.txt$)|^cuda_\w+-[^/]*\.dist-info/",
        # CUDA: its tools, other front ends to the same libraries, and what only clusters use. No library that
        # stays links these (readelf -d), and none opens them for the work of one GPU.
        r"/lib(cufftw|nvblas|cusolverMg|cufile_rdma|checkpoint|pcsamplingutil|nvperf_host|nvperf_target)\.so",
        r"/libnvtx3interop\.so",
        r"/libnvrtc(-builtins)?\.alt\.so",
        r"/nvshmem_(bootstrap|transport)_",
        r"/libnvshmem_device\.bc$",
        # torch opens this pair to decompose matrices on a GPU, which no forward pass does.
        # (On Windows there is no such pair: torch_cuda.dll links cusolver64 itself.)
        r"(^|/)(libtorch_cuda_linalg\.so|libcusolver\.so)",
        # Qt: its texts other than of the standard dialogs, and what shows web pages.
        r"^PySide6/Qt/(qml|metatypes|resources)/",
        r"^PySide6/(qml|metatypes|resources)/",
        r"^PySide6/(Qt/)?translations/(?!qtbase_)",
        r"(^|/)(lib)?Qt6?(WebEngine|Pdf|Designer|Charts|DataVisualization|3D)",
        r"^PySide6/(Qt/)?plugins/(qmltooling|sqldrivers|designer|webview|canbus|sceneparsers|geometryloaders)/",
        # … what draws without a desktop, and the keyboard on the screen, which needs QML files and is GPL.
        r"/plugins/(egldeviceintegrations|generic|networkinformation)/",
        r"/plugins/platforms/lib(qeglfs|qlinuxfb|qminimalegl|qvkkhrdisplay|qvnc)\.so",
        r"(^|/)(lib)?Qt6?(EglFS|EglFs|VirtualKeyboard)|/(lib)?qtvirtualkeyboardplugin\.|/(lib)?qpdf\.(so|dll|dylib)",
        # Pillow: Tk.
        r"^PIL/_imagingtk\.",
        # ONNX Runtime's library for C programs. Python's module has all of it in itself, and hands it to the
        # plug-in: neither links this (looked at in the wheels of 1.32 for Linux, Windows and macOS).
        r"^onnxruntime/capi/(lib)?onnxruntime(\.so|\.dll|\.[\d.]*dylib)",
        # Tests and examples of others.
        r"^(numpy|contourpy|psutil|sympy|mpmath|networkx|fsspec|jinja2|PIL|onnx)/.*\b(tests?|examples)/",
    )
)


def is_wanted(path: str) -> bool:
    """Whether a collected file belongs into the bundle."""
    return not any(pattern.search(path) for pattern in _UNWANTED)


_SYSTEMS = re.compile(
    r"^lib("
    r"mvec|stdc\+\+|gcc_s"  # of the C library and the compiler: drivers that are newer need theirs
    r"|X11|X11-xcb|xcb|Xau|Xdmcp|bsd|md|xcb-glx|drm|gbm|GL\w*|EGL|OpenGL|va\w*|vdpau|wayland-\w+"
    r"|glib-2\.0|gobject-2\.0|gio-2\.0|gmodule-2\.0|gthread-2\.0|pcre2-8|mount|blkid|selinux"
    r"|gtk-3|gdk-3|gdk_pixbuf-2\.0|atk\S*|atspi|cairo|cairo-gobject|pango\S*|pixman-1|epoxy|thai|datrie|fribidi"
    r"|Xcomposite|Xcursor|Xdamage|Xfixes|Xi|Xinerama|harfbuzz|graphite2|jpeg"
    r"|fontconfig|freetype|png16|brotli\w+|expat|z|dbus-1|systemd|cap|gcrypt|gpg-error|lz4|zstd"
    r"|pulse|pulsecommon-[\d.]+|sndfile|FLAC|ogg|vorbis|vorbisenc|opus|mpg123|mp3lame|asyncns|asound|udev"
    r")\.so"
)


def is_the_systems(path: str) -> bool:
    """Whether a library that was found on the machine that builds (Linux) is one that every desktop has.

    Those stay the desktop's own: a copy of ours would be taken by its graphics drivers and by GTK's and
    glib's modules too, which are made for theirs. What desktops often lack (XCB's helpers, XKB, Kerberos)
    comes along, and all that came with a Python package, which lies in a folder and has a name of its own.
    """
    return _SYSTEMS.match(path) is not None


_PARTS = (
    ("CUDA (NVIDIA)", r"^nvidia/|^lib(cu|nv|nccl)[\w.-]*\.so|^torch/lib/(cu|nv|nccl)[\w.-]*\.dll"),
    ("torch", r"^(torch|torchvision|torchvision\.libs|functorch)/"),
    ("Qt (PySide6)", r"^(PySide6|shiboken6)/|^lib(Qt6|pyside6|shiboken6|icu)"),
    ("FFmpeg (PyAV)", r"^av(\.libs)?/"),
    ("ONNX Runtime", r"^onnx(runtime|runtime_ep_webgpu)?/"),
    ("numpy", r"^numpy(\.libs)?/"),
    ("Pillow", r"^(PIL|pillow\.libs)/"),
    ("weights", r"\.(pth|pt|safetensors)$"),
    ("camviewer's files", r"^camviewer/"),
    ("licences", r"^(licences|THIRD-PARTY)"),
    ("Python", r"^(lib-dynload/|base_library\.zip|libpython|python3|Python)|^[\w.]+\.pyd$"),
    ("libraries of the system", r"^[^/]+\.(so[\d.]*|dll|dylib)$|^lib[^/]+\.so"),
)
_COMPILED = tuple((name, re.compile(pattern)) for name, pattern in _PARTS)
PROGRAM, REST = "program and Python modules", "other libraries"


def part_of(path: str) -> str:
    """The part of the program that a file belongs to, for people. The last weights win over their package."""
    if re.search(dict(_PARTS)["weights"], path):
        return "weights"
    return next((name for name, pattern in _COMPILED if pattern.search(path)), REST)


def files_below(folder: Path) -> Iterator[Path]:
    """Files and links, in order; links aren't followed."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        yield from (Path(root) / name for name in sorted([*names, *links]))


def sizes_by_part(folder: Path, libraries: Collection[Path]) -> dict[str, tuple[int, int]]:
    """Bytes and number of files by part, the largest first. Links count as nothing.

    folder: the whole bundle; libraries: the folders in it that `part_of` means.
    """
    size: Counter[str] = Counter()
    count: Counter[str] = Counter()
    for file in files_below(folder):
        if file.is_symlink():
            continue
        inside = next((place for place in libraries if file.is_relative_to(place)), None)
        part = PROGRAM if inside is None else part_of(file.relative_to(inside).as_posix())
        size[part] += file.stat().st_size
        count[part] += 1
    return {part: (total, count[part]) for part, total in size.most_common()}


def size_table(sizes: dict[str, tuple[int, int]]) -> str:
    """For people: a line a part, and the sum."""
    lines = [f"{total / 1e6:9.1f} MB  {count:5} files  {part}" for part, (total, count) in sizes.items()]
    total = sum(size for size, _ in sizes.values())
    return "\n".join([*lines, f"{total / 1e6:9.1f} MB  {sum(n for _, n in sizes.values()):5} files  in all"])


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def duplicates(folder: Path, at_least: int = 64 * 1024) -> list[list[Path]]:
    """Files of the same content and at least so many bytes; in each group the shortest path is first."""
    by_size: dict[int, list[Path]] = {}
    for file in files_below(folder):
        if not file.is_symlink() and (size := file.stat().st_size) >= at_least:
            by_size.setdefault(size, []).append(file)
    groups: dict[tuple[int, str], list[Path]] = {}
    for size, files in by_size.items():
        if len(files) > 1:
            for file in files:
                groups.setdefault((size, sha256(file)), []).append(file)
    return [sorted(files, key=_depth) for files in groups.values() if len(files) > 1]


def _depth(path: Path) -> tuple[int, str]:
    return len(path.parts), str(path)


def link_duplicates(folder: Path) -> int:
    """Keep each file once, and links in the other places; the bytes that this saved.

    A library that is loaded from a link is the one that it leads to, with its neighbours: right for copies of
    the same name. Others stay.
    """
    saved = 0
    for first, *others in duplicates(folder):
        for other in others:
            if other.name == first.name:
                saved += other.stat().st_size
                other.unlink()
                other.symlink_to(os.path.relpath(first, other.parent))
    return saved


_CRT = re.compile(r"(msvcp|vcruntime|concrt)140\w*\.dll", re.IGNORECASE)


def drop_copies_of_crt(folder: Path) -> int:
    """Windows: remove copies of Microsoft's C and C++ runtime from the packages' folders; the bytes saved.

    Only those that are equal to one at the top of `folder`, where the program looks for libraries, too.
    """
    saved = 0
    for first, *others in duplicates(folder, at_least=1):
        if first.parent == folder and _CRT.fullmatch(first.name):
            for other in others:
                if other.name.lower() == first.name.lower():
                    saved += other.stat().st_size
                    other.unlink()
    return saved


def manifest(folder: Path, leave_out: Iterable[str] = ()) -> dict[str, dict[str, object]]:
    """What the self-test compares a bundle with: files → [size, sha256], links → where they lead."""
    skip = {*leave_out}
    files: list[tuple[str, Path]] = []
    links: dict[str, object] = {}
    for path in files_below(folder):
        name = path.relative_to(folder).as_posix()
        if name in skip or path.name == MANIFEST:
            continue
        if path.is_symlink():
            links[name] = str(path.readlink())
        else:
            files.append((name, path))
    with ThreadPoolExecutor(2) as pool:
        digests = pool.map(sha256, [path for _, path in files])
        facts = {
            name: [path.stat().st_size, digest] for (name, path), digest in zip(files, digests, strict=True)
        }
    return {"files": dict(facts), "links": links}


def write_manifest(folder: Path, place: Path, leave_out: Iterable[str] = ()) -> int:
    """Write the manifest of a bundle in one of its folders; how many files and links are in it."""
    facts = manifest(folder, leave_out)
    (place / MANIFEST).write_text(json.dumps(facts, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    return sum(len(entries) for entries in facts.values())
