"""Who may do what: the whole matrix of roles and operations, in `authorization.txt`."""

from dataclasses import replace
from pathlib import Path

import pytest

from queue_server.people.core import Role

from .places import NOTHING, Answer, Citizen, Hall, Server
from .test_openapi import OPERATIONS

LINES = [
    line.split()
    for line in (Path(__file__).parent / "authorization.txt").read_text().splitlines()
    if not line.startswith("#")
]
ROLES = LINES[0][1:]
MATRIX = {name: dict(zip(ROLES, cells, strict=True)) for name, *cells in LINES[1:]}
CELLS = [(name, role, cell) for name, row in MATRIX.items() for role, cell in row.items()]
NO_SUCH_LINK = "A" * 22


@pytest.fixture(scope="module")
def ours(hall_server: Server) -> Hall:
    return Hall.made(hall_server)


@pytest.fixture(scope="module")
def anna(ours: Hall) -> Citizen:
    return ours.takes()


@pytest.fixture(scope="module")
def tokens(ours: Hall, anna: Citizen, hall_server: Server) -> dict[str, str | None]:
    return {
        "nobody": None,
        "citizen": str(anna.ticket["link_token"]),
        "clerk": ours.new_account(Role.CLERK),
        "guide": ours.token("guide"),
        "manager": ours.token("manager"),
        "admin": ours.token("admin+"),
        "elsewhere": Hall.made(hall_server).token("manager"),
    }


def test_every_published_operation_stands_in_the_matrix() -> None:
    assert MATRIX.keys() == OPERATIONS.keys()


def asks(name: str, role: str, hall: Hall, anna: Citizen, token: str | None) -> Answer:
    operation = OPERATIONS[name]
    link = anna.ticket["link_token"] if role == "citizen" else NO_SUCH_LINK
    path = operation.at(hall_id=hall.id, ticket_id=anna.id, link_token=str(link), account_id=f"{hall.id}-w2")
    client = hall.server.client(token)
    try:
        return client.ask(operation.method, path, operation.body or NOTHING)
    finally:
        client.close()


@pytest.mark.parametrize(("name", "role", "cell"), [cell for cell in CELLS if cell[2] != "yes"])
def test_whoever_may_not_ask_is_refused(
    ours: Hall, anna: Citizen, tokens: dict[str, str | None], name: str, role: str, cell: str
) -> None:
    seq = ours.seq()
    assert asks(name, role, ours, anna, tokens[role]).status == int(cell)
    assert ours.seq() == seq, "somebody who was refused left a trace"


@pytest.mark.parametrize(("name", "role", "cell"), [cell for cell in CELLS if cell[2] == "yes"])
def test_whoever_may_ask_gets_an_answer(hall: Hall, ours: Hall, name: str, role: str, cell: str) -> None:
    # What is allowed may change the hall, or end the session: each gets a hall and a token of its own.
    own = hall.takes()
    match role:
        case "clerk" | "guide" | "manager" | "admin":
            token: str | None = hall.new_account(Role(role), everywhere=role == "admin")
        case "elsewhere":
            token = ours.new_account(Role.MANAGER)
        case _:
            token = None if role == "nobody" else str(own.ticket["link_token"])
    answer = asks(name, role, hall, own, token)
    if name == "sessions_sign_in":  # With a password that fits nobody.
        assert answer.said == (401, "sign_in_refused")
    else:
        assert answer.status not in (401, 403), answer
        assert answer.code not in ("hall_unknown", "window_unknown", "not_found")


# ── By the object ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def theirs(hall_server: Server) -> Hall:
    """Another hall."""
    return Hall.made(hall_server)


@pytest.mark.parametrize("name", [name for name, each in OPERATIONS.items() if "hall_id" in each.names])
def test_a_manager_of_one_hall_changes_nothing_in_another(hall: Hall, theirs: Hall, name: str) -> None:
    if MATRIX[name]["elsewhere"] == "403":
        anna, seq = theirs.takes(), theirs.seq()
        answer = asks(name, "elsewhere", theirs, anna, hall.token("manager"))
        assert answer.said == (403, "not_your_hall")
        assert theirs.seq() == seq


