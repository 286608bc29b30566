"""The report of a review: what is on the page, in the CSV, and what can't get into either."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import SaveFailure
from camviewer.core.frames import Fit, Region
from camviewer.core.maps import Unit
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.spec import ModelInfo, WeightsOrigin
from camviewer.core.numbers import percent
from camviewer.core.review.border import border_share
from camviewer.core.review.items import Reviewed, Score, review, thumbnail_of, with_thumbnail
from camviewer.core.review.mean_maps import mean_maps
from camviewer.core.review.summary import summarize
from camviewer.core.review.thumbnails import ThumbnailStore
from camviewer.core.review.truth import ClassNames, Truth, read_label_table, table_truth
from camviewer.core.runtimes.device import CPU
from camviewer.core.targets import ClassScore, scores_of
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.review import report
from camviewer.media.review.cards import Cards
from camviewer.media.review.report import (
    MAX_BARELY,
    MAX_GALLERY,
    MAX_MISTAKES,
    ReportFacts,
    ShownPhotos,
    csv_path,
    is_report_csv,
    write_report,
)
from tests.media.fakes import computed

MakeExplanation = Callable[..., Explanation]
pytestmark = pytest.mark.usefixtures("qapp")

LABELS = ("tabby", "tiger cat", "<b>Löwe</b>", "tench, Tinca tinca", "crane", "Crane", "=1+1")
MODEL = ModelInfo(
    *("fake", "Fake Net", CPU, "CPU", "ab" * 32, "fake.pth", WeightsOrigin.FILE), RESNET18.preprocessing
)
FOLDER = Path("photos")


class Page(HTMLParser):
    """What a browser would make of the page: elements, and the text of each kind."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == [], "everything that is opened is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "wbr", "br"):
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self) -> str:
        visible = " ".join(data for tag, data in self.texts if tag not in ("style", "script"))
        return " ".join(visible.replace("\N{NO-BREAK SPACE}", " ").split())

    def of(self, tag: str) -> str:
        return "".join(data for name, data in self.texts if name == tag)


@pytest.fixture
def store() -> Iterator[ThumbnailStore]:
    with closing(ThumbnailStore()) as opened:
        yield opened


@pytest.fixture(scope="session")
def items_of(make_explanation: MakeExplanation) -> Callable[..., list[Reviewed]]:
    """Reviews as many photos as there are truths, one after the other, with their thumbnails."""

    def make(
        truths: Sequence[int | None], store: ThumbnailStore, labels: tuple[str, ...] = LABELS
    ) -> list[Reviewed]:
        items = []
        for index, truth in enumerate(truths):
            explanation = make_explanation(labels, seed=index, region=Region(8, 0, 48, 48))
            item = review(FOLDER / f"{index}.jpg", explanation, truth)
            thumbnail = thumbnail_of(explanation, item)
            items.append(with_thumbnail(item, thumbnail, store.put(thumbnail)))
        return items

    return make


def facts(total: int, truth: Truth | None = None, labels: tuple[str, ...] = LABELS) -> ReportFacts:
    time = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    return ReportFacts("photos", MODEL, ExplainRequest(), labels, total, (FOLDER,), truth, time)


TRUTH = Truth("labels.csv", {}, ("No class is called '<i>dog'; 1 photo is reviewed without a true class.",))
BAD = Reviewed(FOLDER / "<u>bad.jpg", truth=1, problem="<u>bad.jpg is empty.")


def written(path: Path, items: Sequence[Reviewed], store: ThumbnailStore, about: ReportFacts) -> Page:
    html, table = write_report(path, items, store, about, OverlayStyle())
    assert (html, table) == (path, csv_path(path))
    return Page(html.read_text("utf-8"))


@pytest.fixture
def page(items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path) -> Page:
    items = [*items_of([i % 7 for i in range(20)] + [None] * 3, store), BAD]
    return written(tmp_path / "r.html", items, store, facts(len(items), TRUTH))


