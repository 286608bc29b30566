"""Model files that are programs: they are not opened, and the user is told what to save instead."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from camviewer.core.failures import ModelFailure
from camviewer.core.models.pickles import StandIn

_MODULES = frozenset(
    (
        *(
            "os",
            "posix",
            "nt",
            "subprocess",
            "sys",
            "shutil",
            "socket",
            "importlib",
            "runpy",
            "pty",
            "ctypes",
        ),
        *("webbrowser", "code", "codeop", "pdb", "bdb", "timeit", "profile", "cProfile", "marshal"),
    )
)
_FUNCTIONS = frozenset({"eval", "exec", "execfile", "compile", "open", "__import__", "breakpoint", "input"})
_ZEROS = "torch.zeros(1, 3, 224, 224), 'model.onnx'"
EXPORT = f"torch.onnx.export(model, {_ZEROS})"
"""The line that makes an ONNX file of a network."""
_BUILTINS = frozenset({"builtins", "__builtin__"})


def refuse_harmful(path: Path, names: Iterable[str]) -> None:
    """Raises ModelFailure if a pickle names a function that could do harm: no checkpoint has any.

    Nothing of a pickle is run here anyway; but who opens such a file elsewhere should know.
    """
    for name in sorted(names):
        module, _, function = name.rpartition(".")
        if module.partition(".")[0] in _MODULES or (module in _BUILTINS and function in _FUNCTIONS):
            raise ModelFailure(
                "{name} is not a weights file that can be read safely: it asks to run {program}.",
                "Don't open it elsewhere either. Ask for a .safetensors file.",
                name=path.name,
                program=name,
            )


def is_module(value: object) -> bool:
    """Whether it would be a network of torch: an object with parameters and parts."""
    return (
        isinstance(value, StandIn)
        and isinstance(value.state, dict)
        and {"_parameters", "_modules"} <= value.state.keys()
    )


def pickled_program(path: Path, model: StandIn, names: Iterable[str]) -> ModelFailure:
    """Why a checkpoint whose model is a Python object isn't opened, and what to save instead.

    model: the stand-in for it; names: of everything in the file.
    """
    roots = {name.partition(".")[0] for name in names}
    if "ultralytics" in roots or "models.yolo" in {name.rpartition(".")[0] for name in names}:
        return ModelFailure(
            "{name} is a model of Ultralytics: a program, which opening would run.",
            "Export it to ONNX where Ultralytics is installed, and open that file: {line}",
            name=path.name,
            line=f"from ultralytics import YOLO; YOLO({path.name!r}).export(format='onnx')",
        )
    if "fastai" in roots:
        return ModelFailure(
            "{name} is a Learner of fastai: a program, which opening would run.",
            "Export it to ONNX where fastai is installed, and open that file: {line}",
            name=path.name,
            line=f"learn = load_learner({path.name!r}); "
            f"torch.onnx.export(learn.model.eval().cpu(), {_ZEROS})",
        )
    return ModelFailure(
        "{name} is a whole pickled object ({kind}): a program, which opening would run.",
        "Save its weights alone where its code is, and open that file: {line}",
        name=path.name,
        kind=model.path,
        line=f"model = torch.load({path.name!r}, weights_only=False); "
        "torch.save(model.state_dict(), 'weights.pth')",
    )


def torchscript(path: Path) -> ModelFailure:
    """Why a file of torch.jit.save isn't opened."""
    return ModelFailure(
        "{name} is a TorchScript file: a program, which opening would run.",
        "Save its weights alone, and open that file: {line}",
        name=path.name,
        line=f"model = torch.jit.load({path.name!r}); torch.save(model.state_dict(), 'weights.pth')",
    )
