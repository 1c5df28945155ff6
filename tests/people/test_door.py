"""The door over HTTP: tokens for programs, cookies for browsers, nothing for other sites."""

import re

import httpx
import pytest
from fastapi import FastAPI

from queue_server.people.core import Account, Role

PASSWORD = "correct horse battery"
OURS = {"origin": "http://hall.example"}

pytestmark = pytest.mark.usefixtures("anna")


async def signs_in(client: httpx.AsyncClient, **headers: str) -> str:
    answer = await client.post(
        "/api/v1/sessions", json={"login": "c09", "password": PASSWORD}, headers=headers
    )
    assert answer.status_code == 201
    return str(answer.json()["token"])


def https(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://hall.example")


async def test_who_signs_in_is_told_who_they_are_and_until_when(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/sessions", json={"login": "c09", "password": PASSWORD})
    body = answer.json()
    assert body["expires_at"] == "2026-11-23T11:00:00.000Z"
    assert body["account"] == {
        "id": "c09",
        "display_name": "综合熟手",
        "staff_no": "c09",
        "role": "clerk",
        "hall": "h1",
        "trainee": False,
    }


async def test_a_wrong_password_is_told_in_both_languages(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/sessions", json={"login": "c09", "password": "wrong"})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (401, "sign_in_refused")
    assert "15分钟" in problem["detail_zh"]
    assert "15 minutes" in problem["detail"]


async def test_a_stranger_cannot_tell_an_unknown_login_from_a_wrong_password(
    client: httpx.AsyncClient,
) -> None:
    def without_number(answer: httpx.Response) -> dict[str, object]:
        return {**answer.json(), "instance": ""}

    known = await client.post("/api/v1/sessions", json={"login": "c09", "password": "wrong"})
    unknown = await client.post("/api/v1/sessions", json={"login": "nobody", "password": "wrong"})
    assert without_number(known) == without_number(unknown)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"login": "c09"},
        {"login": "c09", "password": 12},
        {"login": "c09", "password": ""},
        {"login": "c09", "password": "x" * 257},
        {"login": "c09", "password": "secret word", "admin": True},
    ],
)
async def test_a_request_that_is_no_sign_in_is_refused_without_repeating_it(
    client: httpx.AsyncClient, body: dict[str, object]
) -> None:
    answer = await client.post("/api/v1/sessions", json=body)
    assert answer.status_code == 422
    assert "secret word" not in answer.text


# ── Programs ────────────────────────────────────────────────────────────────────────────────────


async def test_a_program_acts_with_its_token(client: httpx.AsyncClient) -> None:
    token = await signs_in(client)
    client.cookies.clear()
    answer = await client.post("/deed", headers={"authorization": f"Bearer {token}"})
    assert answer.json() == "c09"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer x", "Basic YTpi", "bearer \xe9", "Bearer a b", ""]
)
async def test_without_a_good_token_nothing_is_done(client: httpx.AsyncClient, header: str) -> None:
    answer = await client.post("/deed", headers={"authorization": header.encode("latin-1")})
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")


async def test_a_token_in_the_address_is_not_looked_at(client: httpx.AsyncClient) -> None:
    token = await signs_in(client)
    client.cookies.clear()
    assert (await client.get(f"/api/v1/sessions/current?token={token}")).status_code == 401


