"""What is put into the outbox reaches people: once, in time, or by another way."""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from functools import partial

from notify import outbox
from notify.messages import Priority, Recipient, Withdrawal
from notify.states import Accepted, Busy, Refused
from queue_server.kit.database import Transaction

from .conftest import ANNA, CALL, CONFIRMATION, PHONE, Office, Post


async def test_a_call_reaches_the_phone(post: Post) -> None:
    await post.put(CALL)
    await post.round()
    assert post.sms.texts == ["请A017号现在到08号窗口办理。"]
    assert post.sms.ledger[0].to.phone == PHONE
    assert await post.states() == [("sms", "sent", "")]


async def test_what_is_put_twice_is_sent_once(post: Post) -> None:
    await post.put(CALL, CALL)
    await post.put(CALL)
    await post.round()
    assert len(post.sms.ledger) == 1


async def test_a_call_ninety_seconds_old_is_never_sent(post: Post) -> None:
    await post.put(CALL)
    await post.pass_time(90)
    await post.round()
    assert post.sms.ledger == []
    assert await post.states() == [("sms", "suppressed", "stale")]


async def test_a_call_that_is_over_is_not_sent(post: Post) -> None:
    await post.put(CALL)
    await post.put(Withdrawal(ANNA, 6, ("call", "recall")))
    await post.round()
    assert await post.states() == [("sms", "suppressed", "withdrawn")]


async def test_what_was_said_before_does_not_silence_the_next_call(post: Post) -> None:
    await post.put(Withdrawal(ANNA, 4, ("call",)), CALL)
    await post.round()
    assert len(post.sms.ledger) == 1


async def test_calls_go_before_confirmations(post: Post) -> None:
    await post.put(CONFIRMATION)
    await post.put(CALL)
    ready = await post.worker().take("sms", 1)
    assert [row.kind for row, _ in ready] == ["call"]


async def test_whoever_opted_out_is_left_in_peace(post: Post) -> None:
    await post.database.write(lambda tx: outbox.opt_out(tx, "anna"))
    await post.put(CALL)
    await post.round()
    assert await post.states() == [("sms", "suppressed", "opted_out")]
    await post.database.write(lambda tx: outbox.opt_in(tx, "anna"))
    await post.put(replace(CALL, occurrence=6))
    await post.round()
    assert len(post.sms.ledger) == 1


async def test_whoever_was_forgotten_gets_nothing(post: Post) -> None:
    await post.put(CALL)
    post.people.clear()
    await post.round()
    assert await post.states() == [("sms", "suppressed", "forgotten")]


# ── When providers fail ──────────────────────────────────────────────────────────────────────────


async def test_a_provider_that_fails_twice_and_then_works_gives_one_message(post: Post) -> None:
    post.sms.script = [Busy("http_500"), Busy("timeout")]
    await post.put(CALL)
    for pause in (2, 5, 15):
        await post.round()
        await post.pass_time(pause)
    assert await post.states() == [("sms", "sent", "")]
    assert len(post.sms.ledger) == 3


async def test_a_failed_attempt_is_not_repeated_at_once(post: Post) -> None:
    post.sms.script = [Busy("http_500")]
    await post.put(CALL)
    await post.round()
    assert await post.round() == 0
    assert await post.states() == [("sms", "retry_wait", "http_500")]


async def test_the_next_provider_is_tried_at_once(post: Post) -> None:
    other = Office("other")
    post.sms.always = Busy("http_503")
    post.more = {"sms": [post.sms, other]}
    await post.put(CALL)
    await post.round()
    assert len(other.ledger) == 1
    assert (await post.lines())[0].provider == "other"


