"""`camviewer explain --report` as a user runs it."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import psutil
import pytest

from camviewer.commands import cli
from camviewer.commands import model as command_model
from camviewer.commands import report as command_report
from camviewer.core.explainer import Explainer
from camviewer.core.failures import SaveFailure
from camviewer.core.loading import LoadedModel
from camviewer.core.models.labels import imagenet_wnids
from camviewer.core.review import photo_review, thumbnails
from camviewer.core.review.helper_process import OPTION
from camviewer.core.review.pool import Pool
from camviewer.core.runtimes.device import Device
from camviewer.options import ModelOptions

pytestmark = pytest.mark.usefixtures("qapp")


def explain(*arguments: object) -> int:
    return cli.main(["explain", *(str(a) for a in arguments)])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text_of(path: Path) -> str:
    """What the page says, without its images, style and script."""
    html = path.read_text("utf-8")
    assert html.rstrip().endswith("</html>"), "whole"
    html = re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.DOTALL)
    return " ".join(
        re.sub(r"<[^>]*>", " ", html.replace("<wbr>", "")).replace("\N{NO-BREAK SPACE}", " ").split()
    )


@pytest.fixture(scope="module")
def sorted_samples(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample photos in folders of classes, one of them wrong."""
    folder = tmp_path_factory.mktemp("sorted")
    for photo, name in (
        ("cat.png", "Egyptian cat"),
        ("rocket.jpg", "n04266014_space_shuttle"),
        ("coffee.png", "espresso"),
        ("camera.png", "tabby"),
    ):
        (folder / name).mkdir()
        shutil.copy(samples / photo, folder / name)
    return folder


# What comes out


