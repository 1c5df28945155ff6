"""From a scan to the call: the whole server, the worker, and the doubles of WeChat and Aliyun."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from random import Random
from types import SimpleNamespace

import httpx
import pytest
import xmltodict
from aiohttp.test_utils import TestServer
from fastapi import FastAPI
from twilio.request_validator import RequestValidator

from notify.doubles.desk import Ledgers, Line, Script
from notify.doubles.run import LEDGERS, application
from notify.doubles.sms import KEY, KEY_ID
from notify.doubles.wechat import CODE_LINES, VISITOR_LINES
from queue_server import reach
from queue_server.callbacks import callback_secret
from queue_server.hall.api.words import Speaker, Words
from queue_server.hall.core import commands as c
from queue_server.hall.core.model import Channel, Hall, Rules
from queue_server.kit.rates import Rate
from queue_server.kit.web.codes import code
from queue_server.main import create_app
from queue_server.settings import Settings
from tests.hall.conftest import opens, paper

from .test_wechat import SCAN, TOKEN, signed

TEXTS = ("confirmation", "confirmation.near", "confirmation.unknown", "near", "call", "recall", "missed",
         "status", "none", "cancelled", "refused.until", "refused.service", "refused.enough",
         "refused.often")  # fmt: skip
PHONE = "+447700900042"
MAINLAND = "19900000042"


@dataclass
class Town:
    """A hall, its worker, and whoever carries its messages."""

    app: FastAPI
    client: httpx.AsyncClient
    ledgers: Ledgers
    keys: Iterator[int] = field(default_factory=count)

    async def scan(self, who: str, at: int, scene: str = "h1", nonce: str = "") -> str:
        body = SCAN.replace("oAnna", who).replace("h1.door", scene).replace("1700000000", str(at))
        answer = await self.client.post(
            "/callbacks/wechat",
            content=body,
            params=signed(nonce or f"{who}-{at}"),
            headers={"content-type": "text/xml"},
        )
        assert answer.status_code == 200
        return "" if answer.text == "success" else str(xmltodict.parse(answer.text)["xml"]["Content"])

    async def text(self, body: str, sid: str) -> str:
        form = {"From": PHONE, "Body": body, "MessageSid": sid}
        url = "http://hall.example/callbacks/twilio/inbound"
        headers = {"X-Twilio-Signature": RequestValidator(KEY).compute_signature(url, form)}
        answer = await self.client.post("/callbacks/twilio/inbound", data=form, headers=headers)
        assert answer.status_code == 200
        return answer.text

    async def text_from_the_mainland(self, said: str, letter: int, carrier: str = "aliyun") -> None:
        """Neither carrier brings an answer back."""
        path = f"/callbacks/{carrier}/{callback_secret(self.app.state.settings)}/inbound"
        rows: dict[str, tuple[object, object]] = {
            "aliyun": (
                [{"phone_number": MAINLAND, "content": said, "sequence_id": str(letter)}],
                {"code": 0, "msg": "成功"},
            ),
            "tencent": (
                {"nationcode": "86", "mobile": MAINLAND, "content": said, "time": 1_700_000_000 + letter},
                {"result": 0, "errmsg": "OK"},
            ),
        }
        sent, heard = rows[carrier]
        assert (await self.client.post(path, json=sent)).json() == heard

    async def takes(self, group: str = "A") -> tuple[str, str]:
        """A ticket on the web: its number, and where its page is."""
        wish = {"group": group, "channel": "web"}
        key = {"Idempotency-Key": f"k{next(self.keys)}"}
        answer = await self.client.post("/api/v1/halls/h1/tickets", json=wish, headers=key)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["number"]), str(answer.json()["link"])

    async def goes_to_wechat(self, page: str) -> str:
        """One tap on the ticket's page, and WeChat sends the browser back: to this address."""
        on = await self.client.get(f"{page}/wechat")
        assert on.status_code == 303
        assert page.rpartition("/")[2] not in on.headers["location"], "the ticket's link stays here"
        async with httpx.AsyncClient() as wechat:
            back = await wechat.get(on.headers["location"])
        assert back.status_code == 302
        return str(back.headers["location"])

    async def answers(self) -> list[str]:
        """What was put in the outbox as an answer to a word, in its order."""
        find = "SELECT text_key FROM outbox WHERE kind = 'answer' ORDER BY id"
        rows = await self.app.state.house.database.read(lambda tx: tx.all(find))
        return [row["text_key"] for row in rows]

    async def do(self, command: c.Command) -> Hall:
        return (await self.app.state.house.queues.handle("h1", command)).hall

    async def told(self, who: str, text_key: str) -> Line:
        """The message of this text that somebody gets, as soon as it is there."""
        for _ in range(500):
            for line in self.ledgers.lines:
                if line.to == who and line.text_key == text_key:
                    return line
            await asyncio.sleep(0.02)
        raise AssertionError(f"{who} was never told {text_key}: {list(self.ledgers.lines)}")