def test_the_ticket_of_another_hall_cannot_be_reached_through_ones_own(hall: Hall, theirs: Hall) -> None:
    for _ in range(20):
        anna = theirs.takes()
    answer = hall.by("manager").ask("POST", f"{hall.at}/tickets/{anna.id}/void", {"reason": "guessed"})
    assert answer.status == 404
    assert anna.sees()["state"] == "waiting"


def test_a_link_opens_one_ticket_and_no_other(hall: Hall) -> None:
    anna, boris = hall.takes(), hall.takes()
    anna.asks("cancellation")
    assert boris.sees()["state"] == "waiting"


def test_numbers_and_ids_open_nothing(hall: Hall) -> None:
    anna = hall.takes()
    for guess in (anna.id, anna.ticket["number"], f"{anna.id:0>22}"):
        assert hall.server.anybody.ask("GET", f"/api/v1/tickets/{guess}").status == 404


def test_links_carry_128_bits_and_are_not_kept(hall: Hall) -> None:
    links = {str(hall.takes().ticket["link_token"]) for _ in range(50)}
    assert len(links) == 50
    assert {len(link) for link in links} == {22}
    rows = hall.server.do(
        hall.server.house.database.read(lambda tx: tx.all("SELECT body::text FROM journal"))
    )
    assert not any(link in row["body"] for link in links for row in rows)


@pytest.mark.parametrize("token", ["", "x", "Bearer", "A" * 43, "' OR 1=1--", "A" * 5000])
def test_a_token_that_was_made_up_opens_nothing(hall: Hall, token: str) -> None:
    answer = hall.desk("w1", token or " ").asks("GET")
    assert answer.said == (401, "sign_in_needed")


def test_whoever_signs_out_is_nobody_at_once(hall: Hall) -> None:
    desk = hall.desk("w1").does("session")
    desk.client.ask("DELETE", "/api/v1/sessions/current")
    assert desk.asks("POST", "calls").said == (401, "sign_in_needed")


def test_whoever_loses_a_role_loses_its_rights_at_once(hall: Hall) -> None:
    manager = hall.by("manager")
    people = hall.server.house.people
    account = next(each for each in hall.server.do(people.accounts(hall.id)) if each.role is Role.MANAGER)
    hall.server.do(people.put_account(replace(account, role=Role.CLERK), by="test"))
    assert manager.ask("DELETE", f"{hall.at}/day").status == 401


def test_the_public_board_names_nobody_who_waits(hall: Hall) -> None:
    hall.takes(phone="13800138000", priority_class="pregnant", needs=["wheelchair"])
    board = hall.server.anybody.ask("GET", hall.at).body.decode()
    assert not [word for word in ("13800138000", "pregnant", "wheelchair") if word in board]


def test_a_phone_number_is_nowhere_in_the_journal(hall: Hall) -> None:
    hall.takes(phone="13912345678")
    read = hall.server.house.database.read
    rows = hall.server.do(read(lambda tx: tx.all("SELECT body::text FROM journal")))
    assert not any("13912345678" in row["body"] for row in rows)


# ── By the site that asks ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", [n for n, each in OPERATIONS.items() if "security" in each.described])
def test_a_cookie_alone_changes_nothing_when_another_site_asks(hall: Hall, name: str) -> None:
    operation, anna = OPERATIONS[name], hall.takes()
    seq = hall.seq()
    answer = hall.server.anybody.ask(
        operation.method,
        operation.at(hall_id=hall.id, ticket_id=anna.id, account_id=f"{hall.id}-w2"),
        operation.body or NOTHING,
        headers={
            "cookie": f"session={hall.token('manager')}",
            "origin": "https://elsewhere.example",
            "sec-fetch-site": "cross-site",
        },
    )
    if operation.method != "GET":
        assert answer.said == (403, "cross_site")
    assert hall.seq() == seq
