"""What our client asks of Twilio, beside the description that Twilio publishes of its interface."""

import base64
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from notify.channels.base import Letter
from notify.channels.sms_twilio import Twilio
from notify.lint import names_in
from notify.messages import Recipient
from notify.sentences import TEXTS, spoken
from queue_server.kit.texts import LANGUAGES

PUBLISHED = json.loads((Path(__file__).parents[1] / "data" / "twilio_create_message.json").read_text())
ACCOUNT, TOKEN, CALLBACK = "AC" + "0a" * 16, "token", "https://hall.example/callbacks/twilio/status"
NUMBER, SERVICE = "+15005550006", "MG" + "0b" * 16


@dataclass
class Ear:
    """A server that takes everything down."""

    heard: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        said = await request.text()
        self.heard.append((request.method, request.path, dict(request.headers), said))
        return web.json_response({"sid": "SM" + "0" * 32, "status": "queued"}, status=201)


@pytest.fixture
async def ear() -> AsyncIterator[tuple[Ear, str]]:
    """The server, and its address."""
    listening, app = Ear(), web.Application()
    app.router.add_route("*", "/{path:.*}", listening.hear)
    server = TestServer(app)
    await server.start_server()
    yield listening, str(server.make_url("")).rstrip("/")
    await server.close()


def faults(schema: dict[str, Any], value: str) -> list[str]:
    """What is wrong with a value of a form."""
    found = []
    if schema["type"] != "string":
        found.append(f"a {schema['type']} is not what we send")
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10**6):
        found.append("length")
    if not re.search(schema.get("pattern", ""), value):
        found.append("pattern")
    if schema.get("format") == "phone-number" and not re.fullmatch(r"\+[1-9]\d{6,14}", value):
        found.append("phone-number")
    if schema.get("format") == "uri" and not (urlsplit(value).scheme and urlsplit(value).hostname):
        found.append("uri")
    return found


@pytest.mark.parametrize("sender", [NUMBER, SERVICE], ids=["number", "service"])
async def test_every_message_is_asked_for_as_twilio_has_published_it(
    ear: tuple[Ear, str], sender: str
) -> None:
    listening, base = ear
    twilio = Twilio(base, ACCOUNT, TOKEN, sender, CALLBACK, 0.35)
    texts = [(key, language) for language in LANGUAGES for key in TEXTS.everything()[language]]
    for key, language in texts:
        values = dict.fromkeys(names_in(TEXTS.everything()[language][key]), "A017")
        to = Recipient("anna", phone="+447700900042")
        await twilio.send(Letter(1, to, key, language, spoken(key, language, values), ()))
    await twilio.close()

    assert len(listening.heard) == len(texts)
    for method, path, headers, said in listening.heard:
        form = dict(parse_qsl(said, strict_parsing=True))
        account = re.fullmatch(PUBLISHED["path"].replace("{AccountSid}", "([^/]+)"), path)
        assert account is not None
        assert faults(PUBLISHED["parameters"]["AccountSid"], account[1]) == []
        assert method == PUBLISHED["method"]
        assert headers["Content-Type"] == PUBLISHED["content_type"]
        assert headers["Authorization"] == f"Basic {base64.b64encode(f'{ACCOUNT}:{TOKEN}'.encode()).decode()}"
        assert set(PUBLISHED["required"]) <= form.keys() <= PUBLISHED["properties"].keys()
        assert {name: faults(PUBLISHED["properties"][name], value) for name, value in form.items()} == {
            name: [] for name in form
        }
