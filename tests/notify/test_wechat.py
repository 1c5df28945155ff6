"""Messages in WeChat, and what WeChat tells us."""

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import httpx
import pytest
import xmltodict
from aiohttp.test_utils import TestServer
from fastapi import FastAPI
from wechatpy.crypto import WeChatCrypto

from notify import outbox
from notify.channels.base import Letter
from notify.channels.wechat import Account, SceneCodes, Template, WeChat
from notify.doubles.desk import Ledgers, Script
from notify.doubles.run import LEDGERS, application
from notify.doubles.sms import KEY, KEY_ID
from notify.doubles.wechat import CODE_LINES
from notify.messages import Recipient
from notify.states import Accepted, Busy, Refused
from notify.wechat import Heard, Post, SharedNonces, router
from queue_server.kit.web import errors, limits

from .conftest import Post as OutboxPost

ANNA = Recipient("anna", "anna-in-wechat", openid="oAnna", link="https://hall.example/t/x")
ONE_TIME = "subscription-template"
TEMPLATES = {
    "call": Template("call-template", {"character_string1": "number", "thing2": "window"}),
    "near": Template(ONE_TIME, {"thing1": "number"}, "subscribe"),
}
PARAMETERS = (("number", "A017"), ("window", "08"))


def letter(text_key: str = "call", number: int = 1, to: Recipient = ANNA) -> Letter:
    return Letter(number, to, text_key, "zh", "", PARAMETERS)


@pytest.fixture
async def doubles() -> AsyncIterator[TestServer]:
    server = TestServer(application("http://127.0.0.1:1", "secret"))
    await server.start_server()
    yield server
    await server.close()


def ledgers(doubles: TestServer) -> Ledgers:
    assert doubles.app is not None
    return doubles.app[LEDGERS]


@pytest.fixture
async def office(doubles: TestServer, redis_url: str) -> AsyncIterator[Callable[[], WeChat]]:
    made: list[WeChat] = []

    def make() -> WeChat:
        """As one process has it."""
        base = str(doubles.make_url("")).rstrip("/")
        made.append(WeChat(Account(KEY_ID, KEY, base, redis_url), TEMPLATES))
        return made[-1]

    yield make
    for each in made:
        await each.close()


Office = Callable[[], WeChat]


@pytest.fixture
async def servers(doubles: TestServer, redis_url: str) -> AsyncIterator[list[SceneCodes]]:
    base = str(doubles.make_url("")).rstrip("/")
    both = [SceneCodes(Account(KEY_ID, KEY, base, redis_url)) for _ in range(2)]
    yield both
    for each in both:
        await each.close()


async def test_a_code_of_the_account_is_made_once_however_many_screens_and_servers_ask(
    servers: list[SceneCodes], doubles: TestServer
) -> None:
    assert servers[0].address("h1!code") is None, "nobody waits"
    for _ in range(200):
        told = {server.address("h1!code") for server in servers for _ in range(10)}
        if None not in told:
            break
        await asyncio.sleep(0.02)
    assert [line.text for line in ledgers(doubles).lines] == ["h1!code"]
    assert told == {f"http://weixin.qq.com/q/{ledgers(doubles).lines[0].reference}"}


@pytest.mark.parametrize("misfortune", ["500", "reset", "malformed", "refuse:48001"])
async def test_an_account_that_makes_no_code_is_asked_once(
    servers: list[SceneCodes], doubles: TestServer, misfortune: str
) -> None:
    ledgers(doubles).scripts[CODE_LINES] = Script(always=misfortune)
    for _ in range(15):
        assert {server.address("h1!code") for server in servers} == {None}
        await asyncio.sleep(0.02)
    assert ledgers(doubles).requests[CODE_LINES] == 1


async def test_a_call_arrives_with_its_fields_and_its_link(office: Office, doubles: TestServer) -> None:
    assert isinstance(await office().send(letter()), Accepted)
    [line] = ledgers(doubles).lines
    assert (line.to, line.text_key) == ("oAnna", "call-template")
    assert line.text == '{"character_string1": "A017", "thing2": "08"}'


async def test_the_token_is_fetched_once_however_many_processes(office: Office, doubles: TestServer) -> None:
    processes = [office() for _ in range(4)]
    sent = [process.send(letter(number=n)) for n, process in enumerate(processes * 8)]
    assert all(isinstance(each, Accepted) for each in await asyncio.gather(*sent))
    assert ledgers(doubles).requests["wechat-token"] == 1


async def test_a_message_that_is_sent_again_does_not_arrive_again(
    office: Office, doubles: TestServer
) -> None:
    wechat = office()
    ledgers(doubles).scripts["wechat"] = Script()
    ledgers(doubles).script("wechat").steps.append("lost")
    assert isinstance(await wechat.send(letter()), Busy)
    assert isinstance(await wechat.send(letter()), Accepted)
    assert len(ledgers(doubles).lines) == 1


