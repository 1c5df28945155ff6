"""Accounts, sessions, failures and contacts: SQL and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

import msgspec

from queue_server.kit.database import Insert, Row, Transaction
from queue_server.people.core import Account, Certificates, Level, Role

# ── Accounts ────────────────────────────────────────────────────────────────────────────────────

ACCOUNTS = "SELECT * FROM accounts WHERE hall_id = :hall_id OR :everywhere ORDER BY id"
ACCOUNT_BY_ID = "SELECT * FROM accounts WHERE id = :id"
ACCOUNT_BY_LOGIN = "SELECT * FROM accounts WHERE login = :login"

# A hash of NULL leaves the password as it is.
PUT_ACCOUNT = """
INSERT INTO accounts
       (id, hall_id, login, display_name, staff_no, role, trainee, mentor_id, disabled, department,
        password_hash)
VALUES (:id, :hall_id, :login, :display_name, :staff_no, :role, :trainee, :mentor_id, :disabled, :department,
        :password_hash)
ON CONFLICT (id) DO UPDATE
   SET hall_id = EXCLUDED.hall_id,
       login = EXCLUDED.login,
       display_name = EXCLUDED.display_name,
       staff_no = EXCLUDED.staff_no,
       role = EXCLUDED.role,
       trainee = EXCLUDED.trainee,
       mentor_id = EXCLUDED.mentor_id,
       disabled = EXCLUDED.disabled,
       department = EXCLUDED.department,
       password_hash = COALESCE(EXCLUDED.password_hash, accounts.password_hash)
"""

REHASH = "UPDATE accounts SET password_hash = :password_hash WHERE id = :id"

REMEMBER_ACCOUNT = """
INSERT INTO account_history (account_id, changed_at, changed_by, account)
VALUES (:account_id, :changed_at, :changed_by, CAST(:account AS jsonb))
"""

# The rows are locked, so that of two admins who disable each other the second finds the other gone.
ADMINS_EVERYWHERE = """
SELECT id FROM accounts
 WHERE role = 'admin' AND hall_id IS NULL AND NOT disabled
 ORDER BY id
   FOR UPDATE
"""

SKILLS_OF_ALL = """
SELECT account_id, group_id, level
  FROM skills JOIN accounts ON accounts.id = skills.account_id
 WHERE hall_id = :hall_id OR :everywhere
 ORDER BY account_id, group_id
"""

SKILLS = "SELECT group_id, level FROM skills WHERE account_id = :account_id ORDER BY group_id"
DROP_SKILLS = "DELETE FROM skills WHERE account_id = :account_id"
ADD_SKILL = "INSERT INTO skills (account_id, group_id, level) VALUES (:account_id, :group_id, :level)"

NEWEST_CERTIFICATES = """
SELECT DISTINCT ON (account_id, kind, subject)
       account_id, kind, subject, ends_on
  FROM certificates
 WHERE account_id = ANY(:account_ids)
 ORDER BY account_id, kind, subject, id DESC
"""

CERTIFY = """
INSERT INTO certificates (account_id, kind, subject, ends_on, changed_at, changed_by)
VALUES (:account_id, :kind, :subject, :ends_on, :changed_at, :changed_by)
"""


def accounts_of(tx: Transaction, hall_id: str | None) -> list[Account]:
    """Everybody of one hall, or of all halls."""
    return [_account(row) for row in tx.all(ACCOUNTS, hall_id=hall_id, everywhere=hall_id is None)]


def accounts_with_skills(tx: Transaction, hall_id: str | None) -> list[tuple[Account, dict[str, Level]]]:
    """Everybody of one hall, or of all halls, and what each is trained for."""
    skills: dict[str, dict[str, Level]] = {}
    for row in tx.all(SKILLS_OF_ALL, hall_id=hall_id, everywhere=hall_id is None):
        skills.setdefault(row["account_id"], {})[row["group_id"]] = Level(row["level"])
    return [(account, skills.get(account.id, {})) for account in accounts_of(tx, hall_id)]


def admins_everywhere(tx: Transaction) -> list[str]:
    """Who can keep every account, until the commit."""
    return [row["id"] for row in tx.all(ADMINS_EVERYWHERE)]


def account_by_id(tx: Transaction, account_id: str) -> tuple[Account, str | None] | None:
    """An account and its password hash."""
    return _with_hash(tx.one(ACCOUNT_BY_ID, id=account_id))


def account_by_login(tx: Transaction, login: str) -> tuple[Account, str | None] | None:
    """An account and its password hash."""
    return _with_hash(tx.one(ACCOUNT_BY_LOGIN, login=login))


def put_account(tx: Transaction, account: Account, password_hash: str | None) -> None:
    """Write an account as it is now."""
    tx.execute(PUT_ACCOUNT, **asdict(account), password_hash=password_hash)


def remember_account(tx: Transaction, account: Account, changed_by: str, now: datetime) -> None:
    """Note what an account has become."""
    as_json = msgspec.json.encode(account).decode()
    tx.execute(
        REMEMBER_ACCOUNT, account_id=account.id, changed_at=now, changed_by=changed_by, account=as_json
    )


def rehash(tx: Transaction, account_id: str, password_hash: str) -> None:
    """Keep the same password under today's parameters."""
    tx.execute(REHASH, id=account_id, password_hash=password_hash)


