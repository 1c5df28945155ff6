"""A record of every call, lived through by the hall's own predictor, event by event and without looking ahead."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from queue_server.evaluate.breathing import Question, answered
from queue_server.evaluate.recorded import Visit
from queue_server.evaluate.rivals import known
from queue_server.hall.core.forecast.calibration import Forecast, Lesson, Moment, Promises, wide
from queue_server.hall.core.forecast.calls import Habits, Observed

ENDS, LEAVES, COMES = range(3)  # In this order, when they happen in the same second.
DOUBT_S = 60.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody joined the line, and this was to be seen."""

    number: int
    moment: Moment


class ExactHall:
    """The predictor of a hall that sees every call, with the past that it has come to know."""

    def __init__(self, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        self.habits = Habits()
        self.observed = Observed(self.habits, rng)
        self.promises = Promises(rng)
        self.lessons: list[Lesson] = []

    def learn(self, visits: Sequence[Visit]) -> None:
        """Live through the past twice: once for the habits of the hall, once for how far off its guesses are."""
        for _, day in days_of(visits):
            for _ in self._lived(day, asking=False):
                pass
        for _, day in days_of(visits):
            self.lessons += [lesson(asked, day) for asked in self._lived(day)]
        self.promises.learn(self.lessons)

    def answers(self, visits: Sequence[Visit]) -> dict[int, Forecast]:
        """What the hall says to everybody who joins the line, by place in the file; it learns when a day is over."""
        answers: dict[int, Forecast] = {}
        for numbers, day in days_of(visits):
            asked = list(self._lived(day))
            rows = self.promises.forecasts([each.moment for each in asked])
            questions = [
                Question(
                    day[each.number].arrived,
                    day[each.number].called,
                    day[each.number].called - day[each.number].arrived,
                    row,
                    wide(each.moment.guess, DOUBT_S),
                )
                for each, row in zip(asked, rows, strict=True)
            ]
            said = answered(self.promises.breath, questions)
            answers |= {numbers[each.number]: forecast for each, forecast in zip(asked, said, strict=True)}
            self.lessons += [lesson(each, day) for each in asked]
            if self.promises.is_due(len(self.lessons)):
                self.promises.learn(self.lessons)
        return answers

    def _lived(self, day: Sequence[Visit], *, asking: bool = True) -> Iterator[Asked]:
        for at, what, number in sorted(happenings(day)):
            visit = day[number]
            if what == ENDS:
                self.observed.finished(visit.window, visit.kind[0], visit.ended - visit.called, at)
            elif what == LEAVES and visit.served:
                self.observed.called(number, visit.kind, visit.window, at)
            elif what == LEAVES:
                self.observed.gave_up(number, at)
            else:
                self.observed.came(at)
                if not visit.waited:
                    continue
                self.observed.joined(number, visit.kind, at)
                if visit.counts and asking:
                    yield Asked(number, self.observed.look(number))
                if visit.left_line <= at:
                    self.observed.vanished(number)
        self.observed.closed()


def happenings(day: Sequence[Visit]) -> Iterator[tuple[float, int, int]]:
    """What happened on a day: when, what, to whom."""
    for number, visit in enumerate(day):
        yield visit.arrived, COMES, number
        if visit.served and known(visit.called):
            yield visit.called, LEAVES, number
            if known(visit.ended):
                yield visit.ended, ENDS, number
        elif visit.waited and known(visit.left_line):
            yield visit.left_line, LEAVES, number


def days_of(visits: Sequence[Visit]) -> Iterator[tuple[list[int], list[Visit]]]:
    """The places in the file and the people of each day, in the order of the days."""
    order = sorted(range(len(visits)), key=lambda number: visits[number].day)
    for _, numbers in groupby(order, key=lambda number: visits[number].day):
        of_day = list(numbers)
        yield of_day, [visits[number] for number in of_day]


def lesson(asked: Asked, day: Sequence[Visit]) -> Lesson:
    """What came of a moment."""
    visit = day[asked.number]
    return Lesson(asked.moment, visit.called - visit.arrived, visit.day)
