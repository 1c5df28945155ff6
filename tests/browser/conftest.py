"""What the tests in a browser share: the demonstration hall, open on a Monday morning, on a real server."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from playwright.async_api import BrowserContext

from queue_server.demo.definition import H1, Definition, read
from queue_server.demo.seed import seed
from queue_server.people.core import Role
from queue_server.settings import Settings
from tests.api.places import Server, eventually

MONDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)  # Half past nine in Shanghai.
FIRST_WINDOW = "08"  # General business.


@dataclass
class DemoHall:
    """A running server with a hall that is open."""

    server: Server
    hall_id: str
    logins: dict[str, str]  # The password of everybody, by login.
    clerk_at: dict[str, str]  # Who may open a window, as a login, by window.
    group_of: dict[str, str]
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        return self.server.base

    def admit(self) -> None:
        """Sign a clerk in for each window, as if they had typed their passwords."""
        people = self.server.house.people
        accounts = {each.login: each for each in self.server.do(people.accounts(self.hall_id))}
        for window_id, login in self.clerk_at.items():
            self.tokens[window_id] = self.server.do(people.admit(accounts[login])).token

    async def sign_in(self, context: BrowserContext, window_id: str) -> None:
        """Make this browser that of the clerk of a window."""
        cookie = {"name": "session", "value": self.tokens[window_id], "url": self.base_url}
        await context.add_cookies([cookie])  # type: ignore[list-item]

    def stop(self) -> None:
        self.server.stop()


@pytest.fixture
async def seeded(settings: Settings) -> tuple[Settings, Definition, dict[str, str]]:
    """The demonstration hall in a database of this test's own."""
    definition = read(H1)
    logins = await seed(settings, [definition], settings.data / "logins.json")
    return settings, definition, logins


@pytest.fixture
def hall_server(seeded: tuple[Settings, Definition, dict[str, str]]) -> Iterator[DemoHall]:
    """The demonstration hall, open for half an hour already."""
    settings, definition, logins = seeded
    server = Server(
        settings.model_copy(update={"clock": "accelerated", "clock_speed": 1.0, "clock_start": MONDAY})
    )
    windows = sorted(definition.windows, key=lambda window: window.id != FIRST_WINDOW)
    hall = DemoHall(
        server,
        definition.hall.id,
        logins,
        clerk_at=clerks_for(definition),
        group_of={window.id: window.groups[0] for window in windows},
    )
    server.start()
    try:
        path = f"/api/v1/halls/{hall.hall_id}"
        assert eventually(lambda: server.anybody.ask("GET", path).json["hall"]["open"], 10, pause=0.1)
        hall.admit()
        yield hall
    finally:
        if hall.server.runs:  # Which may be another by now, at the same address.
            hall.server.stop()


def clerks_for(definition: Definition) -> dict[str, str]:
    """A clerk for each window who can serve its first group, everybody once; the first window first."""
    free = [each for each in definition.staff if each.role is Role.CLERK and each.mentor is None]
    found = {}
    for window in sorted(definition.windows, key=lambda window: window.id != FIRST_WINDOW):
        clerk = next((each for each in free if window.groups[0] in each.skills), None)
        if clerk is not None:
            free.remove(clerk)
            found[window.id] = clerk.login
    return found
