"""What HTTP promises whatever is thrown at it: problems, limits, headers, fields. On a real application."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, HTTPException, Request
from pydantic import Field, TypeAdapter, ValidationError

from queue_server.kit.database import OutcomeUnknown
from queue_server.kit.rejections import Rejected, snake_case
from queue_server.kit.web import errors, limits
from queue_server.kit.web.fields import Body, Id, LongText, Phone, ShortText


class WindowBusy(Rejected):
    """Window {window} is still serving {number}."""

    zh = "{window}号窗口正在办理{number}。"


class Order(Body):
    group: Id
    places: int = Field(1, ge=1, le=20)
    note: ShortText | None = None


def application() -> FastAPI:
    app = FastAPI()

    @app.post("/api/v1/orders", status_code=201)
    async def order(order: Order) -> dict[str, Any]:
        return {"group": order.group, "places": order.places}

    @app.post("/api/v1/raw")
    async def raw(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @app.get("/api/v1/fail/{how}")
    async def fail(how: str) -> None:
        match how:
            case "refused":
                raise WindowBusy(
                    window="03", number="A001", state="serving", since=datetime(2026, 11, 23, tzinfo=UTC)
                )
            case "wait":
                raise Rejected(retry_after_seconds=30)
            case "database":
                raise OutcomeUnknown("server closed the connection at 10.0.0.7")
            case "forbidden":
                raise HTTPException(403)
            case _:
                raise RuntimeError("secret detail of our insides")

    errors.install(app)
    limits.install(app, larger_bodies={"/api/v1/raw": 200_000})
    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application())
    async with httpx.AsyncClient(transport=transport, base_url="http://hall.example") as client:
        yield client


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == code
    assert problem["type"] == f"/problems/{code}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["title_zh"]
    assert problem["instance"] == answer.headers["x-request-id"]
    return problem


# ── Problems ────────────────────────────────────────────────────────────────────────────────────────


async def test_a_refusal_is_told_in_both_languages_with_its_facts(client: httpx.AsyncClient) -> None:
    problem = assert_problem(await client.get("/api/v1/fail/refused"), 409, "window_busy")
    assert problem["title"] == "Window 03 is still serving A001."
    assert problem["detail_zh"] == "03号窗口正在办理A001。"
    assert problem["state"] == "serving"
    assert problem["since"] == "2026-11-23T00:00:00Z"


async def test_a_refusal_that_lacks_a_fact_is_still_that_refusal() -> None:
    assert WindowBusy(window="03").en == "Window 03 is still serving …."


async def test_a_fact_cannot_take_the_place_of_a_member() -> None:
    refused = json.loads(errors.refusal(WindowBusy(status=200, code="x", type="y"), "").body)
    assert (refused["status"], refused["code"], refused["type"]) == (
        409,
        "window_busy",
        "/problems/window_busy",
    )


@pytest.mark.parametrize(
    ("name", "code"), [("NobodyWaiting", "nobody_waiting"), ("SMSRefused", "sms_refused")]
)
def test_the_code_of_a_refusal_is_its_name(name: str, code: str) -> None:
    assert snake_case(name) == code


async def test_whoever_must_wait_is_told_how_long(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/fail/wait")).headers["retry-after"] == "30"


async def test_a_database_that_is_away_is_a_reason_to_try_again(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/fail/database")
    assert_problem(answer, 503, "try_again")
    assert answer.headers["retry-after"] == "1"
    assert "10.0.0.7" not in answer.text


async def test_what_nobody_foresaw_tells_nothing_of_our_insides(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/fail/somehow")
    assert_problem(answer, 500, "internal_error")
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("DELETE", "/api/v1/orders", 405, "method_not_allowed"),
        ("GET", "/api/v1/fail/forbidden", 403, "forbidden"),
    ],
)
async def test_what_http_itself_refuses_is_a_problem_too(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    assert_problem(await client.request(method, path), status, code)


@pytest.mark.parametrize(
    ("prefers", "sentence"), [("zh-CN", "您访问的地址不存在。"), ("en", "There is nothing")]
)
async def test_whoever_opens_a_page_that_is_not_there_reads_so_and_finds_the_way_back(
    client: httpx.AsyncClient, prefers: str, sentence: str
) -> None:
    looking = {"accept": "text/html,*/*;q=0.8", "accept-language": prefers}
    answer = await client.get("/nothing", headers=looking)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert sentence in answer.text
    assert 'href="/"' in answer.text


async def test_a_program_is_answered_as_one_whatever_it_accepts(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/fail/forbidden", headers={"accept": "text/html"})
    assert_problem(answer, 403, "forbidden")


async def test_an_address_that_takes_other_requests_says_which(client: httpx.AsyncClient) -> None:
    assert (await client.delete("/api/v1/orders")).headers["allow"] == "POST"


# ── Bodies ──────────────────────────────────────────────────────────────────────────────────────────

JSON = {"content-type": "application/json"}


async def post(client: httpx.AsyncClient, body: bytes | dict[str, Any]) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await client.post("/api/v1/orders", content=content, headers=JSON)


async def test_a_good_body_goes_through(client: httpx.AsyncClient) -> None:
    answer = await post(client, {"group": "A", "places": 3, "note": "轮椅 ♿ 𠮷"})
    assert answer.status_code == 201
    assert answer.json() == {"group": "A", "places": 3}


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "body.group"),
        ({"group": 7}, "body.group"),
        ({"group": ""}, "body.group"),
        ({"group": "a b"}, "body.group"),
        ({"group": "A\n"}, "body.group"),
        ({"group": "x" * 41}, "body.group"),
        ({"group": "A", "places": False}, "body.places"),
        ({"group": "A", "places": "3"}, "body.places"),
        ({"group": "A", "places": 1.5}, "body.places"),
        ({"group": "A", "places": 1.0}, "body.places"),
        ({"group": "A", "places": 21}, "body.places"),
        ({"group": "A", "places": 10**400}, "body.places"),
        ({"group": "A", "note": "\u202eevil"}, "body.note"),
        ({"group": "A", "<script>alert(1)</script>": 1}, "body"),
        ([], "body"),
        (17, "body"),
        (None, "body"),
    ],
)
async def test_a_body_with_a_fault_is_refused_and_told_where(
    client: httpx.AsyncClient, body: Any, where: str
) -> None:
    problem = assert_problem(await post(client, body), 422, "invalid_request")
    assert [error["where"] for error in problem["errors"]] == [where]
    assert all(error["message"] and error["message_zh"] for error in problem["errors"])


async def test_nothing_that_was_sent_is_said_back(client: httpx.AsyncClient) -> None:
    answer = await post(client, {"group": "13800138000<b>", "places": "13800138000", "13800138000": 1})
    assert answer.status_code == 422
    assert "13800138000" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"group":"A",}',
        b'{"group":"A"} {}',
        b"\xef\xbb\xbf{}",
        '{"group":"A"}'.encode("utf-16"),
        b'{"group":"\xff"}',
        b'{"group":NaN}',
        b'{"group":Infinity}',
        b'{"group":"A\x00"}',
        b'{"group":"A\nB"}',
        b'{"group":"\\ud800"}',
        b"[" * 10_000,
        b"[" * 10_000 + b"]" * 10_000,
        b"[" * 21 + b"]" * 21,
        b'{"a":' * 21 + b"1" + b"}" * 21,
    ],
    ids=lambda body: repr(body[:20]),
)
async def test_what_is_no_json_is_refused_before_anyone_reads_it(
    client: httpx.AsyncClient, body: bytes
) -> None:
    assert_problem(await post(client, body), 400, "malformed_json")


@pytest.mark.parametrize("body", [b'{"group":"a\\u0000b"}', b'{"a":[{"\\u0000":1}]}'])
async def test_a_nul_is_refused_even_when_it_is_escaped(client: httpx.AsyncClient, body: bytes) -> None:
    assert_problem(await post(client, body), 400, "unreadable_text")


async def test_an_escaped_backslash_before_u0000_is_only_text(client: httpx.AsyncClient) -> None:
    assert (await post(client, b'{"group":"A","note":"\\\\u0000"}')).status_code == 201


async def test_brackets_in_a_text_are_not_depth(client: httpx.AsyncClient) -> None:
    assert (await post(client, {"group": "A", "note": "[" * 50 + "a"})).status_code == 201


async def test_twenty_levels_are_deep_enough() -> None:
    limits.check_json(b"[" * 20 + b"]" * 20)


async def test_a_body_of_64_kib_is_read_and_one_byte_more_is_not(client: httpx.AsyncClient) -> None:
    frame = len(json.dumps({"group": "A", "note": ""}))
    fits = {"group": "A", "note": "x" * (limits.BODY_BYTES_MAX - frame)}
    assert (await post(client, fits)).status_code == 422
    answer = await post(client, {**fits, "note": fits["note"] + "x"})
    assert_problem(answer, 413, "too_large")
    assert answer.headers["connection"] == "close"


async def test_a_body_in_chunks_is_measured_as_it_comes(client: httpx.AsyncClient) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 1024
            yield b" " * 1024

    answer = await client.post("/api/v1/orders", content=chunks(), headers=JSON)
    assert_problem(answer, 413, "too_large")
    assert sent <= limits.BODY_BYTES_MAX + 2 * 1024


async def test_an_address_may_take_larger_bodies_than_the_others(client: httpx.AsyncClient) -> None:
    headers = {"content-type": "text/csv"}
    answer = await client.post("/api/v1/raw", content=b"x" * 200_000, headers=headers)
    assert answer.json() == {"bytes": 200_000}
    assert (await client.post("/api/v1/raw", content=b"x" * 200_001, headers=headers)).status_code == 413


@pytest.mark.parametrize("address", ["/api/v1/fail/a%00b", "/api/v1/fail/%ff", "/nothing?q=a%00b"])
async def test_an_address_with_characters_no_text_can_hold_is_refused(
    client: httpx.AsyncClient, address: str
) -> None:
    # What the server makes of bytes that are no UTF-8 stands in the path when we see it.
    address = address.replace("%ff", "\ufffd")
    assert_problem(await client.get(address), 400, "unreadable_text")


# ── Headers ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/v1/fail/refused", "/api/v1/fail/somehow", "/openapi.json"]
)
async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    for name, value in limits.HEADERS:
        assert headers[name.decode()] == value.decode()
    assert "unsafe" not in headers["content-security-policy"]


async def test_a_part_of_a_page_carries_what_guards_a_part(client: httpx.AsyncClient) -> None:
    headers = (await client.get("/static/js/api.js")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "content-security-policy" not in headers


async def test_over_https_browsers_are_told_to_stay_there() -> None:
    transport = httpx.ASGITransport(application())
    async with httpx.AsyncClient(transport=transport, base_url="https://hall.example") as client:
        assert "max-age=31536000" in (await client.get("/nothing")).headers["strict-transport-security"]


async def test_what_the_api_answers_is_kept_by_nobody(client: httpx.AsyncClient) -> None:
    assert (await post(client, {"group": "A"})).headers["cache-control"] == "no-store"


async def test_every_request_has_a_number_of_its_own(client: httpx.AsyncClient) -> None:
    numbers = {(await client.get("/nothing")).headers["x-request-id"] for _ in range(5)}
    assert len(numbers) == 5


# ── Fields ──────────────────────────────────────────────────────────────────────────────────────────


def accepted(kind: Any, text: Any) -> Any:
    return TypeAdapter(kind).validate_python(text, strict=True)


@pytest.mark.parametrize(
    "text",
    [
        "王小明",
        "阿卜杜拉·买买提",
        "㛃𠮷䶮",
        "བསྟན་འཛིན",
        "ئابدۇللا",
        "O'Brien-Smith",
        "👨‍👩‍👧‍👦",
        "é",
        "１２３",
        "3+1=4 (四)",
        "无障碍　窗口",
        "'; DROP TABLE tickets; --",
        "<script>alert(1)</script>",
        "{{7*7}}",
        "null",
    ],
)
def test_what_people_may_be_called_is_a_short_text(text: str) -> None:
    assert accepted(ShortText, text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u3000",
        "\u00a0",
        "\u200b",
        "\u200d",
        "a\nb",
        "a\r\nb",
        "a\tb",
        "\x1b[2J",
        "\x1b@",
        "a\x00",
        "a\x7f",
        "a\u202eb",
        "a\u2066b",
        "a\u200fb",
        "a\ufeffb",
        "a\u2028b",
        "a\ud800",
        "a\ufdd0",
        "a" + "\u0301" * 5,
        "x" * 201,
    ],
    ids=ascii,
)
def test_what_cannot_be_shown_or_tricks_the_reader_is_no_short_text(text: str) -> None:
    with pytest.raises(ValidationError):
        accepted(ShortText, text)


def test_space_around_a_text_is_not_part_of_it() -> None:
    assert accepted(ShortText, "　王小明 ") == "王小明"
    assert accepted(LongText, " 第一行\r\n\r\n第二行 \n") == "第一行\n\n第二行"


@pytest.mark.parametrize("text", ["a\x1bb", "a\n\u202eb", "x" * 2001, "\n \n"])
def test_a_long_text_has_no_tricks_in_any_line(text: str) -> None:
    with pytest.raises(ValidationError):
        accepted(LongText, text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13800138000", "+8613800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("17012345678", "+8617012345678"),
        ("+85251234567", "+85251234567"),
        ("+1 (415) 555-2671", "+14155552671"),
    ],
)
def test_a_telephone_number_is_kept_in_one_spelling(text: str, number: str) -> None:
    assert accepted(Phone, text) == number


@pytest.mark.parametrize(
    "text",
    [
        "01234567890",
        "12800138000",
        "1380013800",
        "138001380000",
        "+8610123456",
        "+0123456789",
        "１３８００１３８０００",
        "010-88886666-123",
        "1" * 50,
        "phone",
        "+86",
        "13800138000\n1",
        "١٣٨٠٠١٣٨٠٠٠",
    ],
)
def test_what_is_no_telephone_number_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        accepted(Phone, text)
