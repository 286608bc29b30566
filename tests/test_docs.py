"""docs/ and CONTRIBUTING.md speak of what there is: files, packages, and the twelve usual changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.import_graph import modules

ROOT = Path(__file__).resolve().parents[1]
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md"]
SUFFIXES = (".py", ".md", ".ts", ".toml", ".yaml", ".jinja", ".txt", ".svg")
ELSEWHERE = {"weights/resnet18-imagenet1k-pq.pth", "images/", ".venv/bin", "labels.txt", "classes.txt"}
"""In the folder that CAMVIEWER_TEST_ASSETS names; made by bootstrap.py; beside a user's model."""
CHANGES = (
    "a colormap",
    "a method",
    "a model format",
    "a source",
    "a dock",
    "an action",
    "a language",
    "a check of doctor",
    "an export format",
    "a column of the report",
    "a fault's text",
    "a default setting",
)


def section(title: str) -> str:
    """What stands below a heading of docs/architecture.md, up to the next one."""
    text = ARCHITECTURE.read_text("utf-8")
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of a table's rows, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def paths_in(text: str) -> set[str]:
    """What is named as a file or folder: in backticks, with a slash or a file's suffix.

    Names with capitals for what differs (``camviewer_XX.ts``) are none, nor is what lies elsewhere.
    """
    named = set(re.findall(r"(?<!`)`([\w./*-]+)`", text))
    paths = {name for name in named if "/" in name or name.endswith(SUFFIXES)} - set(SUFFIXES) - ELSEWHERE
    mentioned = re.findall(r"\b(?:README|CHANGELOG|CONTRIBUTING)\.md\b", text)
    return {path for path in (*paths, *mentioned) if not re.search(r"(?<![A-Z])XX(?![A-Z])", path)}


def is_there(name: str) -> bool:
    """From the root, from camviewer/, or from camviewer/ui for short names such as ``core/models``."""
    if "*" in name:
        return any(any(place.glob(name)) for place in (ROOT, ROOT / "camviewer"))
    places = (ROOT, ROOT / "camviewer", ROOT / "camviewer" / "ui")
    found = [place / name for place in places if (place / name).exists()]
    return any(path.is_dir() for path in found) if name.endswith("/") else bool(found)


def test_paths_are_recognised() -> None:
    text = (
        "`a/b.py` `c/` README.md `x` `run it/now` `camviewer_XX.ts` `d.toml` [page](docs/e.md) `core/t_*.py`"
    )
    assert paths_in(text) == {"a/b.py", "c/", "README.md", "d.toml", "core/t_*.py"}
    assert is_there("tests/test_docs.py")
    assert is_there("core/runtimes/torch_*.py")
    assert not is_there("tests/no_such_file.py")
    assert not is_there("tests/test_docs.py/")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_is_named_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    named = paths_in(text)
    others = (
        "python.md",
        "architectures.md",
        "performance.md",
        "lessons.md",
        "quality.md",
        *("colours.md", "command-line.md", "keyboard.md", "models.md", "snapshots.md", "window.md"),
    )  # of modules and figures, or for users
    assert len(named) > 5 or page.name in others
    assert sorted(name for name in named if not is_there(name)) == []
    links = [link for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_every_link_leads_to_a_heading(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]*)#([^)]*)\)", page.read_text("utf-8"))
    for file, place in links:
        text = (page.parent / file if file else page).read_text("utf-8")
        places = {anchor(heading) for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
        assert place in places, f"{file}#{place}"


def anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_readme_has_the_two_commands_and_every_page() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    commands = "python3 packaging/bootstrap.py run\npython3 packaging/bootstrap.py test"
    assert re.findall(r"^```\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL) == [commands]
    linked = {ROOT / link for link in re.findall(r"\]\(([^)#:]+)", text)}
    assert {page for page in PAGES if page not in linked} == set()
    assert [link for link in linked if not link.exists()] == []


def test_every_package_is_in_the_picture() -> None:
    picture = section("The picture").split("```")[1]
    drawn = re.findall(r"^ (?:  )?(\w+)/ ", picture, re.MULTILINE)
    folders = {path.parent for path in modules(ROOT).values()} - {ROOT / "camviewer"}
    assert len(folders) > 15
    assert sorted(drawn) == sorted(folder.name for folder in folders)


def test_every_row_of_the_path_of_a_frame_names_its_files() -> None:
    steps = rows(section("The path of a frame"))
    assert [row[0] for row in steps] == [str(number) for number in range(1, len(steps) + 1)]
    assert len(steps) >= 6
    assert [row[0] for row in steps if not paths_in(row[2])] == []


def test_the_twelve_usual_changes_have_a_row_each() -> None:
    changes = rows(section("What a change touches"))
    assert tuple(row[0] for row in changes) == CHANGES
    assert [row[0] for row in changes if not paths_in(row[1])] == []
