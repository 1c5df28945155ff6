"""Who is there, as far as anybody knows."""

import pytest

from queue_server.kit.presence import Presence


@pytest.fixture
def redis_or_not(request: pytest.FixtureRequest) -> str | None:
    """With a real Valkey, and without any."""
    return request.getfixturevalue("redis_url") if request.param == "shared" else None


@pytest.mark.parametrize("redis_or_not", ["shared", "alone"], indirect=True)
async def test_who_was_never_there_is_not_missed(redis_or_not: str | None) -> None:
    presence = Presence(redis_or_not, alive_seconds=60)
    assert await presence.missing(["h1:01:console"]) == set()
    await presence.close()


@pytest.mark.parametrize("redis_or_not", ["shared", "alone"], indirect=True)
async def test_who_was_just_heard_of_is_there(redis_or_not: str | None) -> None:
    presence = Presence(redis_or_not, alive_seconds=60)
    await presence.beat("h1:01:console")
    assert await presence.missing(["h1:01:console"]) == set()
    await presence.close()


@pytest.mark.parametrize("redis_or_not", ["shared", "alone"], indirect=True)
async def test_who_fell_silent_is_missed_until_heard_of_again(redis_or_not: str | None) -> None:
    # Nothing outlives a thousandth of a second, so silence needs no waiting.
    presence = Presence(redis_or_not, alive_seconds=0.001)
    await presence.beat("h1:01:console")
    while not await presence.missing(["h1:01:console"]):
        pass
    heard = Presence(redis_or_not, alive_seconds=60)
    await heard.beat("h1:01:console")
    assert await heard.missing(["h1:01:console"]) == set()
    await presence.close()
    await heard.close()


@pytest.mark.parametrize("redis_or_not", ["shared", "alone"], indirect=True)
async def test_who_signed_out_is_not_missed(redis_or_not: str | None) -> None:
    presence = Presence(redis_or_not, alive_seconds=0.001)
    await presence.beat("h1:01:console")
    await presence.forget("h1:01:console")
    assert await presence.missing(["h1:01:console"]) == set()
    await presence.close()


async def test_without_the_redis_it_should_have_nobody_knows_who_is_missing() -> None:
    presence = Presence("redis://127.0.0.1:1", alive_seconds=0.001)
    await presence.beat("h1:01:console")
    assert await presence.missing(["h1:01:console"]) is None
    await presence.close()
