"""What is checked of a command's options once its model is loaded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from camviewer.commands.model import check_resolution
from camviewer.commands.options import UsageError
from camviewer.core.explanation import ExplainRequest
from camviewer.core.loading import LoadedModel
from camviewer.core.models.spec import SizeRule


def loaded(sizes: SizeRule | None) -> LoadedModel:
    return cast(LoadedModel, SimpleNamespace(explainer=SimpleNamespace(info=SimpleNamespace(sizes=sizes))))


def test_a_resolution_that_the_opened_model_does_not_take() -> None:
    model = loaded(SizeRule(14, 224, 518))
    check_resolution(model, ExplainRequest(resolution=518))
    check_resolution(model, ExplainRequest())
    check_resolution(loaded(None), ExplainRequest(resolution=1))
    with pytest.raises(UsageError, match=r"--resolution: .* a multiple of 14 between 224 and 518, not 450"):
        check_resolution(model, ExplainRequest(resolution=450))
