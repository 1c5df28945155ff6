"""What helps a clerk who is unsure: a question to the department of the matter, and citing what one went by.

Both stand in the case and in its history. A question may be asked, answered and cited as long as the case has
not ended; neither waits for the other, so an answer never stops a clerk who goes on meanwhile.
"""

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from queue_server.cases.core.model import Actor, Case, Citation, Question, Step, When
from queue_server.cases.core.rejections import (
    AlreadyCited,
    AnswerMissing,
    CaseElsewhere,
    QuestionAnswered,
    QuestionsOpenMax,
    QuestionUnknown,
)
from queue_server.cases.core.stages import by, has_ended, step

OPEN_MAX: Final = 5


def ask(case: Case, actor: Actor, now: When, text: str) -> Step:
    """Ask whoever decides on the matter, from the window."""
    check_lasts(case)
    waiting = sum(question.answered is None for question in case.questions)
    if waiting >= OPEN_MAX:
        raise QuestionsOpenMax(count=waiting)
    questions = (*case.questions, Question(text, by(actor, now)))
    return step(replace(case, questions=questions), "asked", actor, question=text)


def answer(case: Case, actor: Actor, now: When, place: int, text: str) -> Step:
    """Answer a question. The first answer stands, and how long it took is kept."""
    check_lasts(case)
    question = question_at(case, place)
    if question.answered is not None:
        raise QuestionAnswered(name=question.answered.name)
    after = replace(question, answer=text, answered=by(actor, now))
    questions = (*case.questions[:place], after, *case.questions[place + 1 :])
    minutes = minutes_taken(after)
    return step(replace(case, questions=questions), "answered", actor, answer=text, minutes=minutes)


def cite(case: Case, actor: Actor, now: When, *, entry: int, version: int, zh: str, en: str) -> Step:
    """Note which version of a knowledge entry one went by."""
    return cited(case, actor, Citation(by(actor, now), zh, en, entry=entry, entry_version=version))


def cite_answer(case: Case, actor: Actor, now: When, place: int) -> Step:
    """Note that one went by an answer."""
    question = question_at(case, place)
    if question.answered is None:
        raise AnswerMissing
    return cited(case, actor, Citation(by(actor, now), question.text, question=place))


def cited(case: Case, actor: Actor, citation: Citation) -> Step:
    """The case with one more citation; once is enough."""
    check_lasts(case)
    if any(what_of(each) == what_of(citation) for each in case.citations):
        raise AlreadyCited
    title = {"zh": citation.title_zh, "en": citation.title_en or citation.title_zh}
    after = replace(case, citations=(*case.citations, citation))
    return step(
        after, "cited", actor, title=title, entry=citation.entry, entry_version=citation.entry_version
    )


def what_of(citation: Citation) -> tuple[int | None, int | None, int | None]:
    """What is cited, whoever does."""
    return citation.entry, citation.entry_version, citation.question


def minutes_taken(question: Question) -> float | None:
    """Minutes between a question and its answer, to a tenth."""
    if question.answered is None:
        return None
    return round((question.answered.at - question.asked.at).total_seconds() / 60, 1)


def waits_since(case: Case) -> datetime | None:
    """Since when a question of the case has been waiting; None if none does."""
    if has_ended(case):
        return None
    return min((each.asked.at for each in case.questions if each.answered is None), default=None)


def question_at(case: Case, place: int) -> Question:
    """One question of a case."""
    if not 0 <= place < len(case.questions):
        raise QuestionUnknown
    return case.questions[place]


def check_lasts(case: Case) -> None:
    """Refuse what makes no sense once a case has ended."""
    if has_ended(case):
        raise CaseElsewhere(stage=case.stage)
