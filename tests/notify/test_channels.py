"""The real clients against the doubles: every way of sending keeps the same promises."""

import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from notify.channels.base import Letter, Provider
from notify.channels.sms_aliyun import Aliyun
from notify.channels.sms_tencent import Tencent
from notify.channels.sms_twilio import Twilio
from notify.doubles.desk import Ledgers, Script
from notify.doubles.run import LEDGERS, application
from notify.doubles.sms import KEY, KEY_ID
from notify.messages import Recipient
from notify.states import Accepted, Busy, Refused

AT_HOME, ABROAD = "+8619900000042", "+447700900042"
TEMPLATES = {"call.zh": "SMS_154950909", "call.en": "SMS_154950910"}
MAKERS: dict[str, Callable[[str], Provider]] = {
    "aliyun": lambda base: Aliyun(base, KEY_ID, KEY, "静号大厅", TEMPLATES, 0.045),
    "tencent": lambda base: Tencent(
        base, KEY_ID, KEY, "1400000001", "静号大厅", "ap-guangzhou", TEMPLATES, 0.045
    ),
    "twilio": lambda base: Twilio(base, "AC" + "0" * 32, KEY, "+15005550006", f"{base}/receipts", 0.35),
}


@pytest.fixture
async def doubles() -> AsyncIterator[TestServer]:
    server = TestServer(application("http://127.0.0.1:1", "secret"))
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture(params=MAKERS)
async def provider(request: pytest.FixtureRequest, doubles: TestServer) -> AsyncIterator[Provider]:
    made = MAKERS[request.param](str(doubles.make_url("")).rstrip("/"))
    yield made
    await made.close()


def ledgers(doubles: TestServer) -> Ledgers:
    assert doubles.app is not None
    return doubles.app[LEDGERS]


def letter(provider: Provider, number: int = 1) -> Letter:
    to = Recipient("anna", phone=ABROAD if provider.name == "twilio" else AT_HOME)
    parameters = (("number", "A017"), ("window", "08"))
    return Letter(number, to, "call", "zh", "请A017号现在到08号窗口办理。", parameters)


async def test_a_message_is_taken_with_what_it_says(provider: Provider, doubles: TestServer) -> None:
    outcome = await provider.send(letter(provider))
    [line] = ledgers(doubles).lines
    assert outcome == Accepted(line.reference)
    assert line.to.endswith(("9900000042", "7700900042"))
    assert "A017" in line.text
    assert "08" in line.text


async def test_values_go_by_name_or_by_their_place_in_the_sentence(doubles: TestServer) -> None:
    base = str(doubles.make_url("")).rstrip("/")
    for name, values in (("aliyun", {"number": "A017", "window": "08"}), ("tencent", ["A017", "08"])):
        made = MAKERS[name](base)
        await made.send(letter(made))
        assert json.loads(ledgers(doubles).lines[-1].text) == values
        await made.close()


@pytest.mark.parametrize("misfortune", ["500", "503", "429", "malformed", "reset", "lost"])
async def test_what_may_pass_is_tried_again(provider: Provider, doubles: TestServer, misfortune: str) -> None:
    ledgers(doubles).scripts[provider.name] = Script(always=misfortune)
    assert isinstance(await provider.send(letter(provider)), Busy)


@pytest.mark.parametrize("misfortune", ["hang", "slow"])
async def test_nobody_waits_longer_than_three_seconds(
    provider: Provider, doubles: TestServer, misfortune: str
) -> None:
    ledgers(doubles).scripts[provider.name] = Script(always=misfortune)
    began = time.monotonic()
    assert await provider.send(letter(provider)) == Busy("timeout")
    assert time.monotonic() - began < 4.0


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("aliyun", "isv.MOBILE_NUMBER_ILLEGAL"),
        ("tencent", "FailedOperation.PhoneNumberInBlacklist"),
        ("twilio", "21610"),
    ],
)
async def test_who_is_refused_is_refused_for_good(doubles: TestServer, name: str, code: str) -> None:
    made = MAKERS[name](str(doubles.make_url("")).rstrip("/"))
    ledgers(doubles).scripts[name] = Script(always=f"refuse:{code}")
    assert await made.send(letter(made)) == Refused(code)
    await made.close()


async def test_an_empty_account_is_no_fault_of_the_citizen(doubles: TestServer) -> None:
    made = MAKERS["aliyun"](str(doubles.make_url("")).rstrip("/"))
    ledgers(doubles).scripts["aliyun"] = Script(always="refuse:isv.AMOUNT_NOT_ENOUGH")
    assert await made.send(letter(made)) == Busy("isv.AMOUNT_NOT_ENOUGH")
    await made.close()


@pytest.mark.parametrize("name", MAKERS)
async def test_a_wrong_key_is_noticed(
    doubles: TestServer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notify.doubles.sms.KEY", "another")
    made = MAKERS[name](str(doubles.make_url("")).rstrip("/"))
    assert isinstance(await made.send(letter(made)), Busy)
    assert not ledgers(doubles).lines
    await made.close()


@pytest.mark.parametrize(("name", "home"), [("aliyun", True), ("tencent", True), ("twilio", False)])
def test_mainland_numbers_go_by_mainland_providers(name: str, home: bool) -> None:
    made = MAKERS[name]("http://127.0.0.1:1")
    assert made.reaches(Recipient("a", phone=AT_HOME)) is home
    assert made.reaches(Recipient("b", phone=ABROAD)) is not home
    assert not made.reaches(Recipient("c", openid="o"))


async def test_the_addresses_of_the_vendors_stand_in_the_settings_only() -> None:
    import notify

    found = [
        path.name
        for path in Path(notify.__file__).parent.rglob("*.py")
        if any(host in path.read_text() for host in ("aliyuncs.com", "tencentcloudapi.com", "twilio.com"))
    ]
    assert found == []
