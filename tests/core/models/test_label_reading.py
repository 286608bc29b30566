"""Labels in all the forms that people keep them in."""

from __future__ import annotations

import csv
import io
import json
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from torchvision.datasets import ImageFolder

from camviewer.core.failures import ModelFailure
from camviewer.core.models.label_reading import (
    MAX_LABELS,
    MAX_YAML_BYTES,
    labels_in,
    labels_of_folders,
    read_labels,
)

PETS = ("cat", "dog", "Löwe, gelb")


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "cat\ndog\nLöwe, gelb"),
        ("a.txt", "cat\ndog\nLöwe, gelb\n".encode("utf-16")),
        ("a.txt", "0 cat\n1 dog\n2 Löwe, gelb\n"),
        ("a.txt", "0: cat\n1: dog\n2: Löwe, gelb\n"),
        ("a.txt", "n02123045 cat\nn02099601 dog\nn02129165 Löwe, gelb"),
        ("a.txt", '["cat", "dog", "Löwe, gelb"]'),
        ("a.txt", "{0: 'cat',\n 1: 'dog',\n 2: 'Löwe, gelb'}"),
        ("a.json", json.dumps(PETS)),
        ("a.json", "\ufeff" + json.dumps(PETS)),
        ("a.json", json.dumps({"2": "Löwe, gelb", "0": "cat", "1": "dog"})),
        ("a.json", json.dumps({"dog": 1, "Löwe, gelb": 2, "cat": 0})),
        ("a.json", json.dumps({"dog": "1", "Löwe, gelb": "2", "cat": "0"})),
        ("a.json", json.dumps({"epochs": 3, "id2label": dict(enumerate(PETS))})),
        ("a.json", json.dumps({"num_classes": 3, "Classes": PETS})),
        ("a.json", json.dumps([{"id": i, "name": name} for i, name in reversed(list(enumerate(PETS)))])),
        ("a.json", json.dumps({str(i): [f"n0000000{i}", name] for i, name in enumerate(PETS)})),
        ("a.yaml", yaml.safe_dump(list(PETS), allow_unicode=True)),
        ("a.yml", yaml.safe_dump({"nc": 3, "names": list(PETS)}, allow_unicode=True)),
        ("a.yaml", yaml.safe_dump({"path": "x", "names": dict(enumerate(PETS))}, allow_unicode=True)),
        ("a.csv", 'cat\ndog\n"Löwe, gelb"\n'),
        ("a.csv", 'label\ncat\ndog\n"Löwe, gelb"\n'),
        ("a.csv", 'id,label\n0,cat\n2,"Löwe, gelb"\n1,dog\n'),
        ("a.csv", '"class","name"\n"0","cat"\n"1","dog"\n"2","Löwe, gelb"\n'),
        ("a.csv", ',species\n0,cat\n1,dog\n2,"Löwe, gelb"\n'),
        ("a.csv", "Tier;Nr\ncat;0\ndog;1\nLöwe, gelb;2\n"),
        ("a.csv", '0,cat\n1,dog\n2,"Löwe, gelb"\n'),
        ("a.csv", 'folder,label\nx,cat\ny,dog\nz,"Löwe, gelb"\n'),
        ("a.csv", 'count,id,name\n7,0,cat\n7,1,dog\n9,2,"Löwe, gelb"\n'),
        ("a.tsv", "index\tlabel\n0\tcat\n1\tdog\n2\tLöwe, gelb\n"),
    ],
)
def test_forms_of_files(tmp_path: Path, name: str, content: str | bytes) -> None:
    assert read_labels(written(tmp_path, name, content)) == PETS


def test_labels_stay_what_is_written(tmp_path: Path) -> None:
    """No form makes another thing of them: YAML's ``no`` and ``1.0``, digits, markup, labels that repeat."""
    labels = ["no", "1.0", "7", "<b>x</b>", "no", "null", "2020-01-01"]
    for name, text in {
        "a.txt": "\n".join(labels),
        "a.json": json.dumps(labels),
        "a.yaml": "\n".join(f"- {label}" for label in labels),
        "a.csv": "label\n" + "\n".join(labels),
    }.items():
        assert read_labels(written(tmp_path, name, text)) == tuple(labels), name
    assert labels_in({"1": 0, "0": 1}, "digits") == ("1", "0")
    assert labels_in({"0": "1", "1": "0"}, "digits") == ("1", "0")
    assert labels_in({0: "5", 1: "7"}, "digits") == ("5", "7")
    assert labels_in(["two\nlines"], "list") == ("two lines",)


