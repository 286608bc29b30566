"""English sentences for people that can be translated later.

core and media know English only, and no Qt. The window looks a text's template up in its translations and
fills it with the same values (`ui.widgets.words.translated`). The command line, files and the log use the
text as it is: an English str.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self


class Text(str):
    """An English sentence that remembers how it was made.

    template: with ``{name}`` where a value goes; values: what goes there. A value that is a Text itself is
    translated too. Without values the template is taken as it is, braces and all. packaging/translations.py
    finds templates where they are written as literals.
    """

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        """The sentence with its values in their places."""
        text = super().__new__(cls, template.format(**values) if values else template)
        text.template, text.values = template, values
        return text


def as_json(text: str) -> object:
    """The text as JSON types, for another process."""
    if not isinstance(text, Text):
        return text
    values = {
        name: as_json(value) if isinstance(value, str) else value if isinstance(value, int) else str(value)
        for name, value in text.values.items()
    }
    return {"template": text.template, "values": values}


def from_json(value: object) -> str:
    """The text that `as_json` was given; of any other value, its str."""
    if not isinstance(value, Mapping) or "template" not in value:
        return str(value)
    values = {
        str(name): part if isinstance(part, int) else from_json(part)
        for name, part in value["values"].items()
    }
    return Text(value["template"], **values)


def joined(separator: str, parts: Sequence[str]) -> Text:
    """Several texts as one, each translated for itself."""
    names = [f"part{i}" for i in range(len(parts))]
    return Text(separator.join(f"{{{name}}}" for name in names), **dict(zip(names, parts, strict=True)))
