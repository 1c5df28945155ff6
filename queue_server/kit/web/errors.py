"""Every failure as a problem (RFC 9457), in both languages, and never with what the client had sent. A person
who opens a page gets a page (`astray.py`).

    {"type": "/problems/window_busy", "code": "window_busy", "status": 409,
     "title": "Window 03 is still serving A001.", "title_zh": "03号窗口正在办理A001。",
     "detail": "Window 03 is still serving A001.", "detail_zh": "03号窗口正在办理A001。",
     "instance": "5f2c9e01-7", "window": "03", "number": "A001", "state": "serving"}

People read `title` or `detail`, which are the same sentence; programs go by `code` and the facts at the end.
`instance` is the request's number in our logs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from queue_server.kit import metrics
from queue_server.kit.database import DatabaseDown
from queue_server.kit.rejections import Rejected
from queue_server.kit.web.astray import NOWHERE, astray, is_for_a_reader

MEDIA_TYPE: Final = "application/problem+json"
TRY_AGAIN_SECONDS: Final = 1
ERRORS_LISTED_MAX: Final = 20

log = structlog.get_logger(__name__)
encode = msgspec.json.Encoder().encode

# What HTTP itself refuses: status to (code, English, Chinese).
HTTP: Final[dict[int, tuple[str, str, str]]] = {
    400: ("bad_request", "The request cannot be understood.", "请求无法识别。"),
    401: ("sign_in_needed", "Please sign in.", "请先登录。"),
    403: ("forbidden", "This is not allowed.", "没有权限执行此操作。"),
    404: ("not_found", "There is nothing at this address.", "您访问的地址不存在。"),
    405: ("method_not_allowed", "This address does not take such requests.", "此地址不支持该请求方式。"),
    408: ("too_slow", "The request took too long to arrive.", "请求传输超时。"),
    413: ("too_large", "The request is too large.", "请求内容过大。"),
    415: ("unsupported_media_type", "Please send JSON.", "请以 JSON 格式提交。"),
    429: ("too_many_requests", "Too many requests. Please wait a moment.", "操作过于频繁，请稍后再试。"),
    500: ("internal_error", "Something went wrong on our side.", "系统出现故障，请联系工作人员。"),
    503: ("try_again", "Please try again in a moment.", "系统繁忙，请稍后重试。"),
}
MALFORMED: Final = ("malformed_json", "The request is not valid JSON.", "请求不是有效的 JSON。")
UNREADABLE: Final = (
    "unreadable_text",
    "The request has characters no text can hold.",
    "请求含有无法识别的字符。",
)
INVALID: Final = ("invalid_request", "Something in the request is not valid.", "请求内容有误。")

# What can be wrong with a field, by pydantic's type of error; {placeholders} from the error's context.
FIELD: Final[dict[str, tuple[str, str]]] = {
    "missing": ("This is needed.", "此项必填。"),
    "extra_forbidden": ("There is no such field.", "没有此项。"),
    "string_type": ("This must be text.", "此项须为文字。"),
    "string_too_short": ("At least {min_length} characters.", "至少{min_length}个字符。"),
    "string_too_long": ("At most {max_length} characters.", "最多{max_length}个字符。"),
    "string_pattern_mismatch": ("This is not written as it should be.", "格式不正确。"),
    "int_type": ("This must be a whole number.", "此项须为整数。"),
    "int_parsing": ("This must be a whole number.", "此项须为整数。"),
    "int_from_float": ("This must be a whole number.", "此项须为整数。"),
    "float_type": ("This must be a number.", "此项须为数字。"),
    "finite_number": ("This must be a finite number.", "此项须为有限数。"),
    "bool_type": ("This must be true or false.", "此项须为 true 或 false。"),
    "greater_than": ("This must be more than {gt}.", "须大于{gt}。"),
    "greater_than_equal": ("At least {ge}.", "不得小于{ge}。"),
    "less_than": ("This must be less than {lt}.", "须小于{lt}。"),
    "less_than_equal": ("At most {le}.", "不得大于{le}。"),
    "too_short": ("At least {min_length} entries.", "至少{min_length}项。"),
    "too_long": ("At most {max_length} entries.", "最多{max_length}项。"),
    "literal_error": ("One of: {expected}.", "须为以下之一：{expected}。"),
    "enum": ("One of: {expected}.", "须为以下之一：{expected}。"),
    "list_type": ("This must be a list.", "此项须为列表。"),
    "dict_type": ("This must be an object.", "此项须为对象。"),
    "model_type": ("This must be an object.", "此项须为对象。"),
    "model_attributes_type": ("This must be an object.", "此项须为对象。"),
    "date_from_datetime_parsing": ("This must be a date, like 2026-11-23.", "须为日期，如 2026-11-23。"),
    "datetime_from_date_parsing": (
        "This must be an instant, like 2026-11-23T01:00:00Z.",
        "须为时刻，如 2026-11-23T01:00:00Z。",
    ),
    "timezone_aware": ("The instant needs a zone.", "时刻须带时区。"),
    "text_unfit": ("This has characters that cannot be shown.", "含有无法显示的字符。"),
    "text_empty": ("This must not be empty.", "不能为空。"),
    "phone_unknown": ("This is no telephone number.", "手机号码不正确。"),
}
FIELD_OTHERWISE: Final = ("This is not valid.", "此项有误。")

_OUR_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")


class Problem(Response):
    """A problem as a response."""

    media_type = MEDIA_TYPE


def install(app: FastAPI) -> None:
    """Have the application answer every failure with a problem.

    What nobody foresaw is answered by `kit/web/limits.py`, which sits around the whole application.
    """
    app.add_exception_handler(Rejected, _rejected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DatabaseDown, _database_down)


def problem(
    status: int,
    words: tuple[str, str, str],
    instance: str,
    *,
    facts: Mapping[str, object] | None = None,
) -> bytes:
    """The body of a problem; `words` are its code, its English and its Chinese."""
    code, en, zh = words
    metrics.rejected(code).inc()
    body = encode(
        {
            **(facts or {}),
            "type": f"/problems/{code}",
            "code": code,
            "status": status,
            "title": en,
            "title_zh": zh,
            "detail": en,
            "detail_zh": zh,
            "instance": instance,
        }
    )
    # A fact may name what was asked for. In JSON these can only stand in a string, where they lose their sting.
    return body.replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")


def instance_of(request: Request) -> str:
    """The request's number in our logs, or nothing where no middleware has given it one."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def refusal(rejected: Rejected, instance: str) -> Problem:
    """A refusal as a response. `retry_after_seconds` among its facts becomes a header as well."""
    words = (rejected.code, rejected.en, rejected.in_chinese)
    body = problem(rejected.status, words, instance, facts=rejected.facts)
    wait_seconds = rejected.facts.get("retry_after_seconds")
    headers = None if wait_seconds is None else {"Retry-After": str(wait_seconds)}
    return Problem(body, rejected.status, headers)


