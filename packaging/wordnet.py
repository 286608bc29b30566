#!/usr/bin/env python3
"""Makes resources/labels/wordnet.tsv: ImageNet's 1,000 classes and the groups above them in WordNet 3.0.

    apt-get download wordnet-base && dpkg -x wordnet-base_*.deb .
    python packaging/wordnet.py usr/share/wordnet/data.noun

A line for each synset: its id, its names, the ids above it. tests/core/models/test_vocabulary.py compares it
with timm's copy of ImageNet's synsets. What the groups are called in another language stands in
wordnet_XX.tsv beside it, which people write.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LABELS = ROOT / "resources/labels"

LEFT_OUT = {
    *("n00001740", "n00001930", "n00002137", "n00002684", "n00003553"),  # entity … whole
    *("n00004258", "n00004475", "n00007347", "n14778436"),  # living thing, organism, cause, agent
    *("n00019128", "n00019613", "n00020090", "n00020827", "n15046900"),  # natural object … solid
    *("n00031921", "n13809207", "n03892891", "n03932203", "n00033020"),  # relation, parts, communication
    *("n00022903", "n04550840", "n04377057", "n07570720"),  # article, ware, system, nourishment
    *("n03247620", "n03248958", "n14939900", "n14940386"),  # what wine is besides a drink
    *("n11675842", "n13086908", "n13087625"),  # parts of plants, all of which are fruit
    *("n00024264", "n00027807", "n13865483", "n00027167", "n08620061", "n08578706"),  # shapes and places
}
"""Groups that nobody looks for: their classes have nothing to show in common."""


def read_synsets(file: Path) -> dict[str, tuple[list[str], list[str]]]:
    """Names, and ids of the synsets above, by id. The format: man 5 wndb."""
    synsets = {}
    for line in file.read_text("latin-1").splitlines():
        if line.startswith(" "):
            continue  # the licence
        fields = line.split(" | ")[0].split()
        names = [fields[4 + 2 * i].replace("_", " ") for i in range(int(fields[3], 16))]
        rest = fields[4 + 2 * len(names) :]
        pointers = [rest[1 + 4 * i : 5 + 4 * i] for i in range(int(rest[0]))]
        above = [f"n{offset}" for symbol, offset, *_ in pointers if symbol in ("@", "@i")]
        synsets[f"n{fields[0]}"] = names, above
    return synsets


def licence(file: Path) -> Iterable[str]:
    """The words that have to stand on each copy."""
    for line in file.read_text("latin-1").splitlines():
        if not line.startswith(" "):
            return
        yield f"# {line.strip().partition(' ')[2]}".rstrip()


def main(file: Path) -> None:
    synsets = read_synsets(file)
    kept: dict[str, None] = {}
    waiting = (LABELS / "imagenet1k_wnids.txt").read_text("ascii").split()
    while waiting:
        wnid = waiting.pop()
        if wnid not in kept:
            kept[wnid] = None
            waiting += synsets[wnid][1]
    lines = [*licence(file), "# Made by packaging/wordnet.py: a part of WordNet's nouns."]
    for wnid in sorted(kept.keys() - LEFT_OUT):
        names, above = synsets[wnid]
        lines.append(f"{wnid}\t{', '.join(names)}\t{' '.join(a for a in above if a not in LEFT_OUT)}")
    text = "\n".join(lines) + "\n"
    (LABELS / "wordnet.tsv").write_text(text, "utf-8", newline="\n")
    print(f"{len(lines)} lines, {len(text.encode()) / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
