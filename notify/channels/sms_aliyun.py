"""Short messages in mainland China through Aliyun (短信服务, Dysmsapi 2017-05-25).

Carriers there only take registered templates: what goes out is a template's code and its values. Requests
are signed with ACS3-HMAC-SHA256 as the vendor's "V3" page describes it.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

import httpx

from notify.channels import wire
from notify.channels.base import Letter
from notify.messages import Recipient
from notify.states import Accepted, Busy, Outcome, Refused

API: Final = "2017-05-25"
ALGORITHM: Final = "ACS3-HMAC-SHA256"

# Answers that say something about this person or this message; all others may pass or are our account's.
FINAL: Final = {
    "isv.MOBILE_NUMBER_ILLEGAL",
    "isv.MOBILE_COUNT_OVER_LIMIT",
    "isv.BUSINESS_LIMIT_CONTROL",
    "isv.DAY_LIMIT_CONTROL",
    "isv.BLACK_KEY_CONTROL_LIMIT",
    "isv.PARAM_LENGTH_LIMIT",
    "isv.OUT_OF_SERVICE",
    "isv.DENY_IP_RANGE",
}


class Aliyun:
    """Sends through Aliyun to numbers of mainland China."""

    name = "aliyun"

    def __init__(
        self,
        base_url: str,
        key_id: str,
        key_secret: str,
        sign_name: str,
        templates: Mapping[str, str],
        price: float,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.price = price
        self._client = wire.client(base_url)
        self._key_id = key_id
        self._key_secret = key_secret
        self._sign_name = sign_name
        self._templates = templates
        self._now = now

    def reaches(self, to: Recipient) -> bool:
        """Mainland numbers."""
        return to.in_mainland

    async def send(self, letter: Letter) -> Outcome:
        """Ask for one message. `OutId` is ours and comes back in its receipt."""
        template = self._templates.get(f"{letter.text_key}.{letter.language}")
        if template is None or letter.to.phone is None:
            return Refused("no_template")
        query = {
            "PhoneNumbers": letter.to.phone.removeprefix("+86"),
            "SignName": self._sign_name,
            "TemplateCode": template,
            "TemplateParam": json.dumps(dict(letter.parameters), ensure_ascii=False),
            "OutId": str(letter.id),
        }
        answer = await wire.ask(self._client, self._request("SendSms", query))
        if isinstance(answer, Busy):
            return answer
        _, said = answer
        code = said.get("Code")
        if code == "OK":
            return Accepted(str(said.get("BizId") or ""))
        return Refused(str(code)) if code in FINAL else Busy(str(code)[:80])

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    def _request(self, action: str, query: Mapping[str, str]) -> httpx.Request:
        headers = {
            "host": self._client.base_url.netloc.decode(),
            "x-acs-action": action,
            "x-acs-version": API,
            "x-acs-date": self._now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": secrets.token_hex(16),
        }
        signed = signed_headers("POST", "/", query, headers, b"", self._key_id, self._key_secret)
        return self._client.build_request("POST", f"/?{canonical(query)}", headers=signed)


def signed_headers(
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: bytes,
    key_id: str,
    key_secret: str,
) -> dict[str, str]:
    """The headers with the digest of the body and the signature over all of it."""
    digest = hashlib.sha256(body).hexdigest()
    all_headers = {**headers, "x-acs-content-sha256": digest}
    names = sorted(
        name for name in all_headers if name in ("host", "content-type") or name.startswith("x-acs-")
    )
    request = "\n".join(
        [
            method,
            path,
            canonical(query),
            "".join(f"{name}:{all_headers[name].strip()}\n" for name in names),
            ";".join(names),
            digest,
        ]
    )
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(key_secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    all_headers["authorization"] = (
        f"{ALGORITHM} Credential={key_id},SignedHeaders={';'.join(names)},Signature={signature}"
    )
    return all_headers


def canonical(query: Mapping[str, str]) -> str:
    """Names in order, everything escaped but the unreserved.

    >>> canonical({"b": "1 2", "a": "~*"})
    'a=~%2A&b=1%202'
    """
    return "&".join(f"{quote(name, safe='~')}={quote(query[name], safe='~')}" for name in sorted(query))