# The page


def test_it_needs_nothing_from_outside(page: Page) -> None:
    assert [v for _, a in page.elements for k, v in a.items() if k in ("href", "src") and v] != []
    for tag, attributes in page.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form", "audio", "video")
        assert (attributes.get("href") or "#").startswith("#")
        assert (attributes.get("src") or "data:image/jpeg;base64,").startswith("data:image/jpeg;base64,")
        assert not any(name.startswith("on") or name in ("style", "srcset") for name in attributes)
    assert "url(" not in page.of("style")
    assert "@import" not in page.of("style")
    anchors = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert {a["href"] for a in page.all("a")} <= {f"#{anchor}" for anchor in anchors}


def test_its_policy_lets_in_its_own_style_and_script_only(page: Page) -> None:
    (policy,) = (a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))

    def own(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": own(page.of("style")),
        "script-src": own(page.of("script")),
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert len(page.all("script")) == len(page.all("style")) == 1


def test_it_says_what_was_done(page: Page) -> None:
    text = page.text()
    for words in (
        "Review by Fake Net photos 24 photos · centre crop, 224 pixels · 4 March 2026, 05:06",
        "of 20 photos with a known class; 95 % interval",
        "No class is called '<i>dog'; 1 photo is reviewed",
        f"weights SHA-256 {'ab' * 32}",
        "true classes from labels.csv",
        "the mean of the map plus the class's bias is its logit",
        "The network sees the middle of a photo; the rest is dimmed.",
        "r.csv, one row for each",
        "Not read 1 file why <u>bad.jpg <u>bad.jpg is empty.",
        "Without a known class 3",
    ):
        assert words in text


def test_numbers_are_those_of_the_summary(
    items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path
) -> None:
    items = items_of([0] * 8, store)
    summary = summarize(items)
    text = written(tmp_path / "r.html", items, store, facts(8, TRUTH)).text()
    assert f"right {100 * summary.top1.count / 8:.0f} % {summary.top1.count} of 8 photos" in text
    assert f"among the first five {100 * summary.top5.count / 8:.0f} % {summary.top5.count} of 8" in text
    assert f"Mistakes {len(summary.mistakes)} " in text
    worst = summary.confusions[0]
    share = f"{100 * worst.confidence:.0f} %"
    assert f"example tabby {LABELS[worst.predicted]} {worst.count} {share} look" in text


def test_of_five_classes_all_are_among_the_first_five(
    items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path
) -> None:
    items = items_of([0] * 8, store)
    first = replace(items[0].top[0], class_id=0)
    items = [replace(item, top=(first,), true=first, truth=0, rank=1, thumbnail=None) for item in items]
    for count, told in ((5, False), (6, True)):
        few = replace(facts(8, TRUTH), labels=LABELS[:count])
        assert ("among the first five" in written(tmp_path / "r.html", items, store, few).text()) is told


def test_the_surest_mistake_comes_first_with_two_maps(
    page: Page, items_of: Callable[..., list[Reviewed]], store: ThumbnailStore
) -> None:
    mistakes = summarize(items_of([i % 7 for i in range(20)], store)).mistakes
    two = [str(a["id"]) for a in page.all("article") if "two" in (a["class"] or "")]
    cards = [name for name in two if not name.startswith("pair-")]
    assert cards == [f"mistake-{place}" for place in range(1, len(mistakes) + 1)]
    text = page.text()
    places = [text.index(f" {mistake.path.name} 0 ") for mistake in mistakes]
    assert places == sorted(places)
    first = mistakes[0]
    assert first.true is not None
    card = text[: places[0]].rpartition("said ")[2]
    sure, true = (f"{100 * s.probability:.0f} %" for s in (first.top[0], first.true))
    assert card.startswith(f"{LABELS[first.top[0].class_id]} {sure} is, at rank {first.rank} ")
    if first.true.probability > 0.1:
        assert card.endswith(true)


def test_mean_maps_of_pairs_and_classes(
    items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path
) -> None:
    """Of more than one photo: of one there is a card of its own."""
    items = items_of([i % 3 for i in range(24)], store)
    summary = summarize(items)
    page = written(tmp_path / "r.html", items, store, facts(24, TRUTH))
    several = [c for c in summary.confusions if c.count > 1]
    pairs = [a["id"] for a in page.all("article") if str(a["id"]).startswith("pair-")]
    assert pairs == [f"pair-{place}" for place in range(1, len(several) + 1)]
    classes = [a["id"] for a in page.all("article") if str(a["id"]).startswith("class-")]
    assert classes == [f"class-{row.class_id}" for row in summary.classes]
    means = mean_maps(items, store.maps)
    shares = {}
    for row in summary.classes:
        mean = means.of_class(row.class_id)
        assert mean is not None
        shares[row.class_id] = border_share(mean.values)
    class_id, share = next((c, s) for c, s in shares.items() if s is not None)
    assert f"{LABELS[class_id]} {percent(share)} at the border mean of 8 photos 0 " in page.text()


def test_means_of_all_photos_need_no_thumbnails(
    items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path
) -> None:
    """As `camviewer explain --report` counts them while it keeps few thumbnails."""
    items = items_of([i % 3 for i in range(24)], store)
    means = mean_maps(items, store.maps)
    items = [replace(item, thumbnail=None) for item in items]
    html, _ = write_report(tmp_path / "r.html", items, store, facts(24), OverlayStyle(), means=means)
    assert "mean of 8 photos" in Page(html.read_text("utf-8")).text()
    html, _ = write_report(tmp_path / "r.html", items, store, facts(24), OverlayStyle())
    assert "mean of 8" not in Page(html.read_text("utf-8")).text()


def test_a_label_that_was_corrected_to_any_class_has_a_card(
    items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path
) -> None:
    items = items_of([0] * 6, store)
    item = next(i for i in items if i.correct is False)
    last = next(c for c in range(1, 7) if c not in [score.class_id for score in item.top])
    page = written(tmp_path / "r.html", [item.corrected(last)], store, facts(1, TRUTH))
    assert f"no picture is {LABELS[last]} {item.path.name}" in page.text()
    assert len(page.all("img")) == 1
    with csv_path(tmp_path / "r.html").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["truth_id"], row["truth_rank"], row["correct"]) == (str(last), "", "false")
    assert float(row["border"]) == pytest.approx(item.border, abs=1e-4)


