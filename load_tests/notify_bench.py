"""Whether calls reach phones: `bench notify`, against the doubles of the providers.

The server, the worker and the doubles are processes of their own. What was called is known from the
answers of the API, what arrived from the ledger of the doubles, and nothing else is looked at:

    steady    fifty calls a second: how long until a provider has each
    failover  the first provider dies: how soon the second has the calls, and how many of them
    kills     the worker is killed while it sends: what is missing, and what arrives twice
    hung      a provider that never answers: what taking a ticket costs then
    token     four workers and one official account: how often a token is fetched
    forged    receipts whose signature does not fit them: how many are believed
"""

import asyncio
import hashlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import uvloop
from twilio.request_validator import RequestValidator

from load_tests.bench import API, BENCH
from load_tests.figures import CannotMeasure, Figures, percentile, rounded, say
from load_tests.servers import Server, free_port
from load_tests.wire import Client, Connection, Refused, hall_definition

HALLS = 250  # With one window each, so that whoever takes a ticket is whoever is called.
SERVED_AFTER_SECONDS = 4.0  # Whoever has arrived by then needs no message any more, and gets none.
DRAIN_SECONDS_MAX = 60
IN_TIME_SECONDS = 5.0
SLICE_SECONDS = 5.0
SLICES_MIN = 6  # Of a provider that answers and one that hangs, in turns.
FORGED = 10_000
FORGERS = 16  # Connections.
START_SECONDS_MAX = 90.0
SCANS = 100
WORKERS = 4
KILL_SECONDS = (0.2, 1.2)  # How long a worker lives that is to be killed, once it sends.
LEASE_SECONDS = 5
ACCOUNT, SECRET, TOKEN = "double", "double-secret", "callback-token"
PUBLIC, TWILIO_STATUS = "https://hall.example", "/callbacks/twilio/status"
PARTS = ("steady", "failover", "kills", "hung", "token", "forged")
TEXTS = ("confirmation", "confirmation.near", "confirmation.unknown", "near", "call", "recall", "missed")
TEMPLATES = {f"{text}.zh": text for text in TEXTS}

