"""The registry of methods, by name. A new method is a module beside this one, and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from camviewer.core.methods.base import Method
from camviewer.core.methods.cam import CamMethod

METHODS: Mapping[str, Method] = {method.name: method for method in (CamMethod(),)}
