"""Accounts, for those who keep them: managers the clerks and guides of their hall, admins everybody's.

A new password is shown in the answer and never again. It is made from our secret and the request's key, so
that a repeated request shows the same one although it is stored nowhere.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response, status
from pydantic import BaseModel, Field, StringConstraints

from queue_server.kit.database import Transaction
from queue_server.kit.requests import Answer, Key, Requests, remember
from queue_server.kit.web.fields import Body, Day, Id, ShortText
from queue_server.kit.web.keys import key_of
from queue_server.kit.web.openapi import STAFF_ONLY
from queue_server.people.access import people_of, signed_in_as
from queue_server.people.actions import People
from queue_server.people.core import (
    Account,
    Certificates,
    Level,
    LoginUnusable,
    Role,
    as_login,
    check_may_keep,
    check_may_see,
)

SKILLS_MAX: Final = 60
CERTIFICATES_MAX: Final = 200
KEEPERS: Final = (Role.MANAGER, Role.ADMIN)
NO_CERTIFICATES: Final = Certificates()

router = APIRouter(prefix="/api/v1/accounts", tags=["accounts"], responses=STAFF_ONLY)

AccountId = Annotated[str, Path(max_length=40, description="The id of an account, such as `c09`.")]
HallQuery = Annotated[str, Query(max_length=40, description="Only the accounts of this hall.")]
Skills = Annotated[dict[Id, Annotated[Level, Field(strict=False)]], Field(max_length=SKILLS_MAX)]
LastDays = Annotated[dict[Id, Day], Field(max_length=CERTIFICATES_MAX)]
Login = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class AccountBody(Body):
    """What is kept about somebody. `mentor` makes a trainee; `hall` null is every hall.

    `department` is whose cases they see first in the inbox, by its Chinese name.
    `certificates` say by group, and `matter_certificates` by matter, which day is the last on which somebody may serve
    it; null leaves them as they are.
    """

    login: Login
    display_name: ShortText
    staff_no: Annotated[ShortText, StringConstraints(max_length=20)]
    role: Annotated[Role, Field(strict=False)]
    hall: Id | None
    mentor: Annotated[str, StringConstraints(max_length=40)] | None = None
    disabled: bool = False
    department: ShortText | None = None
    skills: Skills = Field(default_factory=dict)
    certificates: LastDays | None = None
    matter_certificates: LastDays | None = None


class AccountLine(BaseModel):
    """Somebody who works here, with skills by group, and the last days of certificates by group and matter."""

    id: str
    login: str
    display_name: str
    staff_no: str
    role: Role
    hall: str | None
    mentor: str | None
    disabled: bool
    department: str | None
    skills: dict[str, Level]
    certificates: dict[str, date]
    matter_certificates: dict[str, date]


class AccountList(BaseModel):
    """Those whose accounts the asker may keep or see."""

    accounts: list[AccountLine]


class WithPassword(BaseModel):
    """An account with a password that is shown this once."""

    account: AccountLine
    password: str


@router.get("", response_model=AccountList)
async def accounts(request: Request, hall: HallQuery = "") -> AccountList:
    """Everybody of one hall, or of all halls that are the asker's."""
    keeper = await signed_in_as(request, *KEEPERS)
    people = people_of(request)
    found = await people.accounts_with_skills(keeper.hall_id or hall or None)
    if keeper.hall_id is not None and hall not in ("", keeper.hall_id):
        found = []
    known = await people.certificates_of([account.id for account, _ in found])
    lines = [
        account_line(account, skills, known.get(account.id, NO_CERTIFICATES)) for account, skills in found
    ]
    return AccountList(accounts=lines)


@router.post("", status_code=status.HTTP_201_CREATED, response_model=WithPassword)
async def create(body: AccountBody, request: Request) -> Response:
    """Add somebody. The login becomes the id, and the password is shown once."""
    keeper = await signed_in_as(request, *KEEPERS)
    account = account_of(body)
    check_may_keep(keeper, None, account)
    key = await key_of(request, keeper.id)
    people = people_of(request)
    password = people.first_password(key)

    certificates = certificates_after(body, NO_CERTIFICATES)

    async def work() -> Answer:
        line = account_line(account, body.skills, certificates)
        spelled = Answer(status.HTTP_201_CREATED, encoded(line))
        await people.create_account(
            account,
            password=password,
            skills=body.skills,
            certificates=certificates,
            by=by(keeper),
            also=remembered(request, key, spelled),
        )
        return spelled

    answer = await requests_of(request).once(key, work)
    return with_password(answer, password)