@pytest.fixture
async def town(settings: Settings) -> AsyncIterator[Town]:
    async with AsyncExitStack() as stack:
        doubles = TestServer(application("http://127.0.0.1:1", "secret"))
        await doubles.start_server()
        stack.push_async_callback(doubles.close)
        base = str(doubles.make_url("")).rstrip("/")
        fields = {"character_string1": "number", "thing2": "window"}
        settings = settings.model_copy(
            update={
                "clock": "driven",  # Nobody opens or closes the hall but the test.
                "public_base_url": "http://hall.example",
                "sms_providers": ("aliyun", "twilio"),
                "aliyun_base_url": base,
                "aliyun_access_key_id": KEY_ID,
                "aliyun_access_key_secret": type(settings.secret_key)(KEY),
                "aliyun_templates": {f"{text}.zh": f"SMS_{n}" for n, text in enumerate(TEXTS)},
                "twilio_base_url": base,
                "twilio_account_sid": "AC" + "0" * 32,
                "twilio_auth_token": type(settings.secret_key)(KEY),
                "twilio_sender": "+15005550006",
                "wechat_base_url": base,
                "wechat_open_url": base,
                "wechat_app_id": KEY_ID,
                "wechat_app_secret": type(settings.secret_key)(KEY),
                "wechat_token": type(settings.secret_key)(TOKEN),
                "wechat_templates": {text: {"id": f"T-{text}", "fields": fields} for text in TEXTS},
                "message_gap_seconds": 0.0,
                "messages_per_person_max": 20,
                "tickets_per_phone": 20,
            }
        )
        app = create_app(settings)
        await stack.enter_async_context(app.router.lifespan_context(app))
        queues = app.state.house.queues
        await queues.create(paper())
        await queues.open_day("h1")
        worker = reach.worker_of(settings, app.state.house.database, app.state.house.bus)
        stack.push_async_callback(worker.close)
        working = asyncio.create_task(worker.run())
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hall.example")
        await stack.enter_async_context(client)
        assert doubles.app is not None
        yield Town(app, client, doubles.app[LEDGERS])
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def test_whoever_scans_has_a_ticket_a_reminder_and_a_call(town: Town) -> None:
    for n in range(5):
        await town.scan(f"oOther{n}", 100 + n)
    said = await town.scan("oAnna", 200)
    assert "A006" in said
    assert "前面 5 人" in said
    link = next(word for word in said.split() if word.startswith("http://hall.example/t/"))
    assert (await town.client.get(link.removeprefix("http://hall.example"))).status_code == 200
    await town.told("oAnna", "T-confirmation.unknown")
    await town.do(opens("w1"))
    for ahead in range(5):
        await town.do(c.CallNext("w1", "console-w1"))
        if ahead == 1:
            await town.told("oAnna", "T-near")
        await town.do(c.StartServing("w1", "console-w1"))
        await town.do(c.CompleteServing("w1", "console-w1"))
    await town.do(c.CallNext("w1", "console-w1"))
    call = await town.told("oAnna", "T-call")
    assert json.loads(call.text) == {"character_string1": "A006", "thing2": "w1"}
    hers = Counter(line.text_key for line in town.ledgers.lines if line.to == "oAnna")
    assert set(hers.values()) == {1}, "each thing once"


async def test_three_deliveries_of_a_scan_make_one_ticket(town: Town) -> None:
    said = [await town.scan("oAnna", 300, nonce=nonce) for nonce in "abc"]
    assert all("A001" in each for each in said)
    hall = await town.app.state.house.queues.halls.catch_up("h1")
    assert len(hall.tickets) == 1


