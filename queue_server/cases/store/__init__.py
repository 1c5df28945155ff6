"""Cases: SQL and nothing else. Whose case it is comes here sealed."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from msgspec.structs import replace

from queue_server.cases.core.chains import Chain
from queue_server.cases.core.model import Case, Point, Step
from queue_server.cases.core.tasks import Branch
from queue_server.kit.database import Row, Transaction

OPEN = """
INSERT INTO cases (
    hall_id, code, version, stage, matter, department, channel, ticket_id, agent_id, body
)
VALUES (
    :hall_id, :code, :version, :stage, :matter, :department, :channel, :ticket_id, :agent_id,
    CAST(:body AS jsonb)
)
RETURNING id
"""

# Locked until the commit: whoever decides on a case decides on what it is then.
READ = """
SELECT id, CAST(body AS text) AS body
  FROM cases
 WHERE hall_id = :hall_id AND id = :id
"""

SAVE = """
UPDATE cases
   SET version = :version,
       stage = :stage,
       matter = :matter,
       receipt_no = :receipt_no,
       due_on = :due_on,
       supply_on = :supply_on,
       asked_at = :asked_at,
       ended_at = :ended_at,
       body = CAST(:body AS jsonb)
 WHERE id = :id
"""

RECORD = """
INSERT INTO case_history (case_id, version, at, name, by_id, by_name, details)
VALUES (:case_id, :version, :at, :name, :by_id, :by_name, CAST(:details AS jsonb))
RETURNING id
"""

HISTORY = """
SELECT version, at, name, by_id, by_name, CAST(details AS text) AS details
  FROM case_history
 WHERE case_id = :case_id
 ORDER BY version
"""

OF_TICKET = """
SELECT id, CAST(body AS text) AS body
  FROM cases
 WHERE hall_id = :hall_id AND ticket_id = :ticket_id
 ORDER BY id
"""

BY_CODE = "SELECT id, CAST(body AS text) AS body FROM cases WHERE code = :code"

OF_AGENT = """
SELECT id, CAST(body AS text) AS body
  FROM cases
 WHERE hall_id = :hall_id
   AND channel = 'agent'
   AND (CAST(:agent_id AS text) IS NULL OR agent_id = :agent_id)
 ORDER BY id DESC
 LIMIT :rows_max
"""

ARRIVALS = """
SELECT id, CAST(body AS text) AS body
  FROM cases
 WHERE hall_id = :hall_id
   AND channel <> 'window'
   AND stage IN ('draft', 'received', 'notified')
 ORDER BY id
 LIMIT :rows_max
"""

DECIDED = """
SELECT id, CAST(body AS text) AS body
  FROM cases
 WHERE hall_id = :hall_id AND stage = 'decided'
 ORDER BY id
 LIMIT :rows_max
"""

PUT_CONTACT = """
INSERT INTO case_contacts (case_id, phone_sealed, language, consent_at)
VALUES (:case_id, :phone_sealed, :language, :consent_at)
"""

CONTACTS = """
SELECT case_id, phone_sealed, language, consent_at
  FROM case_contacts
 WHERE case_id = ANY(:case_ids)
"""

# A phone is kept as long as there is something to tell, and a while longer.
FORGET_CONTACTS = """
DELETE FROM case_contacts
 USING cases
 WHERE cases.id = case_contacts.case_id AND cases.ended_at < :before
"""

READY_BESIDE = """
SELECT cases.id
  FROM applicants AS mine
  JOIN applicants AS same ON same.number_index = mine.number_index
  JOIN cases ON cases.id = same.case_id
 WHERE mine.case_id = :case_id AND cases.hall_id = :hall_id AND cases.stage = 'result_ready'
 ORDER BY cases.id
"""

ASKED = """
SELECT id, CAST(body AS text) AS body
  FROM cases
 WHERE hall_id = :hall_id AND asked_at IS NOT NULL
 ORDER BY asked_at, id
 LIMIT :rows_max
"""

POINTS = (
    "SELECT CAST(points AS text) AS points FROM review_points WHERE hall_id = :hall_id AND matter = :matter"
)

PUT_POINTS = """
INSERT INTO review_points (hall_id, matter, points, changed_at, changed_by)
VALUES (:hall_id, :matter, CAST(:points AS jsonb), :now, :by)
ON CONFLICT (hall_id, matter) DO UPDATE
   SET points = EXCLUDED.points,
       changed_at = EXCLUDED.changed_at,
       changed_by = EXCLUDED.changed_by
"""

BROKEN = """
SELECT id, CAST(body AS text) AS body
  FROM cases
 WHERE supply_on < :latest
 ORDER BY supply_on
 LIMIT :rows_max
