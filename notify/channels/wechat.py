"""Messages in WeChat, from an official account to people who came to it (wechatpy 1.8.18 underneath).

The library had its last release in 2021. What it gets wrong is put right here, and nowhere else:

* Each process would fetch a token of its own, and each would make the other's worthless. Ours comes from
  `stable_token`, is kept in Redis for all processes, and fetched by one of them (`Account.fetch_access_token`).
* A token that stays invalid is fetched again and again by the library until the stack is full: `auto_retry`
  is off, and the outbox is what tries again.
* Fetching knows no time limit, and addresses are fixed in the middle of functions: every request goes
  through a session with a limit, and to our base address.
* It blocks: it runs on threads, and no request waits for one of them.

There are two kinds of messages. A *template* message goes to whoever follows the account. A *subscription*
needs a consent for each message, given by a tap: we count them, and without one we do not even ask.
"""

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

import requests
import structlog
from redis import Redis
from redis.exceptions import RedisError
from requests.adapters import HTTPAdapter
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException, WeChatOAuthException
from wechatpy.oauth import WeChatOAuth
from wechatpy.session.redisstorage import RedisStorage

from notify.channels.base import ATTEMPT_SECONDS_MAX, CONNECT_SECONDS_MAX, Letter
from notify.messages import Recipient
from notify.states import Accepted, Busy, Outcome, Refused

THREADS: Final = 8
REFRESH_BEFORE_SECONDS: Final = 300  # The old token goes on working for as long after a new one was given.
FETCH_SECONDS_MAX: Final = 10  # After this somebody else may try to fetch the token.
POLL_SECONDS: Final = 0.05
FORGET_EVERY_SECONDS: Final = 30  # However often it is said to be invalid.

TOKEN_INVALID: Final = {40001, 40014, 42001}
# Not to this person, or not with these values, however often it is tried: no consent, not following, no such
# person, no such template, a value that does not fit.
FINAL: Final = {40003, 40037, 43004, 43101, 43107, 45047, 47003}

REDIS_SECONDS_MAX: Final = 1.0

CODE_THREADS: Final = 2
CODE_SECONDS: Final = (
    120  # It is fetched half a minute ahead, shown for as long, and believed for as long again.
)
CODES_KEPT_MAX: Final = 256

OPENID_CHARACTERS_MAX: Final = 64

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Template:
    """A template of the account, and which of our values goes into which of its fields."""

    id: str
    fields: Mapping[str, str]
    kind: Literal["template", "subscribe"] = "template"


