"""Passwords: slow to guess, impossible to read, and never in the way of anybody else's request.

Argon2id with the parameters OWASP recommends takes a core for some 30 ms, so two threads do all of it. What
does not get into the queue in front of them is sent away at once: a flood of guesses must not become a flood
of memory. A pepper which is not in the database goes into every hash.
"""

import asyncio
import base64
import hmac
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from queue_server.people.core import SignInBusy
from queue_server.people.sealing import derive

MEMORY_KIB = 19 * 1024
ROUNDS = 2
AT_ONCE_MAX = 2
WAITING_MAX = 100
RETRY_AFTER_SECONDS = 3

Values = TypeVarTuple("Values")
Result = TypeVar("Result")


class Passwords:
    """Hashes passwords and compares them."""

    def __init__(self, secret: bytes) -> None:
        self._pepper = derive(secret, b"passwords")
        self._hasher = PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=1, type=Type.ID)
        self._threads = ThreadPoolExecutor(AT_ONCE_MAX, thread_name_prefix="password")
        self._waiting = 0
        self._nobodys_hash = self._hasher.hash(self._peppered("nobody's password"))

    async def hash(self, password: str) -> str:
        """The hash to keep."""
        return await self._in_a_thread(self._hashed, self._peppered(password))

    async def fits(self, kept: str | None, password: str) -> bool:
        """Whether this is the password. Without a hash the answer is no, and it takes just as long."""
        verified = await self._in_a_thread(
            self._verified, kept or self._nobodys_hash, self._peppered(password)
        )
        return verified and kept is not None

    def is_weak(self, kept: str) -> bool:
        """Whether a hash was made with lesser parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _hashed(self, peppered: bytes) -> str:
        return self._hasher.hash(peppered)

    def _verified(self, kept: str, peppered: bytes) -> bool:
        try:
            return self._hasher.verify(kept, peppered)
        except (VerificationError, InvalidHashError):
            return False

    def _peppered(self, password: str) -> bytes:
        plain = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
        return base64.b64encode(hmac.digest(self._pepper, plain, "sha256"))

    async def _in_a_thread(self, work: Callable[[*Values], Result], *values: *Values) -> Result:
        if self._waiting >= WAITING_MAX:
            raise SignInBusy(retry_after_seconds=RETRY_AFTER_SECONDS)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *values)
        finally:
            self._waiting -= 1
