"""Loads models in the window that a Python program opened: that program's network, or any other."""

from __future__ import annotations

from multiprocessing.connection import Client

from camviewer.core.failures import DeviceFailure
from camviewer.core.loading import (
    LoadedModel,
    ModelChoice,
    load_with_devices,
)
from camviewer.core.runtimes.remote import (
    Channel,
    remote_model,
)


class LiveLoader:
    """As `load_with_devices`, for choices that are `live`, too.

    address, key: where the Python program listens, and what it wants to be told.
    """

    def __init__(self, address: str, key: bytes) -> None:
        self._address, self._key = address, key
        self._channel: Channel | None = None

    def load(self, choice: ModelChoice) -> LoadedModel:
        """Raises ModelFailure; DeviceFailure, which is one, if the program has ended."""
        if not choice.live:
            return load_with_devices(choice)
        if self._channel is None:
            try:
                self._channel = Channel(Client(self._address, authkey=self._key))
            except Exception as error:  # a refused key, a socket that is gone, a pipe that closes
                raise DeviceFailure(
                    "The Python program that opened this window doesn't answer.",
                    "Choose another model, or open the window again from there.",
                    repr(error),
                ) from error
        try:
            return LoadedModel(remote_model(self._channel).explainer)
        except DeviceFailure:
            # What has gone wrong once doesn't come right; the program may still listen.
            self._channel.close()
            self._channel = None
            raise
