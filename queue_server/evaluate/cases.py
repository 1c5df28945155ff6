"""`./jinghao replay-cases FILE --json`: real cases of a permit desk, done again under our rules.

FILE has one row for each case (`…_cases.csv`); what happened to it stands beside it (`…_events.csv`, or `--events`).
Each activity of the record is one of our deeds (`DEEDS`), done at its own time by its own hands, with the functions of
`cases/core` that the windows use. The record was written under other rules than ours, so three things are counted:

* *waited*: a deed that came before its turn (a review before the acceptance) is done as soon as it may be;
* *other hands*: whoever accepted a case may not decide it, so the B role of the department does;
* *by silence*: who was neither answered nor told of a gap within five working days counts as accepted from the first.

A case ends on the day the record gives; one without such a day on the day it was planned for.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from queue_server.calendar.core import YearNotPublished
from queue_server.cases.core import checklist, stages
from queue_server.cases.core.deadlines import due
from queue_server.cases.core.model import Actor, By, Case, Mark, PauseReason, Stage, Step, When
from queue_server.cases.core.rejections import (
    AccepterDecides,
    AnotherReviews,
    CaseElsewhere,
    ClockPaused,
    ClockRuns,
)
from queue_server.catalogue.core import Material, Matter
from queue_server.evaluate.recorded import Row, Unreadable, rows_of

CASES: Final = ("case_id", "channel", "department", "startdate", "enddate", "enddate_planned")
EVENTS: Final = ("case_id", "seq", "activity", "timestamp", "resource")
LIMIT_DAYS: Final = 40  # Eight weeks, which that desk had by law.
ZONE: Final = ZoneInfo("Asia/Shanghai")


class Deed(StrEnum):
    """What an activity of the record is under our rules. The last four leave the stage as it is."""

    RECEIVE = "receive"
    CHECK = "check"  # Look at the materials again.
    ACCEPT = "accept"
    TAKE_UP = "take_up"
    PAUSE = "pause"  # For advice from outside.
    RESUME = "resume"
    HOLD = "hold"  # Something is missing: the clock stands still until the end.
    DENY = "deny"
    TELL = "tell"  # A paper goes out.
    ASK = "ask"  # Of colleagues.
    REVIEW = "review"
    DRAFT = "draft"


DEEDS: Final = {
    "Confirmation of receipt": Deed.RECEIVE,
    "T02 Check confirmation of receipt": Deed.CHECK,
    "T03 Adjust confirmation of receipt": Deed.CHECK,
    "T04 Determine confirmation of receipt": Deed.ACCEPT,
    "T05 Print and send confirmation of receipt": Deed.TELL,
    "T06 Determine necessity of stop advice": Deed.TAKE_UP,
    "T07-1 Draft intern advice aspect 1": Deed.ASK,
    "T07-2 Draft intern advice aspect 2": Deed.ASK,
    "T07-3 Draft intern advice hold for aspect 3": Deed.ASK,
    "T07-4 Draft internal advice to hold for type 4": Deed.ASK,
    "T07-5 Draft intern advice aspect 5": Deed.ASK,
    "T08 Draft and send request for advice": Deed.PAUSE,
    "T09-1 Process or receive external advice from party 1": Deed.RESUME,
    "T09-2 Process or receive external advice from party 2": Deed.RESUME,
    "T09-3 Process or receive external advice from party 3": Deed.RESUME,
    "T09-4 Process or receive external advice from party 4": Deed.RESUME,
    "T10 Determine necessity to stop indication": Deed.REVIEW,
    "T11 Create document X request unlicensed": Deed.DRAFT,
    "T12 Check document X request unlicensed": Deed.DRAFT,
    "T13 Adjust document X request unlicensed": Deed.DRAFT,
    "T14 Determine document X request unlicensed": Deed.DENY,
    "T15 Print document X request unlicensed": Deed.TELL,
    "T16 Report reasons to hold request": Deed.DRAFT,
    "T17 Check report Y to stop indication": Deed.DRAFT,
    "T18 Adjust report Y to stop indicition": Deed.DRAFT,
    "T19 Determine report Y to stop indication": Deed.HOLD,
    "T20 Print report Y to stop indication": Deed.TELL,
}
NOT_YET: Final = (CaseElsewhere, ClockPaused, ClockRuns)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Something that happened, by the record."""

    deed: Deed
    at: When
    by: Actor


