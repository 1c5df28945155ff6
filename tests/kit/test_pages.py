"""Pages, their sentences and their files."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from jinja2 import UndefinedError

from queue_server.kit.texts import Texts, TextsDiffer
from queue_server.kit.web import assets, errors, limits
from queue_server.kit.web.templates import Pages

HELLO = """<p lang="{{ language }}">{{ t("hello", name=name) }}</p>
<small>{{ t("bye", other) }}</small>
<script src="{{ asset('test/js/a.js') }}" type="module"></script>
<script type="application/json">{{ page | tojson }}</script>"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for folder in ("templates", "texts", "static/js"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "templates/hello.html").write_text(HELLO)
    (tmp_path / "texts/zh.json").write_text('{"hello": "您好，{name}", "bye": "再见"}')
    (tmp_path / "texts/en.json").write_text('{"hello": "Hello {name}", "bye": "Bye"}')
    (tmp_path / "static/js/a.js").write_text("export const a = 1")
    (tmp_path.parent / "secret.txt").write_text("secret")
    return tmp_path


@pytest.fixture
def pages(package: Path) -> Pages:
    return Pages("test", package)


@pytest.fixture
async def client(pages: Pages) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()

    @app.get("/hello")
    async def hello(request: Request, name: str = "") -> Response:
        return pages.respond(request, "hello.html", data={"hall": "h1"}, name=name)

    assets.mount(app)
    errors.install(app)
    limits.install(app)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://hall.example"
    ) as client:
        yield client


@pytest.mark.parametrize(
    ("query", "cookie", "browser", "language"),
    [
        ("", None, "", "zh"),
        ("", None, "en-US,en;q=0.9", "en"),
        ("", None, "fr,zh-CN;q=0.9,en;q=0.3", "zh"),
        ("", None, "fr", "zh"),
        ("", None, "en;q=nonsense", "zh"),
        ("", "en", "zh", "en"),
        ("lang=zh", "en", "en", "zh"),
        ("lang=xx", "xx", "", "zh"),
    ],
)
async def test_a_page_speaks_the_language_that_was_chosen_last(
    client: httpx.AsyncClient, query: str, cookie: str | None, browser: str, language: str
) -> None:
    headers = {"accept-language": browser}
    if cookie is not None:
        headers["cookie"] = f"lang={cookie}"
    answer = await client.get(f"/hello?{query}", headers=headers)
    assert f'<p lang="{language}">' in answer.text
    assert ("lang=" in answer.headers.get("set-cookie", "")) == (query == f"lang={language}")


async def test_what_people_enter_is_never_markup(client: httpx.AsyncClient) -> None:
    html = (await client.get("/hello", params={"name": "<script>alert(1)</script>"})).text
    assert "&lt;script&gt;" in html
    assert "<script>alert" not in html


async def test_a_page_has_its_data_and_both_languages_as_data(client: httpx.AsyncClient) -> None:
    html = (await client.get("/hello?lang=en")).text
    data = json.loads(html.split('json">')[1].split("</script>")[0])
    assert data["hall"] == "h1"
    assert data["language"] == "en"
    assert data["texts"]["zh"]["bye"] == "再见"
    assert "<small>再见</small>" in html


def test_a_template_that_lacks_a_value_fails_instead_of_leaving_a_gap(pages: Pages) -> None:
    with pytest.raises(UndefinedError):
        pages.render("hello.html", "zh")


# ── Files ───────────────────────────────────────────────────────────────────────────────────────────


async def test_a_file_asked_for_by_its_content_is_kept_for_a_year(
    client: httpx.AsyncClient, package: Path
) -> None:
    answer = await client.get(assets.asset("test/js/a.js"))
    assert answer.text == "export const a = 1"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("query", ["", "?v=yesterday"])
async def test_a_file_asked_for_otherwise_is_asked_for_each_time(
    client: httpx.AsyncClient, query: str
) -> None:
    answer = await client.get(f"/static/test/js/a.js{query}")
    assert answer.headers["cache-control"] == "no-cache"
    again = await client.get(
        f"/static/test/js/a.js{query}", headers={"if-none-match": answer.headers["etag"]}
    )
    assert again.status_code == 304


