"""What a provider is to the worker: something that takes one letter and says what came of it."""

from dataclasses import dataclass
from typing import Final, Protocol

from notify.messages import Recipient
from notify.states import Outcome

ATTEMPT_SECONDS_MAX: Final = 3.0  # A call is worth something for ninety seconds, and there are other ways.
CONNECT_SECONDS_MAX: Final = 2.0
ANSWER_BYTES_MAX: Final = 65_536  # What a provider says is not to be trusted, not even to be short.


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it goes out: to whom, and what it says."""

    id: int  # Of the outbox row: the same again when it is sent again.
    to: Recipient
    text_key: str
    language: str
    text: str  # The sentence itself, for providers that take one.
    parameters: tuple[tuple[str, str], ...]  # Its values in the order in which it names them, for the others.


class Provider(Protocol):
    """One way to send. It answers within `ATTEMPT_SECONDS_MAX` and raises only what is a fault of ours."""

    name: str
    price: float  # Of one part, in the hall's currency.

    def reaches(self, to: Recipient) -> bool:
        """Whether this person can be reached this way at all."""
        ...

    async def send(self, letter: Letter) -> Outcome:
        """Try once."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
