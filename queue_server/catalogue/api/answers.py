"""How guides and delegations are answered: once, whatever is repeated."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from fastapi import Path, Request, Response

from queue_server.catalogue.core.reading import CODE_CHARACTERS_MAX
from queue_server.kit.requests import Answer, Key, Requests
from queue_server.kit.web.keys import key_of
from queue_server.people.core import Account

HallId = Annotated[str, Path(max_length=40, description="The id of a hall, such as `h1`.")]
Code = Annotated[
    str, Path(max_length=CODE_CHARACTERS_MAX, description="The code of a matter, such as `M15`.")
]


async def once(
    request: Request, account: Account, work: Callable[[Key | None], Awaitable[Answer]]
) -> Response:
    """Do something once for this key, and answer as it was answered first."""
    key = await key_of(request, account.id)
    requests: Requests = request.app.state.requests
    answer = await requests.once(key, lambda: work(key))
    return Response(answer.body, answer.status, media_type="application/json")


def spelled(view: Any, status: int = 200) -> Answer:
    """A view as an answer that can be kept."""
    return Answer(status, msgspec.json.encode(view).decode())


def answered(view: Any) -> Response:
    """A view as an answer that nobody keeps."""
    return Response(msgspec.json.encode(view), media_type="application/json")