def skills_of(tx: Transaction, account_id: str) -> dict[str, Level]:
    """What somebody is trained for."""
    return {row["group_id"]: Level(row["level"]) for row in tx.all(SKILLS, account_id=account_id)}


def put_skills(tx: Transaction, account_id: str, skills: Mapping[str, Level]) -> None:
    """What somebody is trained for from now on."""
    tx.execute(DROP_SKILLS, account_id=account_id)
    for group_id, level in sorted(skills.items()):
        tx.execute(ADD_SKILL, account_id=account_id, group_id=group_id, level=level)


def certificates_of(tx: Transaction, account_ids: Sequence[str]) -> dict[str, Certificates]:
    """Until when people are certified. Whoever has no certificate is not named."""
    found: dict[str, dict[str, dict[str, date]]] = {}
    for row in tx.all(NEWEST_CERTIFICATES, account_ids=list(account_ids)):
        if row["ends_on"] is not None:
            kinds = found.setdefault(row["account_id"], {"group": {}, "matter": {}})
            kinds[row["kind"]][row["subject"]] = row["ends_on"]
    return {account_id: Certificates(kinds["group"], kinds["matter"]) for account_id, kinds in found.items()}


def put_certificates(
    tx: Transaction, account_id: str, certificates: Certificates, changed_by: str, now: datetime
) -> None:
    """Until when somebody is certified from now on. Only what differs is written."""
    before = certificates_of(tx, [account_id]).get(account_id, Certificates())
    for kind, old, new in (
        ("group", before.groups, certificates.groups),
        ("matter", before.matters, certificates.matters),
    ):
        for subject in sorted({*old, *new}):
            if old.get(subject) != new.get(subject):
                tx.execute(
                    CERTIFY,
                    account_id=account_id,
                    kind=kind,
                    subject=subject,
                    ends_on=new.get(subject),
                    changed_at=now,
                    changed_by=changed_by,
                )


def _with_hash(row: Row | None) -> tuple[Account, str | None] | None:
    return (_account(row), row["password_hash"]) if row else None


def _account(row: Row) -> Account:
    return Account(
        id=row["id"],
        hall_id=row["hall_id"],
        login=row["login"],
        display_name=row["display_name"],
        staff_no=row["staff_no"],
        role=Role(row["role"]),
        trainee=row["trainee"],
        mentor_id=row["mentor_id"],
        disabled=row["disabled"],
        department=row["department"],
    )


# ── Sessions ────────────────────────────────────────────────────────────────────────────────────

# Nothing is inserted if the account was disabled or got another password while this one was compared.
OPEN_SESSION = """
INSERT INTO sessions (token_hash, account_id, created_at, expires_at)
SELECT :token_hash, id, :now, :expires_at
  FROM accounts
 WHERE id = :account_id
   AND NOT disabled
   AND password_hash IS NOT DISTINCT FROM :password_hash
"""

SESSION = """
SELECT accounts.*, expires_at
  FROM sessions JOIN accounts ON accounts.id = sessions.account_id
 WHERE token_hash = :token_hash
   AND expires_at > :now
   AND NOT disabled
"""

CLOSE_SESSION = "DELETE FROM sessions WHERE token_hash = :token_hash"
CLOSE_SESSIONS = "DELETE FROM sessions WHERE account_id = :account_id"
CLOSE_EXPIRED = "DELETE FROM sessions WHERE expires_at <= :now"


def open_session(
    tx: Transaction,
    token_hash: bytes,
    account_id: str,
    password_hash: str | None,
    now: datetime,
    expires_at: datetime,
) -> bool:
    """Let somebody in whose password was just compared with this hash; False if that no longer holds."""
    inserted = tx.execute(
        OPEN_SESSION,
        token_hash=token_hash,
        account_id=account_id,
        password_hash=password_hash,
        now=now,
        expires_at=expires_at,
    )
    return inserted == 1