def test_both_maps_are_painted_in_one_range(
    items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path
) -> None:
    """The true class's map, scaled to three times the other's, takes the other's colours away."""
    (item,) = (i for i in items_of([1] * 4, store) if not i.correct and i.path.name == "0.jpg")
    assert item.thumbnail is not None
    thumbnail = store.get(item.thumbnail)
    assert thumbnail.true is not None
    peak = float(thumbnail.predicted.max())
    for scale, high in ((0.0, peak), (3.0, 3 * peak)):
        true = np.full_like(thumbnail.predicted, scale * peak)
        changed = replace(item, thumbnail=store.put(replace(thumbnail, true=true)))
        page = written(tmp_path / "r.html", [changed], store, facts(1, TRUTH))
        assert f"0 {high:.3g} logit" in page.text()
        sources = [a["src"] or "" for a in page.all("img")]
        pixels = [
            np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))), np.float32)
            for source in sources
        ]
        assert len(pixels) == 2
        region = np.s_[:, 8:56]
        brightest = [float(p[region].max(2).mean()) for p in pixels]
        assert (brightest[0] > brightest[1]) is (scale == 0.0)


def test_the_colour_bar_says_what_its_ends_are_counted_in(
    make_explanation: MakeExplanation, store: ThumbnailStore, tmp_path: Path
) -> None:
    explanation = make_explanation(LABELS, seed=2)
    best = explanation.top(1)[0]
    for unit, word in ((Unit.LOGIT, "logit"), (Unit.RELATIVE, "relative")):
        seen = computed(explanation, unit, scores_of(range(len(LABELS))))
        peak = max(float(seen.map(ClassScore(c)).values.max()) for c in (best, (best + 1) % 7))
        for truth, cards in ((None, "single"), ((best + 1) % 7, "mistake")):
            item = review(FOLDER / "0.jpg", seen, truth)
            item = replace(item, thumbnail=store.put(thumbnail_of(seen, item)))
            card = getattr(Cards(store, LABELS, (FOLDER,), OverlayStyle()), cards)(item, "x")
            high = peak if truth is not None else float(seen.map(ClassScore(best)).values.max())
            assert (card.low, card.high) == ("0", f"{high:.3g} {word}")
            assert len(card.overlays) == (1 if truth is None else 2)
            assert all(overlay.source for overlay in card.overlays)
            text = written(tmp_path / "r.html", [item], store, facts(1, TRUTH)).text()
            assert f" 0 {high:.3g} {word} " in text
            assert f"{high:.3g} {'logit' if word == 'relative' else 'relative'}" not in text