async def test_a_clerk_does_not_do_a_managers_deed(client: httpx.AsyncClient) -> None:
    token = await signs_in(client)
    answer = await client.post("/managers-deed", headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")


async def test_a_manager_does(app: FastAPI, client: httpx.AsyncClient) -> None:
    chief = Account("m01", "h1", "m01", "大厅主管", "m01", Role.MANAGER)
    await app.state.people.create_account(chief, by="adm01")
    token = (await app.state.people.admit(chief)).token
    answer = await client.post("/managers-deed", headers={"authorization": f"Bearer {token}"})
    assert answer.json() == "m01"


# ── Browsers ────────────────────────────────────────────────────────────────────────────────────


async def test_over_https_the_cookie_is_locked_to_this_host_and_out_of_reach_of_scripts(app: FastAPI) -> None:
    async with https(app) as browser:
        answer = await browser.post("/api/v1/sessions", json={"login": "c09", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(re.split("; ", cookie))
    assert "Domain" not in cookie


async def test_over_https_a_plain_cookie_is_ignored(app: FastAPI, client: httpx.AsyncClient) -> None:
    token = await signs_in(client)
    async with https(app) as browser:
        browser.cookies.set("session", token)
        assert (await browser.get("/api/v1/sessions/current")).status_code == 401


async def test_a_page_of_ours_acts_with_the_cookie(client: httpx.AsyncClient) -> None:
    await signs_in(client)
    assert (await client.post("/deed", headers=OURS)).json() == "c09"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://hall.example.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://hall.example"},
        {"sec-fetch-site": "none"},
        {},
    ],
)
async def test_another_site_cannot_act_with_the_cookie(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    await signs_in(client)
    answer = await client.post("/deed", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")


async def test_looking_needs_no_proof_of_origin(client: httpx.AsyncClient) -> None:
    await signs_in(client)
    assert (await client.get("/api/v1/sessions/current")).json()["account"]["id"] == "c09"


async def test_another_site_cannot_sign_somebody_in_under_its_own_name(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/api/v1/sessions",
        json={"login": "c09", "password": PASSWORD},
        headers={"origin": "http://evil.example"},
    )
    assert answer.status_code == 403


async def test_a_cookie_that_was_there_before_is_replaced(client: httpx.AsyncClient) -> None:
    client.cookies.set("session", "planted", domain="hall.example")
    token = await signs_in(client)
    assert token != "planted"
    assert client.cookies["session"] == token


async def test_who_signs_out_is_out_and_the_cookie_is_gone(client: httpx.AsyncClient) -> None:
    token = await signs_in(client)
    assert (await client.delete("/api/v1/sessions/current", headers=OURS)).status_code == 204
    assert "session" not in client.cookies
    assert (await client.post("/deed", headers={"authorization": f"Bearer {token}"})).status_code == 401


async def test_tokens_are_not_kept_by_anything_on_the_way(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/sessions", json={"login": "c09", "password": PASSWORD})
    assert answer.headers["cache-control"] == "no-store"


# ── The page ────────────────────────────────────────────────────────────────────────────────────


async def fills_in(
    client: httpx.AsyncClient, password: str = PASSWORD, onwards: str = "", **headers: str
) -> httpx.Response:
    form = {"login": "c09", "password": password, "next": onwards}
    return await client.post("/sign-in", data=form, headers={**OURS, **headers})


async def test_the_page_leads_to_where_somebody_wanted_to_go(client: httpx.AsyncClient) -> None:
    answer = await fills_in(client, onwards="/clerk/h1/08?lang=en")
    assert (answer.status_code, answer.headers["location"]) == (303, "/clerk/h1/08?lang=en")


async def test_after_the_page_somebody_is_signed_in(client: httpx.AsyncClient) -> None:
    await fills_in(client)
    assert (await client.post("/deed", headers=OURS)).json() == "c09"


async def test_a_clerk_who_wanted_nothing_in_particular_is_led_to_the_desks(
    client: httpx.AsyncClient,
) -> None:
    assert (await fills_in(client)).headers["location"] == "/clerk"


@pytest.mark.parametrize(
    "onwards",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\tevil",
        "/\n/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "clerk",
        "/" + "x" * 500,
    ],
)
async def test_the_page_leads_to_no_other_site(client: httpx.AsyncClient, onwards: str) -> None:
    assert (await fills_in(client, onwards=onwards)).headers["location"] == "/clerk"


async def test_a_form_on_another_site_signs_nobody_in(client: httpx.AsyncClient) -> None:
    answer = await fills_in(client, origin="http://evil.example")
    assert (answer.status_code, "session" in client.cookies) == (403, False)


async def test_after_a_wrong_password_the_page_says_so_and_keeps_the_login(client: httpx.AsyncClient) -> None:
    answer = await fills_in(client, password="wrong", onwards="/clerk/h1/08")
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert 'value="c09"' in answer.text
    assert 'value="/clerk/h1/08"' in answer.text
    assert "wrong" not in answer.text


async def test_what_was_typed_comes_back_as_text_and_not_as_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/sign-in", data={"login": '"><script>alert(1)</script>', "password": "x"}, headers=OURS
    )
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(("query", "title"), [("", "工作人员登录"), ("?lang=en", "Staff sign-in")])
async def test_the_page_speaks_chinese_first_and_english(
    client: httpx.AsyncClient, query: str, title: str
) -> None:
    assert title in (await client.get(f"/sign-in{query}")).text


async def test_the_page_has_neither_scripts_nor_styles_of_its_own(client: httpx.AsyncClient) -> None:
    page = (await client.get("/sign-in")).text
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)


async def test_every_field_has_a_label_and_tells_password_managers_what_it_is(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get("/sign-in")).text
    assert set(re.findall(r'<label for="(\w+)"', page)) == {"login", "password"}
    assert set(re.findall(r'autocomplete="([\w-]+)"', page)) == {"username", "current-password"}


async def test_who_is_signed_in_already_may_go_on_or_sign_out(client: httpx.AsyncClient) -> None:
    await signs_in(client)
    page = (await client.get("/sign-in?next=/clerk/h1/08")).text
    assert "综合熟手" in page
    assert 'href="/clerk/h1/08"' in page


async def test_the_button_signs_out(client: httpx.AsyncClient) -> None:
    await signs_in(client)
    answer = await client.post("/sign-out", headers=OURS)
    assert answer.headers["location"] == "/sign-in"
    assert (await client.get("/api/v1/sessions/current")).status_code == 401


async def test_another_site_cannot_sign_somebody_out(client: httpx.AsyncClient) -> None:
    await signs_in(client)
    assert (await client.post("/sign-out", headers={"origin": "http://evil.example"})).status_code == 403
    assert (await client.get("/api/v1/sessions/current")).status_code == 200