def session(tx: Transaction, token_hash: bytes, now: datetime) -> tuple[Account, datetime] | None:
    """Who is signed in with this token, and until when."""
    row = tx.one(SESSION, token_hash=token_hash, now=now)
    return (_account(row), row["expires_at"]) if row else None


def close_session(tx: Transaction, token_hash: bytes) -> None:
    """Sign out once."""
    tx.execute(CLOSE_SESSION, token_hash=token_hash)


def close_sessions(tx: Transaction, account_id: str) -> None:
    """Sign out everywhere."""
    tx.execute(CLOSE_SESSIONS, account_id=account_id)


def close_expired(tx: Transaction, now: datetime) -> None:
    """Forget sessions that are over."""
    tx.execute(CLOSE_EXPIRED, now=now)


# ── Failures ────────────────────────────────────────────────────────────────────────────────────

# An attempt counts as a failure until it succeeds, so that guesses made side by side are all counted. Past
# the limit the instant stays where it is: whoever keeps trying does not lock the owner out for longer.
COUNT_ATTEMPT = """
INSERT INTO sign_in_failures AS known (attempt_key, failures, last_failed_at)
VALUES (:attempt_key, 1, :now)
ON CONFLICT (attempt_key) DO UPDATE
   SET failures = CASE WHEN known.last_failed_at <= :forgiven_at THEN 1
                       ELSE LEAST(known.failures + 1, :failures_max + 1) END,
       last_failed_at = CASE WHEN known.last_failed_at > :forgiven_at AND known.failures >= :failures_max
                             THEN known.last_failed_at ELSE :now END
RETURNING failures
"""

FORGIVE = "DELETE FROM sign_in_failures WHERE attempt_key = :attempt_key"
FORGIVE_OLD = "DELETE FROM sign_in_failures WHERE last_failed_at <= :forgiven_at"


def count_attempt(
    tx: Transaction, attempt_key: bytes, now: datetime, forgiven_at: datetime, failures_max: int
) -> int:
    """How many attempts there were in a row, this one included; one more than the maximum means locked."""
    row = tx.one(
        COUNT_ATTEMPT, attempt_key=attempt_key, now=now, forgiven_at=forgiven_at, failures_max=failures_max
    )
    return int(row["failures"]) if row else 0


def forgive(tx: Transaction, attempt_key: bytes) -> None:
    """The password was right after all."""
    tx.execute(FORGIVE, attempt_key=attempt_key)


def forgive_old(tx: Transaction, forgiven_at: datetime) -> None:
    """Forget failures that no longer lock anybody out."""
    tx.execute(FORGIVE_OLD, forgiven_at=forgiven_at)


# ── Contacts ────────────────────────────────────────────────────────────────────────────────────

CONTACT = Insert(
    "contacts",
    (
        ("hall_id", "text"),
        ("ticket_id", "bigint"),
        ("phone_sealed", "text"),
        ("phone_index", "bytea"),
        ("language", "text"),
        ("consent_at", "timestamptz"),
        ("consent", "text"),
    ),
)

READ_CONTACT = """
SELECT *
  FROM contacts
 WHERE hall_id = :hall_id AND ticket_id = :ticket_id
"""

CONTACTS_OF = """
SELECT contacts.*
  FROM contacts
  JOIN unnest(CAST(:hall_ids AS text[]), CAST(:ticket_ids AS bigint[])) AS asked (hall_id, ticket_id)
       USING (hall_id, ticket_id)
"""

TICKETS_OF_PHONE = """
SELECT ticket_id
  FROM contacts
 WHERE hall_id = :hall_id AND phone_index = ANY(:indexes)
 ORDER BY ticket_id
"""

FORGET_CONTACT = "DELETE FROM contacts WHERE hall_id = :hall_id AND ticket_id = :ticket_id"
FORGET_CONTACTS = "DELETE FROM contacts WHERE consent_at < :before"


def put_contact(
    tx: Transaction,
    hall_id: str,
    ticket_id: int,
    phone_sealed: str,
    phone_index: bytes,
    language: str,
    consent_at: datetime,
    consent: str,
) -> None:
    """Keep how to reach somebody."""
    tx.insert(CONTACT, (hall_id, ticket_id, phone_sealed, phone_index, language, consent_at, consent))


def contact(tx: Transaction, hall_id: str, ticket_id: int) -> Row | None:
    """How to reach somebody, still sealed."""
    return tx.one(READ_CONTACT, hall_id=hall_id, ticket_id=ticket_id)


