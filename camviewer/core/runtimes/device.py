"""Names of devices: those that the user asks for, and those that models run on."""

from __future__ import annotations

import re

from camviewer.core.failures import ModelFailure

_FORM = re.compile(r"[a-z]+(:[0-9]{1,3})?")
_OTHER_NAMES = {"metal": "mps"}


class Device(str):
    """A device: ``cpu``, ``cuda``, ``cuda:1``, ``mps``, …; or ``auto``, the best that there is.

    It is a str, so files and JSON hold it as it is. `parse` makes one from a user's text.
    """

    __slots__ = ()

    @staticmethod
    def parse(text: str) -> Device:
        """Raises ModelFailure for what can't be the name of a device. Whether there is one: `registry`."""
        name = _OTHER_NAMES.get(text, text)
        if _FORM.fullmatch(name) is None:
            raise no_device(text)
        return Device(name)

    @property
    def kind(self) -> str:
        """Without the number: ``cuda`` for ``cuda:1``."""
        return self.partition(":")[0]


AUTO, CPU = Device("auto"), Device("cpu")


def no_device(name: str) -> ModelFailure:
    """The failure for a device that no runtime knows."""
    return ModelFailure("There is no device {name!r}.", "Use auto, cpu, cuda or mps.", name=name)
