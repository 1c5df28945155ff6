"""The worker: takes messages out of the outbox, sends them, and writes down what came of it.

Each channel is served by itself, so that one that hangs holds up no other. The work has four parts,
and all but the sending are transactions, short ones:

    take    rows become ours for the length of a lease; what is stale, withdrawn, unwanted or over an
            allowance ends here, in the same transaction that asked
    begin   from here on nobody knows whether it was sent
    send    with no transaction open, to the first provider that is well, then to the next
    mark    what came of it

Whoever dies between beginning and marking has sent, perhaps: the lease ends and it is sent again, once. That
is the only way in which a message can arrive twice, and in none does it arrive three times.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import chain
from typing import Final

import structlog

from notify import outbox
from notify.breaker import Breaker
from notify.channels.base import ATTEMPT_SECONDS_MAX, Letter, Provider
from notify.lint import names_in
from notify.messages import Priority, Recipient
from notify.outbox import Sent, Taken
from notify.sentences import TEXTS, known, spoken
from notify.states import Accepted, Busy, Outcome, State, Step, after_attempt, before_sending, given_up
from queue_server.kit.bus import Bus
from queue_server.kit.database import Database, DatabaseDown, Transaction

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 0.5  # How long a lost wake-up can go unnoticed.
GATHER_SECONDS: Final = 0.02  # Wake-ups come in bursts, and one look answers them all.
TAKEN_AT_ONCE_MAX: Final = 16  # So that the first of many need not wait until all are looked at.
CLIMB_ROWS_MAX: Final = 200
WORDS_MAX: Final = 128  # Characters of what a provider says.
FINISH_SECONDS_MAX: Final = 5.0  # For what is on its way when the worker is told to stop.
PAUSE_SECONDS: Final = 1.0  # Before the next look when the database is away.

RecipientsOf = Callable[[Transaction, Sequence[str]], Mapping[str, Recipient]]
"""Finds out how the people behind subjects can be reached; without those whom we were told to forget."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the hall allows itself."""

    lease_seconds: float = 30.0  # Longer than any attempt: only the dead lose a lease.
    in_flight_max: int = 64  # For each channel.
    hall_messages_a_day_max: int = 5000  # What it may cost.
    person_messages_a_day_max: int = 6
    person_gap_seconds: float = 30.0  # Between two messages to one person, unless the second is a call.
    # How long nobody answers before the next rung is taken too, by the rung: only where a ladder has several.
    climb_seconds: Mapping[str, float] = field(default_factory=lambda: {"sms": 20.0, "guide": 60.0})
    climbing_kinds: frozenset[str] = frozenset({"call", "recall"})


