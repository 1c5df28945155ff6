"""What is to be told to one person: values, and how urgent each is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Priority(IntEnum):
    """Who goes first when much is to be sent: smaller goes first."""

    CALL = 0
    RECALL = 1
    NEAR = 2
    CONFIRMATION = 3
    REST = 4

    @property
    def urgent(self) -> bool:
        """Whether it is worth something for seconds only."""
        return self <= Priority.RECALL


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell, once: unique by subject, kind and occurrence.

    The first channel is tried first, the others are the rungs above it. No address stands here, only the
    subject; whoever sends it finds out then how the person can be reached, and whether they still want it.
    """

    hall_id: str
    subject: str
    kind: str
    occurrence: int
    channels: tuple[str, ...]
    text_key: str
    priority: Priority
    keep_seconds: int
    values: Mapping[str, str | int] = field(default_factory=dict)
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """From this occurrence on, what was to be told before it about the subject is over."""

    subject: str
    occurrence: int
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipient:
    """How one person can be reached. `person` is a keyed digest: the same for the same person.

    In WeChat the same person has another one, because nobody has to tell us their phone there.
    """

    person: str
    wechat_person: str = ""
    phone: str | None = None
    openid: str | None = None
    link: str = ""  # Where the subject can be looked at; never in a short message.
    values: Mapping[str, str] = field(
        default_factory=dict
    )  # What only whoever sends may know, such as a code.
    consents: Mapping[str, int] = field(default_factory=dict)  # One-time subscriptions left, by template.

    @property
    def in_mainland(self) -> bool:
        """Whether the phone has a number of mainland China."""
        return self.phone is not None and self.phone.startswith("+86")