@pytest.mark.weights
def test_the_shared_photos_are_as_right_as_expected(
    assets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """expected.json has torchvision's own answers; folders say what is right."""
    monkeypatch.setenv("CAMVIEWER_WEIGHTS", str(assets / "weights" / "resnet18-imagenet1k-pq.pth"))
    expected = {p["file"]: p for p in json.loads((assets / "images" / "expected.json").read_text())}
    for name, photo in expected.items():
        class_id = photo["class_id"]
        folder = tmp_path / "photos" / (imagenet_wnids()[class_id] if class_id is not None else "")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(assets / "images" / name, folder)
    html = tmp_path / "report.html"
    bare = ("--device", "cpu", "--no-colour-management")
    assert explain(tmp_path / "photos", "--report", html, "--truth", "folders", *bare) == 0

    known = {name: photo for name, photo in expected.items() if photo["class_id"] is not None}
    wrong = {name: photo for name, photo in known.items() if photo["top5"][0][0] != photo["class_id"]}
    right, first5 = len(known) - len(wrong), 0
    for photo in known.values():
        first5 += photo["class_id"] in [class_id for class_id, _, _ in photo["top5"]]
    assert (len(known), right, first5) == (42, 33, 40), "what the README of shared/ implies"
    text = text_of(html)
    assert f"right 79 % {right} of 42 photos with a known class; 95 % interval 64 % to 88 %" in text
    assert f"among the first five 95 % {first5} of 42" in text
    assert f"Mistakes {len(wrong)} " in text
    assert "33 of 42 right (78.6 %)" in capsys.readouterr().err

    rows = {Path(row["path"]).name: row for row in rows_of(tmp_path / "report.csv")}
    assert set(rows) == set(expected)
    for name, row in rows.items():
        top5 = expected[name]["top5"]
        prefixes = [("predicted_id", "probability")]
        prefixes += [(f"id_{place}", f"probability_{place}") for place in range(2, 6)]
        said = {int(row[id_name]): float(row[probability]) for id_name, probability in prefixes}
        assert next(iter(said)) == top5[0][0]
        # Some lower places are equal but for rounding.
        assert [*said.values()] == pytest.approx([probability for _, _, probability in top5], abs=4e-3)
        assert len({class_id for class_id, _, _ in top5} & set(said)) >= 4
        assert row["correct"] == ("" if name not in known else str(name not in wrong).lower())
    surest_first = sorted(wrong, key=lambda name: -float(rows[name]["probability"]))
    places = [text.index(f"/{name} 0 ") for name in surest_first]
    assert places == sorted(places)
    assert places[-1] < text.index("Confusions 9"), "before all tables"
    card = text[: places[0]].rpartition("said ")[2]
    assert card.startswith("valley 92 % is, at rank 2 alp 7.1 %")
    assert html.read_text("utf-8").count("data:image/jpeg") >= 2 * len(wrong)


def test_folders_tell_the_truth(
    sorted_samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(sorted_samples, "--report", tmp_path / "r.html", "--truth", "folders") == 0
    rows = rows_of(tmp_path / "r.csv")
    assert [row["truth"] for row in rows] == ["Egyptian cat", "espresso", "space shuttle", "tabby"]
    assert rows[3]["correct"] == "false"
    assert "the class of 4 of 4 photos is known from the folders' names" in capsys.readouterr().err
    mistakes = text_of(tmp_path / "r.html").partition("Mistakes 3")[2].partition("Confusions")[0]
    assert "tabby/camera.png" in mistakes


def test_a_table_tells_the_truth(samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "labels.csv").write_text(
        "file;class\ncat.png;Egyptian_cat\nrocket;n04266014\ngone.png;tabby\ncamera.png;dromedarium\n"
    )
    run = [samples, "--report", tmp_path / "r.html", "--truth", tmp_path / "labels.csv"]
    assert explain(*run, "--fit", "whole", "--resolution", "160", "--colormap", "vik", "--boxes") == 0
    truths = {Path(row["path"]).name: row["truth"] for row in rows_of(tmp_path / "r.csv")}
    assert truths == {
        "cat.png": "Egyptian cat",
        "rocket.jpg": "space shuttle",
        "coffee.png": "",
        "camera.png": "",
    }
    told = capsys.readouterr().err
    text = text_of(tmp_path / "r.html")
    for words in (
        "1 row of labels.csv names no photo here: 'gone.png'.",
        "No class is called 'dromedarium'",
        "1 photo is reviewed without a true class.",
    ):
        assert words in told
        assert words in text.replace("&#39;", "'")
    assert "whole photos, 160 pixels" in text
    assert "colours vik; outlined: 20 % of a map" in text
    assert "Without a known class 2" in text


def test_without_truth_it_is_a_gallery(
    sorted_samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = [sorted_samples / "espresso", sorted_samples / "tabby", "--report", tmp_path / "r.HTM"]
    assert explain(*run) == 0
    assert "espresso and 1 more" in text_of(tmp_path / "r.HTM")
    assert [row["correct"] for row in rows_of(tmp_path / "r.csv")] == ["", ""]
    capsys.readouterr()
    assert explain(sorted_samples, "--report", tmp_path / "r.html") == 0
    assert "--truth folders says what is right, too" in capsys.readouterr().err


def test_bad_photos_are_listed_and_stop_no_other(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (tmp_path / "empty folder").mkdir()
    shutil.copy(samples / "cat.png", photos / "b.png")
    for name in ("a.png", "<c>.jpg"):
        (photos / name).write_bytes(b"no image")
    inputs = [photos, tmp_path / "empty folder", tmp_path / "gone.jpg"]
    assert explain(*inputs, "--report", tmp_path / "r.html", "--truth", "folders") == 1
    problems = {Path(row["path"]).name: row["problem"] for row in rows_of(tmp_path / "r.csv")}
    assert problems.pop("b.png") == ""
    assert problems == {
        "a.png": "a.png is not an image that camviewer can read. "
        "Open a JPEG, PNG, WebP, AVIF, HEIC, BMP, TIFF or GIF.",
        "<c>.jpg": "<c>.jpg is not an image that camviewer can read. "
        "Open a JPEG, PNG, WebP, AVIF, HEIC, BMP, TIFF or GIF.",
        "empty folder": "There are no photos in this folder.",
        "gone.jpg": "gone.jpg doesn't exist. Check the path.",
    }
    told = capsys.readouterr().err
    assert all(problem in told for problem in problems.values())
    assert "Not read 4" in text_of(tmp_path / "r.html")


def test_hostile_labels_of_a_file(samples: Path, tmp_path: Path) -> None:
    labels = ["<script>alert(1)</script>"] * 1000
    (tmp_path / "labels.txt").write_text("\n".join(labels))
    run = [samples / "cat.png", "--labels", tmp_path / "labels.txt", "--report", tmp_path / "r.html"]
    assert explain(*run) == 0
    assert (tmp_path / "r.html").read_text().count("<script>") == 1, "the page's own"
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in (tmp_path / "r.html").read_text()


# What can go wrong before the work


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("p --report r.pdf", "r.pdf is no name of an HTML file; add .html"),
        ("p --report no/r.html", "there is no folder no"),
        ("p --report folder.html", "folder.html is a folder, not a file"),
        ("p --report r.html --truth gone.csv", "there is no file gone.csv; or did you mean folders?"),
        ("p --report labels.html --truth labels.csv", "its table would replace labels.csv; choose another"),
        ("p --report labels.html", "its table would replace labels.csv, which is of something else"),
        ("p --report r.html --out o", "--report goes without --out"),
        ("p --report r.html --json j.json", "--report goes without --json"),
        ("p --report r.html --raw", "--report goes without --raw"),
        ("p --report r.html --no-images", "--report goes without --no-images"),
        ("p --report r.html --classes 7", "--report goes without --classes"),
        ("p --report r.html --threshold 0.5", "add --boxes"),
        ("p --report r.html --device toaster", "There is no device 'toaster'"),
        ("p --truth folders --out o", "add --report FILE.html"),
    ],
)
def test_wrong_usage_is_told_before_the_model_loads(
    arguments: str,
    message: str,
    samples: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(samples, "p")
    Path("folder.html").mkdir()
    Path("labels.csv").write_text("path,label\n")
    monkeypatch.setattr(command_model, "load_model", lambda _: pytest.fail("loaded"))
    with pytest.raises(SystemExit) as caught:
        explain(*arguments.split())
    assert caught.value.code == 2
    assert message in capsys.readouterr().err
    assert Path("labels.csv").read_text() == "path,label\n"


def test_a_table_that_is_none_is_told_before_the_model_loads(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command_model, "load_model", lambda _: pytest.fail("loaded"))
    (tmp_path / "labels.csv").write_bytes(b"\xff\xfe")
    assert explain(samples, "--report", tmp_path / "r.html", "--truth", tmp_path / "labels.csv") == 1
    assert "labels.csv is not in UTF-8. Save it" in capsys.readouterr().err


def test_nothing_to_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(tmp_path, "--report", tmp_path / "r.html", "--truth", "folders") == 1
    told = capsys.readouterr().err
    assert "There are no photos in this folder." in told
    assert "there is nothing to report" in told
    assert list(tmp_path.iterdir()) == []


def test_a_second_run_replaces_the_first(
    sorted_samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for truth in ((), ("--truth", "folders")):
        assert explain(sorted_samples, "--report", tmp_path / "r.html", *truth) == 0
    assert rows_of(tmp_path / "r.csv")[0]["truth"] == "Egyptian cat"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.csv", "r.html"]


# What can go wrong meanwhile


@pytest.fixture
def many(samples: Path, tmp_path: Path) -> Path:
    """400 photos, of which the first can't be read: once it is told, the first batch is done."""
    folder = tmp_path / "many" / "Egyptian cat"
    folder.mkdir(parents=True)
    (folder / "000.png").write_bytes(b"")
    for index in range(1, 400):
        (folder / f"{index:03}.png").hardlink_to(samples / "cat.png")
    return folder.parent


def report_process(many: Path, html: Path) -> subprocess.Popen[str]:
    run = ["-m", "camviewer", "explain", many, "--truth", "folders", "--report", html, "--device", "cpu"]
    return subprocess.Popen([sys.executable, *map(str, run)], stderr=subprocess.PIPE, text=True)


def read_until(stream: IO[str] | None, words: str) -> str:
    assert stream is not None
    read = ""
    for line in stream:
        read += line
        if words in line:
            return read
    return pytest.fail(f"{words!r} didn't come: {read}")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C of a console")
def test_ctrl_c_leaves_a_report_of_what_is_done(many: Path, tmp_path: Path) -> None:
    with report_process(many, tmp_path / "r.html") as process:
        read_until(process.stderr, "000.png is empty")
        process.send_signal(signal.SIGINT)
        told = read_until(process.stderr, "are written")
    assert process.returncode == 130
    assert "stopping; Ctrl+C once more gives up" in told
    rows = rows_of(tmp_path / "r.csv")
    assert 8 <= len(rows) < 400
    text = text_of(tmp_path / "r.html")
    assert f"Stopped after {len(rows)} of 400 photos." in text
    assert f"of {len(rows) - 1} photos with a known class" in text
    assert "Traceback" not in told


BY_PROCESSES = """
import sys
from camviewer.commands.cli import main
from camviewer.core.review import reviewer
from camviewer.core.review.pool import Pool
reviewer.pool_for = lambda photos, on_cpu: Pool(2, processes=True)
sys.exit(main(sys.argv[1:]))
"""
"""The program with processes that read photos, as beside a GPU."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C of a console")
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_ends_the_processes_that_read_photos(times: int, many: Path, tmp_path: Path) -> None:
    """At a terminal it is sent to all processes of the group."""
    run = ["explain", many, "--truth", "folders", "--report", tmp_path / "r.html", "--device", "cpu"]
    with subprocess.Popen(
        [sys.executable, "-c", BY_PROCESSES, *map(str, run)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        told = read_until(process.stderr, "000.png is empty")
        helpers = [p for p in psutil.Process(process.pid).children() if OPTION in p.cmdline()]
        assert len(helpers) == 2
        for number in range(times):
            os.killpg(process.pid, signal.SIGINT)
            told += read_until(process.stderr, "stopping") if number == 0 else ""
        assert process.stderr is not None
        told += process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in told
    assert psutil.wait_procs(helpers, 10)[1] == []
    if times == 1:
        assert "are written" in told
        assert 8 <= len(rows_of(tmp_path / "r.csv")) < 400


@pytest.mark.parametrize("gives_up", [False, True], ids=["on the GPU", "the GPU gives up"])
def test_processes_start_while_a_model_for_a_gpu_loads(
    gives_up: bool, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pool is used for a network on a GPU, and closed, also where it comes to nothing."""
    pools: list[Pool] = []
    used: list[int] = []

    class EarlyPool(Pool):
        def submit(self, *args: Any, **options: Any) -> Any:
            used.append(len(args[1]))
            return super().submit(*args, **options)

    def pool_for(photos: int, *, on_cpu: bool) -> Pool:
        assert (photos, on_cpu) == (4, False)
        pools.append(EarlyPool(1))
        return pools[0]

    load = command_model.load

    def load_model(options: ModelOptions) -> LoadedModel:
        assert len(pools) == 1
        loaded = load(replace(options, device="cpu"))
        if not gives_up:
            loaded.explainer.info = replace(loaded.explainer.info, device=Device("cuda"))
        return loaded

    monkeypatch.setattr(command_report, "pool_for", pool_for)
    monkeypatch.setattr(command_report, "resolve_device", lambda _: Device("cuda"))
    monkeypatch.setattr(command_model, "load", load_model)
    assert explain(samples, "--report", tmp_path / "r.html") == 0
    assert len(rows_of(tmp_path / "r.csv")) == 4
    assert sum(used) == (0 if gives_up else 4)
    assert pools[0].submit(len, [""]).cancelled(), "it is closed"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C of a console")
def test_a_second_ctrl_c_gives_up_at_once(many: Path, tmp_path: Path) -> None:
    (tmp_path / "r.html").write_text("before")
    with report_process(many, tmp_path / "r.html") as process:
        told = read_until(process.stderr, "000.png is empty")
        process.send_signal(signal.SIGINT)
        told += read_until(process.stderr, "stopping")
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        told += process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in told
    left = {path.name for path in tmp_path.iterdir()} - {"many"}
    assert left <= {"r.html", "r.csv"}, "no part of one"
    if "are written" not in told:  # it may have been the faster one
        assert (tmp_path / "r.html").read_text() == "before"


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["during the review", "during the writing"])
def test_killed_it_leaves_nothing_that_is_half(moment: str, many: Path, tmp_path: Path) -> None:
    """The report before it stays whole."""
    out = tmp_path / "out"
    out.mkdir()
    assert explain(many / "Egyptian cat" / "001.png", "--report", out / "r.html") == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    if moment == "during the writing":
        for path in sorted((many / "Egyptian cat").iterdir())[40:]:
            path.unlink()
    with report_process(many, out / "r.html") as process:
        read_until(process.stderr, "000.png is empty")
        if moment == "during the writing":
            while process.poll() is None and not any(out.glob(".camviewer-*.part")):
                pass
        process.kill()
    after = {path.name: path.read_bytes() for path in out.iterdir() if path.suffix != ".part"}
    assert set(after) == {"r.html", "r.csv"}
    if moment == "during the review":
        assert after == before
    assert after["r.html"] == before["r.html"] or after["r.html"].rstrip().endswith(b"</html>")
    assert after["r.csv"] == before["r.csv"] or after["r.csv"].count(b"\n") == 41


def test_an_interrupt_from_within_a_photo_gives_up(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where somebody else handles the signal."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(photo_review, "review", interrupted)
    assert explain(samples, "--report", tmp_path / "r.html") == 130
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_and_what_is_done_is_reported(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep = thumbnails.ThumbnailStore.put
    kept: list[thumbnails.Thumbnail] = []

    def room_for_one(
        store: thumbnails.ThumbnailStore, thumbnail: thumbnails.Thumbnail
    ) -> thumbnails.StoredThumbnail:
        if kept:
            raise SaveFailure("There is no room.", "Make some.")
        kept.append(thumbnail)
        return keep(store, thumbnail)

    monkeypatch.setattr(Explainer, "batch_size", lambda *_: 1)
    monkeypatch.setattr(thumbnails.ThumbnailStore, "put", room_for_one)
    photos = [samples / name for name in ("cat.png", "rocket.jpg")]
    assert explain(*photos, "--report", tmp_path / "r.html") == 1
    assert "camviewer: There is no room. Make some." in capsys.readouterr().err
    assert "Stopped after 1 of 2 photos." in text_of(tmp_path / "r.html")
    assert len(rows_of(tmp_path / "r.csv")) == 1


def test_help_tells_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        explain("--help")
    told = capsys.readouterr().out
    assert "--report FILE.html" in told
    assert "--truth folders|FILE.csv" in told


def test_a_data_set_in_parts_and_what_is_left_out(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "set"
    for photo, place in (("cat.png", "train/Egyptian cat"), ("coffee.png", "val/espresso")):
        (root / place).mkdir(parents=True)
        shutil.copy(samples / photo, root / place)
        (root / place / f"._{photo}").touch()
    (root / "val" / "espresso" / "raw.nef").touch()
    assert explain(root, "--report", tmp_path / "r.html", "--truth", "folders", "--device", "cpu") == 0
    told = capsys.readouterr().err
    assert f"{root} has the parts train, val: all of them are taken; give one, such as {root / 'val'}" in told
    assert "the class of 2 of 2 photos is known from the folders' names" in told
    page = text_of(tmp_path / "r.html")
    for sentence in (
        "1 file that may be a picture is left out, by its name (.nef).",
        "2 files of systems or programs (thumbnails, waste) are left out.",
    ):
        assert sentence in told
        assert sentence in page