@router.put("/{account_id}", response_model=AccountLine)
async def change(account_id: AccountId, body: AccountBody, request: Request) -> Response:
    """Change what is kept about somebody. Whoever gets other rights is signed out everywhere; other skills
    count from the next time they open a window.
    """
    keeper = await signed_in_as(request, *KEEPERS)
    people = people_of(request)
    before = await people.account(account_id)
    check_may_see(keeper, before)
    account = account_of(body, account_id)
    check_may_keep(keeper, before, account)
    key = await key_of(request, keeper.id)
    certificates = certificates_after(body, await certificates_of(people, account_id))

    async def work() -> Answer:
        spelled = Answer(200, encoded(account_line(account, body.skills, certificates)))
        await people.put_account(
            account,
            skills=body.skills,
            certificates=certificates,
            by=by(keeper),
            also=remembered(request, key, spelled),
        )
        return spelled

    answer = await requests_of(request).once(key, work)
    return Response(answer.body, answer.status, media_type="application/json")


@router.post("/{account_id}/password", response_model=WithPassword)
async def reset_password(account_id: AccountId, request: Request) -> Response:
    """Give somebody a new password, which is shown once. They are signed out everywhere."""
    keeper = await signed_in_as(request, *KEEPERS)
    people = people_of(request)
    account = await people.account(account_id)
    check_may_see(keeper, account)
    check_may_keep(keeper, account, account)
    key = await key_of(request, keeper.id)
    password = people.first_password(key)
    skills = await people.skills_of(account_id)
    certificates = await certificates_of(people, account_id)

    async def work() -> Answer:
        spelled = Answer(200, encoded(account_line(account, dict(skills), certificates)))
        also = remembered(request, key, spelled)
        await people.put_account(account, password=password, by=by(keeper), also=also)
        return spelled

    answer = await requests_of(request).once(key, work)
    return with_password(answer, password)


# ── Spelling ────────────────────────────────────────────────────────────────────────────────────


def account_of(body: AccountBody, account_id: str | None = None) -> Account:
    """What was written, as an account; the login is the id of somebody new."""
    login = as_login(body.login)
    if login is None:
        raise LoginUnusable
    return Account(
        id=account_id or login,
        hall_id=body.hall,
        login=login,
        display_name=body.display_name,
        staff_no=body.staff_no,
        role=body.role,
        trainee=body.mentor is not None,
        mentor_id=body.mentor,
        disabled=body.disabled,
        department=body.department,
    )


def certificates_after(body: AccountBody, before: Certificates) -> Certificates:
    """What was written of certificates; what was left out stays."""
    return Certificates(
        before.groups if body.certificates is None else body.certificates,
        before.matters if body.matter_certificates is None else body.matter_certificates,
    )


async def certificates_of(people: People, account_id: str) -> Certificates:
    """Until when somebody is certified."""
    return (await people.certificates_of([account_id])).get(account_id, NO_CERTIFICATES)


def account_line(account: Account, skills: dict[str, Level], certificates: Certificates) -> AccountLine:
    """An account as its keepers see it."""
    return AccountLine(
        id=account.id,
        login=account.login,
        display_name=account.display_name,
        staff_no=account.staff_no,
        role=account.role,
        hall=account.hall_id,
        mentor=account.mentor_id,
        disabled=account.disabled,
        department=account.department,
        skills=skills,
        certificates=dict(certificates.groups),
        matter_certificates=dict(certificates.matters),
    )


def encoded(line: AccountLine) -> str:
    """An account as JSON."""
    return line.model_dump_json()


def with_password(answer: Answer, password: str) -> Response:
    """The remembered answer with the password, which is remembered nowhere."""
    body = {"account": msgspec.json.decode(answer.body), "password": password}
    return Response(msgspec.json.encode(body), answer.status, media_type="application/json")


def remembered(request: Request, key: Key | None, answer: Answer) -> Callable[[Transaction], None] | None:
    """Keep the answer in the transaction of its effect."""
    now = people_of(request).now()
    return None if key is None else lambda tx: remember(tx, key, answer.status, answer.body, now)


def requests_of(request: Request) -> Requests:
    """The requests of this process."""
    requests: Requests = request.app.state.requests
    return requests


def by(keeper: Account) -> str:
    """How the history of accounts names who changed them."""
    return f"{keeper.role}:{keeper.id}"