Phone = str


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how many."""

    seconds: float = 20.0
    rate: float = 50.0
    kills: int = 25
    parts: tuple[str, ...] = PARTS


def measure(plan: Plan) -> tuple[Figures, Figures]:
    """Figures and reference, on processes of our own."""
    port = free_port()
    with ExitStack() as stack:
        server = stack.enter_context(Server(env={**BENCH, **settings(port)}))
        town = Town(server, port)
        stack.enter_context(town.process("doubles", "--port", str(port), "--callbacks", server.base))
        town.wait_for_the_doubles()
        return uvloop.run(town.run(plan))


def settings(port: int) -> dict[str, str]:
    """A hall whose providers are the doubles."""
    base = f"http://127.0.0.1:{port}"
    template = {"fields": {"thing1": "number"}, "kind": "template"}
    return {
        "JINGHAO_SMS_PROVIDERS": '["aliyun", "tencent"]',
        "JINGHAO_MESSAGES_PER_HALL_MAX": "1000000",
        "JINGHAO_MESSAGE_LEASE_SECONDS": str(LEASE_SECONDS),
        "JINGHAO_ALIYUN_BASE_URL": base,
        "JINGHAO_ALIYUN_ACCESS_KEY_ID": ACCOUNT,
        "JINGHAO_ALIYUN_ACCESS_KEY_SECRET": SECRET,
        "JINGHAO_ALIYUN_TEMPLATES": json.dumps(TEMPLATES),
        "JINGHAO_TENCENT_BASE_URL": base,
        "JINGHAO_TENCENT_SECRET_ID": ACCOUNT,
        "JINGHAO_TENCENT_SECRET_KEY": SECRET,
        "JINGHAO_TENCENT_TEMPLATES": json.dumps(TEMPLATES),
        "JINGHAO_PUBLIC_BASE_URL": PUBLIC,
        "JINGHAO_TWILIO_AUTH_TOKEN": SECRET,
        "JINGHAO_WECHAT_BASE_URL": base,
        "JINGHAO_WECHAT_APP_ID": ACCOUNT,
        "JINGHAO_WECHAT_APP_SECRET": SECRET,
        "JINGHAO_WECHAT_TOKEN": TOKEN,
        "JINGHAO_WECHAT_TEMPLATES": json.dumps({text: {"id": text, **template} for text in TEXTS}),
    }


class Town:
    """The halls, and the other processes."""

    def __init__(self, server: Server, doubles_port: int) -> None:
        self.server = server
        self.doubles = Client(f"http://127.0.0.1:{doubles_port}")
        self.client = Client(server.base)
        self.clerks: list[tuple[str, str]] = []  # Hall and token, of those that are free.
        self.numbers = itertools.count(1)
        self.log = (server.data / "others.log").open("ab")

    async def run(self, plan: Plan) -> tuple[Figures, Figures]:
        """One thing after the other."""
        figures: dict[str, Any] = {}
        reference: dict[str, Any] = {"rate_per_s": plan.rate, "seconds": plan.seconds, "kills": plan.kills}
        await self._open_halls()
        for part in plan.parts:
            say(f"bench notify: {part}")
            await self.doubles.delete("/doubles/ledger")
            for provider in ("aliyun", "tencent", "wechat"):
                await self.script(provider)
            found, beside = await getattr(self, part)(plan)
            figures.update(found)
            reference.update(beside)
        return figures, reference

    # ── Parts ────────────────────────────────────────────────────────────────────────────────────

    async def steady(self, plan: Plan) -> tuple[Figures, Figures]:
        """An ordinary, very busy hour."""
        with self.process("worker"):
            called = await self.calls(plan.rate, plan.seconds)
            taken = await self.arrived(called, "call")
        ms = [(taken[phone] - at) * 1000 for phone, at in called.items() if phone in taken]
        return {
            "accept_p50_ms": rounded(percentile(ms, 50), 1),
            "accept_p99_ms": rounded(percentile(ms, 99), 1),
            "lost": len(called) - len(ms),
        }, {"calls": len(called), "calls_per_s": rounded(len(called) / plan.seconds, 1)}

    async def failover(self, plan: Plan) -> tuple[Figures, Figures]:
        """The first provider answers 503 from one moment on."""
        with self.process("worker"):
            await self.calls(plan.rate, 3.0)
            await self.script("aliyun", always="503")
            died_at = time.time()
            called = await self.calls(plan.rate, 10.0)
            await self.arrived(called, "call")
        second = [line for line in await self.ledger() if line["provider"] == "tencent"]
        at = {line["to"]: line["at"] for line in reversed(second) if line["text_key"] == "call"}
        in_time = sum(at.get(phone, 1e12) - when <= IN_TIME_SECONDS for phone, when in called.items())
        first = min((line["at"] for line in second), default=None)
        return {
            "failover_s": None if first is None else rounded(first - died_at, 2),
            "accepted_by_b_percent": rounded(100 * in_time / len(called), 2),
        }, {}

    async def kills(self, plan: Plan) -> tuple[Figures, Figures]:
        """Killed in the moments between sending and marking, which the doubles make long."""
        for provider in ("aliyun", "tencent"):
            await self.script(provider, answer_seconds=0.3)
        phones: list[Phone] = []
        luck, rounds = random.Random(1), 0
        for _ in range(plan.kills):
            with self.process("worker") as worker:
                before = len(await self.ledger())
                issuing = asyncio.create_task(self.tickets(20, 0.5))
                await self.grown(before)
                await asyncio.sleep(luck.uniform(*KILL_SECONDS))
                os.killpg(worker.pid, signal.SIGKILL)
                rounds += 1
                phones += list((await issuing)[0])
        with self.process("worker"):
            taken = await self.arrived(dict.fromkeys(phones, 0.0), "confirmation")
        times = Counter(
            line["to"] for line in await self.ledger() if line["text_key"].startswith("confirmation")
        )
        twice = [number - 1 for number in times.values() if number > 1]
        return {
            "missing_after_kills": sum(phone not in taken for phone in phones),
            "duplicates_after_kills": sum(twice),
            "most_duplicates_of_one": max(twice, default=0),
        }, {"killed": rounds, "messages_while_killing": len(phones)}

    async def hung(self, plan: Plan) -> tuple[Figures, Figures]:
        """What a ticket costs while nobody answers the worker, beside while everybody does."""
        ms: dict[str, list[float]] = {"ok": [], "hang": []}
        with self.process("worker"):
            for number in range(max(SLICES_MIN, 2 * int(plan.seconds / 2 / SLICE_SECONDS))):
                how = ("ok", "hang")[number % 2]
                for provider in ("aliyun", "tencent"):
                    await self.script(provider, always=how)
                ms[how] += (await self.tickets(plan.rate, SLICE_SECONDS))[1]
        well, ill = percentile(ms["ok"], 99), percentile(ms["hang"], 99)
        ratio = None if not well or ill is None else rounded(ill / well, 3)
        return {"api_p99_ratio_with_hung_provider": ratio}, {
            "api_p99_ms": rounded(well, 1),
            "api_p99_ms_with_hung_provider": rounded(ill, 1),
        }

    async def token(self, plan: Plan) -> tuple[Figures, Figures]:
        """Four processes begin at once to send for one account."""
        with ExitStack() as stack:
            for _ in range(WORKERS):
                stack.enter_context(self.process("worker"))
            people = [f"oScan{number}" for number in range(SCANS)]
            await asyncio.gather(*(self.scan(who) for who in people))
            await self.arrived(dict.fromkeys(people, 0.0), "confirmation")
        requests = (await self.doubles.get("/doubles/ledger"))["requests"]
        return {"token_fetches": requests.get("wechat-token", 0)}, {"workers": WORKERS, "scans": SCANS}

    async def forged(self, plan: Plan) -> tuple[Figures, Figures]:
        """Receipts that Twilio has signed and somebody has changed, beside some that nobody has."""
        luck = random.Random(7)
        forms = [forgery(luck, number) for number in range(FORGED)]
        true = [(form := receipt(number), signature_of(form)) for number in range(100)]
        queue = iter([*forms, *true])
        statuses: Counter[int] = Counter()

        async def post() -> None:
            connection = await Connection.open(self.client.host, self.client.port)
            for form, signature in queue:
                statuses[(await connection.send(posted(form, signature))).status] += 1
            connection.close()

        await asyncio.gather(*(post() for _ in range(FORGERS)))
        return {"forged_believed": FORGED - statuses[403]}, {"forged": FORGED, "true_believed": statuses[204]}

    # ── What citizens and clerks do ──────────────────────────────────────────────────────────────

    async def calls(self, rate: float, seconds: float) -> dict[Phone, float]:
        """Somebody takes a ticket and is called, so many times a second: whom, and when."""
        called: dict[Phone, float] = {}
        working: set[asyncio.Task[None]] = set()

        async def one(hall: str, token: str) -> None:
            phone = self.new_phone()
            ticket = {"group": "A", "channel": "web", "phone": phone}
            await self.client.post(f"{API}/halls/{hall}/tickets", ticket)
            at = time.time()
            await self.client.post(f"{API}/halls/{hall}/windows/01/calls", {}, token)
            called[phone] = at
            await asyncio.sleep(SERVED_AFTER_SECONDS)
            await self.client.post(f"{API}/halls/{hall}/windows/01/start", {}, token)
            await self.client.post(f"{API}/halls/{hall}/windows/01/completion", {}, token)
            self.clerks.append((hall, token))

        async for _number in paced(rate, seconds):
            if self.clerks:
                task = asyncio.create_task(one(*self.clerks.pop(0)))
                working.add(task)
                task.add_done_callback(working.discard)
        await asyncio.gather(*working)
        return called

    async def tickets(self, rate: float, seconds: float) -> tuple[list[Phone], list[float]]:
        """Tickets only: the phones, and how many milliseconds each took."""
        halls = [hall for hall, _ in self.clerks]
        phones: list[Phone] = []
        ms: list[float] = []

        async def one(hall: str) -> None:
            phone = self.new_phone()
            began = time.perf_counter()
            await self.client.post(
                f"{API}/halls/{hall}/tickets", {"group": "A", "channel": "web", "phone": phone}
            )
            ms.append((time.perf_counter() - began) * 1000)
            phones.append(phone)

        working = []
        async for number in paced(rate, seconds):
            working.append(asyncio.create_task(one(halls[number % len(halls)])))
        await asyncio.gather(*working)
        return phones, ms

    async def scan(self, who: str) -> None:
        """Somebody scans the code of a hall."""
        hall = self.clerks[hash(who) % len(self.clerks)][0]
        timestamp, nonce = str(int(time.time())), who
        signature = hashlib.sha1("".join(sorted((TOKEN, timestamp, nonce))).encode()).hexdigest()
        body = (
            f"<xml><ToUserName>gh</ToUserName><FromUserName>{who}</FromUserName>"
            f"<CreateTime>{timestamp}</CreateTime><MsgType>event</MsgType><Event>SCAN</Event>"
            f"<EventKey>{hall}</EventKey></xml>"
        )
        url = f"{self.server.base}/callbacks/wechat?timestamp={timestamp}&nonce={nonce}&signature={signature}"
        request = urllib.request.Request(url, body.encode(), {"Content-Type": "text/xml"})
        await asyncio.to_thread(lambda: urllib.request.urlopen(request, timeout=10).read())

    def new_phone(self) -> Phone:
        """A number that nobody has."""
        return f"199{next(self.numbers):08d}"

    async def _open_halls(self) -> None:
        for number in itertools.count():
            if len(self.clerks) == HALLS:
                return
            hall = f"notify-{number:03}"
            definition = hall_definition(hall, {"A": "bench"}, {"01": ["A"]})
            try:
                token = (await self.client.post(f"{API}/rehearsal/halls", definition))["tokens"]["01"]
            except Refused:
                continue  # The server's own clock has just opened it; another one will do.
            await self.client.post(f"{API}/halls/{hall}/windows/01/session", {}, token)
            self.clerks.append((hall, token))

    # ── What the doubles say ─────────────────────────────────────────────────────────────────────

    async def script(self, provider: str, **misfortune: Any) -> None:
        """What becomes of the next messages."""
        await self.doubles.put(f"/doubles/scripts/{provider}", misfortune)

    async def ledger(self) -> list[dict[str, Any]]:
        """Everything that was taken; mainland providers differ in how they write a number."""
        lines: list[dict[str, Any]] = (await self.doubles.get("/doubles/ledger"))["lines"]
        return [{**line, "to": line["to"].removeprefix("+86")} for line in lines]

    async def arrived(self, wanted: dict[Phone, float], text: str) -> dict[Phone, float]:
        """When each was taken first. Waits until all are, or until nothing comes any more."""
        deadline = time.monotonic() + DRAIN_SECONDS_MAX
        while True:
            lines = [line for line in await self.ledger() if line["text_key"].startswith(text)]
            taken = {line["to"]: line["at"] for line in reversed(lines)}
            if wanted.keys() <= taken.keys() or time.monotonic() > deadline:
                return taken
            await asyncio.sleep(0.5)

    async def grown(self, before: int) -> None:
        """Until something new was taken."""
        for _ in range(400):
            if len(await self.ledger()) > before:
                return
            await asyncio.sleep(0.05)
        raise CannotMeasure("the worker sends nothing")

    def wait_for_the_doubles(self) -> None:
        """Until they answer."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with suppress(OSError):
                urllib.request.urlopen(f"http://{self.doubles.host}:{self.doubles.port}/doubles/ledger")
                return
            time.sleep(0.1)
        raise CannotMeasure("the doubles did not start")

    # ── Processes ────────────────────────────────────────────────────────────────────────────────

    def _workers_started(self) -> int:
        return (self.server.data / "others.log").read_bytes().count(b"worker_started")

    def _wait_for_a_worker(self, before: int) -> None:
        """Until it says so: importing takes its time on a busy machine, and is not what we measure."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while self._workers_started() == before:
            if time.monotonic() > deadline:
                raise CannotMeasure("the worker did not start")
            time.sleep(0.05)

    @contextmanager
    def process(self, verb: str, *more: str) -> Iterator[subprocess.Popen[bytes]]:
        """Another verb, for the length of a block."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("JINGHAO_")}
        for name in ("DATABASE_URL", "REDIS_URL"):
            env.pop(name, None)
        started = self._workers_started()
        data = [] if verb == "doubles" else ["--data", str(self.server.data)]
        process = subprocess.Popen(
            [sys.executable, "-m", "queue_server", verb, *data, *more],
            env=env | self.server.env,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        try:
            if verb == "worker":
                self._wait_for_a_worker(started)
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            if process.poll() is None:
                process.kill()


def receipt(number: int) -> dict[str, str]:
    """What Twilio says of a message that nobody here has sent: it is kept, and changes nothing."""
    return {"MessageSid": f"SM{number:032x}", "MessageStatus": "delivered", "AccountSid": ACCOUNT}


def forgery(luck: random.Random, number: int) -> tuple[dict[str, str], str]:
    """A receipt and the signature of another: one letter more, one field more or less, one letter changed."""
    form = receipt(number)
    signature = signature_of(form)
    match luck.randrange(4):
        case 0:
            form[luck.choice(list(form))] += luck.choice("0aZ")
        case 1:
            form[f"Extra{luck.randrange(100)}"] = "1"
        case 2:
            del form[luck.choice(list(form))]
        case _:
            at = luck.randrange(len(signature) - 2)  # The last letter before the "=" has bits to spare.
            signature = f"{signature[:at]}{'A' if signature[at] != 'A' else 'B'}{signature[at + 1 :]}"
    return form, signature


def signature_of(form: Mapping[str, str]) -> str:
    """How Twilio signs a form, by its own client's rule."""
    return str(RequestValidator(SECRET).compute_signature(f"{PUBLIC}{TWILIO_STATUS}", dict(form)))


def posted(form: Mapping[str, str], signature: str) -> bytes:
    """The whole request."""
    body = urllib.parse.urlencode(form).encode()
    head = (
        f"POST {TWILIO_STATUS} HTTP/1.1\r\nhost: jinghao\r\nx-twilio-signature: {signature}\r\n"
        f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def paced(rate: float, seconds: float) -> AsyncIterator[int]:
    """A number at a time, so many a second, catching up where we were late."""
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        wait = began + number / rate - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        yield number
