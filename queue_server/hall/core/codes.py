"""The code on the screens of a hall, and the proof that somebody has just scanned it.

The code changes every half minute: a digest of the hall and the time step under a secret of the server. The
step before and the one after count too, because whoever scans needs a moment and two servers never quite
agree. A photograph of it is worth nothing a minute later.

Whoever scans gets a proof in exchange, for the time it takes to choose a matter. It names a phone, by a
random id, and nothing else; it never stands in an address, so nobody passes it on with a link.
"""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

STEP_SECONDS: Final = 30
STEPS_OFF_MAX: Final = 1
PROOF_LASTS: Final = timedelta(minutes=15)
TERMINAL_LASTS: Final = timedelta(days=400)  # As long as a browser keeps a cookie at all.
CLOCKS_OFF: Final = timedelta(minutes=1)

CODE_BYTES: Final = 12  # Guessing one within its minute is hopeless; a longer one makes the picture finer.


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes and proofs under one secret."""

    key: bytes

    def code(self, hall_id: str, now: datetime) -> str:
        """What the screens of the hall show now."""
        return self._code(hall_id, step_of(now))

    def is_fresh(self, hall_id: str, code: str, now: datetime) -> bool:
        """Whether this is what the screens show, or did or will half a minute from now."""
        steps = range(step_of(now) - STEPS_OFF_MAX, step_of(now) + STEPS_OFF_MAX + 1)
        # All of them are compared: how long it takes says nothing.
        matches = [equal(self._code(hall_id, step), code) for step in steps]
        return any(matches)

    def proof(self, hall_id: str, who: str, now: datetime) -> str:
        """What somebody gets who is in the hall."""
        named = f"{who}.{int(now.timestamp())}"
        return f"{named}.{self._digest('proof', hall_id, named)}"

    def proven(self, hall_id: str, proof: str, now: datetime, lasts: timedelta = PROOF_LASTS) -> str | None:
        """Who was in the hall by this proof, if it is ours and still good."""
        named, _, digest = proof.rpartition(".")
        who, _, at = named.rpartition(".")
        if not equal(self._digest("proof", hall_id, named), digest):
            return None
        age = now.timestamp() - int(at)
        return who if -CLOCKS_OFF.total_seconds() <= age <= lasts.total_seconds() else None

    def _code(self, hall_id: str, step: int) -> str:
        return self._digest("code", hall_id, str(step))

    def _digest(self, *parts: str) -> str:
        digest = hmac.digest(self.key, "\0".join(parts).encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:CODE_BYTES]).decode()


def step_of(now: datetime) -> int:
    """Which half minute it is."""
    return int(now.timestamp()) // STEP_SECONDS


def equal(one: str, other: str) -> bool:
    """Whether two texts are the same, in a time that does not depend on where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
