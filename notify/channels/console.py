"""Messages as lines of the log: for a demonstration, and for looking at what would be sent."""

import structlog

from notify.channels.base import Letter
from notify.messages import Recipient
from notify.states import Accepted, Outcome

log = structlog.get_logger(__name__)


class Console:
    """Writes down what it is given. Of the phone only its end: a log is no place for people's numbers."""

    name = "console"
    price = 0.0

    def reaches(self, to: Recipient) -> bool:
        """Everybody."""
        return True

    async def send(self, letter: Letter) -> Outcome:
        """Write it down."""
        address = letter.to.phone or letter.to.openid or ""
        log.info("message", id=letter.id, to=f"…{address[-4:]}", text_key=letter.text_key, text=letter.text)
        return Accepted(f"console-{letter.id}")

    async def close(self) -> None:
        """Nothing to let go of."""
