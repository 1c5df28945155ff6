"""Pages: Jinja templates that escape everything, miss nothing, and speak the reader's language.

A package with pages has three folders beside its routes: `templates/`, `static/` and `texts/`.

    pages = Pages("displays", Path(__file__).parent)

    @router.get("/displays/{hall_id}/lobby")
    async def lobby(request: Request, hall_id: str) -> HTMLResponse:
        return pages.respond(request, "lobby.html", data={"hall": hall_id})

Every template has `language` ("zh" or "en"), `other`, `t(key, …)`, `asset(path)`, and `page`: `data` with
`language` and `texts` added, to be written as JSON for the page's modules. Nothing in a page is a script.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from queue_server.kit import texts as sentences
from queue_server.kit.texts import DEFAULT, LANGUAGES, Language, Texts
from queue_server.kit.web import assets, compression

COOKIE: Final = "lang"
COOKIE_SECONDS: Final = 365 * 24 * 3600
SHARED_TEMPLATES: Final = Path(__file__).parents[2] / "templates"


class Pages:
    """The pages of one package; its static files are served under /static/<name>/."""

    def __init__(self, name: str, folder: Path) -> None:
        self.texts = Texts.load(folder / "texts")
        self._environment = environment(folder / "templates")
        assets.register(name, folder / "static")

    def respond(
        self,
        request: Request,
        template: str,
        *,
        data: Mapping[str, object] | None = None,
        status: int = 200,
        on_a_wall: bool = False,
        **values: object,
    ) -> HTMLResponse:
        """The page in the reader's language. `data` is for its modules, `values` for the template.

        A page `on_a_wall` has many readers: it speaks the language in its address (`?lang=`), else the
        hall's, whatever the machine behind it prefers.
        """
        language = chosen_language(request) if on_a_wall else language_of(request)
        html = self.render(template, language, data=data, **values)
        response = HTMLResponse(
            html, status, headers={"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"}
        )
        compression.pack(response, request.headers)
        if not on_a_wall and request.query_params.get(COOKIE) == language:
            # Chosen by hand, so it is kept. No secret, and the page's own switch writes it too.
            response.set_cookie(COOKIE, language, max_age=COOKIE_SECONDS, samesite="lax")
        return response

    def render(
        self, template: str, language: Language, *, data: Mapping[str, object] | None = None, **values: object
    ) -> str:
        """The page as text. UndefinedError if the template needs something that was not given."""

        def t(key: str, tongue: Language = language, **filling: object) -> str:
            return self.texts.t(key, tongue, **filling)

        page = {**(data or {}), "language": language, "texts": self.texts.everything()}
        return self._environment.get_template(template).render(
            t=t, language=language, other=sentences.other(language), page=page, **values
        )


def environment(*folders: Path) -> Environment:
    """Jinja as we use it. Templates may extend those in `queue_server/templates`."""
    made = Environment(
        loader=FileSystemLoader([*folders, SHARED_TEMPLATES]),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = assets.asset
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": True}
    return made


def chosen_language(request: Request) -> Language:
    """The language in the page's address, else Chinese."""
    chosen = request.query_params.get(COOKIE)
    return chosen if chosen in LANGUAGES else DEFAULT


def language_of(request: Request) -> Language:
    """What the reader chose (`?lang=`, then the cookie), else what their browser prefers, else Chinese."""
    for chosen in (request.query_params.get(COOKIE), request.cookies.get(COOKIE)):
        if chosen in LANGUAGES:
            return chosen
    return preferred(request.headers.get("accept-language", ""))


def preferred(accept_language: str) -> Language:
    """The first of our languages by the browser's own ranking.

    >>> preferred("fr, en-GB;q=0.8, zh;q=0.5"), preferred("en;q=0"), preferred("")
    ('en', 'zh', 'zh')
    """
    best, best_weight = DEFAULT, 0.0
    for entry in accept_language.split(",")[:20]:
        tag, _, weight = entry.partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in LANGUAGES and _weight(weight) > best_weight:
            best, best_weight = language, _weight(weight)
    return best


def _weight(text: str) -> float:
    name, _, number = text.strip().partition("=")
    try:
        return float(number) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