async def test_a_token_that_stays_invalid_is_not_fetched_again_and_again(
    office: Office, doubles: TestServer
) -> None:
    wechat = office()
    ledgers(doubles).scripts["wechat"] = Script(always="refuse:40001")
    for number in range(10):
        assert await wechat.send(letter(number=number)) == Busy("wechat_40001")
    assert ledgers(doubles).requests["wechat-token"] <= 3


async def test_43101_is_never_tried_again(office: Office, doubles: TestServer) -> None:
    ledgers(doubles).scripts["wechat"] = Script(always="refuse:43101")
    assert await office().send(letter()) == Refused("43101")


async def test_without_a_consent_nobody_is_asked(office: Office, doubles: TestServer) -> None:
    assert await office().send(letter("near")) == Refused("no_consent")
    assert "wechat" not in ledgers(doubles).requests
    willing = replace(ANNA, consents={ONE_TIME: 1})
    assert await office().send(letter("near", to=willing)) == Accepted("", consent=ONE_TIME)


@pytest.mark.parametrize("misfortune", ["500", "429", "malformed", "reset", "hang"])
async def test_what_may_pass_is_tried_again(office: Office, doubles: TestServer, misfortune: str) -> None:
    ledgers(doubles).scripts["wechat"] = Script(always=misfortune)
    began = time.monotonic()
    assert isinstance(await office().send(letter()), Busy)
    assert time.monotonic() - began < 4.5


# ── What WeChat tells us ─────────────────────────────────────────────────────────────────────────

TOKEN, APP, AES_KEY = "callback-token", "wx1234567890", "a" * 43
SCAN = (
    "<xml><ToUserName>gh_1</ToUserName><FromUserName>oAnna</FromUserName><CreateTime>1700000000</CreateTime>"
    "<MsgType>event</MsgType><Event>SCAN</Event><EventKey>h1.door</EventKey></xml>"
)
TEXT = (
    "<xml><ToUserName>gh_1</ToUserName><FromUserName>oAnna</FromUserName><CreateTime>1700000000</CreateTime>"
    "<MsgType>text</MsgType><Content>查询</Content><MsgId>77</MsgId></xml>"
)
CONSENT = (
    "<xml><ToUserName>gh_1</ToUserName><FromUserName>oAnna</FromUserName><CreateTime>1700000000</CreateTime>"
    "<MsgType>event</MsgType><Event>subscribe_msg_popup_event</Event><SubscribeMsgPopupEvent><List>"
    f"<TemplateId>{ONE_TIME}</TemplateId><SubscribeStatusString>accept</SubscribeStatusString>"
    "</List></SubscribeMsgPopupEvent></xml>"
)


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted((TOKEN, *parts))).encode()).hexdigest()


def signed(nonce: str = "n1", at: float | None = None) -> dict[str, str]:
    timestamp = str(int(at if at is not None else time.time()))
    return {"timestamp": timestamp, "nonce": nonce, "signature": signature(timestamp, nonce)}


def sealed(xml: str, nonce: str = "n1") -> tuple[dict[str, str], str]:
    query = signed(nonce)
    outer = WeChatCrypto(TOKEN, AES_KEY, APP).encrypt_message(xml, nonce, query["timestamp"])
    return {
        **query,
        "encrypt_type": "aes",
        "msg_signature": xmltodict.parse(outer)["xml"]["MsgSignature"],
    }, outer


class Box:
    """A letter box, and what was heard in it."""

    def __init__(self, post: OutboxPost, redis_url: str) -> None:
        self.heard: list[Heard] = []
        self.slow = 0.0
        self.letters = Post(
            TOKEN,
            None,
            SharedNonces(redis_url),
            post.database,
            lambda address: f"digest of {address}",
            self.answer,
        )
        app = FastAPI()
        app.state.wechat = self.letters
        app.include_router(router)
        errors.install(app)
        limits.install(app)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hall")

    async def answer(self, heard: Heard) -> str:
        await asyncio.sleep(self.slow)
        self.heard.append(heard)
        return f"heard {heard.text}"

    async def send(self, body: str | bytes, query: dict[str, str]) -> httpx.Response:
        headers = {"content-type": "text/xml"}
        return await self.client.post("/callbacks/wechat", content=body, params=query, headers=headers)

    def in_safe_mode(self) -> None:
        self.letters.crypto = WeChatCrypto(TOKEN, AES_KEY, APP)


@pytest.fixture
async def box(post: OutboxPost, redis_url: str) -> AsyncIterator[Box]:
    box = Box(post, redis_url)
    yield box
    await box.client.aclose()
    await box.letters.seen.close()


async def test_the_account_is_greeted_with_the_word_it_sent(box: Box) -> None:
    query = {**signed(), "echostr": "5829175"}
    assert (await box.client.get("/callbacks/wechat", params=query)).text == "5829175"
    query["signature"] = "0" * 40
    assert (await box.client.get("/callbacks/wechat", params=query)).status_code == 403


