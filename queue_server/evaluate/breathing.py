"""Answers in the order in which they were given, each as wide as what had been missed by then demanded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from queue_server.hall.core.forecast.calibration import Breath, Forecast

RESOLVED, ASKED = 0, 1  # In the same instant a call is seen first, then the next person is answered.


@dataclass(frozen=True, slots=True)
class Question:
    """When somebody asked, when the answer was known, what it was; and what the hall has learned to say."""

    asked_at: float
    resolved_at: float
    truth: float
    row: NDArray[np.float64] | None
    unlearned: Forecast


def answered(breath: Breath, questions: Sequence[Question]) -> list[Forecast]:
    """The forecast for each question; the ranges breathe with every call that comes."""
    said: dict[int, Forecast] = {}
    events = [(question.asked_at, ASKED, number) for number, question in enumerate(questions)]
    events += [(question.resolved_at, RESOLVED, number) for number, question in enumerate(questions)]
    for _, what, number in sorted(events):
        question = questions[number]
        if what == ASKED:
            said[number] = question.unlearned if question.row is None else breath.applied(question.row)
        elif number in said:
            breath.resolved(said[number], question.truth)
    return [said[number] for number in range(len(questions))]