@dataclass(slots=True)
class Told:
    """What a replay came to."""

    cases: int = 0
    ended: int = 0
    events: int = 0
    unmapped: Counter[str] = field(default_factory=Counter)
    deadlines: int = 0
    late: int = 0
    denied: int = 0
    waited: int = 0
    other_hands: int = 0
    by_silence: int = 0
    departments: Counter[str] = field(default_factory=Counter)

    def figures(self, wall_s: float) -> dict[str, object]:
        """As they are printed; `activities_mapped_percent` is of all events."""
        mapped = self.events - self.unmapped.total()
        return {
            "cases": self.cases,
            "ended": self.ended,
            "activities_mapped_percent": round(100 * mapped / self.events, 2) if self.events else 100.0,
            "unmapped": sorted(self.unmapped),
            "deadlines": self.deadlines,
            "late": self.late,
            "denied": self.denied,
            "waited": self.waited,
            "other_hands": self.other_hands,
            "by_silence": self.by_silence,
            "departments": dict(self.departments),
            "wall_s": round(wall_s, 2),
        }


def main(argv: Sequence[str] | None = None) -> int:
    """The verb `replay-cases`."""
    parser = argparse.ArgumentParser(prog="jinghao replay-cases", description="Real cases under our rules.")
    parser.add_argument("file", type=Path, help="one row for each case")
    parser.add_argument(
        "--events", type=Path, help="what happened (default: …_events.csv beside …_cases.csv)"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(argv)
    events = options.events or options.file.with_name(options.file.name.replace("_cases", "_events"))
    began = time.perf_counter()
    try:
        told = replay(rows_of(options.file, CASES), rows_of(events, EVENTS))
    except (OSError, Unreadable) as error:
        print(f"replay-cases: {error}", file=sys.stderr)
        return 2
    figures = told.figures(time.perf_counter() - began)
    if options.json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:28}{value}" for name, value in figures.items()))
    return 0


def replay(cases: Sequence[Row], events: Iterable[Row]) -> Told:
    """Every case of a record, from its first day to its last."""
    told = Told()
    happened: dict[str, list[Row]] = {row["case_id"]: [] for row in cases}
    for row in events:
        if row["case_id"] not in happened:
            raise Unreadable(f"an event belongs to the case {row['case_id']}, which is not in the list")
        happened[row["case_id"]].append(row)
    for number, row in enumerate(cases, start=1):
        told.cases += 1
        recorded = []
        for event in sorted(happened[row["case_id"]], key=lambda one: instant(one["timestamp"]).at):
            told.events += 1
            deed = DEEDS.get(event["activity"])
            if deed is None:
                told.unmapped[event["activity"]] += 1
            else:
                recorded.append(Recorded(deed, instant(event["timestamp"]), person(event["resource"])))
        count(told, Replay(number, row, told).through(recorded))
    return told


def count(told: Told, case: Case) -> None:
    """Add a case that has been played to its end."""
    told.departments[case.subject.department_en] += 1
    told.ended += stages.has_ended(case)
    assert case.decision is not None  # Each is played until it is decided.
    told.denied += not case.decision.approved
    told.by_silence += case.accepted is not None and case.counted_from != case.accepted.on
    try:
        until = due(case, case.decision.by.on)
    except YearNotPublished:
        return
    if until is not None and until.on is not None:
        told.deadlines += 1
        told.late += case.decision.by.on > until.on


