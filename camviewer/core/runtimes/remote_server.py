"""Answers a window's questions about a network that runs in this process.

Only calls that are listed here are answered, and only values of the expected kinds: anything else ends the
connection.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict
from multiprocessing.connection import Connection
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
)
from camviewer.core.failures import Failure
from camviewer.core.live.model import LiveModel
from camviewer.core.runtimes.base import ForwardPass
from camviewer.core.runtimes.remote_wire import (
    MAX_BYTES,
    WireError,
    geometry_of,
    packed,
    target_of,
    unpacked,
)
from camviewer.core.storage.manifest import (
    DamagedError,
    Facts,
)
from camviewer.core.text import as_json

log = logging.getLogger(__name__)
Answer = dict[str, object]


class RemoteServer:
    """Serves one window at a time. lock: held while the network runs."""

    def __init__(self, model: LiveModel) -> None:
        self.lock = RLock()
        self._models = {0: model}

    def replace(self, model: LiveModel) -> None:
        """Serve another state of the network. The one before stays for questions that are under way."""
        with self.lock:
            latest = max(self._models)
            self._models = {latest: self._models[latest], latest + 1: model}

    def serve(self, connection: Connection) -> None:
        """Until the other side closes the connection, or sends what is no question; then it is closed."""
        with connection:
            while True:
                try:
                    question = unpacked(connection.recv_bytes(MAX_BYTES))
                    answer = self._answered(question)
                    connection.send_bytes(packed(answer))
                except (WireError, DamagedError) as error:
                    log.warning("the window sent what can't be understood: %s", error)
                    return
                except (EOFError, OSError):  # it has closed
                    return

    def _answered(self, question: Mapping[str, Any]) -> Answer:
        facts = Facts(question, "question")
        with self.lock:
            version = max(self._models)
            if facts.text("call") == "describe":
                return {"version": version, **described(self._models[version])}
            model = self._models.get(facts.integer("version", 0, version))
            if model is None:
                return _failed(Failure("The network has changed."))
            try:
                return _called(model, facts)
            except (WireError, DamagedError):
                raise
            except Failure as failure:
                return _failed(failure)
            except Exception as error:
                log.exception("%s failed", model.name)
                reason = str(error).splitlines()[0] if str(error) else type(error).__name__
                return _failed(
                    Failure(
                        "{name} failed ({reason}).",
                        "The Python program's log has the traceback.",
                        name=model.name,
                        reason=reason,
                    )
                )


def described(model: LiveModel) -> Answer:
    """All that the window needs to know before the first frame."""
    run, head, sizes, attention = model.run, model.run.head, model.sizes, model.run.attention
    return {
        "name": model.name,
        "offers": run.offers.value,
        "labels": run.labels,
        "layer": run.layer,
        "device": run.device,
        "device_title": run.device_title,
        "proof": None if run.proof is None else asdict(run.proof),
        "layers": [asdict(layer) for layer in run.layers],
        "head": None if head is None else {"weight": head.weight, "bias": head.bias},
        "extra_tokens": 0 if attention is None else attention.extra_tokens,
        "reads_cells": attention is not None and attention.reads_cells,
        "preprocessing": asdict(model.preprocessing),
        "sizes": asdict(sizes),
        "link": model.link.value,
    }


def _called(model: LiveModel, facts: Facts) -> Answer:
    """The answer to one call of `ModelRun` and what it offers."""
    run, call = model.run, facts.text("call")
    if call == "run":
        images, geometries = facts.values("images", 1, 64), facts.values("geometries", 1, 64)
        if len(images) != len(geometries):
            raise WireError("a geometry belongs to each image")
        pairs = [(_image(i), geometry_of(Facts(g))) for i, g in zip(images, geometries, strict=True)]
        passes = run.run_batch([image for image, _ in pairs], [geometry for _, geometry in pairs])
        return {"passes": [_pass(forward) for forward in passes]}
    geometry = geometry_of(facts.facts("geometry"))
    if call == "cells" and run.attention is not None:
        return {"cells": run.attention.cells(geometry)}
    image = _image(facts["image"])
    if call == "attention" and run.attention is not None:
        return {"values": run.attention.weights(image, geometry)}
    if call == "masked" and run.passes is not None:
        return {"values": run.passes.of_masked(image, geometry, _floats(facts["masks"], 3))}
    layer = facts.text("layer")
    if layer not in {run.layer, *(each.name for each in run.layers)}:
        raise WireError("there is no such layer")
    if call == "gradients" and run.gradients is not None:
        targets = [target_of(value) for value in facts.values("targets", 0, 1 << 16)]
        if not all(0 <= class_id < len(run.labels) for target in targets for class_id in target.classes):
            raise WireError("there is no such class")
        hold = facts.flag("hold_scales")
        found = run.gradients.of(image, geometry, layer, targets, hold_scales=hold)
        return {
            "logits": found.logits,
            "activations": found.activations,
            "gradients": found.gradients,
            "elsewhere": found.elsewhere,
        }
    if call == "activations" and run.passes is not None:
        return {"values": run.passes.activations(image, geometry, layer)}
    if call == "of_activations" and run.passes is not None:
        activations = _floats(facts["activations"], 4)
        return {"values": run.passes.of_activations(image, geometry, layer, activations)}
    raise WireError("there is no such call")


def _pass(forward: ForwardPass) -> Answer:
    return {
        "features": forward.features,
        "logits": forward.logits,
        "forward": forward.forward,
        "network_input": forward.network_input,
    }


def _failed(failure: Failure) -> Answer:
    return {"failure": [as_json(failure.message), as_json(failure.mend)]}


def _image(value: object) -> ByteArray:
    image = _array(value, np.uint8, 3)
    if image.shape[2] != 3 or not image.size:
        raise WireError("an image has three channels")
    return image


def _floats(value: object, dimensions: int) -> FloatArray:
    return _array(value, np.float32, dimensions)


def _array(value: object, dtype: type[np.generic], dimensions: int) -> NDArray[Any]:
    if not isinstance(value, np.ndarray) or value.dtype != dtype or value.ndim != dimensions:
        raise WireError("an array is of another kind")
    return value
