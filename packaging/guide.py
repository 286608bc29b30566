"""The user's guide as web pages with pictures, from resources/guide/guide*.md.

    python packaging/guide.py FOLDER

FOLDER gets guide.en.html, guide.ko.html, …, which link to each other, and the pictures of
resources/guide/images, which `screenshots.py --docs` takes of the real window. In a bundle, FOLDER is
resources/guide/html: a button in Help → User's guide opens it. Needs markdown-it-py.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "resources" / "guide"
PICTURES = SOURCES / "images"
NAMES = {"en": "English", "ko": "한국어"}
CONTENTS = {"en": "Contents", "ko": "차례"}
STYLE = """
:root { color-scheme: light dark;
  --text: #1d1e20; --ground: #fdfdfc; --muted: #5b5e63; --line: #d9d9d4; --link: #8f5400 }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e7e9; --ground: #1e1f22; --muted: #a3a7ad; --line: #3c3f44; --link: #ffb020 }
}
body { font: 1rem/1.6 system-ui, sans-serif; color: var(--text); background: var(--ground);
  max-width: 50rem; margin: 2rem auto; padding: 0 1.25rem; overflow-wrap: break-word }
h1 { line-height: 1.25 } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line) }
a { color: var(--link) } img { max-width: 100%; border: 1px solid var(--line); border-radius: 6px }
figure { margin: 1.5rem 0 } figcaption { color: var(--muted); font-size: .9rem }
table { border-collapse: collapse; display: block; overflow-x: auto }
th, td { text-align: start; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line) }
nav ul { columns: 2; padding-inline-start: 1.2rem } code { font-size: .95em }
.languages { text-align: end } :lang(ko) { word-break: keep-all }
"""


def sources(folder: Path = SOURCES) -> dict[str, Path]:
    """The guide's texts by language."""
    texts = {"en": folder / "guide.md"}
    texts |= {file.suffixes[0][1:]: file for file in sorted(folder.glob("guide.*.md"))}
    return texts


def pictures_of(text: str) -> list[str]:
    """The names of the pictures that a text shows."""
    return re.findall(r"!\[[^\]]*\]\(([\w-]+\.png)\)", text)


def page(text: str, code: str, languages: Mapping[str, str]) -> str:
    """A text as a web page; languages: codes and names of all there are."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    headings = list(_numbered(tokens))
    for token in tokens:
        for child in token.children or []:
            if child.type == "image":
                name = Path(str(child.attrGet("src"))).stem
                child.attrSet("src", f"images/{code}/{name}.webp")
                child.attrSet("loading", "lazy")
    body = markdown.renderer.render(tokens, markdown.options, {})
    contents = "".join(f'<li><a href="#{place}">{escape(name)}</a></li>' for place, name in headings)
    others = " · ".join(
        f'<a href="guide.{other}.html" lang="{other}" hreflang="{other}">{escape(name)}</a>'
        for other, name in languages.items()
        if other != code
    )
    title = next((t.content for t in tokens if t.type == "inline"), "camviewer")
    heading, rest = body.split("</h1>", 1)
    return (
        f'<!DOCTYPE html>\n<html lang="{code}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<p class="languages">{others}</p>\n<main>\n{heading}</h1>\n'
        f'<nav aria-label="{escape(CONTENTS.get(code, "Contents"))}"><ul>{contents}</ul></nav>\n'
        f"{rest}</main>\n</body>\n</html>\n"
    )


def _numbered(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Give the headings of the second level places to link to; those and their texts."""
    for token, content in pairwise(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            place = re.sub(r"\W+", "-", content.content.lower()).strip("-")
            token.attrSet("id", place)
            yield place, content.content


def build(folder: Path, pictures: Path = PICTURES) -> list[Path]:
    """Write all pages, and their pictures beside them; the pages. pictures: a folder with XX/NAME.webp."""
    texts = sources()
    languages = {code: NAMES.get(code, code) for code in texts}
    folder.mkdir(parents=True, exist_ok=True)
    pages = []
    for code, source in texts.items():
        text = source.read_text("utf-8")
        images = folder / "images" / code
        shutil.rmtree(images, ignore_errors=True)
        images.mkdir(parents=True)
        for name in pictures_of(text):
            picture = Path(name).with_suffix(".webp")
            shutil.copyfile(pictures / code / picture, images / picture)
        pages.append(folder / f"guide.{code}.html")
        pages[-1].write_text(page(text, code, languages), encoding="utf-8")
    return pages


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("guide.py", description="The user's guide as web pages.")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    args = parser.parse_args(arguments)
    for written in build(args.folder):
        print(written)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
