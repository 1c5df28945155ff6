"""Accounts over HTTP: who may keep whose, passwords that are shown once, and an admin who is always left."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from queue_server.people.core import Role

from .places import Answer, Client, Hall, Json

AT = "/api/v1/accounts"


def somebody(hall: Hall, name: str = "new", **more: object) -> Json:
    return {
        "login": f"{hall.id}-{name}", "display_name": "新人", "staff_no": "n1", "role": "clerk", "hall": hall.id,
        "skills": {"A": "primary"}, **more,
    }  # fmt: skip


def created(hall: Hall, name: str = "new", *, by: str = "manager", **more: Any) -> Answer:
    return hall.by(by).ask("POST", AT, somebody(hall, name, **more))


def sign_in(hall: Hall, login: str, password: str) -> Answer:
    return hall.server.anybody.ask("POST", "/api/v1/sessions", {"login": login, "password": password})


def test_somebody_new_signs_in_with_the_password_that_was_shown(hall: Hall) -> None:
    answer = created(hall)
    assert answer.status == 201
    assert sign_in(hall, f"{hall.id}-new", answer.json["password"]).status == 201


def test_a_password_is_shown_once_and_a_repeated_request_shows_the_same(hall: Hall) -> None:
    manager = hall.by("manager")
    first = manager.ask("POST", AT, somebody(hall), key="k1")
    assert manager.ask("POST", AT, somebody(hall), key="k1").body == first.body
    listed = manager.ask("GET", f"{AT}?hall={hall.id}")
    assert first.json["password"].encode() not in listed.body
    assert sign_in(hall, f"{hall.id}-new", first.json["password"]).status == 201


def test_no_password_is_kept_with_the_answers(hall: Hall) -> None:
    password = hall.by("manager").ask("POST", AT, somebody(hall), key="k1").json["password"]
    kept = hall.server.do(
        hall.server.house.database.read(lambda tx: tx.all("SELECT body FROM requests WHERE key = 'k1'"))
    )
    assert kept
    assert not [row for row in kept if password in row["body"]]


def test_everybody_is_listed_with_their_skills(hall: Hall) -> None:
    created(hall, skills={"A": "primary", "B": "emergency"})
    listed = hall.by("manager").ask("GET", f"{AT}?hall={hall.id}").json["accounts"]
    skills = {each["id"]: each["skills"] for each in listed}
    assert skills[f"{hall.id}-new"] == {"A": "primary", "B": "emergency"}
    assert f"{hall.id}-w1" in skills


def test_a_new_password_ends_the_sessions_of_the_old_one(hall: Hall) -> None:
    login, old = f"{hall.id}-new", created(hall).json["password"]
    token = sign_in(hall, login, old).json["token"]
    new = hall.by("manager").ask("POST", f"{AT}/{login}/password").json["password"]
    assert hall.server.client(token).ask("GET", "/api/v1/sessions/current").status == 401
    assert sign_in(hall, login, old).status == 401
    assert sign_in(hall, login, new).status == 201


def test_whoever_is_disabled_is_out_at_once(hall: Hall) -> None:
    login, password = f"{hall.id}-new", created(hall).json["password"]
    token = sign_in(hall, login, password).json["token"]
    assert hall.by("manager").ask("PUT", f"{AT}/{login}", somebody(hall, disabled=True)).status == 200
    assert hall.server.client(token).ask("GET", "/api/v1/sessions/current").status == 401


def test_other_skills_count_from_the_next_time_somebody_opens_a_window(hall: Hall) -> None:
    hall.takes("B")
    clerk = hall.desk("w2").does("session")
    body = {**somebody(hall, "w2"), "display_name": "Clerk", "skills": {"A": "primary"}}
    assert hall.by("manager").ask("PUT", f"{AT}/{hall.id}-w2", body).status == 200
    clerk.does("calls", "start", "completion")
    hall.takes("B")
    assert clerk.asks("DELETE", "session").status == 200
    assert clerk.does("session").asks("POST", "calls").said == (409, "nobody_waiting")


# ── Certificates ─────────────────────────────────────────────────────────────────────────────────


def certified(hall: Hall, **days: object) -> Answer:
    """Write until when the clerk of window 2, which serves A and B, is certified."""
    body = {**somebody(hall, "w2"), "display_name": "Clerk", "skills": {"A": "primary", "B": "primary"}}
    return hall.by("manager").ask("PUT", f"{AT}/{hall.id}-w2", {**body, **days})


def test_a_clerk_whose_certificate_has_ended_is_offered_nobody_for_it_and_is_told_why(hall: Hall) -> None:
    assert certified(hall, certificates={"B": "2001-03-05"}).json["certificates"] == {"B": "2001-03-05"}
    hall.takes("B")
    desk = hall.desk("w2").does("session")
    (ended,) = desk.asks("GET", "").json["ended_certificates"]
    assert (ended["id"], ended["ended_on"]) == ("B", "2001-03-05")
    assert desk.asks("POST", "calls").said == (409, "nobody_waiting")


def test_a_renewed_certificate_counts_from_the_next_opening_of_the_window(hall: Hall) -> None:
    certified(hall, certificates={"A": "2001-03-05", "B": "2001-03-05"})
    hall.takes("B")
    desk = hall.desk("w2")
    assert desk.asks("POST", "session").said == (409, "certificate_ended")
    certified(hall, certificates={"B": "2199-12-31"})
    desk.does("session", "calls")
    assert desk.asks("GET", "").json["ticket"]["number"] == "B001"


def test_what_is_not_said_about_certificates_stays_as_it_was(hall: Hall) -> None:
    certified(hall, certificates={"B": "2030-03-05"}, matter_certificates={"M15": "2031-01-01"})
    kept = certified(hall).json
    assert (kept["certificates"], kept["matter_certificates"]) == ({"B": "2030-03-05"}, {"M15": "2031-01-01"})
    assert certified(hall, certificates={}).json["certificates"] == {}
    listed = hall.by("manager").ask("GET", f"{AT}?hall={hall.id}").json["accounts"]
    (line,) = [each for each in listed if each["id"] == f"{hall.id}-w2"]
    assert (line["certificates"], line["matter_certificates"]) == ({}, {"M15": "2031-01-01"})


def test_who_certified_whom_until_when_is_never_overwritten(hall: Hall) -> None:
    certified(hall, certificates={"B": "2030-03-05"})
    certified(hall, certificates={"B": "2030-03-05"})
    certified(hall, certificates={})
    rows = hall.server.do(
        hall.server.house.database.read(
            lambda tx: tx.all(
                "SELECT * FROM certificates WHERE account_id = :id ORDER BY id", id=f"{hall.id}-w2"
            )
        )
    )
    assert [row["ends_on"] and row["ends_on"].isoformat() for row in rows] == ["2030-03-05", None]
    assert all(row["changed_by"].startswith("manager:") for row in rows)


# ── Who may keep whose ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", ["manager", "admin"])
def test_a_manager_makes_nobody_who_is_above_clerks(hall: Hall, role: str) -> None:
    assert created(hall, role=role).said == (403, "account_beyond_you")


@pytest.mark.parametrize("place", [None, "h9"])
def test_a_manager_makes_nobody_for_another_hall(hall: Hall, place: str | None) -> None:
    body = {**somebody(hall), "hall": place}
    assert hall.by("manager").ask("POST", AT, body).said == (403, "account_beyond_you")


def test_a_manager_raises_nobody(hall: Hall) -> None:
    created(hall)
    answer = hall.by("manager").ask("PUT", f"{AT}/{hall.id}-new", somebody(hall, role="manager"))
    assert answer.said == (403, "account_beyond_you")


def test_a_manager_gives_an_admin_no_password(hall: Hall) -> None:
    created(hall, "boss", by="admin+", role="admin")
    answer = hall.by("manager").ask("POST", f"{AT}/{hall.id}-boss/password")
    assert answer.said == (403, "account_beyond_you")


def test_nobody_raises_or_disables_themselves(hall: Hall) -> None:
    me = hall.by("manager").ask("GET", "/api/v1/sessions/current").json["account"]
    for change in (
        {"role": "admin"},
        {"role": "manager", "disabled": True},
        {"role": "manager", "hall": None},
    ):
        body = {**somebody(hall), "login": me["id"], **change}
        assert hall.by("manager").ask("PUT", f"{AT}/{me['id']}", body).said == (409, "own_rights")


def test_everybody_may_correct_their_own_name(hall: Hall) -> None:
    me = hall.by("manager").ask("GET", "/api/v1/sessions/current").json["account"]
    body = {**somebody(hall), "login": me["id"], "role": "manager", "display_name": "王主任"}
    assert hall.by("manager").ask("PUT", f"{AT}/{me['id']}", body).json["display_name"] == "王主任"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"login": "two words"}, (422, "login_unusable")),
        ({"mentor": "nobody"}, (422, "mentor_missing")),
        ({"role": "king"}, (422, "invalid_request")),
        ({"skills": {"A": "best"}}, (422, "invalid_request")),
        ({"certificates": {"A": "tomorrow"}}, (422, "invalid_request")),
        ({"certificates": {"A": 20301231}}, (422, "invalid_request")),
        ({"display_name": "\u202e"}, (422, "invalid_request")),
    ],
)
def test_an_account_that_cannot_be_is_refused(hall: Hall, change: Json, said: tuple[int, str]) -> None:
    assert created(hall, **change).said == said


def test_nobody_takes_the_login_of_another(hall: Hall) -> None:
    created(hall)
    assert created(hall).status == 409
    assert created(hall, "other").status == 201
    body = {**somebody(hall), "login": f"{hall.id}-w1"}
    assert hall.by("manager").ask("PUT", f"{AT}/{hall.id}-new", body).said == (409, "login_taken")


# ── The last admin ───────────────────────────────────────────────────────────────────────────────


def test_of_two_last_admins_who_disable_each_other_one_stays(hall: Hall) -> None:
    house = hall.server.house
    admins = [hall.server.client(hall.new_account(Role.ADMIN, everywhere=True)) for _ in range(2)]
    names = [client.ask("GET", "/api/v1/sessions/current").json["account"]["id"] for client in admins]

    def disable(pair: tuple[Client, str]) -> Answer:
        client, name = pair
        body = {**somebody(hall), "login": name, "role": "admin", "hall": None, "disabled": True}
        return client.ask("PUT", f"{AT}/{name}", body)

    def others_rest(tx: Any) -> None:
        tx.execute(
            "UPDATE accounts SET disabled = true WHERE role = 'admin' AND hall_id IS NULL AND id <> ALL(:names)",
            names=names,
        )

    hall.server.do(house.database.write(others_rest))
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(disable, zip(admins, reversed(names), strict=True)))
    assert [answer.status for answer in answers].count(200) == 1
    left = [a for a in hall.server.do(house.people.accounts()) if a.role is Role.ADMIN and a.hall_id is None]
    assert [account.disabled for account in left].count(False) == 1