async def test_whoever_scans_again_gets_the_ticket_they_have(town: Town) -> None:
    first = await town.scan("oAnna", 400)
    again = await town.scan("oAnna", 500)
    link = first.split()[-1]
    assert again.split()[-1] == link
    assert "A001" in again


@pytest.mark.parametrize("seed", range(3))
async def test_however_people_hurry_each_has_one_ticket(town: Town, seed: int) -> None:
    """Two servers, three people who scan again and again, and tickets that end in between."""
    luck = Random(seed)
    other = create_app(town.app.state.settings)
    async with other.router.lifespan_context(other):
        servers = [app.state.house for app in (town.app, other)]
        for number in range(6):
            people = [luck.choice("abc") for _ in range(8)]
            scans = [
                Words(luck.choice(servers), "http://hall.example", "h1").scanned(
                    Speaker(Channel.WECHAT, f"o{who}"), "h1", f"{number}.{n}"
                )
                for n, who in enumerate(people)
            ]
            said = await asyncio.gather(*scans)
            links: dict[str, set[str]] = {}
            for who, text in zip(people, said, strict=True):
                links.setdefault(who, set()).add(text.split()[-1])
            assert all(len(each) == 1 for each in links.values()), said
            hall = await servers[0].queues.halls.catch_up("h1")
            assert len(hall.tickets) <= 3
            if hall.tickets:
                await town.do(c.CancelTicket(luck.choice(list(hall.tickets))))


async def test_where_presence_is_required_a_scan_of_the_screen_counts_and_a_word_does_not(town: Town) -> None:
    rules = Rules(presence_required=True, words_from_afar=False)
    await town.do(c.ChangeRules(rules, by="manager:m1"))
    assert "请扫描大厅屏幕上的二维码" in await town.text("取号 A", "SM1")
    house = town.app.state.house
    now = house.real_clock()
    minutes_ago = house.codes.code("h1", now - timedelta(minutes=5))
    assert "请重新扫描" in await town.scan("oAnna", 300, scene=f"h1!{minutes_ago}")
    assert "A001" in await town.scan("oAnna", 301, scene=f"h1!{house.codes.code('h1', now)}")


async def test_the_screens_show_the_accounts_code_where_the_hall_wants_it(town: Town) -> None:
    async def shown() -> bytes:
        return (await town.client.get("/take/h1/qr.svg")).content

    await shown()
    assert not [line for line in town.ledgers.lines if line.provider == CODE_LINES], (
        "the plain one is the rule"
    )
    await town.do(c.ChangeRules(Rules(account_code=True), by="manager:m1"))
    for _ in range(200):
        picture = await shown()
        lines = [line for line in town.ledgers.lines if line.provider == CODE_LINES]
        made = {code(f"http://weixin.qq.com/q/{line.reference}"): line.text for line in lines}
        if picture in made:
            break
        await asyncio.sleep(0.02)
    assert "A001" in await town.scan("oAnna", 800, scene=made[picture])


async def test_while_the_account_fails_the_screens_show_the_plain_code(town: Town) -> None:
    await town.do(c.ChangeRules(Rules(account_code=True), by="manager:m1"))
    town.ledgers.scripts[CODE_LINES] = Script(always="500")
    house = town.app.state.house
    before = house.codes.code("h1", house.real_clock())
    picture = (await town.client.get("/take/h1/qr.svg")).content
    after = house.codes.code("h1", house.real_clock())
    assert picture in {code(f"http://hall.example/take/h1?code={each}") for each in (before, after)}


async def test_a_hall_that_is_closed_says_so(town: Town) -> None:
    await town.do(c.CloseDay(by="manager:m1"))
    said = await town.scan("oAnna", 600)
    assert "A0" not in said
    assert re.search(r"[0-9]+月[0-9]+日[0-9:]{5}起可以取号", said), "and when it opens"


async def test_a_call_that_wechat_cannot_deliver_goes_by_short_message(town: Town) -> None:
    town.ledgers.scripts["wechat"] = Script(always="refuse:43101")
    answer = await town.client.post(
        "/api/v1/halls/h1/tickets",
        json={"group": "A", "channel": "wechat", "phone": "19900000042"},
        headers={"Idempotency-Key": "k1"},
    )
    assert answer.status_code == 201
    await town.do(opens("w1"))
    await town.do(c.CallNext("w1", "console-w1"))
    call = await town.told("19900000042", f"SMS_{TEXTS.index('call')}")
    assert json.loads(call.text) == {"number": "A001", "window": "w1"}


