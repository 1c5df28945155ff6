"""What citizens hear on their phones: each thing once, and nothing that is over."""

from datetime import datetime

import pytest

from notify import outbox
from notify.messages import Message, Priority, Withdrawal
from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.decide import decide
from queue_server.hall.core.help import tasks
from queue_server.hall.core.messages import GUIDE, words
from queue_server.hall.core.model import Channel, Leg, Reach
from queue_server.hall.timers import Timers
from queue_server.kit.database import Transaction
from queue_server.kit.election import Election
from queue_server.kit.presence import Presence

from .conftest import Process
from .story import Story, at


class Phones(Story):
    """A story that also writes down what the phones are told."""

    def __init__(self) -> None:
        self.said: list[Message] = []
        self.over: list[Withdrawal] = []
        super().__init__()

    def ask(self, command: c.Command, now: datetime) -> list[e.Event]:
        before = self.hall
        events, after = decide(before, command, now)
        for word in words(before, events, after):
            if isinstance(word, Message):
                self.said.append(word)
            else:
                self.over.append(word)
        return super().ask(command, now)

    @property
    def texts(self) -> list[str]:
        return [message.text_key for message in self.said]


def phones(table: str) -> Phones:
    story = Phones()
    story.tell(table)
    return story


def test_whoever_left_no_phone_is_told_nothing() -> None:
    story = phones("""
        09:00  w1 opens      → ok
        09:01  anna takes A  → A001
        09:02  w1 calls      → A001 (turn)
        09:02  w1 starts     → ok
    """)
    assert story.said == []
    assert story.over == []


def test_a_ticket_is_confirmed_once_with_number_windows_and_people_ahead() -> None:
    story = phones("""
        09:00  w1 opens      → ok
        09:00  a takes A     → A001
        09:00  b takes A     → A002
        09:00  c takes A     → A003
        09:00  d takes A     → A004
        09:00  f takes A     → A005
        09:01  anna takes A with own phone → A006
    """)
    [message] = story.said
    assert message.text_key == "confirmation"
    assert message.values["number"] == "A006"
    assert message.values["ahead"] == 5
    assert message.values["windows"] == "w1"
    assert str(message.values["minutes"]).replace("-", "").isdigit()


def test_whoever_is_near_at_once_hears_it_in_the_confirmation_and_not_again() -> None:
    story = phones("""
        09:00  w1 opens                    → ok
        09:01  anna takes A with own phone → A001
        09:02  bob takes A                 → A002
    """)
    assert story.texts == ["confirmation.near"]


def test_the_reminder_comes_once_when_the_turn_is_near() -> None:
    story = phones("""
        09:00  w1 opens      → ok
        09:00  a takes A     → A001
        09:00  b takes A     → A002
        09:00  c takes A     → A003
        09:00  d takes A     → A004
        09:01  anna takes A with own phone → A005
        09:02  w1 calls      → A001 (turn)
        09:03  w1 starts     → ok
        09:04  w1 completes  → ok
        09:04  w1 calls      → A002 (turn)
    """)
    assert story.texts == ["confirmation", "near"]
    assert story.said[1].values["ahead"] == 3


def test_whoever_has_a_way_to_the_hall_is_reminded_so_much_earlier() -> None:
    story = phones("""
        09:00  w1 opens      → ok
        09:00  a takes A     → A001
        09:00  b takes A     → A002
        09:00  c takes A     → A003
        09:00  d takes A     → A004
        09:00  e takes A     → A005
        09:01  anna takes A with own phone → A006
        09:01  bob takes A with own phone  → A007
        09:02  anna walks 60 minutes → ok
    """)
    assert story.texts == ["confirmation", "confirmation", "near"]
    assert (story.said[2].values["number"], story.said[2].values["ahead"]) == ("A006", 5)


def test_a_call_names_the_window_and_is_worth_ninety_seconds() -> None:
    story = phones("""
        09:00  w1 opens                    → ok
        09:01  anna takes A with own phone → A001
        09:02  w1 calls                    → A001 (turn)
    """)
    call = story.said[-1]
    assert (call.kind, call.values["window"], call.keep_seconds) == ("call", "w1", 90)
    assert story.over[-1].occurrence == call.occurrence
    assert "confirmation" in story.over[-1].kinds


@pytest.mark.parametrize(
    "ending",
    ["anna comes → ok", "w1 starts → ok", "w1 undoes → ok", "anna cancels → ok"],
)
def test_a_call_that_was_answered_or_is_over_is_not_told_any_more(ending: str) -> None:
    story = phones(f"""
        09:00  w1 opens                    → ok
        09:01  anna takes A with own phone → A001
        09:02  w1 calls                    → A001 (turn)
        09:02  {ending}
    """)
    call = next(message for message in story.said if message.kind == "call")
    assert story.over[-1].occurrence > call.occurrence
    assert {"call", "recall"} <= set(story.over[-1].kinds)


def test_whoever_missed_the_call_is_told_how_to_come_back() -> None:
    story = phones("""
        09:00  w1 opens                    → ok
        09:01  anna takes A with own phone → A001
        09:02  w1 calls                    → A001 (turn)
        09:05  w1 gives up                 → missed
    """)
    assert story.texts == ["confirmation.near", "call", "missed"]
    assert story.said[-1].values["minutes"] == 30