"""

NEXT_SERIAL = """
INSERT INTO receipt_serials AS known (hall_id, year, last)
VALUES (:hall_id, :year, 1)
ON CONFLICT (hall_id, year) DO UPDATE SET last = known.last + 1
RETURNING last
"""

PUT_APPLICANT = """
INSERT INTO applicants (case_id, kind, name_sealed, number_sealed, number_index)
VALUES (:case_id, :kind, :name_sealed, :number_sealed, :number_index)
ON CONFLICT (case_id) DO UPDATE
   SET kind = EXCLUDED.kind,
       name_sealed = EXCLUDED.name_sealed,
       number_sealed = EXCLUDED.number_sealed,
       number_index = EXCLUDED.number_index
"""

APPLICANT = "SELECT kind, name_sealed, number_sealed, number_index FROM applicants WHERE case_id = :case_id"

BROKE_A_PROMISE = """
SELECT
  FROM applicants AS mine
  JOIN applicants AS same ON same.number_index = mine.number_index
  JOIN cases ON cases.id = same.case_id AND cases.stage = 'terminated'
 WHERE mine.case_id = :case_id
 LIMIT 1
"""

CHAINS = "SELECT CAST(body AS text) AS body FROM chains WHERE hall_id = :hall_id ORDER BY code"

PUT_CHAIN = """
INSERT INTO chains (hall_id, code, body, changed_at, changed_by)
VALUES (:hall_id, :code, CAST(:body AS jsonb), :now, :by)
ON CONFLICT (hall_id, code) DO UPDATE
   SET body = EXCLUDED.body,
       changed_at = EXCLUDED.changed_at,
       changed_by = EXCLUDED.changed_by
"""

MASTER_OF = "SELECT master_id FROM chain_members WHERE case_id = :id"

JOIN_CHAIN = "INSERT INTO chain_members (case_id, master_id) VALUES (:case_id, :master_id)"

MEMBERS = """
SELECT cases.id, CAST(cases.body AS text) AS body
  FROM chain_members JOIN cases ON cases.id = chain_members.case_id
 WHERE chain_members.master_id = :master_id
 ORDER BY cases.id
"""


FLOW = "SELECT CAST(body AS text) AS body FROM flows WHERE hall_id = :hall_id AND matter = :matter"

PUT_FLOW = """
INSERT INTO flows (hall_id, matter, body, changed_at, changed_by)
VALUES (:hall_id, :matter, CAST(:body AS jsonb), :now, :by)
ON CONFLICT (hall_id, matter) DO UPDATE
   SET body = EXCLUDED.body,
       changed_at = EXCLUDED.changed_at,
       changed_by = EXCLUDED.changed_by
"""

PUT_TASK = """
INSERT INTO case_tasks (case_id, place, hall_id, department, due_on, is_open)
VALUES (:case_id, :place, :hall_id, :department, :due_on, :is_open)
ON CONFLICT (case_id, place) DO UPDATE
   SET due_on = EXCLUDED.due_on,
       is_open = EXCLUDED.is_open
"""

TASKS = """
SELECT case_tasks.place, cases.id, CAST(cases.body AS text) AS body
  FROM case_tasks JOIN cases ON cases.id = case_tasks.case_id
 WHERE case_tasks.hall_id = :hall_id
   AND case_tasks.department = ANY(:departments)
   AND case_tasks.is_open
 ORDER BY case_tasks.due_on NULLS LAST, cases.id
 LIMIT :rows_max
"""

# One's own, and those of the people for whom one stands in.
CERTIFICATES = """
SELECT account_id, department, ends_on, stand_in
  FROM deciders
 WHERE hall_id = :hall_id AND (account_id = :account_id OR stand_in = :account_id)
"""

PUT_CERTIFICATE = """
INSERT INTO deciders (hall_id, account_id, department, ends_on, stand_in, changed_at, changed_by)
VALUES (:hall_id, :account_id, :department, :ends_on, :stand_in, :now, :by)
ON CONFLICT (hall_id, account_id) DO UPDATE
   SET department = EXCLUDED.department,
       ends_on = EXCLUDED.ends_on,
       stand_in = EXCLUDED.stand_in,
       changed_at = EXCLUDED.changed_at,
       changed_by = EXCLUDED.changed_by