async def test_words_by_short_message_take_look_and_cancel(town: Town) -> None:
    assert "A001" in await town.text("取号 A", "SM1")
    assert "A001" in await town.text("取号 A", "SM1"), "a repetition changes nothing"
    assert "A001" in await town.text("查询", "SM2")
    assert "取号" in await town.text("你好", "SM3")
    assert "A001" in await town.text("取消", "SM4")
    assert "A001" in await town.text("取消", "SM4")
    hall = await town.app.state.house.queues.halls.catch_up("h1")
    assert len(hall.tickets) == 0


@pytest.mark.parametrize("carrier", ["aliyun", "tencent"])
async def test_in_the_mainland_words_are_answered_by_a_message_of_their_own(town: Town, carrier: str) -> None:
    await town.text_from_the_mainland("查询", 1, carrier)
    await town.told(MAINLAND, f"SMS_{TEXTS.index('none')}")
    await town.text_from_the_mainland("取号 A", 2, carrier)
    await town.told(MAINLAND, f"SMS_{TEXTS.index('confirmation.near')}")
    await town.text_from_the_mainland("查询", 3, carrier)
    stands = await town.told(MAINLAND, f"SMS_{TEXTS.index('status')}")
    assert json.loads(stands.text) == {"number": "A001", "ahead": "0", "windows": "w1/w2/w3"}
    await town.text_from_the_mainland("取消", 4, carrier)
    over = await town.told(MAINLAND, f"SMS_{TEXTS.index('cancelled')}")
    assert json.loads(over.text) == {"number": "A001"}


async def test_in_the_mainland_whoever_gets_no_ticket_is_told_why(town: Town) -> None:
    await town.do(c.ChangeRules(Rules(tickets_per_person_max=1), by="manager:m1"))
    await town.text_from_the_mainland("取号 A", 1)
    await town.text_from_the_mainland("取号 B", 2)
    await town.told(MAINLAND, f"SMS_{TEXTS.index('refused.enough')}")
    await town.text_from_the_mainland("取号 M404", 3)
    await town.told(MAINLAND, f"SMS_{TEXTS.index('refused.service')}")
    await town.text_from_the_mainland("取消", 4)
    await town.do(c.CloseDay(by="manager:m1"))
    for _ in range(3):
        await town.text_from_the_mainland("取号 B", 5)
    await town.told(MAINLAND, f"SMS_{TEXTS.index('refused.until')}")
    house = town.app.state.house
    house.pace = replace(house.pace, of_a_phone=Rate("once", burst=1, seconds=600))
    await house.rates.take(house.pace.of_a_phone, f"+86{MAINLAND}")
    await town.text_from_the_mainland("取号 B", 6)
    await town.told(MAINLAND, f"SMS_{TEXTS.index('refused.often')}")
    refusals = ["refused.enough", "refused.service", "cancelled", "refused.until", "refused.often"]
    assert await town.answers() == refusals, "each letter is answered once"


async def test_a_letter_that_is_delivered_three_times_is_answered_by_one_message(town: Town) -> None:
    await town.text_from_the_mainland("取号 A", 1)
    for letter, word in enumerate(("取号 A", "查询", "取消", "查询", "取消"), start=1):
        for _ in range(3):
            await town.text_from_the_mainland(word, letter)
    assert await town.answers() == ["status", "cancelled", "none", "none"]


async def test_no_phone_and_no_openid_stands_in_the_database_in_plain(town: Town) -> None:
    await town.scan("oAnnaInPlain", 700)
    await town.text("取号 A", "SM1")
    await town.text_from_the_mainland("查询", 1)
    await town.told("oAnnaInPlain", "T-confirmation.near")
    rows = await town.app.state.house.database.read(
        lambda tx: [
            str(row)
            for table in (
                "outbox",
                "wechat_contacts",
                "wechat_contacts",
                "contacts",
                "holders",
                "requests",
                "allowances",
                "journal",
            )
            for row in tx.all(f"SELECT CAST({table} AS text) AS row FROM {table}")
        ]
    )
    assert rows
    assert not any("oAnnaInPlain" in row or "7700900042" in row or MAINLAND in row for row in rows)