def contacts_of(tx: Transaction, tickets: Sequence[tuple[str, int]]) -> list[Row]:
    """How to reach many, still sealed."""
    return tx.all(
        CONTACTS_OF, hall_ids=[hall for hall, _ in tickets], ticket_ids=[ticket for _, ticket in tickets]
    )


def tickets_of_phone(tx: Transaction, hall_id: str, indexes: Iterable[bytes]) -> list[int]:
    """The tickets taken with a phone."""
    rows = tx.all(TICKETS_OF_PHONE, hall_id=hall_id, indexes=list(indexes))
    return [int(row["ticket_id"]) for row in rows]


def forget_contact(tx: Transaction, hall_id: str, ticket_id: int) -> None:
    """Delete how to reach somebody."""
    tx.execute(FORGET_CONTACT, hall_id=hall_id, ticket_id=ticket_id)


def forget_contacts(tx: Transaction, before: datetime) -> int:
    """Delete contacts that were given before an instant, and say how many."""
    return tx.execute(FORGET_CONTACTS, before=before)


# ── WeChat ──────────────────────────────────────────────────────────────────────────────────────

WECHAT_CONTACT = Insert(
    "wechat_contacts",
    (
        ("hall_id", "text"),
        ("ticket_id", "bigint"),
        ("openid_sealed", "text"),
        ("openid_index", "bytea"),
        ("link_sealed", "text"),
        ("language", "text"),
        ("consent_at", "timestamptz"),
    ),
)

READ_WECHAT_CONTACT = """
SELECT *
  FROM wechat_contacts
 WHERE hall_id = :hall_id AND ticket_id = :ticket_id
"""

WECHAT_CONTACTS_OF = """
SELECT wechat_contacts.*
  FROM wechat_contacts
  JOIN unnest(CAST(:hall_ids AS text[]), CAST(:ticket_ids AS bigint[])) AS asked (hall_id, ticket_id)
       USING (hall_id, ticket_id)
"""

TICKETS_OF_OPENID = """
SELECT ticket_id
  FROM wechat_contacts
 WHERE hall_id = :hall_id AND openid_index = ANY(:indexes)
 ORDER BY ticket_id
"""

FORGET_WECHAT_CONTACT = "DELETE FROM wechat_contacts WHERE hall_id = :hall_id AND ticket_id = :ticket_id"

FORGET_WECHAT_CONTACTS = "DELETE FROM wechat_contacts WHERE consent_at < :before"


def put_wechat_contact(tx: Transaction, row: tuple[object, ...]) -> None:
    """Keep how to reach somebody in WeChat, and where their ticket is."""
    tx.insert(WECHAT_CONTACT, row)


def wechat_contact(tx: Transaction, hall_id: str, ticket_id: int) -> Row | None:
    """How to reach somebody in WeChat, still sealed."""
    return tx.one(READ_WECHAT_CONTACT, hall_id=hall_id, ticket_id=ticket_id)


def wechat_contacts_of(tx: Transaction, tickets: Sequence[tuple[str, int]]) -> list[Row]:
    """How to reach many in WeChat, still sealed."""
    return tx.all(
        WECHAT_CONTACTS_OF,
        hall_ids=[hall for hall, _ in tickets],
        ticket_ids=[ticket for _, ticket in tickets],
    )


def tickets_of_openid(tx: Transaction, hall_id: str, indexes: Iterable[bytes]) -> list[int]:
    """The tickets taken by somebody in WeChat."""
    rows = tx.all(TICKETS_OF_OPENID, hall_id=hall_id, indexes=list(indexes))
    return [int(row["ticket_id"]) for row in rows]


def forget_wechat_contact(tx: Transaction, hall_id: str, ticket_id: int) -> None:
    """Delete how to reach somebody in WeChat."""
    tx.execute(FORGET_WECHAT_CONTACT, hall_id=hall_id, ticket_id=ticket_id)


def forget_wechat_contacts(tx: Transaction, before: datetime) -> int:
    """Delete those that were given before an instant, and say how many."""
    return tx.execute(FORGET_WECHAT_CONTACTS, before=before)


# ── Holders ─────────────────────────────────────────────────────────────────────────────────────

HOLDER = Insert(
    "holders",
    (
        ("hall_id", "text"),
        ("group_id", "text"),
        ("person", "bytea"),
        ("after_ticket_id", "bigint"),
        ("ticket_id", "bigint"),
        ("link_sealed", "text"),
        ("held_at", "timestamptz"),
    ),
    ordered_by=("hall_id", "group_id", "person"),
)

