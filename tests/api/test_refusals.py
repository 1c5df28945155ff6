"""A hall says no: with a code that never changes, the present state, and a sentence in both languages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from queue_server.kit.rejections import Rejected, sentence

from .places import Answer, Hall, Server
from .story import Story

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def rows(name: str) -> list[list[str]]:
    """The lines of a table, each in its parts."""
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return [[part.strip() for part in line.split("·")] for line in lines if not line.startswith("#")]


def asked(hall: Hall, before: str, deed: str) -> Answer:
    """What the last deed of a story came to, which must leave no trace."""
    story = Story(hall).tell(before.replace(";", "\n"))
    seq = hall.seq()
    answer = story.do(deed)
    assert answer is not None
    assert hall.seq() == seq, "a refused request left a trace in the journal"
    return answer


def check_words(answer: Answer) -> None:
    """Raise unless the sentences are whole and in their languages."""
    problem = answer.json
    assert CHINESE.search(problem["detail_zh"])
    assert not CHINESE.search(problem["detail"])
    assert "…" not in problem["detail"] + problem["detail_zh"]
    assert (problem["title"], problem["title_zh"]) == (problem["detail"], problem["detail_zh"])
    assert problem["type"] == f"/problems/{problem['code']}"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("before", "deed", "code", "state"), rows("refused.txt"))
def test_an_act_in_the_wrong_state_is_refused_with_that_state(
    hall: Hall, before: str, deed: str, code: str, state: str
) -> None:
    answer = asked(hall, before, deed)
    assert answer.said == (409, code), answer
    assert answer.json.get("state", "-") == state
    check_words(answer)


@pytest.mark.parametrize(("before", "deed", "status", "code"), rows("wrong.txt"))
def test_what_is_wrong_in_itself_is_refused_in_any_state(
    hall: Hall, before: str, deed: str, status: str, code: str
) -> None:
    answer = asked(hall, before, deed)
    assert answer.said == (int(status), code), answer
    check_words(answer)


def test_a_group_without_any_window_takes_no_transfer(hall_server: Server) -> None:
    groups = [{"id": "A", "prefix": "A"}, {"id": "B", "prefix": "B"}]
    hall = Hall.made(hall_server, groups=groups, windows=[{"id": "w1", "groups": ["A"]}])
    answer = asked(hall, "anna takes A; w1 session; w1 calls; w1 start", "w1 transfer")
    assert answer.said == (409, "no_window_for_group")


def test_a_citizen_is_not_sent_on_for_ever(hall_server: Server) -> None:
    hall = Hall.made(hall_server, rules={"hops_max": 1})
    before = """
        anna takes A
        w2 session
        w2 calls
        w2 start
        w2 transfer {"group": "B", "reason": "belongs there"}
        w2 calls
        w2 start
    """
    answer = asked(hall, before, 'w2 transfer {"group": "A", "reason": "belongs back"}')
    assert answer.said == (409, "hops_used_up")
    assert answer.json["state"] == "serving"


def test_a_clerk_sits_at_one_window_at_a_time(hall: Hall) -> None:
    hall.desk("w1").does("session")
    answer = hall.desk("w2", hall.clerks["w1"]).asks("POST", "session")
    assert answer.said == (409, "clerk_elsewhere")
    assert answer.json["state"] == "closed"


def test_a_ticket_nobody_ever_took_is_unknown_to_staff_as_well(hall: Hall) -> None:
    answer = hall.by("guide").ask("POST", f"{hall.at}/tickets/999999/void", {"reason": "typed by hand"})
    assert answer.said == (404, "ticket_unknown")


def test_the_ticket_of_another_hall_is_unknown_here(hall: Hall, hall_server: Server) -> None:
    other = Hall.made(hall_server)
    for _ in range(5):
        stranger = other.takes()
    answer = hall.by("guide").ask("POST", f"{hall.at}/tickets/{stranger.id}/void", {"reason": "not ours"})
    assert answer.said == (404, "ticket_unknown")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/halls/h9",
        "/api/v1/tickets/AAAAAAAAAAAAAAAAAAAAAA",
        "/api/v1/tickets/short",
        "/api/v1/nothing",
    ],
)
def test_what_does_not_exist_is_not_found_in_both_languages(hall_server: Server, path: str) -> None:
    answer = hall_server.anybody.ask("GET", path)
    assert answer.status == 404
    check_words(answer)


def test_an_unknown_window_is_not_found_by_its_staff(hall: Hall) -> None:
    assert hall.desk("w9", hall.clerks["w1"]).asks("GET").said == (404, "window_unknown")


# ── The whole vocabulary ─────────────────────────────────────────────────────────────────────────


def refusals(of: type[Rejected] = Rejected) -> Iterator[type[Rejected]]:
    """Every refusal of the house; those that tests made up for themselves are not of the house."""
    for each in of.__subclasses__():
        if each.__module__.startswith(("queue_server", "displays", "kiosk", "notify")):
            yield each
        yield from refusals(each)


@pytest.mark.parametrize(
    "refusal", sorted(set(refusals()), key=lambda each: each.code), ids=lambda each: each.code
)
def test_every_refusal_has_a_sentence_in_both_languages(refusal: type[Rejected]) -> None:
    assert CHINESE.search(refusal.zh)
    assert refusal.zh != Rejected.zh, "it says only what every refusal says"
    assert sentence(refusal).endswith(".")
    assert not CHINESE.search(sentence(refusal))


def test_no_two_refusals_share_a_code() -> None:
    codes = [(each.code, each.status) for each in set(refusals())]
    assert len({code for code, _ in codes}) == len(codes)