# ── Opened in WeChat ─────────────────────────────────────────────────────────────────────────────

IN_WECHAT = {"user-agent": "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50"}


@pytest.fixture
async def bound_town(town: Town) -> Town:
    """A hall that offers messages in WeChat on its tickets' pages."""
    await town.do(c.ChangeRules(Rules(wechat_binding=True), by="manager:m1"))
    return town


async def test_whoever_opens_the_ticket_in_wechat_may_hear_of_it_there(bound_town: Town) -> None:
    town = bound_town
    number, page = await town.takes()
    assert "data-wechat" not in (await town.client.get(page)).text, "not in an ordinary browser"
    assert f'href="{page}/wechat"' in (await town.client.get(page, headers=IN_WECHAT)).text
    back = await town.client.get(await town.goes_to_wechat(page))
    assert (back.status_code, back.headers["location"]) == (303, f"{page}?wechat=bound")
    assert "微信提醒已开通" in (await town.client.get(back.headers["location"], headers=IN_WECHAT)).text
    (visitor,) = [line.to for line in town.ledgers.lines if line.provider == VISITOR_LINES]
    await town.do(opens("w1"))
    await town.do(c.CallNext("w1", "console-w1"))
    call = await town.told(visitor, "T-call")
    assert json.loads(call.text)["character_string1"] == number


async def test_a_way_back_is_good_for_one_return_of_the_browser_that_went(bound_town: Town) -> None:
    town = bound_town
    _, page = await town.takes()
    back = await town.goes_to_wechat(page)
    cookie = town.client.cookies["wechat"]
    assert (await town.client.get(back)).headers["location"].endswith("?wechat=bound")
    again = await town.client.get(back)
    assert again.headers["location"] == "/wechat/lost"
    lost = await town.client.get("/wechat/lost")
    assert (lost.status_code, "号票不受影响" in lost.text) == (403, True)
    copied = await town.client.get(back, headers={"cookie": f"wechat={cookie}"})
    assert copied.headers["location"].endswith("?wechat=bound"), "it is, already"
    asked = [line for line in town.ledgers.lines if line.provider == VISITOR_LINES]
    assert len(asked) == 1


async def test_a_way_back_that_is_forged_binds_nobody(bound_town: Town) -> None:
    town = bound_town
    _, page = await town.takes()
    for forged in ("state", "code"):
        back = httpx.URL(await town.goes_to_wechat(page)).copy_set_param(forged, "0" * 32)
        assert (await town.client.get(back)).headers["location"] == f"{page}?wechat=not"
    back = httpx.URL(await town.goes_to_wechat(page))
    town.client.cookies.clear()
    stranger = {"cookie": f"wechat={back.params['state']}.{page.rpartition('/')[2]}.1.forged"}
    assert (await town.client.get(back, headers=stranger)).headers["location"] == "/wechat/lost"
    view = (await town.client.get(f"/api/v1/tickets/{page.rpartition('/')[2]}")).json()
    assert (view["state"], view["in_wechat"]) == ("waiting", False)


async def test_while_wechat_does_not_say_who_it_is_the_ticket_is_as_it_was(
    bound_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = bound_town
    logged: list[str] = []
    log = SimpleNamespace(warning=lambda event, **facts: logged.append(f"{event} {facts}"))
    monkeypatch.setattr("notify.channels.wechat.log", log)
    _, page = await town.takes()
    for misfortune in ("500", "reset", "malformed", "refuse:40029", "hang"):
        town.ledgers.scripts[VISITOR_LINES] = Script(always=misfortune)
        answer = await town.client.get(await town.goes_to_wechat(page))
        assert answer.headers["location"] == f"{page}?wechat=not"
    shown = await town.client.get(answer.headers["location"], headers=IN_WECHAT)
    assert "号票不受影响" in shown.text
    assert len(logged) >= 4
    assert not any(secret in line for line in logged for secret in (KEY, "oVisitor", page.rpartition("/")[2]))


async def test_a_hall_that_does_not_want_it_sends_nobody_to_wechat(town: Town) -> None:
    _, page = await town.takes()
    assert "data-wechat" not in (await town.client.get(page, headers=IN_WECHAT)).text
    assert (await town.client.get(f"{page}/wechat")).headers["location"] == page