class Worker:
    """Sends what is in the outbox."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        channels: Mapping[str, Sequence[Provider]],
        recipients_of: RecipientsOf,
        policy: Policy,
        today: Callable[[], date],
    ) -> None:
        self._database = database
        self._channels = {
            name: [Desk(provider) for provider in providers] for name, providers in channels.items()
        }
        self._recipients_of = recipients_of
        self._on_their_way: dict[str, set[asyncio.Task[None]]] = {name: set() for name in channels}
        self._done: list[Done] = []
        self._marking: asyncio.Task[None] | None = None
        self._policy = policy
        self._today = today
        self._news = {name: asyncio.Event() for name in channels}
        self._stop_listening = bus.subscribe(self._wake)

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for channel in self._channels:
                    tasks.create_task(self._patiently(partial(self._serve, channel)))
                tasks.create_task(self._patiently(self._climb))
        finally:
            self._stop_listening()
            await self._finish()

    async def _finish(self) -> None:
        """Let what is on its way arrive and be written down: what is not is sent again."""
        on_their_way = set(chain.from_iterable(self._on_their_way.values()))
        if on_their_way:
            await asyncio.wait(on_their_way, timeout=FINISH_SECONDS_MAX)
        for task in on_their_way:
            task.cancel()

    async def close(self) -> None:
        """Let go of the providers."""
        for desks in self._channels.values():
            for desk in desks:
                await desk.provider.close()

    def _wake(self, _: str) -> None:
        for news in self._news.values():
            news.set()

    async def _patiently(self, work: Callable[[], Awaitable[None]]) -> None:
        """A database that is away is waited for; whatever else goes wrong is told and tried again."""
        while True:
            try:
                await work()
            except DatabaseDown:
                log.warning("worker_waits_for_the_database")
            except Exception:
                log.exception("worker_stumbled")
            await asyncio.sleep(PAUSE_SECONDS)

    # ── One channel ──────────────────────────────────────────────────────────────────────────────

    async def _serve(self, channel: str) -> None:
        """Keep as many messages of a channel on their way as may be."""
        on_their_way, news = self._on_their_way[channel], self._news[channel]
        while True:
            news.clear()
            free = self._policy.in_flight_max - len(on_their_way)
            wanted = min(free, TAKEN_AT_ONCE_MAX)
            ready = await self.take(channel, wanted) if wanted else []
            for row, to in ready:
                task = asyncio.create_task(self.deliver(row, to))
                on_their_way.add(task)
                task.add_done_callback(on_their_way.discard)
            if free == 0:
                await asyncio.wait(on_their_way, return_when=asyncio.FIRST_COMPLETED)
            elif len(ready) < wanted:
                await self._wait_for(news)

    async def _wait_for(self, news: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await news.wait()
                await asyncio.sleep(GATHER_SECONDS)
        except TimeoutError:
            pass  # Then we look because it is time to.

    async def take(self, channel: str, rows_max: int) -> list[tuple[Taken, Recipient]]:
        """Take rows out of the queue; those that are still worth sending."""

        def unit(tx: Transaction) -> list[tuple[Taken, Recipient]]:
            rows = outbox.take(tx, channel, rows_max=rows_max, lease_seconds=self._policy.lease_seconds)
            return self._admitted(tx, rows) if rows else []

        return await self._database.write(unit)

    def _admitted(self, tx: Transaction, rows: Sequence[Taken]) -> list[tuple[Taken, Recipient]]:
        """Those that are sent, and to whom. Of the others it is written down why they are not, or not yet."""
        people = self._recipients_of(tx, [row.subject for row in rows])
        unwilling = outbox.opted_out(tx, [to.person for to in people.values()])
        admitted = []
        for row in rows:
            to = people.get(row.subject)
            no = before_sending(
                age_seconds=row.age_seconds,
                keep_seconds=row.keep_seconds,
                withdrawn=row.withdrawn,
                opted_out=to is not None and to.person in unwilling,
                known=to is not None,
                attempts=row.attempts,
                begun=row.begun,
                later_channels=row.later_channels,
            )
            if no is None and to is not None and not self._within_reach(row.channel, to):
                no = given_up("out_of_reach", row.later_channels)
            if no is not None:
                outbox.step(tx, row, no)
            elif to is not None:
                admitted.append((row, to))
        return self._allowed(tx, admitted) if admitted else []

    def _within_reach(self, channel: str, to: Recipient) -> bool:
        return any(desk.provider.reaches(to) for desk in self._channels[channel])

    def _allowed(
        self, tx: Transaction, admitted: Sequence[tuple[Taken, Recipient]]
    ) -> list[tuple[Taken, Recipient]]:
        """Count first attempts against what the hall and the person may have."""
        today, policy = self._today(), self._policy
        scopes = {row.id: (f"person {to.person}", f"hall {row.hall_id}") for row, to in admitted}
        known = outbox.used(tx, today, chain.from_iterable(scopes.values()))
        spent: Counter[str] = Counter()
        allowed = []
        for row, to in admitted:
            person, hall = scopes[row.id]
            waited = known[person].seconds
            if row.attempts > 1:
                allowed.append((row, to))
            elif row.priority > Priority.RECALL and waited < policy.person_gap_seconds:
                outbox.postpone(tx, row, policy.person_gap_seconds - waited)
            elif known[person].number >= policy.person_messages_a_day_max:
                outbox.step(tx, row, given_up("person_allowance_used_up", row.later_channels))
            elif known[hall].number >= policy.hall_messages_a_day_max:
                outbox.step(tx, row, given_up("hall_allowance_used_up", row.later_channels))
            else:
                for scope in (person, hall):
                    known[scope].number += 1
                    spent[scope] += 1
                known[person].seconds = 0.0
                allowed.append((row, to))
        if spent:
            outbox.spend(tx, today, spent)
        return allowed

    # ── One message ──────────────────────────────────────────────────────────────────────────────

    async def deliver(self, row: Taken, to: Recipient) -> None:
        """Send one message and write down what came of it. Nothing that is wrong with it stops the others."""
        began = time.monotonic()
        try:
            letter = self._letter(row, to)
            await self._database.write(partial(outbox.begin, row=row))
            desk, outcome = await self._send(row.channel, letter)
        except DatabaseDown:
            return  # Not sent: whoever takes it next begins anew.
        except Exception as fault:
            # It will not get better: it is set aside, with its reason, for somebody to look at.
            log.exception("message_set_aside", id=row.id, text_key=row.text_key)
            no = Step(State.ABANDONED, f"set_aside: {type(fault).__name__}")
            await self._mark(Done(row, no))
            return
        step = after_attempt(
            outcome,
            priority=row.priority,
            attempts=row.attempts,
            age_seconds=row.age_seconds + time.monotonic() - began,
            keep_seconds=row.keep_seconds,
            later_channels=row.later_channels,
            climb_seconds=self._climb_seconds(row),
        )
        if isinstance(outcome, Accepted):
            cost = desk.provider.price * outcome.parts
            sent = Sent(row, desk.provider.name, outcome, cost, step.wait_seconds)
            await self._mark(Done(row, step, sent, to))
        else:
            await self._mark(Done(row, step))
            if step.state is State.FALLBACK:
                self._wake("")  # The next rung need not wait for the next look.

    def _letter(self, row: Taken, to: Recipient) -> Letter:
        language = known(row.language)
        values = {**row.values, **to.values}
        text = spoken(row.text_key, language, values)
        sentence = TEXTS.everything()[language][row.text_key]
        parameters = tuple((name, str(values[name])) for name in names_in(sentence))
        return Letter(row.id, to, row.text_key, language, text, parameters)

    async def _send(self, channel: str, letter: Letter) -> tuple["Desk", Outcome]:
        """The first provider that takes it, or the last reason why none did."""
        desks = [desk for desk in self._channels[channel] if desk.provider.reaches(letter.to)]
        last: tuple[Desk, Outcome] = desks[0], Busy("circuit_open")
        now = time.monotonic()
        permitted = [desk for desk in desks if desk.breaker.permits(now)]
        # Whoever is only just coming back is still better than nobody.
        for desk in permitted or [desk for desk in desks if not desk.breaker.open]:
            last = desk, await desk.send(letter)
            if not isinstance(last[1], Busy):
                break
        return last

    async def _mark(self, done: "Done") -> None:
        """Write down what came of it, together with whatever else has come to an end meanwhile."""
        self._done.append(done)
        while not done.written:
            if self._marking is None or self._marking.done():
                self._marking = asyncio.create_task(self._write_down())
            await asyncio.shield(self._marking)

    async def _write_down(self) -> None:
        """For as long as the lease lasts: what is sent and not marked is sent again."""
        done, self._done = self._done, []
        deadline = time.monotonic() + self._policy.lease_seconds - ATTEMPT_SECONDS_MAX
        while True:
            try:
                await self._database.write(partial(written, done=done))
            except DatabaseDown:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                break
        for each in done:
            each.written = True

    def _climb_seconds(self, row: Taken) -> float | None:
        """How long this rung waits for an answer."""
        if row.kind not in self._policy.climbing_kinds or not row.later_channels:
            return None
        return self._policy.climb_seconds.get(row.later_channels[0])

    # ── The ladder ───────────────────────────────────────────────────────────────────────────────

    async def _climb(self) -> None:
        """Take the next rung where nobody has answered in time."""
        while True:
            climbed = await self._database.write(lambda tx: outbox.climb(tx, rows_max=CLIMB_ROWS_MAX))
            if climbed:
                self._wake("")
            if climbed < CLIMB_ROWS_MAX:
                await asyncio.sleep(LOOK_SECONDS)


@dataclass(slots=True)
class Done:
    """What came of a row, and whether it has been written down."""

    row: Taken
    step: Step
    sent: Sent | None = None
    to: Recipient | None = None
    written: bool = False


def written(tx: Transaction, done: Sequence[Done]) -> None:
    """Write down what came of these rows."""
    accepted = [each.sent for each in done if each.sent is not None]
    if accepted:
        outbox.sent(tx, accepted)
    for each in done:
        if each.sent is None:
            outbox.step(tx, each.row, each.step)
        elif each.sent.accepted.consent and each.to is not None:
            outbox.use_consent(tx, each.to.wechat_person, each.sent.accepted.consent)


class Desk:
    """A provider and whether it is well."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.breaker = Breaker()

    async def send(self, letter: Letter) -> Outcome:
        """Try once, in a bounded time."""
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS_MAX + 0.5):
                outcome = await self.provider.send(letter)
        except TimeoutError:
            outcome = Busy("timeout")
        was_open = self.breaker.open
        if isinstance(outcome, Busy):
            self.breaker.failed(time.monotonic())
        else:
            self.breaker.worked(time.monotonic())
        outcome = tidied(outcome)
        if self.breaker.open != was_open:
            state = "open" if self.breaker.open else "returning"
            log.warning("circuit", provider=self.provider.name, state=state)
        return outcome


def tidied(outcome: Outcome) -> Outcome:
    """The outcome with what the provider wrote made fit to be kept: it is a stranger's text."""
    if isinstance(outcome, Accepted):
        return replace(outcome, reference=tidy(outcome.reference))
    return replace(outcome, reason=tidy(outcome.reason))


def tidy(text: str) -> str:
    """What can be shown of a text, and not too much of it.

    >>> tidy("isv.OK\x00\n")
    'isv.OK'
    """
    return "".join(filter(str.isprintable, text))[:WORDS_MAX]
