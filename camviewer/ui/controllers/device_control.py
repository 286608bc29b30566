"""DeviceControl: on which device models run, and how precisely; what is said when that fails."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Slot

from camviewer.core.failures import (
    DeviceFailure,
    Failure,
    ModelFailure,
)
from camviewer.core.loading import ModelChoice
from camviewer.core.models.card import FileFormat
from camviewer.core.models.spec import WeightsOrigin
from camviewer.core.runtimes.device import (
    AUTO,
    CPU,
    DeviceOffer,
    NoDeviceFailure,
    automatic,
    offer_named,
)
from camviewer.core.runtimes.precision import (
    Precision,
    precision_named,
)
from camviewer.media.pipeline.jobs import ReadyModel
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.model_control import ModelControl
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import (
    Action,
    BannerArea,
    BannerKey,
    Severity,
)
from camviewer.ui.widgets.words import translated

KEY = BannerKey.DEVICE
DEVICE, PRECISION = "model/device", "model/precision"
"""Settings: a device's title, since GPUs may be numbered otherwise the next time, and a precision; or ""."""


def remembered(choice: ModelChoice, settings: Settings) -> ModelChoice:
    """The choice on the device of before; and with the precision of before, if it has none itself.

    Not for a device of the command line: the precision was chosen for another one.
    """
    precision = choice.precision or _precision(settings.text(PRECISION))
    return replace(choice, device=settings.text(DEVICE) or AUTO, precision=precision)


def _precision(text: str) -> Precision | None:
    try:
        return precision_named(text) if text else None
    except ModelFailure:  # of a newer version
        return None


class DeviceControl(QObject):
    """Knows the devices once a model has loaded; only the worker may ask torch for them."""

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        banners: BannerArea,
        models: ModelControl,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._settings, self._banners, self._models = pipeline, settings, banners, models
        self._failed = False
        self.offers: tuple[DeviceOffer, ...] = ()
        """The best one first; () while they are not known."""
        pipeline.model_loading.connect(self._on_pipeline_model_loading)
        pipeline.model_ready.connect(self._on_pipeline_model_ready)
        pipeline.frame_failed.connect(self._on_pipeline_frame_failed)

    @property
    def is_automatic(self) -> bool:
        """Whether the device in use is the one that camviewer takes by itself, and nobody chose another."""
        model = self._pipeline.model
        if model is None or self._models.choice.device != AUTO:
            return False
        return not self.offers or automatic(self.offers).device == model.device

    def choose(self, offer: DeviceOffer | None) -> None:
        """The model on another device; None for the best one. The precision stays, if that device has it."""
        there = offer or automatic(self.offers)
        wanted = self._models.choice.precision
        self._use(
            AUTO if offer is None else offer.device,
            AUTO if offer is None else offer.title,
            wanted if wanted in there.precisions else None,
        )

    def choose_precision(self, precision: Precision) -> None:
        """Of the device in use; its usual one means that of every device."""
        model = self._pipeline.model
        offer = next((offer for offer in self.offers if model and offer.device == model.device), None)
        usual = offer.precisions[:1] if offer is not None else ()
        self._use(
            self._models.choice.device,
            self._settings.text(DEVICE) or AUTO,
            None if precision in usual else precision,
        )

    def try_again(self) -> None:
        """The device that was wanted and failed."""
        self._models.choose(self._models.choice)

    def _use(self, device: str, title: str, precision: Precision | None) -> None:
        self._settings.set(DEVICE, "" if title == AUTO else title)
        self._settings.set(PRECISION, precision.value if precision is not None else "")
        self._models.choose(replace(self._models.choice, device=device, precision=precision))

    @Slot()
    def _on_pipeline_model_loading(self) -> None:
        self._failed = False

    @Slot(object)
    def _on_pipeline_model_ready(self, ready: ReadyModel) -> None:
        self.offers = ready.devices or self.offers
        info = ready.explainer.info
        if ready.device_problem is not None:
            reason = translated(ready.device_problem)
            text = self.tr("The CPU is used: {0}").format(reason)
            if info.device != CPU:
                text = self.tr("{0} is used: {1}").format(info.device_title, reason)
            is_onnx = ready.card is not None and ready.card.format is FileFormat.ONNX
            actions = [] if self._forget_what_is_gone() or is_onnx else [self._again()]
            self._banners.show_message(KEY, Severity.WARNING, text, actions)
        elif ready.precision_problem is not None:
            self._banners.show_message(KEY, Severity.WARNING, translated(ready.precision_problem))
            self._forget_what_it_has_not(info.device)
        elif not self._failed:
            self._banners.clear(KEY)

    @Slot(object)
    def _on_pipeline_frame_failed(self, failure: Failure) -> None:
        """The device failed while it ran. The worker goes on with the CPU; the banner stays."""
        if isinstance(failure, DeviceFailure):
            self._failed = True
            model = self._pipeline.model
            is_live = model is not None and model.weights_origin is WeightsOrigin.LIVE
            actions = [] if is_live else [self._again()]
            self._banners.show_message(KEY, Severity.WARNING, translated(failure.text), actions)

    def _again(self) -> Action:
        return self.tr("Try the GPU again"), self.try_again

    def _forget_what_is_gone(self) -> bool:
        """Whether the wanted device is none of this computer's. It is said once, and auto from then on.

        The precision that was chosen for it is forgotten, too.
        """
        if not self.offers:
            return False
        try:
            offer_named(self._models.choice.device, self.offers)
        except NoDeviceFailure:
            self._settings.set(DEVICE, "")
            self._settings.set(PRECISION, "")
            self._models.choice = replace(self._models.choice, device=AUTO, precision=None)
            return True
        return False

    def _forget_what_it_has_not(self, device: str) -> None:
        """A precision that the device in use hasn't, whatever the model. It is said once."""
        offer = next((offer for offer in self.offers if offer.device == device), None)
        if offer is not None and self._models.choice.precision not in offer.precisions:
            self._settings.set(PRECISION, "")
            self._models.choice = replace(self._models.choice, precision=None)
