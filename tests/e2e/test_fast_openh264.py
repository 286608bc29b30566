"""packaging/fast_openh264.py: what may take the place of the library in PyAV's wheel. Nothing is built."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

PATH = Path(__file__).resolve().parents[2] / "packaging/fast_openh264.py"
WHEELS = Path("av.libs/libopenh264-1a2b.so.2.6.0")


@pytest.fixture(name="script")
def imported_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fast_openh264", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # for its dataclass
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("version", "features", "expected"), [((2, 6, 0), 0x7FE3F, 0), ((2, 6, 0), 0, 1), ((2, 5, 1), 0x7FE3F, 1)]
)
def test_only_the_same_version_with_the_processors_features_takes_its_place(
    script: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    version: tuple[int, int, int],
    features: int,
    expected: int,
) -> None:
    out, built = tmp_path / "fast.so", list[tuple[Path, Path, str]]()
    answers = {WHEELS: script.Found((2, 6, 0), 0), out: script.Found(version, features)}
    monkeypatch.setattr(script, "wheels_library", lambda: WHEELS)
    monkeypatch.setattr(script, "build", lambda *arguments: built.append(arguments))
    monkeypatch.setattr(script, "ask", answers.__getitem__)
    monkeypatch.setattr(sys, "argv", [str(PATH), str(tmp_path), str(out)])
    assert script.main() == expected
    assert built == [(tmp_path, out, WHEELS.name)], "with the name that FFmpeg asks for"


def test_it_reads_version_and_features_of_the_wheels_own(script: ModuleType) -> None:
    pytest.importorskip("av")
    try:
        library = script.wheels_library()
    except FileNotFoundError:
        pytest.skip("not a wheel for Linux")
    found = script.ask(library)
    assert found.version >= (2, 0, 0)
    assert f".so.{'.'.join(map(str, found.version))}" in library.name
