"""Command lines become options."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from camviewer.commands.bench_parser import parse_bench
from camviewer.commands.cli import main
from camviewer.commands.options import (
    STDOUT,
    BenchOptions,
    DoctorOptions,
    DoctorStyle,
    DrawingOptions,
    ExplainOptions,
    FolderTruth,
    InspectOptions,
    ReportOptions,
)
from camviewer.commands.parser import (
    parse_doctor,
    parse_explain,
    parse_inspect,
    parse_window,
)
from camviewer.core.covering import USUAL, Covering, Fill
from camviewer.core.explanation import ExplainRequest
from camviewer.core.frames import Fit
from camviewer.core.localize import EXTENT_THRESHOLD, PAPER_THRESHOLD
from camviewer.core.methods.registry import METHODS
from camviewer.core.models.builtin import MODELS
from camviewer.core.models.weights import ENVIRONMENT_VARIABLE
from camviewer.core.runtimes.precision import Precision
from camviewer.core.storage.colour import VARIABLE, manages_colours
from camviewer.options import ModelOptions, WindowOptions

NAMES = ", ".join(MODELS)


def test_the_window_gets_its_arguments() -> None:
    options = parse_window([])
    assert options == WindowOptions(
        paths=(),
        camera=None,
        new_window=False,
        screen=False,
        model=ModelOptions(name=None, weights=None, labels=None, device=None),
        quit_after=None,
        stats=None,
        log_level="info",
    )
    options = parse_window(["./explain", "b", "--quit-after", "2.5"])
    assert (options.paths, options.quit_after) == ((Path("explain"), Path("b")), 2.5)
    assert parse_window(["--camera"]).camera == ""
    assert parse_window(["--camera", "1"]).camera == "1"
    assert parse_window(["--self-test"]) == WindowOptions(), "only as the first argument it means something"


def test_the_parser_knows_the_registry() -> None:
    for name in MODELS:
        assert parse_window(["--model", name]).model.name == name
    with pytest.raises(SystemExit):
        parse_window(["--model", "vgg"])


def test_a_model_file_instead_of_a_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pets.pth"
    file.touch()
    for path in (file, tmp_path):  # a checkpoint may be a folder
        model = ModelOptions(file=path, card=Path("c.json"))
        line = ["--model", str(path), "--card", "c.json"]
        assert parse_window(line).model == model
        assert parse_explain(["a.png", "--out", "o", *line]).model == model
        assert parse_explain(["a.png", "--report", "r.html", *line]).model == model
        assert parse_bench(line).model == model
    for wrong, problem in (
        (["--model", str(tmp_path / "nowhere.pth")], "nowhere.pth doesn't exist"),
        (["--model", "vgg"], f"the file vgg doesn't exist, and no model is called so (there are {NAMES})"),
        (["--model", str(file), "--weights", "w.pth"], "give one of them"),
    ):
        with pytest.raises(SystemExit) as caught:
            parse_window(wrong)
        assert caught.value.code == 2
        assert problem in capsys.readouterr().err


def test_a_built_in_name_goes_before_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = next(iter(MODELS))
    Path(name).touch()
    assert parse_window(["--model", name]).model == ModelOptions(name)
    assert parse_window(["--model", f"./{name}"]).model == ModelOptions(file=Path(name))


def test_the_choice_of_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "/a/b.pth")
    assert ModelOptions().choice().weights == Path("/a/b.pth")
    choice = ModelOptions(file=Path("f.onnx"), card=Path("c.json"), labels=Path("l.txt")).choice()
    assert (choice.file, choice.card, choice.labels) == (Path("f.onnx"), Path("c.json"), Path("l.txt"))
    assert choice.weights is None, "the variable names weights of the default model"


@pytest.mark.parametrize("method", METHODS)
def test_a_method_by_its_letters(method: str) -> None:
    for name in (method, method.upper(), method.lower(), method.replace("-", "").replace(" ", "")):
        line = ["--method", name, "--layer", "layer3"]
        window, explain = parse_window(line), parse_explain(["a.png", "--out", "o", *line])
        assert (window.method, window.layer) == (method, "layer3")
        assert not window.fits_any_window
        assert (explain.request.method, explain.request.layer) == (method, "layer3")


def test_a_method_by_its_last_word() -> None:
    assert parse_explain(["a.png", "--out", "o", "--method", "extent"]).request.method == "Object extent"
    assert parse_explain(["a.png", "--out", "o", "--method", "cam"]).request.method == "CAM"


@pytest.mark.parametrize("letters", ["-", "g", "gradient cam"])
def test_letters_of_none_or_several_methods(letters: str) -> None:
    with pytest.raises(SystemExit):
        parse_explain(["a.png", "--out", "o", "--method", letters])


def test_an_unknown_method(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_explain(["a.png", "--out", "o", "--method", "tea leaves"])
    assert f"no method 'tea leaves' (there are {', '.join(METHODS)})" in capsys.readouterr().err


def test_the_sizes_of_a_models_file_are_known_later(tmp_path: Path) -> None:
    line = ["a.png", "--out", "o", "--resolution", "518"]
    with pytest.raises(SystemExit):
        parse_explain(line)
    assert parse_explain([*line, "--model", str(tmp_path)]).request.resolution == 518


def test_inspect(tmp_path: Path) -> None:
    assert parse_inspect([str(tmp_path)]) == InspectOptions(tmp_path)
    assert parse_inspect([str(tmp_path), "--json", "--card", "c.json", "--labels", "l.txt"]) == (
        InspectOptions(tmp_path, True, Path("c.json"), Path("l.txt"))
    )


def test_the_model_and_its_files() -> None:
    line = "--model resnet18 --weights w.pth --labels l.txt --device cpu"
    model = ModelOptions("resnet18", Path("w.pth"), Path("l.txt"), "cpu")
    assert parse_window(line.split()).model == model
    assert parse_explain(f"a.png --no-images {line}".split()).model == model
    assert parse_bench(line.split()).model == model


def test_devices_and_precisions() -> None:
    model = parse_explain(
        ["a.png", "--no-images", "--device", "NVIDIA H200 (2)", "--precision", "TF32"]
    ).model
    assert (model.device, model.precision) == ("NVIDIA H200 (2)", Precision.TF32)
    choice = model.choice()
    assert (choice.device, choice.precision) == ("NVIDIA H200 (2)", Precision.TF32)
    assert parse_bench([]).model.choice().device == "auto"
    assert parse_window(["--device", "auto"]).model.device == "auto", "written, so nothing is remembered"
    assert parse_window([]).model.device is None


def test_a_precision_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_window(["--precision", "float8"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "argument --precision: There is no precision 'float8'." in told
    assert "float32, tf32, float16, bfloat16" in told


def test_explain() -> None:
    assert parse_explain(["a.png", "--out", "o"]) == ExplainOptions(
        (Path("a.png"),), ExplainRequest(), out=Path("o")
    )
    line = "a.png b --no-images --json - --classes 3 --fit whole --resolution 448 --fine"
    assert parse_explain(line.split()) == ExplainOptions(
        (Path("a.png"), Path("b")),
        ExplainRequest(Fit.WHOLE, 448, fine=True),
        classes="3",
        images=False,
        json=STDOUT,
    )


def test_colours_are_managed_unless_told_otherwise() -> None:
    """A window that is there already converts, so it won't do."""
    option = "--no-colour-management"
    for line in (["a.png", "--out", "o"], ["a.png", "--report", "r.html"]):
        assert parse_explain(line).colour_management
        assert not parse_explain([*line, option]).colour_management
    assert parse_window(["a.png"]).fits_any_window
    assert not parse_window(["a.png", option]).colour_management
    assert not parse_window(["a.png", option]).fits_any_window


