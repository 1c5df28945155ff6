"""Receipts: believed when they are signed, kept in any order, and with one effect."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from twilio.request_validator import RequestValidator

from notify import outbox
from notify.callbacks import Callbacks, router
from notify.states import Accepted
from queue_server.kit.web import errors, limits

from .conftest import CALL, PHONE, Post

BASE, TOKEN, SECRET = "https://hall.example", "twilio-token", "a-secret-in-the-address"
STATUS = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": PHONE, "AccountSid": "AC1"}


@pytest.fixture
async def client(post: Post) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.callbacks = Callbacks(
        post.database, BASE, TOKEN, SECRET, lambda phone: f"digest of {phone}", nothing, nothing
    )
    app.include_router(router)
    errors.install(app)
    limits.install(app)
    # The proxy has taken TLS off, and asks by another name.
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://10.0.0.7:8000"
    ) as client:
        yield client


async def nothing(phone: str, said: str, key: str) -> str:
    return ""


def signed(form: dict[str, str], path: str = "/callbacks/twilio/status") -> dict[str, str]:
    return {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(BASE + path, form)}


async def sent(post: Post, reference: str, provider: str) -> None:
    post.sms.name = provider
    post.sms.script = [Accepted(reference)]
    await post.put(CALL)
    await post.round()


async def test_twilio_is_believed_over_our_public_address(client: httpx.AsyncClient, post: Post) -> None:
    await sent(post, "SM1", "twilio")
    answer = await client.post("/callbacks/twilio/status", data=STATUS, headers=signed(STATUS))
    assert answer.status_code == 204
    assert await post.states() == [("sms", "delivered", "")]


async def test_two_thousand_mutated_receipts_are_all_refused(client: httpx.AsyncClient, post: Post) -> None:
    await sent(post, "SM1", "twilio")
    chance = random.Random(11)
    for _ in range(2000):
        form, headers, path = dict(STATUS), signed(STATUS), "/callbacks/twilio/status"
        match chance.randrange(5):
            case 0:
                form[chance.choice(list(form))] += chance.choice("0aZ ")
            case 1:
                form[f"Extra{chance.randrange(100)}"] = "1"
            case 2:
                del form[chance.choice(list(form))]
            case 3:
                letters = list(headers["X-Twilio-Signature"])
                at = chance.randrange(len(letters) - 1)
                letters[at] = "A" if letters[at] != "A" else "B"
                headers["X-Twilio-Signature"] = "".join(letters)
            case 4:
                path += f"?x={chance.randrange(1000)}"
        answer = await client.post(path, data=form, headers=headers)
        assert answer.status_code == 403
    assert await post.states() == [("sms", "sent", "")]


async def test_without_a_signature_nothing_is_believed(client: httpx.AsyncClient) -> None:
    assert (await client.post("/callbacks/twilio/status", data=STATUS)).status_code == 403


ALIYUN: list[dict[str, Any]] = [
    {"phone_number": "19900000042", "success": True, "err_code": "DELIVERED", "biz_id": "B1", "out_id": "1"}
]
TENCENT: list[dict[str, Any]] = [
    {
        "nationcode": "86",
        "mobile": "19900000042",
        "report_status": "SUCCESS",
        "errmsg": "DELIVRD",
        "sid": "B1",
    }
]


@pytest.mark.parametrize(("provider", "report"), [("aliyun", ALIYUN), ("tencent", TENCENT)])
async def test_who_knows_the_address_is_believed(
    client: httpx.AsyncClient, post: Post, provider: str, report: list[dict[str, Any]]
) -> None:
    await sent(post, "B1", provider)
    wrong = await client.post(f"/callbacks/{provider}/guessed/receipts", json=report)
    assert wrong.status_code == 403
    assert await post.states() == [("sms", "sent", "")]
    right = await client.post(f"/callbacks/{provider}/{SECRET}/receipts", json=report)
    assert right.status_code == 200
    assert await post.states() == [("sms", "delivered", "")]


@pytest.mark.parametrize("body", [b"[]", b"{}", b"7", b'[{"biz_id": 7, "success": "yes"}]', b"[[[]]]"])
async def test_nonsense_from_a_provider_changes_nothing(
    client: httpx.AsyncClient, post: Post, body: bytes
) -> None:
    await sent(post, "B1", "aliyun")
    for provider in ("aliyun", "tencent"):
        answer = await client.post(
            f"/callbacks/{provider}/{SECRET}/receipts",
            content=body,
            headers={"content-type": "application/json"},
        )
        assert answer.status_code == 200
    assert await post.states() == [("sms", "sent", "")]


async def test_a_thousand_shuffles_of_the_same_receipts_end_the_same(post: Post) -> None:
    chance, ends = random.Random(5), set()
    receipts = ["failed", "delivered", "failed", "delivered"]
    for number in range(40):
        reference = f"ref-{number}"
        post.sms.script = [Accepted(reference)]
        await post.put(replace(CALL, occurrence=100 + number))
        before = chance.randrange(3)
        shuffled = chance.sample(receipts, 4)
        for at, verdict in enumerate(shuffled):
            if at == before:
                await post.round(person_messages_a_day_max=1000)
            await post.database.write(
                lambda tx, r=reference, v=verdict: outbox.receive(tx, "office", r, v)  # type: ignore[misc]
            )
        ends.add((await post.states())[-1])
    assert {state for _, state, _ in ends} == {"delivered"}


async def test_whoever_answers_td_gets_no_more(client: httpx.AsyncClient, post: Post) -> None:
    said = [{"phone_number": "19900000042", "content": "TD"}]
    await client.post(f"/callbacks/aliyun/{SECRET}/inbound", json=said)
    person = f"digest of {PHONE}"
    assert await post.database.read(lambda tx: outbox.opted_out(tx, [person])) == {person}
    form = {"From": PHONE, "Body": "start"}
    path = "/callbacks/twilio/inbound"
    answer = await client.post(path, data=form, headers=signed(form, path))
    assert answer.text == "<Response/>"
    assert await post.database.read(lambda tx: outbox.opted_out(tx, [person])) == set()