async def test_a_dead_provider_is_soon_left_alone(post: Post) -> None:
    other = Office("other")
    post.sms.always = Busy("http_503")
    worker = replace(post, more={"sms": [post.sms, other]}).worker()
    for ticket in range(20):
        post.people[f"h1/{ticket}"] = Recipient(f"person-{ticket}", phone=PHONE)
        await post.put(replace(CALL, subject=f"h1/{ticket}"))
    for row, to in await worker.take("sms", 20):
        await worker.deliver(row, to)
    assert len(post.sms.ledger) == 5
    assert len(other.ledger) == 20


async def test_whom_one_channel_refuses_the_next_one_reaches(post: Post) -> None:
    wechat = Office("wechat", always=Refused("43101"))
    post.more = {"wechat": [wechat]}
    await post.put(replace(CALL, channels=("wechat", "sms")))
    await post.round("wechat")
    await post.round("sms")
    assert await post.states() == [("wechat", "fallback", "43101"), ("sms", "sent", "")]
    assert len(wechat.ledger) == 1


async def test_the_rung_above_is_as_old_as_the_call(post: Post) -> None:
    post.more = {"wechat": [Office("wechat", always=Refused("43101"))]}
    await post.put(replace(CALL, channels=("wechat", "sms")))
    await post.pass_time(80)
    await post.round("wechat")
    await post.pass_time(15)
    await post.round("sms")
    assert await post.states() == [("wechat", "fallback", "43101"), ("sms", "suppressed", "stale")]


async def test_with_no_way_left_it_says_so(post: Post) -> None:
    post.sms.always = Refused("isv.MOBILE_NUMBER_ILLEGAL")
    await post.put(CALL)
    await post.round()
    assert await post.states() == [("sms", "abandoned", "isv.MOBILE_NUMBER_ILLEGAL")]


async def test_a_message_that_cannot_be_spelled_is_set_aside_and_the_others_go_on(post: Post) -> None:
    await post.put(replace(CALL, values={"number": "A017"}), replace(CALL, occurrence=9))
    await post.round()
    assert await post.states() == [("sms", "abandoned", "set_aside: KeyError"), ("sms", "sent", "")]


async def test_what_a_provider_says_cannot_spoil_the_books(post: Post) -> None:
    post.sms.script = [Accepted("ref\x00\ud800-1"), Refused("no\x00" * 500)]
    await post.put(CALL, replace(CALL, occurrence=9))
    await post.round()
    states = await post.states()
    assert [state for _, state, _ in states] == ["sent", "abandoned"]
    assert states[1][2].startswith("nono")


# ── The ladder ───────────────────────────────────────────────────────────────────────────────────


async def climb(post: Post) -> None:
    await post.database.write(lambda tx: outbox.climb(tx, rows_max=100))


async def test_a_call_that_nobody_answers_climbs(post: Post) -> None:
    post.more = {"wechat": [Office("wechat")]}
    await post.put(replace(CALL, channels=("wechat", "sms")))
    await post.round("wechat")
    await climb(post)
    assert await post.states() == [("wechat", "sent", "")]
    await post.pass_time(20)
    await climb(post)
    await post.round("sms")
    assert await post.states() == [("wechat", "sent", ""), ("sms", "sent", "")]


async def test_a_call_that_was_answered_does_not_climb(post: Post) -> None:
    post.more = {"wechat": [Office("wechat")]}
    await post.put(replace(CALL, channels=("wechat", "sms")))
    await post.round("wechat")
    await post.put(Withdrawal(ANNA, 6, ("call", "recall")))
    await post.pass_time(20)
    await climb(post)
    assert await post.states() == [("wechat", "sent", "")]


async def test_a_call_to_somebody_who_wants_no_messages_brings_a_guide(post: Post) -> None:
    await post.database.write(lambda tx: outbox.opt_out(tx, "anna"))
    await post.put(replace(CALL, channels=("sms", "guide")))
    await post.round()
    assert await post.states() == [("sms", "fallback", "opted_out"), ("guide", "queued", "")]


