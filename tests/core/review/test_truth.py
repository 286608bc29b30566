"""Which class each photo truly is: names of classes, folders, tables."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from camviewer.core.failures import Failure
from camviewer.core.models.labels import imagenet_labels, imagenet_wnids, numbered_labels
from camviewer.core.review.truth import (
    ClassNames,
    folder_truth,
    has_class_folders,
    read_label_table,
    table_truth,
)

IMAGENET = ClassNames(imagenet_labels())
FEW = ClassNames(("cat", "Dog", "dog", "Löwe", "7", "tench, Tinca tinca"))


def test_wnids_are_in_class_order() -> None:
    """ImageNet's classes are numbered in the order of their WordNet ids, and one label is known for each."""
    wnids = imagenet_wnids()
    assert len(set(wnids)) == len(wnids) == len(imagenet_labels()) == 1000
    assert list(wnids) == sorted(wnids)
    known = {"n01440764": "tench", "n02123045": "tabby", "n02099601": "golden retriever", "n15075141": None}
    for wnid, label in known.items():
        (class_id,) = IMAGENET.find(wnid)
        assert imagenet_labels()[class_id] == (label or "toilet tissue")


@pytest.mark.weights
def test_wnids_are_those_of_the_shared_photos(assets: Path) -> None:
    photos = json.loads((assets / "images" / "expected.json").read_text())
    named = [photo for photo in photos if photo["file"].startswith("n")]
    assert len(named) == 42
    assert [IMAGENET.find(Path(photo["file"]).stem) for photo in named] == [(p["class_id"],) for p in named]


@pytest.mark.parametrize(
    ("names", "name", "found"),
    [
        (IMAGENET, "tabby", (281,)),
        (IMAGENET, "Golden_Retriever", (207,)),
        (IMAGENET, " golden  retriever ", (207,)),
        (IMAGENET, "n02123045", (281,)),
        (IMAGENET, "N02123045", (281,)),
        (IMAGENET, "n02123045_tabby", (281,)),
        (IMAGENET, "n02085620-Chihuahua", (151,)),
        (IMAGENET, "n02123045 12 30 200 220", (281,)),
        (IMAGENET, "n021230459", ()),
        (IMAGENET, "n00000000", ()),
        (IMAGENET, "281", (281,)),
        (IMAGENET, "#281", (281,)),
        (IMAGENET, "0281", (281,)),
        (IMAGENET, "1000", ()),
        (IMAGENET, "-1", ()),
        (IMAGENET, "99999999999999999999", ()),
        (IMAGENET, "golden", ()),
        (IMAGENET, "", ()),
        (IMAGENET, "cardigan", (474,)),
        (IMAGENET, "Cardigan", (264,)),
        (IMAGENET, "CARDIGAN", (264, 474)),
        (FEW, "cat", (0,)),
        (FEW, "dog", (2,)),
        (FEW, "DOG", (1, 2)),
        (FEW, "7", (4,)),
        (FEW, "#1", (1,)),
        (FEW, "1", (1,)),
        (FEW, "n02123045", ()),
        (FEW, unicodedata.normalize("NFD", "löwe"), (3,)),
        (FEW, "tench,tinca_tinca", (5,)),
    ],
)
def test_what_a_class_is_called(names: ClassNames, name: str, found: tuple[int, ...]) -> None:
    assert names.find(name) == found


# Folders


def test_folders_say_the_class() -> None:
    opened = Path("val")
    photos = {
        Path("val/tabby/a.jpg"): 281,
        Path("val/tabby/more/b.jpg"): 281,  # the first level counts
        Path("val/n02099601_golden_retriever/cat/c.jpg"): 207,
        Path("val/282/d.jpg"): 282,
        Path("val/e.jpg"): None,
    }
    truth = folder_truth(list(photos), [opened], IMAGENET)
    assert truth.ids == {photo: class_id for photo, class_id in photos.items() if class_id is not None}
    assert truth.notes == ()


def test_opened_by_itself_or_by_a_pattern_a_class_folder_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tabby").mkdir()
    monkeypatch.chdir(tmp_path / "tabby")
    for folder, photo in ((tmp_path / "tabby", tmp_path / "tabby" / "a.jpg"), (Path(), Path("a.jpg"))):
        assert folder_truth([photo], [folder], IMAGENET).ids == {photo: 281}
        assert folder_truth([photo], [], IMAGENET).ids == {photo: 281}, "named by itself"


def test_folders_that_are_no_classes_are_told_once() -> None:
    photos = [Path(f"val/{folder}/{i}.jpg") for folder in ("holiday", "CARDIGAN", "tabby") for i in range(20)]
    truth = folder_truth(photos, [Path("val")], IMAGENET)
    assert len(truth.ids) == 20
    unknown, unclear = truth.notes
    assert unknown == "No class is called 'holiday'; 20 photos are reviewed without a true class."
    assert "'CARDIGAN' is Cardigan (264), cardigan (474). Give the id instead; 20 photos are" in unclear