def test_hostile_names_are_text(
    items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path
) -> None:
    hostile = (
        "</style></script><script>alert(1)</script>",
        '" onerror="alert(1)',
        "' style='position:fixed",
        "<!--",
        "{{ 7 * 7 }}",
        "\N{RIGHT-TO-LEFT OVERRIDE}evil",
        "x" * 5000,
    )
    items = [
        replace(item, path=FOLDER / hostile[index % 6].replace("/", "⁄"))
        for index, item in enumerate(items_of([i % 7 for i in range(30)], store, hostile))
    ]
    about = replace(facts(30, TRUTH, hostile), title=hostile[0], model=replace(MODEL, title=hostile[1]))
    page = written(tmp_path / "r.html", items, store, about)
    test_it_needs_nothing_from_outside(page)
    test_its_policy_lets_in_its_own_style_and_script_only(page)
    text = page.text()
    for name in hostile[:5]:
        assert name in text
    assert "49" not in {data for _, data in page.texts}
    assert f"{'x' * 100}…" in text
    assert "x" * 101 not in text


def test_names_that_are_no_utf_8_are_written(
    items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path
) -> None:
    items = [replace(items_of([None], store)[0], path=FOLDER / "\udcff.jpg")]
    assert "?.jpg" in written(tmp_path / "r.html", items, store, facts(1)).text()
    assert "?.jpg" in (tmp_path / "r.csv").read_text("utf-8")


def test_without_truth_the_least_sure_come_first(
    items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path
) -> None:
    items = items_of([None] * 12, store)
    page = written(tmp_path / "r.html", items, store, facts(12))
    text = page.text()
    for absent in ("right", "Mistakes", "Confusions", "Look at a mistake"):
        assert f"{absent} " not in text.replace("bright", "")
    assert "true classes not given" in text
    ordered = sorted(items, key=lambda item: item.confidence)
    places = [text.index(f" {item.path.name} 0 ") for item in ordered]
    assert places == sorted(places)
    assert len(page.all("img")) == 12
    second = ordered[0].top[1]
    assert f"then {LABELS[second.class_id]} {100 * second.probability:.0f} %" in text


def test_no_mistakes(items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path) -> None:
    top = [item.top[0].class_id for item in items_of([None] * 3, store)]
    text = written(tmp_path / "r.html", items_of(top, store), store, facts(3, TRUTH)).text()
    assert "right 100 % 3 of 3 photos" in text
    assert text.count("There are none.") == 2


def test_nothing_could_be_read(store: ThumbnailStore, tmp_path: Path) -> None:
    page = written(tmp_path / "r.html", [BAD], store, facts(1, TRUTH))
    assert "1 photo ·" in page.text()
    assert "Not read 1" in page.text()
    assert page.all("img") == []