async def test_a_short_message_that_nobody_answers_brings_a_guide_after_a_minute(post: Post) -> None:
    await post.put(replace(CALL, channels=("sms", "guide")))
    await post.round()
    await post.pass_time(59)
    await climb(post)
    assert await post.states() == [("sms", "sent", "")]
    await post.pass_time(1)
    await climb(post)
    assert await post.states() == [("sms", "sent", ""), ("guide", "queued", "")]


# ── Allowances ───────────────────────────────────────────────────────────────────────────────────


async def test_nobody_gets_more_messages_a_day_than_allowed(post: Post) -> None:
    for occurrence in range(10):
        await post.put(replace(CALL, occurrence=occurrence))
        await post.round()
    assert len(post.sms.ledger) == 6
    assert (await post.states())[-1] == ("sms", "abandoned", "person_allowance_used_up")


async def test_a_hall_spends_no_more_than_its_budget(post: Post) -> None:
    for ticket in range(40):
        post.people[f"h1/{ticket}"] = Recipient(f"person-{ticket}", phone=PHONE)
        await post.put(replace(CALL, subject=f"h1/{ticket}"))
    await asyncio.gather(*(post.round(hall_messages_a_day_max=25) for _ in range(3)))
    assert len(post.sms.ledger) == 25


async def test_two_messages_to_one_person_keep_a_distance_unless_it_is_a_call(post: Post) -> None:
    near = replace(CONFIRMATION, kind="near", occurrence=2, text_key="near", priority=Priority.NEAR)
    await post.put(CONFIRMATION)
    await post.round()
    await post.put(near, CALL)
    await post.round()
    assert [letter.text_key for letter in post.sms.ledger] == ["confirmation.unknown", "call"]
    assert sorted(await post.states())[0] == ("sms", "queued", "")


async def test_trying_again_costs_no_second_allowance(post: Post) -> None:
    post.sms.script = [Busy("timeout"), Busy("timeout")]
    await post.put(CALL)
    for _ in range(3):
        await post.round(person_messages_a_day_max=1)
        await post.pass_time(15)
    assert await post.states() == [("sms", "sent", "")]


# ── Deaths ───────────────────────────────────────────────────────────────────────────────────────


async def test_however_often_workers_die_nobody_misses_a_message_or_gets_it_three_times(post: Post) -> None:
    chance = random.Random(7)
    for ticket in range(60):
        post.people[f"h1/{ticket}"] = Recipient(f"person-{ticket}", phone=PHONE)
        await post.put(replace(CALL, subject=f"h1/{ticket}"))
    deaths = 0
    while any(state in ("queued", "sending") for _, state, _ in await post.states()):
        worker = post.worker(lease_seconds=0.0)
        for row, to in await worker.take("sms", 5):
            if deaths < 30 and chance.random() < 0.4:
                await post.database.write(partial(outbox.begin, row=row))
                await post.sms.send(worker._letter(row, to))
                deaths += 1
                break  # Dead: nothing after this line of its life is written.
            await worker.deliver(row, to)
    sent = Counter(letter.id for letter in post.sms.ledger)
    assert len(sent) == 60
    assert deaths == 30
    assert max(sent.values()) == 2


async def test_what_two_workers_died_of_while_sending_goes_up_the_ladder(post: Post) -> None:
    await post.put(replace(CALL, channels=("sms", "guide")))
    for _ in range(2):
        worker = post.worker(lease_seconds=0.0)
        for row, _ in await worker.take("sms", 10):
            await post.database.write(partial(outbox.begin, row=row))
    assert await post.round() == 0
    assert await post.states() == [("sms", "fallback", "outcome_unknown"), ("guide", "queued", "")]


async def test_a_lease_keeps_others_away_until_it_ends(post: Post) -> None:
    await post.put(CALL)
    assert len(await post.worker().take("sms", 10)) == 1
    assert await post.worker().take("sms", 10) == []
    await post.pass_time(30)
    assert len(await post.worker().take("sms", 10)) == 1