def test_twenty_thousand_labels_in_every_form(tmp_path: Path) -> None:
    labels = tuple(f"Löwe {i}, the “{i}th”" for i in range(21_841))
    table = io.StringIO()
    csv.writer(table).writerows(enumerate(labels))
    for name, text in {
        "a.txt": "\n".join(labels),
        "a.json": json.dumps({label: i for i, label in enumerate(labels)}),
        "a.yaml": "names:\n" + "\n".join(f"  {i}: {json.dumps(label)}" for i, label in enumerate(labels)),
        "a.csv": table.getvalue(),
    }.items():
        assert read_labels(written(tmp_path, name, text)) == labels, name


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.json", '{"1": "cat", "2": "dog"}', "a.json numbers 2 labels from 1 to 2, not from 0 to 1"),
        ("a.json", '{"names": {"0": "cat", "2": "dog"}}', "a.json: names numbers 2 labels from 0 to 2"),
        ("a.json", '{"cat": 0, "dog": 0}', "some labels have no number of their own"),
        ("a.csv", "id,label\n1,cat\n2,dog\n", "from 1 to 2"),
        ("a.csv", "tench, Tinca tinca\ngoldfish\n", "different numbers of columns"),
        ("a.csv", "a,b\nc,d\n", "no column is called label"),
        ("a.csv", "id,label\n", "no labels"),
        ("a.json", '["cat", "dog"', "no JSON"),
        ("a.json", "cat\ndog", "no JSON"),
        ("a.json", "[" * 100_000, "no JSON"),
        ("a.json", '{"lr": 0.1}', "no labels"),
        ("a.json", '["cat", {"name": "dog"}]', "no labels"),
        ("a.yaml", "names: [cat, dog", "no YAML"),
        ("a.yaml", "[" * 100_000, "no YAML"),
        ("a.yaml", "a: &a [x, *a]", "no YAML"),
        ("a.yaml", "just text", "no labels"),
        ("a.txt", b"\xff\xfe\x00", "can't be read"),
        ("a.txt", b"caf\xe9", "can't be read"),
        ("a.yaml", "- x\n" * (MAX_YAML_BYTES // 4 + 1), "larger than 2 MB"),
    ],
)
def test_what_are_no_labels_is_told(tmp_path: Path, name: str, content: str | bytes, problem: str) -> None:
    with pytest.raises(ModelFailure, match=problem) as raised:
        read_labels(written(tmp_path, name, content))
    assert raised.value.mend


@pytest.mark.parametrize(
    "attack",
    [
        "!!python/object/apply:os.system ['touch {file}']",
        "names: !!python/object/apply:os.system ['touch {file}']",
        "__import__('os').system('touch {file}')",
        "[__import__('os').system('touch {file}')]",
    ],
)
@pytest.mark.parametrize("name", ["a.yaml", "a.json", "a.txt", "a.csv"])
def test_no_program_runs(tmp_path: Path, name: str, attack: str) -> None:
    file = tmp_path / "ran"
    with suppress(ModelFailure):
        read_labels(written(tmp_path, name, attack.format(file=file)))
    assert not file.exists()


def test_aliases_that_multiply_take_no_room(tmp_path: Path) -> None:
    """A billion laughs: each level has ten of the one before."""
    levels = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    with pytest.raises(ModelFailure, match="no labels"):
        read_labels(written(tmp_path, "a.yaml", "\n".join([*levels, "names: *a11"])))


def test_other_data_is_not_labels() -> None:
    training_set = [0, 1] * MAX_LABELS
    for value in (
        training_set,
        3,
        None,
        2.5,
        True,
        "labels.txt",
        "",
        [],
        {},
        [[0, 1], [2]],
        {"a": "b"},
        [True, False],
    ):
        assert labels_in(value, "x") is None, str(value)[:80]
    assert labels_in("cat,dog", "x") == labels_in("cat\ndog", "x") == ("cat", "dog")


def test_folders_are_numbered_as_torchvision_does(tmp_path: Path) -> None:
    for name in ("zebra", "Ant", "10", "9", "ant"):
        (tmp_path / name).mkdir(exist_ok=True)
        written(tmp_path / name, "a.jpg", b"")
    written(tmp_path, "readme.txt", "x")
    assert list(labels_of_folders(tmp_path)) == ImageFolder(str(tmp_path)).classes
    assert read_labels(tmp_path) == labels_of_folders(tmp_path)
    with pytest.raises(ModelFailure, match="can't be read"):
        labels_of_folders(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["idx_to_class.json", "names.yaml"])
def test_what_version_0_1_got_wrong(assets: Path, name: str) -> None:
    labels = ("macaw", "banded gecko", "koala", "golden retriever", "tabby")
    assert read_labels(assets / "cases" / name) == labels
