"""Short messages in mainland China through Tencent Cloud (短信, SMS 2021-01-11).

As with Aliyun a registered template goes out with its values, here by position. Requests are signed with
TC3-HMAC-SHA256.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from notify.channels import wire
from notify.channels.base import Letter
from notify.messages import Recipient
from notify.states import Accepted, Busy, Outcome, Refused

API: Final = "2021-01-11"
ALGORITHM: Final = "TC3-HMAC-SHA256"
CONTENT_TYPE: Final = "application/json; charset=utf-8"

# What is said about this person or this message begins with one of these.
FINAL: Final = (
    "FailedOperation.PhoneNumberInBlacklist",
    "FailedOperation.ContainSensitiveWord",
    "InvalidParameterValue.IncorrectPhoneNumber",
    "InvalidParameterValue.ContentLengthLimit",
    "LimitExceeded.PhoneNumber",
    "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber",
)


class Tencent:
    """Sends through Tencent Cloud to numbers of mainland China."""

    name = "tencent"

    def __init__(
        self,
        base_url: str,
        secret_id: str,
        secret_key: str,
        app_id: str,
        sign_name: str,
        region: str,
        templates: Mapping[str, str],
        price: float,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.price = price
        self._client = wire.client(base_url)
        self._secret_id = secret_id
        self._secret_key = secret_key
        self._app_id = app_id
        self._sign_name = sign_name
        self._region = region
        self._templates = templates
        self._now = now

    def reaches(self, to: Recipient) -> bool:
        """Mainland numbers."""
        return to.in_mainland

    async def send(self, letter: Letter) -> Outcome:
        """Ask for one message."""
        template = self._templates.get(f"{letter.text_key}.{letter.language}")
        if template is None:
            return Refused("no_template")
        wanted = {
            "PhoneNumberSet": [letter.to.phone],
            "SmsSdkAppId": self._app_id,
            "SignName": self._sign_name,
            "TemplateId": template,
            "TemplateParamSet": [value for _, value in letter.parameters],
            "SessionContext": str(letter.id),
        }
        answer = await wire.ask(self._client, self._request("SendSms", wanted))
        return answer if isinstance(answer, Busy) else outcome_of(answer[1])

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    def _request(self, action: str, wanted: Mapping[str, Any]) -> httpx.Request:
        body = json.dumps(wanted, ensure_ascii=False).encode()
        host = self._client.base_url.netloc.decode()
        timestamp = int(self._now().timestamp())
        headers = {
            "authorization": authorization(host, "sms", body, timestamp, self._secret_id, self._secret_key),
            "content-type": CONTENT_TYPE,
            "host": host,
            "x-tc-action": action,
            "x-tc-timestamp": str(timestamp),
            "x-tc-version": API,
            "x-tc-region": self._region,
        }
        return self._client.build_request("POST", "/", content=body, headers=headers)


def outcome_of(said: Mapping[str, Any]) -> Outcome:
    """What an answer means."""
    response = said.get("Response")
    if not isinstance(response, dict):
        return Busy("malformed_answer")
    error, statuses = response.get("Error"), response.get("SendStatusSet")
    if isinstance(error, dict):
        return _not_sent(error.get("Code"))
    if not isinstance(statuses, list) or len(statuses) != 1 or not isinstance(statuses[0], dict):
        return Busy("malformed_answer")
    status = statuses[0]
    if status.get("Code") != "Ok":
        return _not_sent(status.get("Code"))
    fee = status.get("Fee")
    return Accepted(str(status.get("SerialNo") or ""), parts=fee if isinstance(fee, int) and fee > 0 else 1)


def _not_sent(code: object) -> Outcome:
    reason = str(code)[:80]
    return Refused(reason) if reason.startswith(FINAL) else Busy(reason)


def authorization(
    host: str, service: str, body: bytes, timestamp: int, secret_id: str, secret_key: str
) -> str:
    """The header that signs a POST of JSON to `/`."""
    day = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
    signed = "content-type;host"
    request = "\n".join(
        ["POST", "/", "", f"content-type:{CONTENT_TYPE}\nhost:{host}\n", signed, _sha256(body)]
    )
    scope = f"{day}/{service}/tc3_request"
    to_sign = f"{ALGORITHM}\n{timestamp}\n{scope}\n{_sha256(request.encode())}"
    key = f"TC3{secret_key}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={signed}, Signature={signature}"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
