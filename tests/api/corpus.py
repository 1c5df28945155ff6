"""Bad input as data (`tests/data/bad_inputs`), and what must be true of every answer to it."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .operations import Operation
from .places import NOTHING, Answer, Client, Hall

FOLDER = Path(__file__).parents[1] / "data" / "bad_inputs"
HANG_SECONDS = 1.0
HANGS_MAX = 3  # The machine may be busy with other things now and then; asked again, it must be quick.
BODY_BYTES_MAX = 64 * 1024


def entries(name: str) -> list[Any]:
    """The entries of one file, spelled out."""
    return [spelled(each) for each in json.loads((FOLDER / name).read_text())["entries"]]


def spelled(entry: Any) -> Any:
    match entry:
        case {"repeat": [str(text), int(times)]}:
            return text * times
        case [str(name), value]:
            return [name, spelled(value)]
        case _:
            return entry


def body_of(entry: dict[str, Any]) -> bytes:
    """A whole body of `json.json`."""
    match entry if isinstance(entry, dict) else {"text": entry}:
        case {"text": str(text)}:
            return text.encode()
        case {"hex": str(digits)}:
            return bytes.fromhex(digits)
        case {"open": [text, times]}:
            return (text * times).encode()
        case {"nested": [opened, closed, times]}:
            return (opened * times + "0" * (opened != "[") + closed * times).encode()
        case {"wrapped": [start, item, separator, times, end]}:
            return (start + separator.join([item] * times) + end).encode()
    raise ValueError(entry)


@dataclass
class Sweep:
    """Many requests at one hall. Notes everything that an answer must not be."""

    hall: Hall
    client: Client
    faults: list[str] = field(default_factory=list)
    answers: int = 0
    refused: int = 0

    def ask(self, operation: Operation, path: str, **sent: Any) -> None:
        """Ask once and look at the answer. `body` is sent as JSON, `raw` as it is."""
        if sent.get("body", NOTHING) is not NOTHING:
            sent["raw"] = json.dumps(sent.pop("body")).encode()
            sent["headers"] = {"content-type": "application/json", **sent.get("headers", {})}
        before = self._seq()
        answer = self._calm(operation, path, sent)
        self.answers += 1
        self.refused += answer.status >= 400
        what = f"{operation.method} {path[:120]} {str(sent)[:160]}"
        self.faults += [f"{fault} · {what} → {answer}" for fault in faults_of(answer)]
        if answer.status >= 400 and self._seq() != before:
            self.faults.append(f"left a trace · {what} → {answer}")

    def _calm(self, operation: Operation, path: str, sent: dict[str, Any]) -> Answer:
        for _ in range(HANGS_MAX):
            try:
                answer = self.client.ask(operation.method, path, **sent)
            except ConnectionError:
                # Too large: the server has answered and hung up while we were still sending.
                if len(sent.get("raw") or b"") <= BODY_BYTES_MAX:
                    raise
                return Answer(413, {}, b"", 0.0)
            if answer.seconds <= HANG_SECONDS:
                break
        return answer

    def _seq(self) -> int:
        hall = self.hall.server.house.queues.halls.known(self.hall.id)
        assert hall is not None
        return hall.seq


def faults_of(answer: Answer) -> list[str]:
    """What is wrong with an answer, whatever was asked."""
    faults = []
    if answer.status >= 500:
        faults.append("failed")
    if answer.seconds > HANG_SECONDS:
        faults.append(f"hung for {answer.seconds:.1f} s")
    if answer.status >= 400 and answer.body:
        if b"<" in answer.body or b">" in answer.body:
            faults.append("echoed what it was sent")
        if not is_problem(answer) and answer.body != b"Invalid HTTP request received.":
            faults.append("is no problem in two languages")
    if answer.headers.keys() & {"set-cookie", "location", "x-evil"}:
        faults.append("said more than it should")
    return faults


def is_problem(answer: Answer) -> bool:
    if answer.headers.get("content-type") != "application/problem+json":
        return False
    problem = json.loads(answer.body)
    return bool(problem["code"] and problem["detail"] and problem["detail_zh"])


def nothing_or(body: Any) -> Any:
    return NOTHING if body is None else body