def test_stopped_it_says_so(
    items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path
) -> None:
    text = written(tmp_path / "r.html", items_of([0] * 3, store), store, facts(1234, TRUTH)).text()
    assert "Stopped after 3 of 1,234 photos. What follows is of those 3." in text


def test_averaged_maps_are_called_so(
    items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path
) -> None:
    about = replace(facts(1), request=ExplainRequest(Fit.WHOLE, 320, fine=True))
    text = written(tmp_path / "r.html", items_of([None], store), store, about).text()
    assert "bias is its logit" not in text
    assert "whole photos, 320 pixels, averaged over three resolutions" in text
    assert "The network sees all of a photo." in text


def test_of_several_folders_each_photo_says_its_own(
    items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path
) -> None:
    item = items_of([None], store)[0]
    items = [replace(item, path=Path(name)) for name in ("a/x/1.jpg", "b/x/1.jpg", "c/2.jpg")]
    about = replace(facts(3), folders=(Path("a"), Path("b")))
    text = written(tmp_path / "r.html", items, store, about).text()
    for name in ("a/ x/ 1.jpg", "b/ x/ 1.jpg", " 2.jpg"):  # lines may break after /
        assert name in text


def many(count: int) -> list[Reviewed]:
    """All wrong, each a little surer than the one before."""
    region = Region(0, 0, 1, 1)
    return [
        Reviewed(
            FOLDER / f"{i}.jpg",
            (1, 1),
            region,
            (Score(0, (i + 1) / (count + 1), 1.0), Score(1, 0.0, 0.0)),
            1,
            Score(1, 0.0, 0.0),
            2,
        )
        for i in range(count)
    ]


def test_only_the_first_mistakes_are_shown(store: ThumbnailStore, tmp_path: Path) -> None:
    page = written(tmp_path / "r.html", many(MAX_MISTAKES + 30), store, facts(MAX_MISTAKES + 30, TRUTH))
    assert len(page.all("article")) == MAX_MISTAKES
    assert f"These are the first {MAX_MISTAKES}; r.csv has the other 30." in page.text()
    assert len((tmp_path / "r.csv").read_text().splitlines()) == 1 + MAX_MISTAKES + 30
    assert "no picture" in page.text(), "none was kept"


