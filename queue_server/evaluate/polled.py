"""A record of boards, lived through by the hall's own predictor: poll by poll, knowing nothing that comes later."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from queue_server.evaluate.breathing import Question, answered
from queue_server.evaluate.recorded import BoardDay
from queue_server.evaluate.rivals import Poll, moments_of
from queue_server.hall.core.forecast.boards import (
    Board,
    Usual,
    between_polls,
    features,
    first_guess,
    poll_minutes,
    usual,
)
from queue_server.hall.core.forecast.calibration import Forecast, Lesson, Moment, Promises, wide

DOUBT_MINUTES = 5.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A moment of a board, and what was to be seen then."""

    board: Board
    poll: Poll
    moment: Moment


class PolledHall:
    """The predictor of halls of which only the boards are seen, with the past that it has come to know."""

    def __init__(self, seed: int = 1) -> None:
        self.promises = Promises(np.random.default_rng(seed))
        self.past: list[BoardDay] = []

    def learn(self, past: Sequence[BoardDay]) -> None:
        """Get to know a past. Each of its days is looked at with the paces of the others."""
        self.past += past
        days = sorted({each.day for each in self.past})
        lessons = []
        for day in days:
            others = usual(board for each in self.past if each.day != day for board in each.boards)
            for asked in asked_on([each for each in self.past if each.day == day], others):
                lessons.append(Lesson(asked.moment, asked.poll.truth, day))
        if self.promises.is_due(len(lessons)):
            self.promises.learn(lessons)

    def answers(self, record: Sequence[BoardDay]) -> dict[tuple[tuple[str, str], str, int], Forecast]:
        """What the halls say at each moment, by queue, day and poll; they learn when a day is over."""
        answers = {}
        for _, offices in groupby(record, key=lambda each: each.day):
            of_day = list(offices)
            asked = asked_on(of_day, usual(board for each in self.past for board in each.boards))
            rows = self.promises.forecasts([each.moment for each in asked])
            questions = [
                Question(
                    float(each.board.at[each.poll.at]),
                    float(each.board.at[each.poll.called_by]),
                    each.poll.truth,
                    row,
                    wide(each.moment.guess, DOUBT_MINUTES),
                )
                for each, row in zip(asked, rows, strict=True)
            ]
            for each, forecast in zip(asked, answered(self.promises.breath, questions), strict=True):
                key = each.board.key, each.board.day, each.poll.at
                answers[key] = told_between_polls(forecast, poll_minutes(each.board, each.poll.at))
            self.learn(of_day)
        return answers


def asked_on(offices: Sequence[BoardDay], known: Usual) -> list[Asked]:
    """Every moment of a day, with what could be seen then."""
    return [
        Asked(
            board,
            poll,
            Moment(features(board, each.office, poll.at, known), guess=first_guess(board, poll.at, known)),
        )
        for each in offices
        for board in each.boards
        for poll in moments_of(board)
    ]


def told_between_polls(forecast: Forecast, apart: float) -> Forecast:
    """The point in the middle of a gap between polls: a board never tells more, so neither does the truth."""
    middle = between_polls(forecast.p50, apart)
    return replace(
        forecast,
        p10=min(forecast.p10, middle),
        p20=min(forecast.p20, middle),
        p50=middle,
        p80=max(forecast.p80, middle),
        p90=max(forecast.p90, middle),
    )
