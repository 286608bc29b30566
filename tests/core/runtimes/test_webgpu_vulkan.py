"""WebGPU on software Vulkan, where there is one: right numbers, and a sentence where there is none.

CAMVIEWER_TEST_VULKAN names the folder that tests/vulkan.sh filled.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(os.environ.get("CAMVIEWER_TEST_VULKAN", "nowhere"))
needs_vulkan = [
    pytest.mark.vulkan,
    pytest.mark.skipif(
        not (FOLDER / "new.json").exists(), reason="CAMVIEWER_TEST_VULKAN names no software Vulkan"
    ),
]
linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it isn't Vulkan that computes")
DAWN_SAYS = "artificially reduced"
"""What the plug-in prints of some drivers, whatever is logged."""


def asked(what: str, *, loader: Path | None, driver: str, software: str = "1") -> tuple[Any, list[str]]:
    """What the process answers, and the lines that it prints besides. loader: the folder that it is in."""
    environment = os.environ | {
        "VK_ICD_FILENAMES": driver,
        "VK_DRIVER_FILES": driver,
        "ORT_WEBGPU_EP_ALLOW_SOFTWARE_ADAPTER": software,
        # Compiled once: without it each process takes seconds.
        "MESA_SHADER_CACHE_DIR": str(FOLDER / "shaders"),
        "PYTHONPATH": str(ROOT),
        "LD_LIBRARY_PATH": str(loader or ""),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.core.runtimes.webgpu_process", what],
        check=False, capture_output=True, text=True, timeout=300, env=environment, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if line.strip() and DAWN_SAYS not in line]
    (answer,) = done.stdout.splitlines()
    return json.loads(answer), said


def with_mesa(what: str, driver: str = "new.json", software: str = "1") -> tuple[Any, list[str]]:
    path = driver if driver.startswith("/") else str(FOLDER / driver)
    return asked(what, loader=FOLDER / "lib", driver=path, software=software)


@linux
def test_without_vulkan_there_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "libvulkan.so.1").write_bytes(b"")  # one that is installed isn't found either
    answer, said = asked("find", loader=tmp_path, driver="/none")
    assert answer["title"] is None
    assert "Vulkan is not installed. Install your GPU's driver" in answer["problem"]
    assert not said


@pytest.mark.vulkan
class TestSoftwareVulkan:
    pytestmark = needs_vulkan

    def test_without_a_driver_there_is_a_sentence(self) -> None:
        answer, said = with_mesa("find", "/none.json")
        assert answer["title"] is None
        assert "none has a driver for Vulkan. Install or update" in answer["problem"]
        assert not said

    def test_a_driver_that_is_damaged_is_as_none(self, tmp_path: Path) -> None:
        library, icd = tmp_path / "driver.so", tmp_path / "driver.json"
        library.write_bytes(b"\x7fELF and nothing")
        facts = {"api_version": "1.3.0", "library_path": str(library)}
        icd.write_text(json.dumps({"file_format_version": "1.0.0", "ICD": facts}))
        assert "none has a driver" in with_mesa("find", str(icd))[0]["problem"]

    def test_a_driver_that_is_too_old_is_to_be_updated(self) -> None:
        answer, said = with_mesa("find", "old.json")
        assert answer["error"] == f"{answer['title']} can't be used; its driver is too old: update it."
        assert len(said) <= 3, "Dawn says what it misses"

    def test_a_driver_that_computes_on_the_cpu_is_no_gpu(self) -> None:
        answer, said = with_mesa("find", software="")
        assert answer["title"] is None
        assert answer["problem"].startswith("GPUs can't be used: the only driver for Vulkan, llvmpipe")
        assert not said

    def test_the_adapter_has_the_name_that_its_driver_gives(self) -> None:
        answer, said = with_mesa("find")
        assert answer["title"].startswith("llvmpipe (LLVM")
        assert answer["software"] is True
        assert answer["problem"] is answer["error"] is None
        assert not said

    def test_features_are_the_cpu_s(self) -> None:
        differences, said = with_mesa("parity")
        assert len(differences) == 2
        assert max(differences.values()) <= 1e-4, differences
        assert not said

    def test_the_comparison_refuses_what_is_slow_and_what_is_wrong(self) -> None:
        (right, slow), (off, wrong) = with_mesa("comparison")[0]
        assert right <= 1e-4
        assert "is slower than the CPU" in slow
        assert off > 1e-3
        assert "computes wrongly: features are off by" in wrong

    def test_threads_take_turns(self) -> None:
        """Without turns: "Command encoding already finished", or a crash."""
        assert with_mesa("threads")[0] == []
