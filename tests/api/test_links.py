"""A ticket's link is a secret that nobody finds by trying."""

import secrets
from collections.abc import Iterator

import pytest

from queue_server.settings import Settings

from .places import Hall, Server, served
from .test_refusals import check_words

TRIES = 20


@pytest.fixture
def server(hall_settings: Settings) -> Iterator[Server]:
    """A server as it comes, with a count of its own."""
    alone = {"redis_url": "", "wrong_links_per_minute": TRIES}
    with served(hall_settings.model_copy(update=alone)) as server:
        yield server


def test_whoever_tries_link_after_link_has_to_wait_and_those_who_follow_theirs_do_not(server: Server) -> None:
    anna = Hall.made(server).takes("A")
    answers = [server.anybody.ask("GET", f"/api/v1/tickets/{secrets.token_urlsafe(16)}") for _ in range(30)]
    assert [answer.status for answer in answers] == [404] * TRIES + [429] * (30 - TRIES)
    refusal = answers[-1]
    assert refusal.json["code"] == "too_many_wrong_links"
    assert int(refusal.headers["retry-after"]) == refusal.json["retry_after_seconds"] <= 60 / TRIES
    check_words(refusal)
    assert server.anybody.ask("GET", f"/t/{secrets.token_urlsafe(16)}").status == 429
    assert server.anybody.ask("GET", anna.at).status == 200
