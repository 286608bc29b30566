"""`camviewer explain VIDEO`: every frame once, in the movie and in the lines."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from camviewer.commands import cli

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for index in range(15):
            image = np.full((120, 160, 3), 10 * index, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())
    return path


def explain(*arguments: object) -> int:
    model = ["--model", "efficientnet_lite0", "--device", "cpu"]
    return cli.main(["explain", *map(str, arguments), *model])


def test_a_movie_and_a_line_a_frame(film: Path, samples: Path, tmp_path: Path) -> None:
    out, facts = tmp_path / "out", tmp_path / "facts.json"
    arguments = ("--out", out, "--classes", "top1,tiger cat", "--boxes", "--json", facts)
    assert explain(film, samples / "cat.png", *arguments) == 0
    movie, photo = json.loads(facts.read_text("ascii"))
    assert (movie["frames"], movie["seconds"]) == (15, pytest.approx(0.6))
    assert Path(movie["movie"]) == out / "film.cam.mp4"
    assert photo["predictions"]
    with av.open(movie["movie"]) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert times == pytest.approx([i / 25 for i in range(15)], abs=1e-4)
    lines = [json.loads(line) for line in Path(movie["lines"]).read_text("ascii").splitlines()]
    assert [line["index"] for line in lines] == list(range(15))
    assert [line["time"] for line in lines] == pytest.approx(times, abs=1e-4)
    assert lines[3]["predictions"][1]["label"] == "tiger cat"
    assert "box" in lines[3]["predictions"][1]


def test_the_film_itself_is_never_replaced(film: Path, tmp_path: Path) -> None:
    content = film.read_bytes()
    mine = tmp_path / "mine.cam.mp4"
    mine.write_bytes(content)
    plain = tmp_path / "mine.mp4"
    plain.write_bytes(content)
    assert explain(plain, mine, "--out", tmp_path) == 0
    assert mine.read_bytes() == plain.read_bytes() == content


def test_a_damaged_film_is_named_and_leaves_nothing(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"no film")
    assert explain(bad, film, "--out", tmp_path / "out") == 1
    assert "bad.mp4" in capsys.readouterr().err
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["film.cam.mp4", "film.jsonl"]


@pytest.mark.parametrize("options", [["--raw"], ["--no-images"]])
def test_what_does_not_go_with_films(options: list[str], film: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        explain(film, "--out", tmp_path, *options)
    assert caught.value.code == 2


def test_a_folder_of_only_videos_explains_them(film: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "films", tmp_path / "out"
    folder.mkdir()
    for name in ("1.mp4", "2.m4v"):
        (folder / name).write_bytes(film.read_bytes())
    assert explain(folder, "--out", out) == 0
    assert sorted(path.name for path in out.glob("*.mp4")) == ["1.cam.mp4", "2.cam.mp4"]
