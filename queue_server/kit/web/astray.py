"""A page for whoever opens an address in a browser that has no page, so that nobody meets a line of JSON.

Programs get a problem (`errors.py`); people get the same sentence, what to do now, and the way to the first page.
"""

from functools import cache
from typing import Final

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse

from queue_server.kit.texts import other
from queue_server.kit.web.templates import SHARED_TEMPLATES, environment, language_of

FOR_PROGRAMS: Final = ("/api/", "/static/", "/callbacks/")
NOWHERE: Final = 404
LATER: Final = (
    "The page comes back by itself when you open it again. The queue stands as it was, and so does your number.",
    "请稍后重新打开。排队顺序和您的号码都不受影响。",
)
ELSEWHERE: Final = (
    "The address may be incomplete. Please scan the code again, or ask a guide in the hall.",
    "地址可能不完整。请重新扫码，或咨询大厅导办人员。",
)


def is_for_a_reader(request: Request) -> bool:
    """Whether a person looks at what comes back."""
    return (
        request.method in ("GET", "HEAD")
        and "text/html" in request.headers.get("accept", "")
        and not request.url.path.startswith(FOR_PROGRAMS)
    )


def astray(request: Request, status: int, words: tuple[str, str, str]) -> HTMLResponse:
    """The page; `words` are the code of the problem, its English and its Chinese."""
    language = language_of(request)
    place = 1 if language == "zh" else 0
    html = (
        _environment()
        .get_template("astray.html")
        .render(
            language=language,
            other=other(language),
            said=words[1 + place],
            now=(LATER if status >= 500 else ELSEWHERE)[place],
            home=("First page", "返回首页")[place],
            switch=("中文", "English")[place],
        )
    )
    return HTMLResponse(
        html, status, headers={"Cache-Control": "no-store", "Vary": "Accept, Accept-Language, Cookie"}
    )


@cache
def _environment() -> Environment:
    return environment(SHARED_TEMPLATES)
