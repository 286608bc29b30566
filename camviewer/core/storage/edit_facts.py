"""An edit as JSON, and back: nothing of what is read is trusted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from camviewer.core.coverage import coverage_of
from camviewer.core.covering import Fill
from camviewer.core.edits import (
    FrameEdit,
    Inversion,
    Outline,
    Part,
    Point,
    Rectangle,
    Stroke,
)
from camviewer.core.explanation import Explanation, MadeByFill
from camviewer.core.storage.files import number
from camviewer.core.storage.manifest import (
    DamagedError,
    Facts,
    checked_number,
    wrong,
)

MAX_PARTS, MAX_POINTS, MAX_ROWS = 10_000, 100_000, 20_000_000
"""Rows of pixels: so many are crossed by all edges of outlines together."""
_FARTHEST, _MAX_SIDE, _MAX_MADE = 1e6, 10_000_000, 100


def edit_facts(edit: FrameEdit) -> dict[str, object]:
    """JSON types only: size [w, h] and parts, each with its ``kind`` and its fill, null for the eraser."""
    return {"size": list(edit.size), "parts": [_part_facts(part) for part in edit.parts]}


def _part_facts(part: Part) -> dict[str, object]:
    fill = part.fill.value if part.fill is not None else None
    if isinstance(part, Stroke):
        points = _pairs(part.points)
        return {"kind": "stroke", "points": points, "width": float(part.width), "fill": fill}
    if isinstance(part, Rectangle):
        sides = {name: float(getattr(part, name)) for name in ("left", "top", "right", "bottom")}
        return {"kind": "rectangle", **sides, "fill": fill}
    if isinstance(part, Outline):
        return {"kind": "outline", "rings": [_pairs(ring) for ring in part.rings], "fill": fill}
    return {"kind": "inversion", "fill": fill}


def _pairs(points: Iterable[Point]) -> list[list[float]]:
    return [[float(x), float(y)] for x, y in points]


def read_edit(facts: Facts, frame_height: int) -> FrameEdit:
    """An edit that frames of so many rows can have. Raises DamagedError; ValueError for an unknown fill."""
    width, height = facts.integers("size", 2, 2, _MAX_SIDE)
    if min(width, height) < 1:
        wrong("size")
    parts = tuple(_part(Facts(value, "parts")) for value in facts.values("parts", 1, MAX_PARTS))
    points = [p for part in parts for p in _points_of(part)]
    rows = sum(_height(ring) for part in parts if isinstance(part, Outline) for ring in part.rings)
    if len(points) > MAX_POINTS or rows * frame_height / height > MAX_ROWS:
        raise DamagedError("its edit has too many points")
    return FrameEdit((width, height), parts)


def _points_of(part: Part) -> Sequence[Point]:
    if isinstance(part, Stroke):
        return part.points
    return [p for ring in part.rings for p in ring] if isinstance(part, Outline) else ()


def _height(ring: Sequence[Point]) -> float:
    """Rows that its edges cross, all together."""
    return sum(abs(y - before) for (_, y), (_, before) in zip(ring, (*ring[-1:], *ring[:-1]), strict=True))


def _part(facts: Facts) -> Part:
    kind = facts.text("kind")
    if kind == "inversion":
        return Inversion(Fill(facts.text("fill")))
    fill = None if facts["fill"] is None else Fill(facts.text("fill"))
    if kind == "stroke":
        return Stroke(_points(facts["points"]), facts.number("width", 0.0, _FARTHEST), fill)
    if kind == "rectangle":
        left, top, right, bottom = (
            facts.number(name, -_FARTHEST, _FARTHEST) for name in ("left", "top", "right", "bottom")
        )
        return Rectangle(left, top, right, bottom, fill)
    if kind == "outline":
        return Outline(tuple(_points(ring) for ring in facts.values("rings", 0, MAX_POINTS)), fill)
    return wrong("kind")


def _points(value: object) -> tuple[Point, ...]:
    if not isinstance(value, list):
        wrong("points")
    return tuple(_point(each) for each in value)


def _point(value: object) -> Point:
    if not isinstance(value, list) or len(value) != 2:
        wrong("points")
    x, y = (checked_number(each, "points", -_FARTHEST, _FARTHEST) for each in value)
    return x, y


def made_facts(made: Iterable[MadeByFill]) -> list[dict[str, object]]:
    """Classes that a fill itself makes; JSON types only."""
    return [
        {
            "class_id": each.class_id,
            "fill": each.fill.value,
            "probability": each.probability,
            "instead": each.instead.value,
            "otherwise": each.otherwise,
        }
        for each in made
    ]


def read_made(facts: Facts, classes: int) -> tuple[MadeByFill, ...]:
    """Raises DamagedError; ValueError for an unknown fill."""
    found = [Facts(value, "made_by_fill") for value in facts.values("made_by_fill", 0, _MAX_MADE)]
    return tuple(
        MadeByFill(
            each.integer("class_id", 0, classes - 1),
            Fill(each.text("fill")),
            each.number("probability", 0.0, 1.0),
            Fill(each.text("instead")),
            each.number("otherwise", 0.0, 1.0),
        )
        for each in found
    )


def covered_facts(explanation: Explanation) -> dict[str, object]:
    """How much of the frame is covered, 0..1, and by which fills; JSON types only, empty for no edit."""
    edit, frame = explanation.request.edit, explanation.frame
    if edit is None or not explanation.edited:
        return {}
    coverage = coverage_of(edit, frame.width, frame.height)
    fills = [layer.fill.value for layer in coverage.layers]
    return {"edit": {"covered": round(coverage.share, 4), "fills": fills}}


def change_facts(explanation: Explanation, class_id: int) -> dict[str, object]:
    """How a class's score was before the edit, and what changed since; empty where that isn't known."""
    if explanation.before is None:
        return {}
    was = explanation.before.prediction
    probability, logit = float(was.probabilities[class_id]), float(was.logits[class_id])
    return {
        "before": {"probability": number(probability), "logit": number(logit)},
        "change": {
            "probability": number(float(explanation.probabilities[class_id]) - probability),
            "logit": number(float(explanation.logits[class_id]) - logit),
        },
    }