def test_a_slip_gets_a_suggestion_and_many_are_counted() -> None:
    (slip,) = folder_truth([Path("val/tabbi/a.jpg")], [Path("val")], IMAGENET).notes
    assert "'tabbi'; did you mean tabby (281)? 1 photo is reviewed" in slip
    many = [Path(f"val/holiday {i}/a.jpg") for i in range(300)]
    (note,) = folder_truth(many, [Path("val")], IMAGENET).notes
    assert note.startswith("No class is called 'holiday 0', ")
    assert "'holiday 4' or 295 more; 300 photos" in note


@pytest.mark.parametrize(
    ("photos", "are_classes"),
    [
        (["tabby/a.jpg", "n02099601/b.jpg"], True),
        (["tabby/a.jpg", "c.jpg"], True),
        (["tabby/a.jpg", "holiday/b.jpg"], False),
        (["tabby/a.jpg", "CARDIGAN/b.jpg"], False),
        (["2/a.jpg", "7/b.jpg"], False),
        (["a.jpg"], False),
        ([], False),
    ],
)
def test_folders_that_are_all_classes_are_seen(photos: list[str], are_classes: bool) -> None:
    assert has_class_folders([Path("tabby", p) for p in photos], [Path("tabby")], IMAGENET) is are_classes


# Tables


@pytest.mark.parametrize(
    "content",
    [
        "a.jpg,tabby\nb.jpg,tiger cat\n",
        "path,label\na.jpg,tabby\nb.jpg,tiger cat\n",
        "\ufeffFile Name;Class\r\na.jpg;tabby\r\n\r\nb.jpg;tiger cat\r\n",
        "label\timage\ntabby\ta.jpg\ntiger cat\tb.jpg",
        "image,species\na.jpg,tabby\nb.jpg,tiger cat\n",
        "photo no,truth\na.jpg,tabby\nb.jpg,tiger cat\n",
        'path,predicted,probability,truth\na.jpg,tiger cat,0.5,"tabby"\nb.jpg,tabby,0.4,"tiger cat"\n',
        " a.jpg , tabby \n\n b.jpg , tiger cat \n,\n",
    ],
)
def test_tables_are_read_as_they_come(content: str, tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_bytes(content.encode())
    rows = [row for row in read_label_table(file).rows if row[0]]
    assert rows == [("a.jpg", "tabby"), ("b.jpg", "tiger cat")]


def test_a_semicolon_leaves_commas_to_the_labels(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("a, b.jpg;tench, Tinca tinca\n")
    table = read_label_table(tmp_path / "l.csv")
    assert table.rows == (("a, b.jpg", "tench, Tinca tinca"),)
    assert table_truth(table, [tmp_path / "a, b.jpg"], [], FEW).ids == {tmp_path / "a, b.jpg": 5}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "can't be read"),
        (b"", "has no rows of a path and a label. Give a row"),
        (b"path,label\n", "has no rows"),
        (b"just text\nand more\n", "has no rows"),
        ("a.jpg,Löwe".encode("utf-16"), "is not in UTF-8. Save it"),
        (b"a.jpg," + b"x" * 200_000, "is no CSV"),
    ],
)
def test_tables_that_are_none(content: bytes | None, message: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "l.csv").write_bytes(content)
    with pytest.raises(Failure) as caught:
        read_label_table(tmp_path / "l.csv")
    assert message in str(caught.value)


def test_paths_are_found_however_they_are_written(tmp_path: Path) -> None:
    opened, elsewhere = tmp_path / "photos", tmp_path / "labels"
    elsewhere.mkdir()
    (opened / "x").mkdir(parents=True)
    (opened / "y").mkdir()
    photos = [opened / "x" / "1.jpg", opened / "x" / "2.jpg", opened / "y" / "2.jpg", opened / "y" / "3.JPG"]
    written = {
        str(photos[0]): 0,  # absolute
        "../photos/x/2.jpg": 1,  # relative to the table
        "y\\2.jpg": 2,  # relative to the opened folder, from Windows
        "3": 3,  # a name without its suffix
    }
    file = elsewhere / "l.csv"
    file.write_text("".join(f"{path},{class_id}\n" for path, class_id in written.items()))
    truth = table_truth(read_label_table(file), photos, [opened], IMAGENET)
    assert truth.origin == "l.csv"
    assert truth.notes == ()
    assert truth.ids == dict(zip(photos, range(4), strict=True))


def test_a_link_to_the_folder_is_the_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    (tmp_path / "l.csv").write_text("real/a.jpg,tabby\n")
    photo = tmp_path / "link" / "a.jpg"
    assert table_truth(read_label_table(tmp_path / "l.csv"), [photo], [], IMAGENET).ids == {photo: 281}