class Replay:
    """One case on its way."""

    def __init__(self, number: int, row: Row, told: Told) -> None:
        self._told = told
        self._ends = instant(row["enddate"] or row["enddate_planned"])
        opened = instant(row["startdate"])
        department = row["department"]
        self._stand_in = Actor(f"B role of {department}", "B", reviewer=True)
        matter = Matter(
            code=f"R-{department}", name_zh="许可申请", name_en="Permit", department_zh=department,
            department_en=department, theme="permits", group_id=None, target_minutes=15,
            materials=(Material("申请表", "Application form"), Material("图纸", "Drawings")),
            committed_days=LIMIT_DAYS,
        )  # fmt: skip
        subject = stages.subject(matter, None)
        items = checklist.checklist(matter, None)
        by = By("desk", "desk", opened.at, opened.on)
        self._number = number
        self._case = Case(
            hall_id="replay", code=f"R{number}", subject=subject, ticket_id=number, number=f"R{number}",
            items=items, opened=by,
        )  # fmt: skip

    def through(self, recorded: Iterable[Recorded]) -> Case:
        """Everything of the record, each as soon as it may be, and then the end."""
        waiting: list[Recorded] = []
        for one in recorded:
            self._ends = max(self._ends, one.at, key=lambda when: when.at)
            waiting = self._tried([*waiting, one], one.at)
            self._told.waited += bool(waiting) and waiting[-1] is one
        self._end(waiting)
        return self._case

    def _tried(self, deeds: list[Recorded], at: When) -> list[Recorded]:
        """Do what may be done now; what has to wait."""
        left = []
        for one in deeds:
            if not self._try(one.deed, one.by, at):
                left.append(one)
        return left

    def _try(self, deed: Deed, by: Actor, at: When) -> bool:
        try:
            self._do(deed, by, at)
        except NOT_YET:
            return False
        except (AccepterDecides, AnotherReviews):
            self._told.other_hands += 1
            return self._try(deed, self._reviewer(), at)
        return True

    def _do(self, deed: Deed, by: Actor, at: When) -> None:
        case = self._case
        match deed:
            case Deed.RECEIVE:
                stages.check_stage(case, Stage.DRAFT)
                self._take(stages.name_applicant(case, by))
                self._look(by)
                self._take(stages.receive(self._case, by, at, f"R{self._number:06}"))
            case Deed.CHECK:
                self._look(by)
            case Deed.ACCEPT:
                self._take(stages.accept(case, by, at))
            case Deed.TAKE_UP:
                self._take(stages.take_up(case, by, at))
            case Deed.PAUSE:
                self._take(stages.pause(case, by, at, PauseReason.TECHNICAL_REVIEW, "advice"))
            case Deed.RESUME:
                self._take(stages.resume(case, by, at))
            case Deed.HOLD:
                self._take(stages.pause(case, by, at, PauseReason.SUPPLEMENT, "held"))
            case Deed.DENY:
                self._take(stages.decide(case, by, at, approved=False, note="unlicensed"))
            case Deed.TELL | Deed.ASK | Deed.REVIEW | Deed.DRAFT:
                pass

    def _look(self, by: Actor) -> None:
        for place in range(len(self._case.items)):
            self._take(stages.tick(self._case, by, place, Mark.PRESENT))

    def _end(self, waiting: list[Recorded]) -> None:
        """What the record leaves out, on the day on which it says that the case was over."""
        at, desk = self._ends, person("desk")
        for deed in (Deed.RECEIVE, Deed.ACCEPT, Deed.TAKE_UP):
            self._try(deed, self._reviewer() if deed is Deed.TAKE_UP else desk, at)
            waiting = self._tried(waiting, at)
        if self._case.stage is Stage.IN_REVIEW:
            if self._case.pauses and self._case.pauses[-1].until_on is None:
                self._take(stages.resume(self._case, self._reviewer(), at))
            self._take(stages.decide(self._case, self._reviewer(), at, approved=True))
        self._take(stages.announce(self._case, desk, at, "recorded"))
        self._take(stages.hand_over(self._case, desk, at, "desk", "recorded"))

    def _reviewer(self) -> Actor:
        """Who reviews: whoever has begun to, else the B role."""
        begun = self._case.reviewer
        return self._stand_in if begun is None else Actor(begun.id, begun.name, reviewer=True)

    def _take(self, step: Step) -> None:
        assert step.case.version == self._case.version + 1
        self._case = step.case


def person(name: str) -> Actor:
    """Somebody of the record. There, whoever works at the desk may also review."""
    return Actor(name, name, reviewer=True)


def instant(written: str) -> When:
    """A time of the record, and the day it belongs to here."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError as error:
        raise Unreadable(f"{written!r} is no time") from error
    if at.tzinfo is None:
        raise Unreadable(f"{written!r} has no time zone")
    on: date = at.astimezone(ZONE).date()
    return When(at, on)
