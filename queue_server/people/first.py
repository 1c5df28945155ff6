"""An admin's account from the command line: the first one, or a new password for one who is locked out."""

import asyncio
import sys

from queue_server.kit.bus import Bus
from queue_server.kit.clock import SystemClock
from queue_server.kit.database import Database
from queue_server.kit.rejections import Rejected
from queue_server.people.actions import People, new_password
from queue_server.people.core import Account, AccountUnknown, Role, as_login
from queue_server.settings import Settings

BY = "command line"


def main(deed: str, login: str, settings: Settings) -> int:
    """Carry out `create` or `password`, and print the password on a line of its own."""
    try:
        password = asyncio.run(done(deed, login, settings))
    except Rejected as no:
        print(f"jinghao: {no.en}", file=sys.stderr)
        return 1
    print(f"Sign in at /sign-in as {as_login(login)} with this password, which is shown once:\n{password}")
    return 0


async def done(deed: str, login: str, settings: Settings) -> str:
    """The new password of the account."""
    database = Database(settings.database_url)
    await database.open()
    try:
        people = People(database, Bus(settings.redis_url or None), SystemClock(), secret=settings.key())
        password = new_password()
        if deed == "create":
            name = as_login(login) or login
            admin = Account(name, None, login, name, name, Role.ADMIN)
            await people.create_account(admin, password=password, by=BY)
        else:
            found = [each for each in await people.accounts() if each.login == as_login(login)]
            if not found:
                raise AccountUnknown
            await people.put_account(found[0], password=password, by=BY)
        return password
    finally:
        await database.close()