@pytest.mark.parametrize(
    ("line", "module"),
    [
        (["explain", "a.png", "--out", "o"], "camviewer.commands.explain"),
        (["explain", "a.png", "--report", "r.html"], "camviewer.commands.report"),
        (["a.png"], "camviewer.app"),
    ],
)
def test_colours_are_told_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch, line: list[str], module: str
) -> None:
    managed: list[bool] = []
    run = f"{module}.run"

    def noting(options: object) -> int:
        managed.append(manages_colours())
        return 0

    monkeypatch.setattr(run, noting)
    monkeypatch.setenv(VARIABLE, "on")
    assert main(line) == 0
    assert main([*line, "--no-colour-management"]) == 0
    assert managed == [True, False]


def test_drawing() -> None:
    def drawing(line: str) -> DrawingOptions:
        return parse_explain(f"a.png --out o {line}".split()).drawing

    assert drawing("") == DrawingOptions(None, None, None)
    assert drawing("--boxes") == DrawingOptions(threshold=PAPER_THRESHOLD)
    assert drawing("--boxes --method extent") == DrawingOptions(threshold=EXTENT_THRESHOLD)
    assert drawing("--boxes --method extent --threshold 0.3").threshold == 0.3
    assert drawing("--boxes --threshold 0.5 --colormap viridis --opacity 0.3") == DrawingOptions(
        0.5, "viridis", 0.3
    )


