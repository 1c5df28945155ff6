"""Signing in and out, and keeping accounts.

What a token is worth is looked up at most once in two seconds. Whoever is disabled, gets another role or
another password is signed out everywhere: their sessions are gone with the commit, and the topic `sessions`
makes every process forget what it knew.
"""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from queue_server.kit.bus import Bus
from queue_server.kit.database import Database, Duplicate, Transaction
from queue_server.kit.requests import Key
from queue_server.people import store
from queue_server.people.core import (
    Account,
    AccountExists,
    AccountUnknown,
    Certificates,
    LastAdmin,
    Level,
    LoginTaken,
    LoginUnusable,
    MentorMissing,
    SignInRefused,
    as_login,
    check_password,
    is_admin_everywhere,
    rights,
)
from queue_server.people.passwords import Passwords
from queue_server.people.sealing import derive

Also = Callable[[Transaction], None]

log = structlog.get_logger(__name__)

SESSIONS_TOPIC: Final = "sessions"
KNOWN_SECONDS: Final = 2.0
KNOWN_MAX: Final = 10_000
TOKEN_BYTES: Final = 32
PASSWORD_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # Without those that look alike on paper.


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What somebody gets who signed in. The token exists nowhere else."""

    token: str
    expires_at: datetime
    account: Account
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class _Known:
    account: Account
    expires_at: datetime
    until: float


class People:
    """Everybody who works here."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        clock: Callable[[], datetime],
        *,
        secret: bytes,
        session_hours: int = 10,  # One shift.
        failures_max: int = 5,
        wait_seconds: int = 900,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._passwords = Passwords(secret)
        self._first_passwords = derive(secret, b"first passwords")
        self._session = timedelta(hours=session_hours)
        self._failures_max = failures_max
        self._wait = timedelta(seconds=wait_seconds)
        self._monotonic = monotonic
        self._known: dict[bytes, _Known] = {}
        bus.subscribe(self._look_again)

    # ── Signing in and out ──────────────────────────────────────────────────────────────────────

    async def sign_in(self, login: str, password: str, *, address: str = "") -> SignedIn:
        """Let somebody in. Every reason to refuse looks the same and takes the same time."""
        now = self._clock()
        name = as_login(login)
        attempt_key = hashlib.sha256(f"{name or login}\0{address}".encode("utf-8", "surrogatepass")).digest()

        def look(tx: Transaction) -> tuple[int, tuple[Account, str | None] | None]:
            attempts = store.count_attempt(tx, attempt_key, now, now - self._wait, self._failures_max)
            return attempts, store.account_by_login(tx, name or "")

        attempts, found = await self._database.write(look)
        kept = found[1] if found else None
        fits = await self._passwords.fits(kept, password)
        if not fits or found is None or kept is None or attempts > self._failures_max:
            # Not what was typed: now and then somebody types the password into the wrong field.
            log.info("sign_in_refused", account=found[0].id if found else None, attempts=attempts)
            raise self._refused()
        return await self._let_in(found[0], kept, password, attempt_key)

    async def _let_in(self, account: Account, kept: str, password: str, attempt_key: bytes) -> SignedIn:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        stronger = await self._passwords.hash(password) if self._passwords.is_weak(kept) else None
        now = self._clock()
        expires_at = now + self._session

        def unit(tx: Transaction) -> bool:
            if not store.open_session(tx, _digest(token), account.id, kept, now, expires_at):
                return False
            store.forgive(tx, attempt_key)
            if stronger is not None:
                store.rehash(tx, account.id, stronger)
            return True

        if not await self._database.write(unit):
            raise self._refused()
        log.info("signed_in", account=account.id)
        return SignedIn(token, expires_at, account, self._session)

    async def admit(self, account: Account) -> SignedIn:
        """A session for somebody whom the caller vouches for: rehearsals do, and no page ever may."""
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._clock()
        expires_at = now + self._session

        def unit(tx: Transaction) -> bool:
            found = store.account_by_id(tx, account.id)
            kept = found[1] if found else None
            return store.open_session(tx, _digest(token), account.id, kept, now, expires_at)

        if not await self._database.write(unit):
            raise AccountUnknown
        return SignedIn(token, expires_at, account, self._session)

    def _refused(self) -> SignInRefused:
        return SignInRefused(
            failures_max=self._failures_max, wait_minutes=round(self._wait.total_seconds() / 60)
        )

    async def whoami(self, token: str) -> Account | None:
        """Who holds this token, if it is still good."""
        token_hash = _digest(token)
        known = self._known.get(token_hash)
        if known is None or self._monotonic() >= known.until:
            known = await self._look_up(token_hash)
        if known is None or self._clock() >= known.expires_at:
            return None
        return known.account

    async def _look_up(self, token_hash: bytes) -> _Known | None:
        now, until = self._clock(), self._monotonic() + KNOWN_SECONDS
        found = await self._database.read(lambda tx: store.session(tx, token_hash, now))
        if found is None:
            self._known.pop(token_hash, None)
            return None
        if len(self._known) >= KNOWN_MAX:
            self._known.clear()
        known = self._known[token_hash] = _Known(*found, until)
        return known

    async def sign_out(self, token: str) -> None:
        """End the session of this token, everywhere at once."""
        await self._database.write(lambda tx: store.close_session(tx, _digest(token)))
        await self._forget_sessions()

    async def sign_out_everywhere(self, account_id: str) -> None:
        """End every session of somebody."""
        await self._database.write(lambda tx: store.close_sessions(tx, account_id))
        await self._forget_sessions()

    async def _forget_sessions(self) -> None:
        self._known.clear()
        await self._bus.wake(SESSIONS_TOPIC)

    def _look_again(self, topic: str) -> None:
        if topic == SESSIONS_TOPIC:
            self._known.clear()

    # ── Accounts ────────────────────────────────────────────────────────────────────────────────

    async def create_account(
        self,
        account: Account,
        *,
        password: str | None = None,
        skills: Mapping[str, Level] | None = None,
        certificates: Certificates | None = None,
        by: str,
        also: Also | None = None,
    ) -> None:
        """Add somebody. Refused if the id or the login is taken. `also` writes more rows with it."""
        await self._put(account, password, skills, certificates, by, also, new=True)

    async def put_account(
        self,
        account: Account,
        *,
        password: str | None = None,
        skills: Mapping[str, Level] | None = None,
        certificates: Certificates | None = None,
        by: str,
        also: Also | None = None,
    ) -> None:
        """Add somebody or change what is known of them. Password, skills and certificates stay unless given."""
        await self._put(account, password, skills, certificates, by, also, new=False)

    async def _put(
        self,
        account: Account,
        password: str | None,
        skills: Mapping[str, Level] | None,
        certificates: Certificates | None,
        by: str,
        also: Also | None,
        *,
        new: bool,
    ) -> None:
        account = _checked(account)
        if password is not None:
            check_password(password, account)
        password_hash = None if password is None else await self._passwords.hash(password)
        now = self._clock()

        def unit(tx: Transaction) -> None:
            before = store.account_by_id(tx, account.id)
            if new and before is not None:
                raise AccountExists
            if account.mentor_id is not None and store.account_by_id(tx, account.mentor_id) is None:
                raise MentorMissing
            resigns = (
                before is not None and is_admin_everywhere(before[0]) and not is_admin_everywhere(account)
            )
            if resigns and store.admins_everywhere(tx) == [account.id]:
                raise LastAdmin
            store.put_account(tx, account, password_hash)
            if before is None or before[0] != account or password_hash is not None:
                store.remember_account(tx, account, by, now)
            if skills is not None:
                store.put_skills(tx, account.id, skills)
            if certificates is not None:
                store.put_certificates(tx, account.id, certificates, by, now)
            if before is not None and (password_hash is not None or rights(before[0]) != rights(account)):
                store.close_sessions(tx, account.id)
            if also is not None:
                also(tx)

        try:
            await self._database.write(unit)
        except Duplicate as duplicate:
            if duplicate.constraint == "accounts_login_is_taken":
                raise LoginTaken from duplicate
            if duplicate.constraint == "accounts_pkey":
                raise AccountExists from duplicate
            raise  # The same request was answered before.
        log.info("account_changed", account=account.id, by=by)
        await self._forget_sessions()

    async def account(self, account_id: str) -> Account:
        """Somebody by their id."""
        found = await self._database.read(lambda tx: store.account_by_id(tx, account_id))
        if found is None:
            raise AccountUnknown
        return found[0]

    async def accounts(self, hall_id: str | None = None) -> list[Account]:
        """Everybody of one hall, or of the whole installation."""
        return await self._database.read(lambda tx: store.accounts_of(tx, hall_id))

    async def accounts_with_skills(self, hall_id: str | None) -> list[tuple[Account, dict[str, Level]]]:
        """Everybody of one hall, or of the whole installation, and what each is trained for."""
        return await self._database.read(lambda tx: store.accounts_with_skills(tx, hall_id))

    def first_password(self, request: Key | None) -> str:
        """A password for somebody who will be told it; the same whenever the same request is repeated."""
        if request is None:
            return new_password()
        digits = hmac.digest(self._first_passwords, f"{request.scope} {request.key}".encode(), "sha512")
        return grouped(PASSWORD_LETTERS[digit % len(PASSWORD_LETTERS)] for digit in digits[:16])

    def now(self) -> datetime:
        """The time people live by."""
        return self._clock()

    async def skills_of(self, account_id: str) -> Mapping[str, Level]:
        """What somebody is trained for, by group."""
        return await self._database.read(lambda tx: store.skills_of(tx, account_id))

    async def certificates_of(self, account_ids: Sequence[str]) -> Mapping[str, Certificates]:
        """Until when people are certified, by account. Whoever has no certificate is not named."""
        return await self._database.read(lambda tx: store.certificates_of(tx, account_ids))

    async def tidy(self) -> None:
        """Forget sessions that are over and failures that no longer lock anybody out."""
        now = self._clock()

        def unit(tx: Transaction) -> None:
            store.close_expired(tx, now)
            store.forgive_old(tx, now - self._wait)

        await self._database.write(unit)


def new_password() -> str:
    """A password for somebody who will be told it, such as x7qm-k2pd-94hs-tbne: 79 bits of chance."""
    return grouped(secrets.choice(PASSWORD_LETTERS) for _ in range(16))


def grouped(letters: Iterable[str]) -> str:
    """Letters as one reads them from paper."""
    return "-".join(re.findall("....", "".join(letters)))


def _checked(account: Account) -> Account:
    login = as_login(account.login)
    if login is None:
        raise LoginUnusable
    if account.mentor_id == account.id or (account.trainee and account.mentor_id is None):
        raise MentorMissing
    return replace(account, login=login)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
