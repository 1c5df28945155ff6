"""The rules of a document: no database, no clock."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from queue_server.cases.core.model import Actor, By, Case, Decision, Stage
from queue_server.issuance.core import documents
from queue_server.issuance.core.documents import FIELDS, Document, Mailing, Move, Payer, State, Way
from queue_server.issuance.core.manifests import Manifest, ManifestState, correct, count
from queue_server.issuance.core.rejections import (
    ManifestUnsettled,
    NotOnManifest,
    SignatureMissing,
    SignatureTooLarge,
    SignatureUnfit,
)
from queue_server.kit.rejections import Rejected
from tests.cases.stories import CLERK, COLLEAGUE, MONDAY, REVIEWER, TRAINEE, draft, on

Try = Callable[[Document, Actor], Move]

NOW = on(MONDAY)
POST = Mailing(By(CLERK.id, CLERK.name, NOW.at, NOW.on), "EMS", "EX123456785CN", Payer.HALL, "digest")
RIGHT = st.fixed_dictionaries(dict.fromkeys(FIELDS, st.booleans()))
SURELY_RIGHT = st.just(dict.fromkeys(FIELDS, True))


def made() -> Document:
    decided: Case = replace(
        draft(),
        stage=Stage.DECIDED,
        receipt_no="H1-2026-000001",
        decision=Decision(By(REVIEWER.id, REVIEWER.name, NOW.at, NOW.on), True),
    )
    return documents.make(decided, REVIEWER, NOW, "JY1", "", MONDAY, None)


def checks(right: dict[documents.Field, bool]) -> Try:
    return lambda document, actor: documents.check(document, actor, NOW, right, "", "38420197")


def delivers(way: Way) -> Try:
    return lambda document, actor: documents.deliver(document, actor, NOW, way)


TRIES: st.SearchStrategy[Try] = st.one_of(
    st.just(lambda document, actor: documents.send(document, actor, 1)),
    st.just(lambda document, actor: documents.receive(document, actor, NOW)),
    st.just(documents.miss),
    st.just(documents.keep_back),
    st.just(lambda document, actor: documents.file(document, actor, NOW, "A-03")),
    st.builds(checks, st.one_of(RIGHT, SURELY_RIGHT)),
    st.just(lambda document, actor: documents.fix(document, actor, "JY2", "", MONDAY, None)),
    st.just(lambda document, actor: documents.mail(document, actor, POST)),
    st.just(lambda document, actor: documents.come_back(document, actor, "A-03", "nobody there")),
    st.builds(delivers, st.sampled_from([Way.DESK, Way.AGENT, Way.MAIL])),
)
ACTORS = st.sampled_from([CLERK, COLLEAGUE, REVIEWER, TRAINEE])


@settings(deadline=None)
@given(steps=st.lists(st.tuples(TRIES, ACTORS), max_size=60))
def test_no_order_of_deeds_hands_out_what_a_second_person_has_not_checked(
    steps: list[tuple[Try, Actor]],
) -> None:
    document = made()
    for attempt, actor in steps:
        before = document
        with suppress(Rejected):
            move = attempt(document, actor)
            document = move.document
            assert move.details["keeper"], "somebody holds it, or it is known that nobody knows"
        assert document.version - before.version in (0, 1)
        assert before.state is not State.DELIVERED or document is before
        if document.state in (State.READY, State.MAILED, State.DELIVERED):
            assert document.filed is not None
            assert document.checked is not None
            assert document.filed.id != document.checked.id
            assert document.checked.id != TRAINEE.id
            assert document.pickup is not None
            assert not document.wrong


def test_a_bundle_is_settled_when_everything_in_it_is_found_or_known_to_have_stayed() -> None:
    sent = By(REVIEWER.id, REVIEWER.name, NOW.at, NOW.on)
    bundle = Manifest(hall_id="h1", documents=(1, 2, 3), open=(1, 2, 3), sent=sent)
    with pytest.raises(NotOnManifest):
        count(bundle, CLERK, NOW, frozenset({9}))
    disputed = count(bundle, CLERK, NOW, frozenset({1}))
    assert (disputed.state, disputed.open) == (ManifestState.DISPUTED, (2, 3))
    with pytest.raises(ManifestUnsettled):
        correct(disputed, REVIEWER, NOW, frozenset({2}), frozenset())
    again = correct(disputed, REVIEWER, NOW, frozenset({2}), frozenset({3}))
    assert (again.state, again.documents, again.open) == (ManifestState.IN_TRANSFER, (1, 2), (2,))
    assert count(again, CLERK, NOW, frozenset({2})).state is ManifestState.CLOSED


@pytest.mark.parametrize(
    ("strokes", "refusal"),
    [
        ("", SignatureMissing),
        ("M1 1L2 2", SignatureMissing),
        ("M1 1" + "L2 2" * 10 + "<script>", SignatureUnfit),
        ("M1 1" + "L1234 1234" * 3000, SignatureTooLarge),
    ],
)
def test_what_is_no_signature_is_refused(strokes: str, refusal: type[Rejected]) -> None:
    with pytest.raises(refusal):
        documents.check_signature(strokes)


def test_a_document_is_put_right_within_two_working_days() -> None:
    assert documents.fix_day(date(2026, 11, 27)) == date(2026, 12, 1)