async def _rejected(request: Request, error: Exception) -> Response:
    assert isinstance(error, Rejected)
    if is_for_a_reader(request):
        return astray(request, error.status, (error.code, error.en, error.in_chinese))
    return refusal(error, instance_of(request))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if is_for_a_reader(request):  # An address of a page that cannot be right leads nowhere.
        return astray(request, NOWHERE, HTTP[NOWHERE])
    errors = error.errors()
    if any(each["type"] == "json_invalid" for each in errors):
        return Problem(problem(400, MALFORMED, instance_of(request)), 400)
    facts = {"errors": [_field(each) for each in errors[:ERRORS_LISTED_MAX]]}
    return Problem(problem(422, INVALID, instance_of(request), facts=facts), 422)


def _field(error: Mapping[str, Any]) -> dict[str, str]:
    en, zh = FIELD.get(error["type"], FIELD_OTHERWISE)
    context = error.get("ctx", {})
    where = error["loc"]
    if error["type"] == "extra_forbidden":
        where = where[:-1]  # The field's name is the client's, and we repeat nothing of theirs.
    return {"where": _where(where), "message": en.format(**context), "message_zh": zh.format(**context)}


def _where(path: Iterable[object]) -> str:
    """Where in the request: numbers, and those words that may be ours."""
    return ".".join(
        str(step) if isinstance(step, int) or _OUR_WORD.match(str(step)) else "*" for step in path
    )


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    words = HTTP.get(status) or _other(status)
    if is_for_a_reader(request):
        return astray(request, status, words)
    return Problem(problem(status, words, instance_of(request)), status, dict(error.headers or {}))


def _other(status: int) -> tuple[str, str, str]:
    phrase = HTTPStatus(status).phrase
    return phrase.lower().replace(" ", "_").replace("-", "_").replace("'", ""), f"{phrase}.", HTTP[400][2]


async def _database_down(request: Request, error: Exception) -> Response:
    log.warning("database_down", request=instance_of(request), why=str(error))
    if is_for_a_reader(request):
        return astray(request, 503, HTTP[503])
    body = problem(503, HTTP[503], instance_of(request))
    return Problem(body, 503, {"Retry-After": str(TRY_AGAIN_SECONDS)})
