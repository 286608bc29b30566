"""Names of devices, those that this computer has, and which one a user means."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from camviewer.core.failures import ModelFailure
from camviewer.core.runtimes.precision import Precision
from camviewer.core.text import Text

_FORM = re.compile(r"[a-z]+(:[0-9]{1,3})?")
_OTHER_NAMES = {"metal": "mps"}


class Device(str):
    """A device: ``cpu``, ``cuda``, ``cuda:1``, ``mps``, …; or ``auto``, the best that there is.

    It is a str, so files and JSON hold it as it is. `parse` makes one from a user's text.
    """

    __slots__ = ()

    @staticmethod
    def parse(text: str) -> Device:
        """Raises NoDeviceFailure for what can't be such a name. Whether there is one: `registry`."""
        name = _OTHER_NAMES.get(text, text)
        if _FORM.fullmatch(name) is None:
            raise no_device(text)
        kind, _, number = name.partition(":")
        return Device(kind if number.strip("0") == "" else name)

    @property
    def kind(self) -> str:
        """Without the number: ``cuda`` for ``cuda:1``."""
        return self.partition(":")[0]


AUTO, CPU, CUDA, GPU = Device("auto"), Device("cpu"), Device("cuda"), Device("gpu")
"""GPU: the best device that is no CPU, whatever it is called."""
WEBGPU = Device("webgpu")
"""The fastest GPU of any maker, through Vulkan, Direct3D 12 or Metal."""


@dataclass(frozen=True, slots=True)
class DeviceOffer:
    """A device of this computer, as a user chooses it.

    title: for people; no two devices of a computer have the same one. precisions: those that it computes
    quickly, the usual one first; () if it can't be used. problem: why it can't; None if it can.
    """

    device: Device
    title: str
    precisions: tuple[Precision, ...] = ()
    problem: Text | None = None

    @property
    def tested(self) -> bool:
        """Whether camviewer has ever been run on such a device: on CPUs and NVIDIA's GPUs only.

        What WebGPU computes is compared with the CPU before it is used.
        """
        return self.device.kind in (CPU, CUDA, WEBGPU)


CPU_OFFER = DeviceOffer(CPU, "CPU", (Precision.FLOAT32,))
"""The CPU, while nobody has asked what more it can do."""


class NoDeviceFailure(ModelFailure):
    """A user's name of a device means none of this computer's, or several."""


def no_device(name: str) -> NoDeviceFailure:
    """The failure for a name that can't be any device's."""
    return NoDeviceFailure(
        "There is no device {name!r}.",
        "Use auto, cpu, gpu, cuda, cuda:1, mps or a part of a GPU's name.",
        name=name,
    )


def numbered(titles: Sequence[str]) -> list[str]:
    """The titles, with a number behind those that came before: ``A``, ``A (2)``."""
    seen = Counter[str]()
    unique = []
    for title in titles:
        seen[title] += 1
        unique.append(title if seen[title] == 1 else f"{title} ({seen[title]})")
    return unique


def without_doubles(offers: Sequence[DeviceOffer]) -> list[DeviceOffer]:
    """The offers without WebGPU's, if another GPU can be used: most likely it is the same one, and faster so.

    It can still be chosen by its name.
    """
    others = (offer for offer in offers if offer.device.kind not in (CPU, WEBGPU))
    if not any(offer.problem is None for offer in others):
        return list(offers)
    return [offer for offer in offers if offer.device.kind != WEBGPU]


def automatic(offers: Sequence[DeviceOffer]) -> DeviceOffer:
    """The best one that can be used. The CPU, which always can, is among the offers."""
    return next(offer for offer in offers if offer.problem is None)


def offer_named(name: str, offers: Sequence[DeviceOffer]) -> DeviceOffer:
    """Which of the offers a user means: by ``auto``, ``gpu``, a device's name, a title or a part of it.

    Capital letters don't count. Raises NoDeviceFailure if it is none of them, or several.
    """
    wanted = name.strip().casefold()
    if wanted == AUTO:
        return automatic(offers)
    if wanted == GPU:
        there = [offer for offer in offers if offer.device != CPU]
        found = [offer for offer in there if offer.problem is None][:1] or there[:1]
    else:
        called = Device.parse(wanted) if _FORM.fullmatch(wanted) else None
        found = [offer for offer in offers if offer.device == called or offer.title.casefold() == wanted]
        if not found and wanted:
            found = [offer for offer in offers if wanted in offer.title.casefold()]
    if len(found) == 1:
        return found[0]
    meant = found or offers
    listed = ", ".join(f"{offer.device} ({offer.title})" for offer in meant)
    if found:
        raise NoDeviceFailure(
            "{name!r} may be several devices.", "Use one of these: {devices}.", name=name, devices=listed
        )
    raise NoDeviceFailure(
        "There is no device {name!r}.", "Use auto or one of these: {devices}.", name=name, devices=listed
    )