async def test_whoever_comes_back_after_the_lease_does_not_overwrite_the_other(post: Post) -> None:
    post.sms.script = [Refused("late"), Accepted("second")]
    await post.put(CALL)
    late = post.worker()
    [(row, to)] = await late.take("sms", 1)
    await post.pass_time(30)
    [(again, _)] = await post.worker().take("sms", 1)
    await late.deliver(row, to)
    await post.worker().deliver(again, to)
    assert await post.states() == [("sms", "sent", "")]


async def test_no_transaction_is_open_while_a_provider_thinks(post: Post) -> None:
    post.sms.hang = asyncio.Event()
    await post.put(CALL)
    working = asyncio.create_task(post.worker().run())
    await post.until(lambda: post.sms.ledger)

    def open_transactions(tx: Transaction) -> int:
        return len(
            tx.all(
                "SELECT FROM pg_stat_activity WHERE datname = current_database()"
                " AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
            )
        )

    assert await post.database.read(open_transactions) == 0
    post.sms.hang.set()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def test_a_running_worker_sends_within_a_moment_even_if_wake_ups_are_lost(post: Post) -> None:
    working = asyncio.create_task(post.worker().run())
    entries = outbox.spelled([CALL])
    await post.database.write(lambda tx: outbox.put(tx, entries))
    await post.until(lambda: post.sms.ledger)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def test_a_worker_that_is_told_to_stop_writes_down_what_is_on_its_way(post: Post) -> None:
    post.sms.hang = asyncio.Event()
    await post.put(CALL)
    working = asyncio.create_task(post.worker().run())
    await post.until(lambda: post.sms.ledger)
    working.cancel()
    await asyncio.sleep(0.1)
    post.sms.hang.set()
    await asyncio.gather(working, return_exceptions=True)
    assert await post.states() == [("sms", "sent", "")]


async def test_a_channel_that_hangs_holds_up_no_other(post: Post) -> None:
    hanging = Office("wechat", hang=asyncio.Event())
    post.more = {"wechat": [hanging]}
    working = asyncio.create_task(post.worker(in_flight_max=1).run())
    await post.put(replace(CALL, channels=("wechat",)), replace(CALL, occurrence=6, channels=("wechat",)))
    await post.put(replace(CALL, occurrence=7))
    await post.until(lambda: post.sms.ledger)
    assert hanging.hang is not None
    hanging.hang.set()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


# ── Receipts ─────────────────────────────────────────────────────────────────────────────────────


async def received(post: Post, reference: str, verdict: str) -> bool:
    return await post.database.write(lambda tx: outbox.receive(tx, "office", reference, verdict))  # type: ignore[arg-type]


async def test_a_receipt_says_that_it_arrived(post: Post) -> None:
    post.sms.script = [Accepted("ref-1")]
    await post.put(CALL)
    await post.round()
    assert await received(post, "ref-1", "delivered")
    assert not await received(post, "ref-1", "delivered")
    assert await post.states() == [("sms", "delivered", "")]


async def test_a_receipt_that_is_quicker_than_the_answer_is_not_lost(post: Post) -> None:
    post.sms.script = [Accepted("ref-1")]
    await post.put(CALL)
    await received(post, "ref-1", "delivered")
    await post.round()
    assert await post.states() == [("sms", "delivered", "")]


async def test_a_receipt_of_failure_takes_the_next_rung(post: Post) -> None:
    post.more = {"wechat": [Office("office", script=[Accepted("ref-1")])]}
    await post.put(replace(CALL, channels=("wechat", "sms")))
    await post.round("wechat")
    await received(post, "ref-1", "failed")
    assert await post.states() == [("wechat", "fallback", ""), ("sms", "queued", "")]


async def test_old_rows_are_forgotten(post: Post) -> None:
    await post.put(CALL, Withdrawal(ANNA, 6, ("call",)))
    await post.pass_time(31 * 86_400)
    assert await post.database.write(outbox.purge) == 1
    assert await post.lines() == []