async def test_pages_and_files_are_packed_for_whoever_unpacks(
    client: httpx.AsyncClient, package: Path
) -> None:
    code = "export const a = 1 // and so on\n" * 200
    (package / "static/js/a.js").write_text(code)
    for path in ("/static/test/js/a.js", "/hello?name=" + "a" * 2000):
        packed = await client.get(path, headers={"accept-encoding": "br, gzip"})
        plain = await client.get(path, headers={"accept-encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) < len(plain.content) / 3
        assert "content-encoding" not in plain.headers
        assert packed.text == plain.text
        assert "Accept-Encoding" in packed.headers["vary"]
        assert packed.headers["vary"] == plain.headers["vary"]


async def test_a_packed_file_is_unchanged_until_it_changes(client: httpx.AsyncClient, package: Path) -> None:
    (package / "static/js/a.js").write_text("export const a = 1 // and so on\n" * 200)
    etag = (await client.get("/static/test/js/a.js")).headers["etag"]
    again = await client.get("/static/test/js/a.js", headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    (package / "static/js/a.js").write_text("export const a = 2 // and so on\n" * 300)
    assert (await client.get("/static/test/js/a.js", headers={"if-none-match": etag})).status_code == 200


async def test_a_part_of_a_file_is_a_part_of_the_file_as_it_lies_there(
    client: httpx.AsyncClient, package: Path
) -> None:
    code = "export const a = 1 // and so on\n" * 200
    (package / "static/js/a.js").write_text(code)
    part = await client.get("/static/test/js/a.js", headers={"range": "bytes=0-99"})
    assert (part.status_code, part.text) == (206, code[:100])
    assert "content-encoding" not in part.headers


async def test_what_fits_into_one_packet_is_sent_as_it_is(client: httpx.AsyncClient) -> None:
    assert "content-encoding" not in (await client.get("/static/test/js/a.js")).headers


def test_a_changed_file_has_another_address(package: Path, pages: Pages) -> None:
    before = assets.asset("test/js/a.js")
    (package / "static/js/a.js").write_text("export const a = 22")
    assert assets.asset("test/js/a.js") != before


def test_a_page_never_points_to_a_file_that_is_not_there(pages: Pages) -> None:
    with pytest.raises(FileNotFoundError):
        assets.asset("test/js/missing.js")


@pytest.mark.parametrize(
    "path",
    [
        "test/js/missing.js",
        "test/../../secret.txt",
        "test/%2e%2e/%2e%2e/secret.txt",
        "test/js",
        "test/",
        "",
        "..%5csecret.txt",
        "test//etc/passwd",
        "%2fetc/passwd",
    ],
)
async def test_nothing_outside_the_folders_is_served(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/static/{path}?v=1")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_files_are_only_read(client: httpx.AsyncClient) -> None:
    assert (await client.post("/static/test/js/a.js")).status_code == 405


# ── Sentences ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ({"a": "甲"}, {}),
        ({"a": "甲", "b": "乙"}, {"a": "A"}),
        ({"a": "{count} 人"}, {"a": "nobody"}),
        ({"a": "{count} 人"}, {"a": "{number} people"}),
    ],
)
def test_both_languages_say_the_same_things(zh: dict[str, str], en: dict[str, str]) -> None:
    with pytest.raises(TextsDiffer):
        Texts({"zh": zh, "en": en})


def test_a_sentence_is_filled_with_its_values() -> None:
    texts = Texts({"zh": {"ahead": "前面还有 {count} 人"}, "en": {"ahead": "{count} before you"}})
    assert texts.t("ahead", count=3) == "前面还有 3 人"
    assert texts.t("ahead", "en", count=3) == "3 before you"
    with pytest.raises(KeyError):
        texts.t("ahead", "en")


ROOT = Path(__file__).parents[2]
FOLDERS = sorted(
    path.parent
    for top in ("queue_server", "displays", "kiosk", "notify")
    for path in (ROOT / top).rglob("texts/zh.json")
)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_every_package_says_the_same_in_both_languages(folder: Path) -> None:
    Texts.load(folder)
