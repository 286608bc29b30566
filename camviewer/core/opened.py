"""What an opened model file is, and whose word counts for what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from platformdirs import user_data_path

from camviewer.core.models.card import (
    ArchitectureName,
    Fact,
    FactOrigin,
    ModelCard,
)
from camviewer.core.models.corrections import (
    Corrections,
    apply,
    card_path,
    read_card,
    remembered,
)
from camviewer.core.models.files import ModelFile
from camviewer.core.models.spec import (
    Link,
    ModelInfo,
    Preprocessing,
    SizeRule,
    WeightsOrigin,
)
from camviewer.core.models.taught import TaughtHead
from camviewer.core.runtimes.base import ModelRun
from camviewer.core.storage.files import is_file

ONNX = ArchitectureName("onnx", "graph")
ANY_SIZE = SizeRule(1, 1, 4096)
"""Until the network has run, and shows which it takes."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenedModel:
    """A model file that runs, and its card. To an explainer it is what it needs to know of its input."""

    card: ModelCard
    run: ModelRun
    taught: TaughtHead | None = None
    """The head of one's own classes that the file is."""

    @property
    def preprocessing(self) -> Preprocessing:
        """What its weights expect."""
        return self.card.preprocessing.value

    @property
    def sizes(self) -> SizeRule:
        """Which inputs it takes."""
        return self.card.sizes.value

    @property
    def link(self) -> Link:
        """How its logits become probabilities."""
        return self.card.link.value

    @property
    def info(self) -> ModelInfo:
        """As saved files and the window describe it."""
        architecture, path = self.card.architecture.value, self.card.path
        # Hubs call all of them so; the folder has the name.
        stem = path.absolute().parent.name if path.stem in ("model", "pytorch_model") else path.stem
        says_it = architecture == ONNX or _plain(architecture.name) in _plain(stem)
        return ModelInfo(
            name=stem if architecture == ONNX else architecture.name,
            title=stem if says_it else f"{stem} ({architecture.name})",
            device=self.run.device,
            device_title=self.run.device_title,
            weights_sha256=self.card.sha256,
            weights_file=str(self.card.path),
            weights_origin=WeightsOrigin.FILE,
            precision=self.run.precision,
            preprocessing=self.preprocessing,
            sizes=self.sizes,
            layer=self.run.layer,
            link=self.link,
        )


def _plain(name: str) -> str:
    """Without what people write differently: ``resnet18`` for ``ResNet-18``."""
    return "".join(c for c in name.lower() if c.isalnum())


@dataclass(frozen=True, slots=True)
class Given:
    """Corrections of a card, and where they come from."""

    corrections: Corrections
    origin: FactOrigin


def cards_folder() -> Path:
    """Where corrections of model cards are remembered, by the hash of the model file."""
    return user_data_path("camviewer", appauthor=False) / "cards"


def given_for(file: ModelFile, sha256: str, asked: Corrections | None) -> tuple[Given, ...]:
    """All corrections that there are, those that count less first."""
    given = []
    if is_file(card_path(file.path)):
        given.append(Given(read_card(card_path(file.path)), FactOrigin.CARD))
    before = remembered(cards_folder(), sha256)
    if before is not None:
        given.append(Given(before, FactOrigin.USER))
    if asked is not None:
        given.append(Given(asked, FactOrigin.CARD))
    return tuple(given)


def corrected(card: ModelCard, given: tuple[Given, ...]) -> ModelCard:
    """The card with all of these, one after the other. Raises ModelFailure for what can't be true."""
    for each in given:
        said = each.corrections
        if card.one_score and each.origin is FactOrigin.USER:
            # Remembered by a version that let it be anything: it must not keep the file from opening.
            said = replace(said, link=None)
        card = apply(card, said, each.origin)
    return card


def measured(card: ModelCard, run: ModelRun, sizes: SizeRule) -> ModelCard:
    """The card with what was seen when the network ran."""
    return replace(card, sizes=Fact(sizes, FactOrigin.MEASURED), proof=run.proof, layers=run.layers)