LAST_HELD = """
SELECT ticket_id, link_sealed
  FROM holders
 WHERE hall_id = :hall_id AND group_id = :group_id AND person = ANY(:indexes)
 ORDER BY place DESC
 LIMIT 1
"""

TICKETS_OF_HOLDERS = """
SELECT DISTINCT ticket_id
  FROM holders
 WHERE hall_id = :hall_id AND person = ANY(:indexes)
 ORDER BY ticket_id
"""

FORGET_HOLDERS = "DELETE FROM holders WHERE held_at < :before"


def put_holder(tx: Transaction, row: tuple[object, ...]) -> None:
    """Add a ticket to the chain of a person."""
    tx.insert(HOLDER, row)


def last_held(tx: Transaction, hall_id: str, group_id: str, indexes: Iterable[bytes]) -> Row | None:
    """The end of the chain of a person."""
    return tx.one(LAST_HELD, hall_id=hall_id, group_id=group_id, indexes=list(indexes))


def tickets_of_holders(tx: Transaction, hall_id: str, indexes: Iterable[bytes]) -> list[int]:
    """All tickets that these persons took."""
    rows = tx.all(TICKETS_OF_HOLDERS, hall_id=hall_id, indexes=list(indexes))
    return [int(row["ticket_id"]) for row in rows]


def forget_holders(tx: Transaction, before: datetime) -> int:
    """Delete the chains' links that are older than an instant, and say how many."""
    return tx.execute(FORGET_HOLDERS, before=before)


# ── Codes for phones ────────────────────────────────────────────────────────────────────────────

PUT_PHONE_CODE = """
INSERT INTO phone_codes (hall_id, ticket_id, phone_sealed, code_sealed)
VALUES (:hall_id, :ticket_id, :phone_sealed, :code_sealed)
    ON CONFLICT (hall_id, ticket_id) DO UPDATE
   SET phone_sealed = EXCLUDED.phone_sealed,
       code_sealed = EXCLUDED.code_sealed,
       tries = 0,
       sent_at = now()
"""

PHONE_CODES_OF = """
SELECT phone_codes.*
  FROM phone_codes
  JOIN unnest(CAST(:hall_ids AS text[]), CAST(:ticket_ids AS bigint[])) AS asked (hall_id, ticket_id)
       USING (hall_id, ticket_id)
"""

# Counted before it is compared, so that guesses made side by side are all counted.
TRY_PHONE_CODE = """
UPDATE phone_codes
   SET tries = tries + 1
 WHERE hall_id = :hall_id
   AND ticket_id = :ticket_id
   AND tries < :tries_max
   AND sent_at > now() - :seconds * interval '1 second'
RETURNING *
"""

DROP_PHONE_CODE = "DELETE FROM phone_codes WHERE hall_id = :hall_id AND ticket_id = :ticket_id"
FORGET_PHONE_CODES = "DELETE FROM phone_codes WHERE sent_at < :before"


def put_phone_code(
    tx: Transaction, hall_id: str, ticket_id: int, phone_sealed: str, code_sealed: str
) -> None:
    """Keep a code in place of the one before."""
    tx.execute(
        PUT_PHONE_CODE,
        hall_id=hall_id,
        ticket_id=ticket_id,
        phone_sealed=phone_sealed,
        code_sealed=code_sealed,
    )


def phone_codes_of(tx: Transaction, tickets: Sequence[tuple[str, int]]) -> list[Row]:
    """The codes of many tickets, still sealed."""
    return tx.all(
        PHONE_CODES_OF, hall_ids=[hall for hall, _ in tickets], ticket_ids=[ticket for _, ticket in tickets]
    )


def try_phone_code(tx: Transaction, hall_id: str, ticket_id: int, tries_max: int, seconds: int) -> Row | None:
    """The code of a ticket for one more try, unless it is too old or has been tried too often."""
    return tx.one(TRY_PHONE_CODE, hall_id=hall_id, ticket_id=ticket_id, tries_max=tries_max, seconds=seconds)


def drop_phone_code(tx: Transaction, hall_id: str, ticket_id: int) -> None:
    """The code has served its purpose."""
    tx.execute(DROP_PHONE_CODE, hall_id=hall_id, ticket_id=ticket_id)


def forget_phone_codes(tx: Transaction, before: datetime) -> int:
    """Delete codes that were sent before an instant, and say how many."""
    return tx.execute(FORGET_PHONE_CODES, before=before)