"""


def put(tx: Transaction, case: Case) -> Case:
    """Write a new case, and answer it with its number."""
    row = tx.one(
        OPEN,
        hall_id=case.hall_id,
        code=case.code,
        version=case.version,
        stage=case.stage.value,
        matter=case.subject.code,
        department=case.subject.department_zh,
        channel=case.channel.value,
        ticket_id=case.ticket_id,
        agent_id=agent_of(case),
        body=spelled(case),
    )
    assert row is not None  # An insert that did not raise has inserted.
    return replace(case, id=int(row["id"]))


def case_of(tx: Transaction, hall_id: str, case_id: int, *, to_change: bool = False) -> Case | None:
    """A case of one hall. To be changed, it is locked until the commit."""
    row = tx.one(READ + "FOR UPDATE" if to_change else READ, hall_id=hall_id, id=case_id)
    return None if row is None else _case(row)


def save(
    tx: Transaction,
    case: Case,
    *,
    due_on: date | None,
    supply_on: date | None,
    asked_at: datetime | None,
    ended_at: datetime | None,
) -> None:
    """Write a case as it is now."""
    tx.execute(
        SAVE,
        id=case.id,
        version=case.version,
        stage=case.stage.value,
        matter=case.subject.code,
        receipt_no=case.receipt_no,
        due_on=due_on,
        supply_on=supply_on,
        asked_at=asked_at,
        ended_at=ended_at,
        body=spelled(case),
    )


def record(tx: Transaction, step: Step, at: datetime) -> int:
    """Add the line of history that belongs to a step, and answer its number."""
    row = tx.one(
        RECORD,
        case_id=step.case.id,
        version=step.case.version,
        at=at,
        name=step.name,
        by_id=step.actor.id,
        by_name=step.actor.name,
        details=msgspec.json.encode(step.details).decode(),
    )
    assert row is not None  # An insert that did not raise has inserted.
    return int(row["id"])


def history(tx: Transaction, case_id: int) -> list[Row]:
    """Everything that happened to a case, the oldest first."""
    return [
        {**row, "details": msgspec.json.decode(row["details"])} for row in tx.all(HISTORY, case_id=case_id)
    ]


def of_ticket(tx: Transaction, hall_id: str, ticket_id: int) -> list[Case]:
    """The cases that were opened for a ticket."""
    return [_case(row) for row in tx.all(OF_TICKET, hall_id=hall_id, ticket_id=ticket_id)]


def whole_by_code(tx: Transaction, code: str) -> Case | None:
    """The case a citizen asks for. Whoever asks by the code of a member is told about the whole."""
    row = tx.one(BY_CODE, code=code)
    case = None if row is None else _case(row)
    return case if case is None or case.part is None else case_of(tx, case.hall_id, case.part.master_id)


def of_agent(tx: Transaction, hall_id: str, agent_id: str | None, rows_max: int) -> list[Case]:
    """What an agent has brought, or every agent, the newest first."""
    return [_case(row) for row in tx.all(OF_AGENT, hall_id=hall_id, agent_id=agent_id, rows_max=rows_max)]


def arrivals(tx: Transaction, hall_id: str, rows_max: int) -> list[Case]:
    """What came without anybody standing at a window, and was not accepted yet, the oldest first."""
    return [_case(row) for row in tx.all(ARRIVALS, hall_id=hall_id, rows_max=rows_max)]


def put_contact(tx: Transaction, **values: object) -> None:
    """Write down how to reach whoever a case is for."""
    tx.execute(PUT_CONTACT, **values)


def contacts(tx: Transaction, case_ids: Sequence[int]) -> Sequence[Row]:
    """How to reach those whom some cases are for."""
    return tx.all(CONTACTS, case_ids=list(case_ids))


def forget_contacts(tx: Transaction, before: datetime) -> int:
    """Delete the phones of cases that ended before an instant."""
    return tx.execute(FORGET_CONTACTS, before=before)


def decided(tx: Transaction, hall_id: str, rows_max: int) -> list[Case]:
    """What was decided, and has not reached the issuing desk."""
    return [_case(row) for row in tx.all(DECIDED, hall_id=hall_id, rows_max=rows_max)]


def ready_beside(tx: Transaction, hall_id: str, case_id: int) -> list[int]:
    """The cases of the same applicant whose results can be collected."""
    return [row["id"] for row in tx.all(READY_BESIDE, hall_id=hall_id, case_id=case_id)]


def asked(tx: Transaction, hall_id: str, rows_max: int) -> list[Case]:
    """Cases with a question that nobody has answered, the oldest question first."""
    return [_case(row) for row in tx.all(ASKED, hall_id=hall_id, rows_max=rows_max)]


def points(tx: Transaction, hall_id: str, matter: str) -> tuple[Point, ...]:
    """What a reviewer of a matter judges."""
    row = tx.one(POINTS, hall_id=hall_id, matter=matter)
    return () if row is None else msgspec.json.decode(row["points"], type=tuple[Point, ...])


def put_points(tx: Transaction, *, points: tuple[Point, ...], **values: object) -> None:
    """Write down what a reviewer of a matter judges."""
    tx.execute(PUT_POINTS, points=msgspec.json.encode(points).decode(), **values)


def with_broken_promises(tx: Transaction, latest: date, rows_max: int) -> list[Case]:
    """Cases whose promised materials should have come before a day."""
    return [_case(row) for row in tx.all(BROKEN, latest=latest, rows_max=rows_max)]


def next_serial(tx: Transaction, hall_id: str, year: int) -> int:
    """The next number of a receipt. If the unit fails, it is given to the next."""
    row = tx.one(NEXT_SERIAL, hall_id=hall_id, year=year)
    assert row is not None  # An upsert always returns its row.
    return int(row["last"])


def put_applicant(tx: Transaction, **values: object) -> None:
    """Write down whose case it is."""
    tx.execute(PUT_APPLICANT, **values)


def applicant(tx: Transaction, case_id: int) -> Row | None:
    """Whose case it is."""
    return tx.one(APPLICANT, case_id=case_id)


def broke_a_promise(tx: Transaction, case_id: int) -> bool:
    """Whether the applicant of a case has broken a promise in another."""
    return tx.one(BROKE_A_PROMISE, case_id=case_id) is not None


def chains(tx: Transaction, hall_id: str) -> list[Chain]:
    """Which matters are applied for together."""
    return [msgspec.json.decode(row["body"], type=Chain) for row in tx.all(CHAINS, hall_id=hall_id)]


def put_chain(tx: Transaction, hall_id: str, chain: Chain, *, now: datetime, by: str) -> None:
    """Write down which matters are applied for together, or anew."""
    body = msgspec.json.encode(chain).decode()
    tx.execute(PUT_CHAIN, hall_id=hall_id, code=chain.code, body=body, now=now, by=by)


def lock_master(tx: Transaction, hall_id: str, case_id: int) -> None:
    """Lock the whole of which a case is a member, if it is one: before the case itself, always."""
    row = tx.one(MASTER_OF, id=case_id)
    if row is not None:
        case_of(tx, hall_id, int(row["master_id"]), to_change=True)


def put_member(tx: Transaction, master_id: int, case: Case) -> Case:
    """Write the case of one matter of a chain, and answer it with its number."""
    member = put(tx, case)
    tx.execute(JOIN_CHAIN, case_id=member.id, master_id=master_id)
    return member


def members(tx: Transaction, master_id: int) -> list[Case]:
    """The cases into which an accepted chain was split."""
    return [_case(row) for row in tx.all(MEMBERS, master_id=master_id)]


def flow(tx: Transaction, hall_id: str, matter: str) -> tuple[Branch, ...]:
    """Which departments have a say in a matter, beside the one that leads."""
    row = tx.one(FLOW, hall_id=hall_id, matter=matter)
    return () if row is None else msgspec.json.decode(row["body"], type=tuple[Branch, ...])


def put_flow(
    tx: Transaction, hall_id: str, matter: str, branches: tuple[Branch, ...], *, now: datetime, by: str
) -> None:
    """Write down who has a say in a matter."""
    body = msgspec.json.encode(branches).decode()
    tx.execute(PUT_FLOW, hall_id=hall_id, matter=matter, body=body, now=now, by=by)


def put_task(tx: Transaction, **values: object) -> None:
    """Write what an inbox looks for beside the body of a case."""
    tx.execute(PUT_TASK, **values)


def tasks(
    tx: Transaction, hall_id: str, departments: tuple[str, ...], rows_max: int
) -> list[tuple[Case, int]]:
    """The open tasks of some departments, the most urgent first, each by its case and its place in it."""
    rows = tx.all(TASKS, hall_id=hall_id, departments=list(departments), rows_max=rows_max)
    return [(_case(row), int(row["place"])) for row in rows]


def certificates(tx: Transaction, hall_id: str, account_id: str) -> list[Row]:
    """By what somebody may decide: for themselves, and for whom they stand in."""
    return list(tx.all(CERTIFICATES, hall_id=hall_id, account_id=account_id))


def put_certificate(tx: Transaction, **values: object) -> None:
    """Write down until when somebody may decide for a department."""
    tx.execute(PUT_CERTIFICATE, **values)


def agent_of(case: Case) -> str | None:
    """Who has brought a case, if an agent did."""
    return None if case.entrustment is None else case.entrustment.by.id


def spelled(case: Case) -> str:
    """A case as it is kept."""
    return msgspec.json.encode(case).decode()


def _case(row: Row) -> Case:
    return replace(msgspec.json.decode(row["body"], type=Case), id=row["id"])