def test_who_has_come_back_once_and_misses_again_is_not_promised_another_return() -> None:
    story = phones("""
        09:00  w1 opens                    → ok
        09:01  anna takes A with own phone → A001
        09:02  w1 calls                    → A001 (turn)
        09:05  w1 gives up                 → missed
        09:06  anna returns                → ok
        09:07  w1 calls                    → A001 (turn)
        09:10  w1 gives up                 → missed, A001 expired (missed_twice)
    """)
    assert story.texts.count("missed") == 1


def test_whoever_is_sent_on_learns_where_to() -> None:
    story = phones("""
        09:00  w1 opens                    → ok
        09:01  anna takes A with own phone → A001
        09:02  w1 calls                    → A001 (turn)
        09:03  w1 starts                   → ok
        09:04  w1 transfers to B           → ok
    """)
    moved = story.said[-1] if story.said[-1].kind == "moved" else story.said[-2]
    assert (moved.text_key, moved.values["windows"]) == ("moved.transferred", "w4")


def test_whoever_still_waits_at_closing_gets_an_apology() -> None:
    story = phones("""
        09:01  anna takes A with own phone → A001
        17:30  manager closes              → A001 expired (closed), closed
    """)
    assert story.texts[-1] == "closed"


def test_no_message_says_the_same_thing_twice() -> None:
    story = phones("""
        09:00  w1 opens                    → ok
        09:01  anna takes A with own phone → A001
        09:02  w1 calls                    → A001 (turn)
        09:03  w1 recalls                  → ok
        09:04  w1 recalls                  → ok
    """)
    told = [(message.subject, message.kind, message.occurrence) for message in story.said]
    assert len(told) == len(set(told))
    assert story.texts == ["confirmation.near", "call", "recall", "recall"]


# ── In the transaction of the events ─────────────────────────────────────────────────────────────


async def test_the_outbox_and_the_journal_are_written_together_or_not_at_all(one: Process) -> None:
    take = c.IssueTicket((Leg("A"),), Channel.KIOSK, "digest", reach=Reach.OWN)

    def fails(tx: Transaction, events: list[e.Event], hall: object) -> None:
        raise RuntimeError("the contact cannot be sealed")

    with pytest.raises(RuntimeError):
        await one.do(take, also=fails)

    def waiting(tx: Transaction) -> list[str]:
        return [row["text_key"] for row in tx.all("SELECT text_key FROM outbox ORDER BY id")]

    assert await one.database.read(waiting) == []
    await one.do(take)
    await one.open("w1")
    await one.do(c.CallNext("w1", "console-w1"))
    assert await one.database.read(waiting) == ["confirmation.near", "call"]


# ── The last rung ────────────────────────────────────────────────────────────────────────────────


async def test_a_guide_fetches_whoever_does_not_answer_the_phone(one: Process) -> None:
    await called_by_phone(one)
    rung = Message("h1", "h1/2", "call", 9, (GUIDE,), "call", Priority.CALL, 90)
    await one.database.write(lambda tx: outbox.put(tx, outbox.spelled([rung])))
    timers = Timers(one.queues, one.halls, Presence(None, alive_seconds=60), Election("", "no need"))
    await timers.ask_guides()
    hall = await one.halls.catch_up("h1")
    [task] = tasks(hall)
    assert (task.ticket.number, task.why) == ("A001", ("no_phone",))


async def test_nobody_is_fetched_who_has_come_meanwhile(one: Process) -> None:
    await called_by_phone(one)
    await one.do(c.StartServing("w1", "console-w1"))
    rung = Message("h1", "h1/2", "call", 9, (GUIDE,), "call", Priority.CALL, 90)
    await one.database.write(lambda tx: outbox.put(tx, outbox.spelled([rung])))
    timers = Timers(one.queues, one.halls, Presence(None, alive_seconds=60), Election("", "no need"))
    await timers.ask_guides()
    [line] = await one.database.read(lambda tx: outbox.lines(tx, "h1", subject="h1/2", rows_max=1))
    assert (line.channel, line.state, line.reason) == ("guide", "suppressed", "wrong_ticket_state")
    assert tasks(await one.halls.catch_up("h1")) == []


async def called_by_phone(one: Process) -> None:
    """Anna, who left a phone, is called to w1. Her ticket is the second line of the journal."""
    await one.do(c.IssueTicket((Leg("A"),), Channel.KIOSK, "digest", reach=Reach.OWN))
    await one.open("w1")
    await one.do(c.CallNext("w1", "console-w1"))


def test_whoever_answers_the_call_needs_no_guide() -> None:
    story = phones("""
        09:00  w1 opens                    → ok
        09:01  anna takes A with own phone → A001
        09:02  w1 calls                    → A001 (turn)
    """)
    assert story.said[-1].channels == ("sms", GUIDE)
    story.ask(c.AskGuide(story.people["anna"]), at("09:03"))
    assert [task.why for task in tasks(story.hall)] == [("no_phone",)]
    story.tell("""
        09:04  anna comes                  → ok
        09:05  w1 starts                   → ok
    """)
    assert tasks(story.hall) == []
