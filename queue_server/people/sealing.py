"""Personal fields at rest: sealed so that only this server can read them, and bound to their row.

    sealed    key id "." base64(nonce, AES-256-GCM ciphertext); table and row are authenticated along with it,
              so a value copied to another row does not open
    index     HMAC-SHA256 of the plain value, to find a row again without opening any

Every key is derived from one secret, so there is one thing to keep safe. To rotate it, put the new secret
first and the old one among `former`: what is written uses the new one, what is read may use any.
"""

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECRET_BYTES_MIN = 32
NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed value does not open: another row's, another key's, or damaged."""


class Sealer:
    """Seals and opens single fields."""

    def __init__(self, secret: bytes, *, former: tuple[bytes, ...] = ()) -> None:
        for each in (secret, *former):
            if len(each) < SECRET_BYTES_MIN:
                raise ValueError(f"the secret has {len(each)} bytes rather than at least {SECRET_BYTES_MIN}")
        self._key_id = _key_id(secret)
        self._keys = {_key_id(each): AESGCM(derive(each, b"seal")) for each in (*former, secret)}
        self._index_keys = [derive(each, b"index") for each in (secret, *former)]

    def seal(self, plain: str, *, table: str, row: str) -> str:
        """The value as it may be stored in this row, and in no other."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._keys[self._key_id].encrypt(nonce, plain.encode(), _bound_to(table, row))
        return f"{self._key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, *, table: str, row: str) -> str:
        """The value as it was before. Raises SealBroken for one that was sealed elsewhere."""
        key_id, _, body = sealed.partition(".")
        try:
            key, raw = self._keys[key_id], base64.urlsafe_b64decode(body)
            return key.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound_to(table, row)).decode()
        except (KeyError, ValueError, InvalidTag) as error:
            raise SealBroken(f"{table} {row}") from error

    def index(self, plain: str) -> bytes:
        """A digest to find the value by; equal for equal values."""
        return _digest(self._index_keys[0], plain)

    def indexes(self, plain: str) -> list[bytes]:
        """The digests under which a row may have been stored, former secrets included."""
        return [_digest(key, plain) for key in self._index_keys]


def derive(secret: bytes, purpose: bytes) -> bytes:
    """A key of its own for each purpose, so that none of them says anything about another."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"jinghao " + purpose).derive(secret)


def _key_id(secret: bytes) -> str:
    return hashlib.sha256(derive(secret, b"key id")).hexdigest()[:8]


def _bound_to(table: str, row: str) -> bytes:
    return f"{table}\0{row}".encode()


def _digest(key: bytes, plain: str) -> bytes:
    return hmac.digest(key, plain.encode(), "sha256")