def test_what_is_wrong_with_a_table_is_told_once(tmp_path: Path) -> None:
    photos = [tmp_path / name for name in ("x/1.jpg", "x/2.jpg", "y/2.jpg", "x/4.jpg")]
    rows = [
        "x/1.jpg,tabby",
        "x/1.jpg,tiger cat",  # contradicts
        "2.jpg,tabby",  # two photos have that name
        *(f"gone/{i}.jpg,tabby" for i in range(9)),
        "z/4.jpg,tabby",  # another folder's: its name is not enough
        "x/4.jpg,<script>alert(1)</script>",
        "a\0b,tabby",
        "y/2.jpg,",
    ]
    (tmp_path / "l.csv").write_text("\n".join(rows))
    truth = table_truth(read_label_table(tmp_path / "l.csv"), photos, [tmp_path], IMAGENET)
    assert truth.ids == {}
    unknown, lost, unclear, contradicted = truth.notes
    assert unknown.startswith("No class is called '<script>alert(1)</script>'")
    assert lost.startswith("11 rows of l.csv name no photo here: 'gone/0.jpg', ")
    assert lost.endswith(" and 6 more.")
    assert unclear == "1 row of l.csv names more than one photo: '2.jpg'."
    assert contradicted == "l.csv has different classes for the same photo, so none counts: '1.jpg'."


def test_rows_that_agree_are_one(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("a.jpg,tabby\n./a.jpg,281\n")
    truth = table_truth(read_label_table(tmp_path / "l.csv"), [tmp_path / "a.jpg"], [], IMAGENET)
    assert (dict(truth.ids), truth.notes) == ({tmp_path / "a.jpg": 281}, ())


# Networks whose classes have no names


def in_folders(*names: str) -> list[Path]:
    return [Path("val", name, "a.jpg") for name in names]


def unnamed(classes: int) -> ClassNames:
    return ClassNames(numbered_labels(classes))


def test_folders_from_1_are_numbered_as_for_training(tmp_path: Path) -> None:
    """torchvision is the oracle: 12 of 12 right, where numbers as ids gave 0 of 11."""
    datasets = pytest.importorskip("torchvision.datasets")
    names = [str(number) for number in range(1, 13)]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").touch()
    photos = sorted(tmp_path.glob("*/a.jpg"))
    trained = {Path(path): class_id for path, class_id in datasets.ImageFolder(str(tmp_path)).samples}
    truth = folder_truth(photos, [tmp_path], unnamed(12))
    assert truth.ids == trained
    assert len(trained) == 12
    (note,) = truth.notes
    assert note.startswith(
        "The network's classes have no names, so the folders are taken for them in the order"
    )
    assert note.endswith("1 → 0, 10 → 1, 11 → 2, 12 → 3, ….")


def test_names_are_numbered_too() -> None:
    truth = folder_truth(in_folders("dog", "Zebra", "cat"), [Path("val")], unnamed(3))
    assert {path.parent.name: class_id for path, class_id in truth.ids.items()} == {
        "Zebra": 0,
        "cat": 1,
        "dog": 2,
    }
    assert truth.notes[0].endswith("Zebra → 0, cat → 1, dog → 2.")


def test_where_both_rules_agree_nothing_is_said() -> None:
    truth = folder_truth(in_folders("0", "1", "2"), [Path("val")], unnamed(3))
    assert [*truth.ids.values()] == [0, 1, 2]
    assert truth.notes == ()


def test_with_other_numbers_of_folders_numbers_are_ids() -> None:
    truth = folder_truth(in_folders("2", "11"), [Path("val")], unnamed(12))
    assert [*truth.ids.values()] == [2, 11]
    (note,) = truth.notes
    assert note.endswith("the folders' numbers are taken for class ids, from 0.")


def test_folders_called_as_numbered_classes_are_these() -> None:
    folders = in_folders("class 2", "Class_0", "class 1")
    truth = folder_truth(folders, [Path("val")], unnamed(3))
    assert [*truth.ids.values()] == [2, 0, 1]
    assert truth.notes == ()


def test_with_names_the_names_count() -> None:
    names = ClassNames(("b", "a", "1"))
    truth = folder_truth(in_folders("a", "b", "1"), [Path("val")], names)
    assert [*truth.ids.values()] == [1, 0, 2]
    assert truth.notes == ()


def test_parts_of_a_data_set_have_the_same_classes() -> None:
    photos = [Path("d", part, name, "x.jpg") for part in ("train", "val") for name in ("10", "9")]
    truth = folder_truth(photos, [Path("d/train"), Path("d/val")], unnamed(2))
    assert [truth.ids[photo] for photo in photos] == [0, 1, 0, 1]