def test_a_report() -> None:
    request = ExplainRequest()
    assert parse_explain(["p", "--report", "r.html"]) == ReportOptions((Path("p"),), request, Path("r.html"))
    folders = parse_explain(["p", "--report", "r.html", "--truth", "folders"])
    assert isinstance(folders, ReportOptions)
    assert folders.truth == FolderTruth()
    table = parse_explain(["p", "--report", "r.HTM", "--truth", "t.csv"])
    assert isinstance(table, ReportOptions)
    assert table.truth == Path("t.csv")


def test_bench() -> None:
    assert parse_bench([]) == BenchOptions(10.0, None, None)
    assert parse_bench(["--seconds", "2", "--source", "a.mp4", "--json", "f.json"]) == BenchOptions(
        2.0, Path("a.mp4"), Path("f.json")
    )
    synthetic = parse_bench(["--source", "synthetic"])
    assert isinstance(synthetic, BenchOptions)
    assert synthetic.source is None
    assert parse_bench(["--resolution", "448"]).resolution == 448


@pytest.mark.parametrize(
    ("line", "style"),
    [("", DoctorStyle.TEXT), ("--json", DoctorStyle.JSON), ("--lines", DoctorStyle.LINES)],
)
def test_doctor(line: str, style: DoctorStyle) -> None:
    assert parse_doctor(line.split()) == DoctorOptions(style)


@pytest.mark.parametrize("parse", [parse_window, parse_explain])
def test_what_covers(parse: Callable[..., WindowOptions | ExplainOptions | ReportOptions]) -> None:
    start = ["a.png", "--method", "occlusion"] + (["--out", "o"] if parse is parse_explain else [])

    def covering(*line: str) -> Covering | None:
        options = parse([*start, *line])
        return options.covering if isinstance(options, WindowOptions) else options.request.covering

    assert covering() in (None, USUAL)
    assert covering("--patch", "32") == Covering(32)
    assert covering("--fill", "blur") == Covering(None, Fill.BLUR)
    assert covering("--patch", "32", "--fill", "grey") == Covering(32, Fill.GREY)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["--fill", "blur"], "add --method Occlusion"),
        (["--method", "cam", "--patch", "32"], "add --method Occlusion"),
        (["--method", "occlusion", "--patch", "1"], "2 pixels a side or more"),
        (["--method", "occlusion", "--patch", "x"], "--patch"),
        (["--method", "occlusion", "--fill", "noise"], "--fill"),
    ],
)
def test_what_can_not_cover(line: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_explain(["a.png", "--out", "o", *line])
    assert words in capsys.readouterr().err