class WeChat:
    """Sends through an official account to people who came by it."""

    name = "wechat"
    price = 0.0

    def __init__(self, account: "Account", templates: Mapping[str, Template]) -> None:
        self._account = account
        self._templates = templates
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="wechat")

    def reaches(self, to: Recipient) -> bool:
        """Whoever came by WeChat."""
        return to.openid is not None

    async def send(self, letter: Letter) -> Outcome:
        """Ask for one message."""
        template = self._templates.get(letter.text_key) or self._templates.get(
            letter.text_key.partition(".")[0]
        )
        if template is None:
            return Refused("no_template")
        if template.kind == "subscribe" and not letter.to.consents.get(template.id, 0):
            return Refused("no_consent")
        said = asyncio.get_running_loop().run_in_executor(self._threads, self._ask, template, letter)
        return await asyncio.shield(said)

    async def close(self) -> None:
        """Wait for no thread: what hangs there ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, template: Template, letter: Letter) -> Outcome:
        values = dict(letter.parameters)
        wanted: dict[str, Any] = {
            "touser": letter.to.openid,
            "template_id": template.id,
            "data": {name: {"value": values.get(value, "")} for name, value in template.fields.items()},
        }
        if template.kind == "subscribe":
            return self._outcome("message/subscribe/bizsend", {**wanted, "page": letter.to.link}, template.id)
        # WeChat keeps this for ten minutes, so that a message which is sent again does not arrive again.
        wanted |= {"url": letter.to.link, "client_msg_id": f"jinghao-{letter.id}"}
        return self._outcome("message/template/send", wanted, "")

    def _outcome(self, endpoint: str, wanted: dict[str, Any], consent: str) -> Outcome:
        try:
            said = self._account.post(endpoint, data=wanted)
        except WeChatClientException as no:
            if no.errcode in TOKEN_INVALID:
                self._account.forget_token()
            if no.errcode in FINAL:
                return Refused(str(no.errcode))
            # Only the number: the library's own words hold the address, and with it the token.
            return Busy(f"wechat_{no.errcode}")
        except requests.RequestException as error:
            return Busy("timeout" if isinstance(error, requests.Timeout) else "unreachable")
        except RedisError:
            return Busy("token_not_known")
        except (ValueError, TypeError, KeyError, AttributeError):
            return Busy("malformed_answer")
        if not isinstance(said, dict) or said.get("errcode", 0) != 0:
            return Busy("malformed_answer")
        return Accepted(str(said.get("msgid") or ""), consent=consent)


# ── The account ──────────────────────────────────────────────────────────────────────────────────


class Account(WeChatClient):
    """wechatpy's client with one token for all processes, a time limit, and an address from the settings."""

    def __init__(self, app_id: str, secret: str, base_url: str, redis_url: str) -> None:
        self._redis = Redis.from_url(
            redis_url, socket_timeout=REDIS_SECONDS_MAX, socket_connect_timeout=REDIS_SECONDS_MAX
        )
        super().__init__(
            app_id,
            secret,
            session=RedisStorage(self._redis, prefix="jinghao:wechat"),
            timeout=(CONNECT_SECONDS_MAX, ATTEMPT_SECONDS_MAX),
            auto_retry=False,
        )
        self.API_BASE_URL = f"{base_url}/cgi-bin/"
        self._fetching = threading.Lock()
        self._http.trust_env = False
        for scheme in ("http://", "https://"):
            self._http.mount(scheme, Patient(pool_maxsize=THREADS))

    def fetch_access_token(self) -> None:
        """Put a token into Redis: our own, or the one that somebody else is just fetching."""
        deadline = time.monotonic() + ATTEMPT_SECONDS_MAX
        with self._fetching:
            while self.session.get(self.access_token_key) is None:
                if self._redis.set(f"jinghao:wechat:{self.appid}:fetching", 1, nx=True, ex=FETCH_SECONDS_MAX):
                    self._fetch()
                elif time.monotonic() > deadline:
                    raise requests.Timeout("nobody fetched a token")
                else:
                    time.sleep(POLL_SECONDS)

    def forget_token(self) -> None:
        """Have the next request fetch a token, but not at every complaint."""
        asked = f"jinghao:wechat:{self.appid}:forgotten"
        if self._redis.set(asked, 1, nx=True, ex=FORGET_EVERY_SECONDS):
            self.session.delete(self.access_token_key)

    def scene_address(self, scene: str) -> str | None:
        """What a temporary code of this scene says. None while somebody else asks for it, or has asked in vain."""
        place = f"jinghao:wechat:{self.appid}:code:{scene}"
        known = self._redis.get(place)
        if known is not None:
            return known if isinstance(known, str) else known.decode()
        if not self._redis.set(f"{place}:asked", 1, nx=True, ex=CODE_SECONDS):
            return None
        wanted = {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
        try:
            said = self.qrcode.create({"expire_seconds": CODE_SECONDS, **wanted})
        except WeChatClientException as no:
            if no.errcode in TOKEN_INVALID:
                self.forget_token()
            raise
        address = said["url"]
        if not isinstance(address, str) or not address.startswith(("http://", "https://")):
            raise ValueError("no address")
        self._redis.set(place, address, ex=CODE_SECONDS)
        return address

    def _fetch(self) -> None:
        try:
            if self.session.get(self.access_token_key) is not None:
                return  # Somebody put one there between our look and our turn.
            # The secret travels in the body: in an address it would stand in the text of every exception.
            answer = self._http.post(
                f"{self.API_BASE_URL}stable_token",
                json={"grant_type": "client_credential", "appid": self.appid, "secret": self.secret},
            )
            answer.raise_for_status()
            said = answer.json()
            if "access_token" not in said:
                raise WeChatClientException(int(said.get("errcode", -1)), "no token")
            seconds = max(60, int(said["expires_in"]) - REFRESH_BEFORE_SECONDS)
            self.session.set(self.access_token_key, said["access_token"], seconds)
        finally:
            self._redis.delete(f"jinghao:wechat:{self.appid}:fetching")


# ── Codes of the account ─────────────────────────────────────────────────────────────────────────


class SceneCodes:
    """Codes that lead to the account and say where they were scanned, each fetched once for all processes.

    Nobody waits for one: whoever asks for a code that is not there has it fetched, and shows another way in
    meanwhile. One that fails is not tried again, because the next one is due soon.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._threads = ThreadPoolExecutor(CODE_THREADS, thread_name_prefix="wechat-codes")
        self._known: OrderedDict[str, str] = OrderedDict()
        self._under_way: set[str] = set()

    def address(self, scene: str) -> str | None:
        """What the code of this scene says, if the account has told us."""
        found = self._known.get(scene)
        if found is None and scene not in self._under_way:
            self._under_way.add(scene)
            self._threads.submit(self._learn, scene)
        return found

    async def close(self) -> None:
        """Wait for no thread: what hangs there ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _learn(self, scene: str) -> None:
        try:
            found = self._account.scene_address(scene)
        except (WeChatClientException, requests.RequestException, RedisError) as error:
            # Only the kind: the library's own words hold the address, and with it the token.
            log.warning("account_code_failed", error=type(error).__name__)
        except (ValueError, TypeError, KeyError, AttributeError):
            log.warning("account_code_malformed")
        else:
            if found is not None:
                self._known[scene] = found
                while len(self._known) > CODES_KEPT_MAX:
                    self._known.popitem(last=False)
        finally:
            self._under_way.discard(scene)


# ── Who opened a page ────────────────────────────────────────────────────────────────────────────


class Visitors:
    """Asks WeChat who has opened a page of ours in it: web authorisation, silent (`snsapi_base`).

    The browser goes to `way` and comes back with a code, which WeChat changes for an openid, once. The
    library would wait for ever and has its addresses in the class; both are put right as for the account.
    """

    def __init__(self, app_id: str, secret: str, base_url: str, open_url: str) -> None:
        self._make = partial(Authorisation, app_id, secret, base_url, open_url)
        self._threads = ThreadPoolExecutor(CODE_THREADS, thread_name_prefix="wechat-visitors")

    def way(self, back: str, state: str) -> str:
        """Where the browser asks WeChat, to come `back` with the state and a code."""
        return str(self._make(back, state=state).authorize_url)

    async def openid(self, code: str) -> str | None:
        """Who came back with this code; None when WeChat does not know, or does not say so in time."""
        asked = asyncio.get_running_loop().run_in_executor(self._threads, self._ask, code)
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS_MAX):
                return await asked
        except TimeoutError:
            return None

    async def close(self) -> None:
        """Wait for no thread: what hangs there ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, code: str) -> str | None:
        try:
            openid = self._make("").fetch_access_token(code)["openid"]
        except (WeChatClientException, WeChatOAuthException, requests.RequestException) as error:
            # Only the kind: the library's own words hold the address, and with it the secret and the code.
            log.warning("visitor_unknown", error=type(error).__name__)
        except (ValueError, TypeError, KeyError, AttributeError):
            log.warning("visitor_malformed")
        else:
            if isinstance(openid, str) and 0 < len(openid) <= OPENID_CHARACTERS_MAX:
                return openid
        return None


class Authorisation(WeChatOAuth):
    """wechatpy's web authorisation with a time limit, and addresses from the settings."""

    def __init__(
        self, app_id: str, secret: str, base_url: str, open_url: str, back: str, state: str = ""
    ) -> None:
        super().__init__(app_id, secret, back, scope="snsapi_base", state=state)
        self.API_BASE_URL = f"{base_url}/"
        self.OAUTH_BASE_URL = f"{open_url}/connect/"
        self._http.trust_env = False
        for scheme in ("http://", "https://"):
            self._http.mount(scheme, Patient())


class Patient(HTTPAdapter):
    """Waits no longer than we do, also where the library forgets to say so."""

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Send with a limit."""
        kwargs["timeout"] = kwargs.get("timeout") or (CONNECT_SECONDS_MAX, ATTEMPT_SECONDS_MAX)
        return super().send(request, *args, **kwargs)