@given(
    st.lists(st.tuples(st.sampled_from([True, False, None]), st.floats(0, 1), st.floats(0, 1)), max_size=60)
)
def test_what_is_shown_has_been_wanted(photos: list[tuple[bool | None, float, float]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for limit in ("MAX_MISTAKES", "MAX_BARELY", "MAX_GALLERY"):
            patch.setattr(report, limit, 4)
        shown = ShownPhotos(True)
        items, wanted = [], set()
        for index, (correct, confidence, second) in enumerate(photos):
            rank = None if correct is None else 1 if correct else 2
            top = (Score(0, confidence, 0.0), Score(1, min(second, confidence), 0.0))
            items.append(Reviewed(FOLDER / str(index), (1, 1), None, top, rank and 0, None, rank))
            if shown.wants(items[-1]):
                wanted.add(items[-1].path)
        mistakes = sorted((i for i in items if i.correct is False), key=lambda i: -i.confidence)[:4]
        barely = sorted((i for i in items if i.correct and i.margin < 0.5), key=lambda i: i.margin)[:4]
        unknown = sorted((i for i in items if i.correct is None), key=lambda i: i.confidence)[:4]
        assert {item.path for item in [*mistakes, *barely, *unknown]} <= wanted
    assert MAX_MISTAKES > MAX_BARELY < MAX_GALLERY


# The table


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_table_has_a_row_for_each(
    items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path
) -> None:
    items = [*items_of([0, 1, None], store), BAD]
    written(tmp_path / "r.html", items, store, facts(4, TRUTH))
    rows = rows_of(tmp_path / "r.csv")
    assert [row["path"] for row in rows] == [str(item.path) for item in items]
    for item, row in zip(items[:3], rows, strict=False):
        assert int(row["predicted_id"]) == item.top[0].class_id
        assert row["predicted"].lstrip("'") == LABELS[item.top[0].class_id]
        assert float(row["probability"]) == pytest.approx(item.confidence, rel=1e-5)
        assert float(row["margin"]) == pytest.approx(item.margin, rel=1e-4)
        for place in range(2, 6):
            assert int(row[f"id_{place}"]) == item.top[place - 1].class_id
            assert float(row[f"probability_{place}"]) == pytest.approx(
                item.top[place - 1].probability, rel=1e-5
            )
    for item, row in zip(items[:2], rows, strict=False):
        assert item.true is not None
        assert (row["truth_id"], row["truth"]) == (str(item.truth), LABELS[item.truth or 0])
        assert float(row["truth_probability"]) == pytest.approx(item.true.probability, rel=1e-5)
        assert (row["truth_rank"], row["correct"]) == (str(item.rank), str(item.correct).lower())
    assert [rows[2][name] for name in ("truth_id", "truth", "truth_rank", "correct", "problem")] == [""] * 5
    assert (rows[3]["predicted"], rows[3]["truth"]) == ("", "tiger cat")
    assert rows[3]["problem"] == BAD.problem


def test_no_cell_is_a_formula(
    items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path
) -> None:
    labels = ("=1+1", "+1", "-1", "@A1", "\tx", "tabby", "crane")
    items = items_of([i % 7 for i in range(7)], store, labels)
    items += [Reviewed(Path("=cmd.jpg"), problem="=cmd.jpg is empty."), Reviewed(Path("-a.jpg"), problem="x")]
    written(tmp_path / "r.html", items, store, facts(9, TRUTH, labels))
    cells = [cell for row in rows_of(tmp_path / "r.csv") for cell in row.values()]
    assert not [cell for cell in cells if re.match(r"[=+@\t\r]|-(?!\d)", cell)]
    assert {"./=cmd.jpg", "./-a.jpg", "'=cmd.jpg is empty.", "'=1+1"} <= set(cells)


def test_the_table_tells_the_truth_to_the_next_report(
    items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path
) -> None:
    items = items_of([0, 1, 2, None], store)
    written(tmp_path / "r.html", items, store, facts(4, TRUTH))
    photos = [tmp_path / item.path for item in items]
    truth = table_truth(read_label_table(tmp_path / "r.csv"), photos, [], ClassNames(LABELS))
    assert truth.ids == dict(zip(photos[:3], (0, 1, 2), strict=True))


def test_its_own_table_is_known_again(
    items_of: Callable[..., list[Reviewed]], store: ThumbnailStore, tmp_path: Path
) -> None:
    written(tmp_path / "r.html", items_of([0], store), store, facts(1, TRUTH))
    (tmp_path / "labels.csv").write_text("path,label\n")
    assert is_report_csv(tmp_path / "r.csv")
    assert not is_report_csv(tmp_path / "labels.csv")


# Whole or not at all


def test_a_failure_leaves_the_report_before_it(
    items_of: Callable[..., list[Reviewed]], tmp_path: Path
) -> None:
    with closing(ThumbnailStore()) as store:
        items = items_of([0] * 8, store)
        written(tmp_path / "r.html", items, store, facts(8, TRUTH))
    before = (tmp_path / "r.html").read_bytes()
    with pytest.raises(ValueError, match="closed"):  # in the middle of the page
        write_report(tmp_path / "r.html", items, store, facts(9, TRUTH), OverlayStyle())
    assert (tmp_path / "r.html").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.csv", "r.html"]


def test_a_folder_that_is_not_there(store: ThumbnailStore, tmp_path: Path) -> None:
    with pytest.raises(SaveFailure, match="doesn't exist"):
        write_report(tmp_path / "no" / "r.html", [BAD], store, facts(1), OverlayStyle())
