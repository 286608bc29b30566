"""What classes are called in the window: ImageNet's in its language, all others by their labels.

Not for files, JSON, the log and the captions of saved images, which have the labels, so that they can be
compared; nor for what is looked up by a label.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from camviewer.core.explanation import Explanation
from camviewer.core.models.vocabulary import Group, class_names, imagenet_ids
from camviewer.core.targets import ChannelPart, ScoreDifference, Target
from camviewer.ui.system import language
from camviewer.ui.widgets.words import whole

translate = QCoreApplication.translate


def class_name(labels: Sequence[str], class_id: int) -> str:
    """In the window's language: where there is little room."""
    names = class_names(language.present())
    ids = imagenet_ids(labels) if names else None
    return names[ids[class_id]][0] if ids is not None else labels[class_id]


def class_name_and_label(labels: Sequence[str], class_id: int) -> str:
    """``골든 리트리버 (golden retriever)``; where the name is the label, it alone."""
    name, label = class_name(labels, class_id), labels[class_id]
    return name if name == label else f"{name} ({label})"


def target_name(explanation: Explanation, target: Target) -> str:
    """As `Explanation.title`, in the window's language."""
    name = class_name(explanation.labels, target.class_id)
    if isinstance(target, ScoreDifference):
        return f"{name} − {class_name(explanation.labels, target.other)}"
    if isinstance(target, ChannelPart):
        return translate("words", "{0}, channel {1}").format(name, target.channel)
    return name


def group_name(group: Group) -> str:
    """``개 (dog)``, ``car (auto)``: the second name tells it from another of the same name."""
    second = group.names[:1] if group.others else group.names[1:2]
    return f"{group.name} ({second[0]})" if second else group.name


def classes_word(count: int) -> str:
    """``118 classes``"""
    return translate("words", "{0} classes").format(whole(count))