async def test_a_scan_is_heard_and_answered(box: Box) -> None:
    answer = await box.send(SCAN, signed())
    assert xmltodict.parse(answer.text)["xml"]["Content"] == "heard h1.door"
    assert xmltodict.parse(answer.text)["xml"]["ToUserName"] == "oAnna"
    assert [(heard.openid, heard.what) for heard in box.heard] == [("oAnna", "scan")]


async def test_in_safe_mode_question_and_answer_are_sealed(box: Box) -> None:
    box.in_safe_mode()
    query, body = sealed(TEXT)
    answer = await box.send(body, query)
    outer = xmltodict.parse(answer.text)["xml"]
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP)
    inner = crypto.decrypt_message(outer, outer["MsgSignature"], outer["TimeStamp"], outer["Nonce"])
    assert "heard 查询" in (inner.decode() if isinstance(inner, bytes) else inner)


async def test_in_safe_mode_nobody_is_believed_in_plain_text(box: Box) -> None:
    box.in_safe_mode()
    assert (await box.send(TEXT, signed())).status_code == 403


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_what_is_not_of_these_five_minutes_is_refused(box: Box, minutes: int) -> None:
    assert (await box.send(SCAN, signed(at=time.time() + minutes * 60))).status_code == 403


async def test_a_nonce_belongs_to_one_body(box: Box) -> None:
    query = signed("once")
    assert (await box.send(SCAN, query)).status_code == 200
    assert (await box.send(SCAN, query)).status_code == 200  # WeChat repeats itself; that is no forgery.
    assert (await box.send(TEXT, query)).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        '<!DOCTYPE xml [<!ENTITY a "b">]><xml>&a;</xml>',
        "<!doctype x SYSTEM 'file:///etc/passwd'><xml/>",
        "<xml><MsgType>text</MsgType><MsgType>text</MsgType>",
        "no letter",
        "",
        "<a/>",
    ],
)
async def test_what_is_no_plain_letter_is_refused_unread(box: Box, body: str) -> None:
    assert (await box.send(body, signed(hashlib.md5(body.encode()).hexdigest()))).status_code == 403
    assert box.heard == []


@pytest.mark.parametrize(
    "inner",
    [
        "<MsgType>text</MsgType><MsgType>event</MsgType>",
        "<MsgType>event</MsgType><Event><a/></Event>",
        "<FromUserName>o</FromUserName><MsgType>text</MsgType>",
        "<FromUserName>../../x</FromUserName><MsgType>text</MsgType><Content>a</Content><MsgId>1</MsgId>",
    ],
)
async def test_a_letter_that_says_nothing_is_heard_and_not_answered(box: Box, inner: str) -> None:
    answer = await box.send(f"<xml>{inner}</xml>", signed(hashlib.md5(inner.encode()).hexdigest()))
    assert (answer.status_code, answer.text) == (200, "success")
    assert box.heard == []


async def test_a_letter_of_more_than_64_kib_is_refused(box: Box) -> None:
    assert (await box.send("<xml>" + "a" * 65_536 + "</xml>", signed())).status_code == 413


async def test_an_answer_takes_a_second_at_most_and_the_work_goes_on(box: Box) -> None:
    box.slow = 1.5
    began = time.monotonic()
    answer = await box.send(SCAN, signed())
    assert answer.text == "success"
    assert time.monotonic() - began < 1.4
    await asyncio.sleep(1.0)
    assert len(box.heard) == 1


async def test_consents_are_counted_once_however_often_we_are_told(box: Box, post: OutboxPost) -> None:
    for nonce in ("a", "b", "c"):
        await box.send(CONSENT, signed(nonce))
    person = "digest of oAnna"
    assert await post.database.read(lambda tx: outbox.consents(tx, [person])) == {person: {ONE_TIME: 1}}
    await post.database.write(lambda tx: outbox.use_consent(tx, person, ONE_TIME))
    await post.database.write(lambda tx: outbox.use_consent(tx, person, ONE_TIME))
    assert await post.database.read(lambda tx: outbox.consents(tx, [person])) == {person: {ONE_TIME: 0}}


async def test_a_thousand_mutated_letters_are_all_refused(box: Box) -> None:
    box.in_safe_mode()
    query, body = sealed(SCAN)
    chance = random.Random(3)
    for _ in range(1000):
        asked, said = dict(query), list(body)
        if chance.random() < 0.5:
            name = chance.choice(["timestamp", "nonce", "signature", "msg_signature"])
            at = chance.randrange(len(asked[name]))
            asked[name] = asked[name][:at] + chance.choice("0123456789abcdef"[::-1]) + asked[name][at + 1 :]
            if asked[name] == query[name]:
                continue
        else:
            start = body.index("CDATA[") + 6
            at = chance.randrange(start, start + 60)  # Somewhere in what is sealed.
            said[at] = "A" if said[at] != "A" else "B"
        assert (await box.send("".join(said), asked)).status_code == 403
    assert box.heard == []
