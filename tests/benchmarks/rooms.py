"""How many rooms a house has, and how many doors: files and imports of each package of camviewer.

    python tests/benchmarks/rooms.py [ROOT ...]

ROOT: a checkout (this one by default); several are told one after the other. Nothing in them is run. Columns:

    rooms    folders with modules in them
    files    modules
    lines    of all modules
    within   arrows (imports, each pair of files once) between two files of the package
    out      arrows from a file of the package to a file of another package
    rooms >  arrows between two rooms of the whole program, from rooms of this package, each pair once
    circle   files in the largest circle of imports, of which one at least is in this package; 0 is none
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(HERE)]

from tests.import_graph import arrows, circles, modules  # noqa: E402

COLUMNS = ("package", "rooms", "files", "lines", "within", "out", "rooms >", "circle")


def package_of(path: Path, root: Path) -> str:
    """The folder below camviewer/ that a file is in; "(top)" for those in none."""
    parts = path.relative_to(root / "camviewer").parts
    return parts[0] if len(parts) > 1 else "(top)"


def rows(root: Path) -> list[tuple[str, ...]]:
    """The table's rows, and a last one for all packages."""
    known = modules(root)
    graph = arrows(root)
    home = {name: package_of(path, root) for name, path in known.items()}
    room = {name: str(path.parent) for name, path in known.items()}
    # A file with nothing but a docstring makes a folder a package: it is no room of its own.
    real = {name for name, path in known.items() if path.name != "__init__.py" or graph[name]}
    pairs = [(name, target) for name, targets in graph.items() for target in targets]
    between = {(room[a], room[b]): home[a] for a, b in pairs if room[a] != room[b]}
    groups = circles(graph)

    def row(title: str, packages: Iterable[str]) -> tuple[str, ...]:
        wanted = set(packages)
        own = {name for name in real if home[name] in wanted}
        starts = [(a, b) for a, b in pairs if home[a] in wanted]
        numbers = (
            len({room[name] for name in own}),
            len(own),
            sum(len(known[name].read_text("utf-8").splitlines()) for name in own),
            sum(home[b] in wanted for _, b in starts),
            sum(home[b] not in wanted for _, b in starts),
            sum(package in wanted for package in between.values()),
            max((len(group) for group in groups if any(home[name] in wanted for name in group)), default=0),
        )
        return (title, *map(str, numbers))

    names = sorted(set(home.values()))
    return [*(row(name, [name]) for name in names), row("all", names)]


def main() -> int:
    """Print a table for each checkout."""
    parser = argparse.ArgumentParser(description="Count files and imports of each package.")
    parser.add_argument("roots", metavar="ROOT", type=Path, nargs="*", default=[HERE])
    for root in parser.parse_args().roots:
        print(f"{root}\n")
        print("| " + " | ".join(COLUMNS) + " |\n" + "|" + " --- |" * len(COLUMNS))
        for row in rows(root.resolve()):
            print("| " + " | ".join(row) + " |")
        print()
        for group in circles(arrows(root.resolve())):
            print(f"circle of {len(group)}: {', '.join(group)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
