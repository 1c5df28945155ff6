"""Short messages abroad through Twilio, with its own library.

Twilio's asynchronous client forgets the timeout it is made with, so ours gives it to every request. The
same place points requests at another base address, for a double on loopback.
"""

import math
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from notify.channels.base import ATTEMPT_SECONDS_MAX, Letter
from notify.messages import Recipient
from notify.states import Accepted, Busy, Outcome, Refused

# Twilio's codes for "not to this number": invalid, no mobile, not reachable, not permitted, unsubscribed.
FINAL: Final = {21211, 21214, 21217, 21408, 21421, 21610, 21612, 21614, 21617, 30003, 30005, 30006}

PART_CHARACTERS: Final = 67  # Of a message in several parts, in Chinese.


class OneBase(AsyncTwilioHttpClient):
    """Twilio's client with a timeout, and with one address for all its hosts."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=ATTEMPT_SECONDS_MAX)
        self._base = urlsplit(base_url)

    async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """The request, to our base address and within our time."""
        parts = urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        kwargs["timeout"] = kwargs.get("timeout") or self.timeout
        return await super().request(method, urlunsplit(parts), *args, **kwargs)


class Twilio:
    """Sends through Twilio to numbers outside mainland China."""

    name = "twilio"

    def __init__(
        self,
        base_url: str,
        account_sid: str,
        auth_token: str,
        sender: str,
        status_callback: str,
        price: float,
    ) -> None:
        self.price = price
        self._base_url = base_url
        self._account_sid = account_sid
        self._auth_token = auth_token
        # A number of ours or, by its id, a service that chooses one.
        self._sender = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}
        self._status_callback = status_callback
        self._http: OneBase | None = None

    def reaches(self, to: Recipient) -> bool:
        """Numbers abroad: to mainland China, Twilio has no registered templates of ours."""
        return to.phone is not None and not to.in_mainland

    async def send(self, letter: Letter) -> Outcome:
        """Ask for one message."""
        if self._http is None:
            self._http = OneBase(self._base_url)  # It wants a running event loop.
        client = Client(self._account_sid, self._auth_token, http_client=self._http)
        try:
            message = await client.messages.create_async(
                to=letter.to.phone,
                **self._sender,
                body=letter.text,
                status_callback=self._status_callback,
            )
        except TwilioRestException as error:
            if error.code in FINAL:
                return Refused(str(error.code))
            return Busy(f"http_{error.status} {error.code or ''}".strip())
        except TimeoutError:
            return Busy("timeout")
        except (aiohttp.ClientError, OSError) as error:
            return Busy(f"unreachable: {type(error).__name__}")
        except (TwilioException, ValueError, TypeError, KeyError, AttributeError):
            return Busy("malformed_answer")
        if not message.sid:
            return Busy("malformed_answer")
        return Accepted(message.sid, parts=parts_of(letter.text))

    async def close(self) -> None:
        """Let go of connections."""
        if self._http is not None:
            await self._http.close()


def parts_of(text: str) -> int:
    """How many messages a sentence is.

    >>> parts_of("A007"), parts_of("请" * 71)
    (1, 2)
    """
    single = 160 if text.isascii() else 70
    return 1 if len(text) <= single else math.ceil(len(text) / (153 if text.isascii() else PART_CHARACTERS))
