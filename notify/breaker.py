"""A circuit breaker: whoever fails is left alone for a while, and trusted again step by step.

    closed ──(5 failures in a row, or half of the attempts of 10 s)──> open
    open ──(every 30 s one attempt; it works)──> returning, with a tenth of the messages
    returning ──(every step without a failure)──> a tenth more … ──> closed
    returning ──(one failure)──> open

Time comes in as seconds on any clock that only goes forward, and there is no chance in it: a share of three
tenths means three of every ten.
"""

from collections import deque
from typing import Final

FAILURES_IN_A_ROW_MAX: Final = 5
WATCHED_SECONDS: Final = 10.0
WATCHED_MIN: Final = 10  # Fewer attempts than this say nothing about a share.
PROBE_SECONDS: Final = 30.0
STEP_SECONDS: Final = 6.0  # From a tenth to everything within a minute.
TENTHS: Final = 10


class Breaker:
    """Whether one provider may be tried."""

    def __init__(self) -> None:
        self._tenths = TENTHS  # Of the messages that it gets; 0 is open.
        self._credit = 0
        self._changed_at = 0.0  # When it opened, was last probed, or got its last tenth.
        self._in_a_row = 0
        self._watched: deque[tuple[float, bool]] = deque()

    @property
    def open(self) -> bool:
        """Whether it gets nothing but a probe now and then."""
        return self._tenths == 0

    def permits(self, now: float) -> bool:
        """Whether the next message may go this way. Asking counts: ask only when you mean to try."""
        if self.open:
            if now - self._changed_at < PROBE_SECONDS:
                return False
            self._changed_at = now
            return True
        while self._tenths < TENTHS and now - self._changed_at >= STEP_SECONDS:
            self._tenths += 1
            self._changed_at += STEP_SECONDS
        self._credit += self._tenths
        if self._credit < TENTHS:
            return False
        self._credit -= TENTHS
        return True

    def worked(self, now: float) -> None:
        """The provider answered, if only to refuse."""
        self._in_a_row = 0
        self._watch(now, ok=True)
        if self.open:
            self._tenths = 1
            self._changed_at = now

    def failed(self, now: float) -> None:
        """The provider did not answer, or not sensibly."""
        self._in_a_row += 1
        self._watch(now, ok=False)
        failures = sum(not ok for _, ok in self._watched)
        many = len(self._watched) >= WATCHED_MIN and 2 * failures >= len(self._watched)
        if self._tenths < TENTHS or many or self._in_a_row >= FAILURES_IN_A_ROW_MAX:
            self._tenths = self._credit = 0
            self._changed_at = now
            self._watched.clear()

    def _watch(self, now: float, *, ok: bool) -> None:
        self._watched.append((now, ok))
        while self._watched[0][0] < now - WATCHED_SECONDS:
            self._watched.popleft()
