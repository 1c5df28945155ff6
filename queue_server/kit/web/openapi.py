"""The published description of the API, completed in one place with what is true of every operation.

Every failure is a problem (`kit/web/errors.py`), whoever raises it, so no endpoint has to say so. A router or
a route whose operations need a sign-in says `responses=STAFF_ONLY`.
"""

from collections.abc import Callable, Collection
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from queue_server.kit.web.errors import MEDIA_TYPE

Document = dict[str, Any]

SIGN_IN_NEEDED: Final = "Nobody is signed in, or the session is over."
STAFF_ONLY: Final[dict[int | str, dict[str, Any]]] = {
    401: {"description": SIGN_IN_NEEDED},
    403: {"description": "Not in this hall, not in this role, or asked from another site."},
}
CHANGING: Final = frozenset({"post", "put", "patch", "delete"})
TRY_AGAIN_HEADERS: Final = {
    "Retry-After": {"description": "Seconds after which to ask again.", "schema": {"type": "integer"}}
}
KEY_HEADER: Final[Document] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "1 to 255 visible ASCII characters, new for every deed. A repeat with the same key gets the first answer "
        "again, byte for byte, and changes nothing; the same key with another body is refused with 422."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]{1,255}$"},
}
SCHEMES: Final[Document] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "For programs: the token of a session."},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "session",
        "description": "For browsers; over HTTPS it is called `__Host-session`. Only from pages of our own.",
    },
}


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    where: str = Field(description="Where in the request, such as `body.places`.")
    message: str
    message_zh: str


class Problem(BaseModel):
    """A failure (RFC 9457), with a sentence in both languages. Programs go by `code`."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="`/problems/` and the code.")
    code: str = Field(description="What programs go by; it never changes.")
    status: int = Field(ge=400, le=599, description="The HTTP status again.")
    title: str = Field(description="The sentence in English.")
    title_zh: str = Field(description="The sentence in Chinese.")
    detail: str = Field(description="The same as `title`.")
    detail_zh: str = Field(description="The same as `title_zh`.")
    instance: str = Field(description="The number of the request in our logs.")
    state: str | None = Field(None, description="With 409: the present state of what was asked about.")
    errors: list[FieldProblem] = Field(default=[], description="With 422: what is wrong, field by field.")


def operation_id(route: APIRoute) -> str:
    """A name for an operation that a generated client can live with: `windows_sign_in`."""
    return "_".join([*map(str, route.tags[:1]), route.name])


def install(app: FastAPI, *, staff_paths: Collection[str] = (), keyed_paths: tuple[str, ...] = ()) -> None:
    """Complete what FastAPI describes. Operations below `keyed_paths` take an Idempotency-Key."""
    describe: Callable[[], Document] = app.openapi
    described: Document = {}

    def openapi() -> Document:
        if not described:
            described.update(completed(describe(), staff_paths, keyed_paths))
        return described

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend the description.


def completed(document: Document, staff_paths: Collection[str], keyed_paths: tuple[str, ...]) -> Document:
    """The description with problems, sign-in and keys."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"), Problem=problem)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = SCHEMES
    for path, item in document["paths"].items():
        for method, operation in item.items():
            complete(path, method, operation, staff_paths, keyed_paths)
    return document


def complete(
    path: str, method: str, operation: Document, staff_paths: Collection[str], keyed_paths: tuple[str, ...]
) -> None:
    """Add to one operation what it shares with others."""
    responses = operation["responses"]
    if path in staff_paths:
        responses.update({str(status): dict(answer) for status, answer in STAFF_ONLY.items()})
    if responses.get("401", {}).get("description") == SIGN_IN_NEEDED:
        operation["security"] = [{"bearer": []}, {"cookie": []}]
    if method in CHANGING and path.startswith(keyed_paths):
        operation.setdefault("parameters", []).append(KEY_HEADER)
    for status, description in problems_of(path, method):
        responses.setdefault(status, {})["description"] = description
    for status, answer in responses.items():
        if status >= "400":
            answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses["503"]["headers"] = TRY_AGAIN_HEADERS


def problems_of(path: str, method: str) -> list[tuple[str, str]]:
    """The failures that every operation of this kind may come to."""
    problems = [
        ("400", "The request cannot be read: no JSON, no text, or no key."),
        ("422", "Something in the request is not valid; `errors` says what."),
        ("503", "The database does not answer. Ask again, with the same key."),
    ]
    if "{" in path:
        problems.append(("404", "There is no such hall, window, group or ticket."))
    if method in CHANGING:
        problems.append(("409", "Not in the present state, which `state` names."))
        problems.append(("413", "The request is too large."))
    return problems
