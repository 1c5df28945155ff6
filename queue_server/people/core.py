"""Who works in a hall: their role, what they are trained for, and what counts as a password.

    clerk    serves at a window                guide     helps people take a ticket and find their way
    manager  opens the day, moves windows      admin     keeps accounts and catalogues
    reviewer decides on cases in the back office
    agent    brings cases for people who stay at home, and their results

An account belongs to one hall; an account without a hall may work in every hall of the installation. A
trainee has a mentor and never works without one.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from queue_server.kit.rejections import Rejected

STAFF_PASSWORD_LENGTH_MIN = 12
KEEPER_PASSWORD_LENGTH_MIN = 15  # Managers and admins can do more harm.
PASSWORD_LENGTH_MAX = 256  # Far above the 64 which a password manager may want.
DIFFERENT_CHARACTERS_MIN = 5


class Role(StrEnum):
    """What somebody is in the hall."""

    CLERK = "clerk"
    GUIDE = "guide"
    REVIEWER = "reviewer"
    AGENT = "agent"
    MANAGER = "manager"
    ADMIN = "admin"


class Level(StrEnum):
    """How readily somebody serves a group: as their own work, as a helper, or when nobody else is there."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who works here, as colleagues and name plates know them."""

    id: str
    hall_id: str | None
    login: str
    display_name: str
    staff_no: str
    role: Role
    trainee: bool = False
    mentor_id: str | None = None
    disabled: bool = False
    department: str | None = None  # Whose cases they decide on, by its Chinese name; None: everybody's.

    def works_in(self, hall_id: str) -> bool:
        """Whether this hall is theirs; another hall is one they may not even know of."""
        return self.hall_id is None or self.hall_id == hall_id


@dataclass(frozen=True, slots=True)
class Certificates:
    """The last day on which somebody is certified, by group and by matter. What is not named needs no certificate."""

    groups: Mapping[str, date] = field(default_factory=dict)
    matters: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach the citizen behind a ticket, and since when we may."""

    phone: str
    language: str
    consent_at: datetime


@dataclass(frozen=True, slots=True)
class WechatContact:
    """How to reach the citizen behind a ticket in WeChat, and the secret of the ticket's link."""

    openid: str
    link_token: str
    language: str
    consent_at: datetime


# ── Refusals ────────────────────────────────────────────────────────────────────────────────────


class SignInNeeded(Rejected):
    """Please sign in."""

    status = 401
    zh = "请先登录。"


class SignInRefused(Rejected):
    """This login and password do not fit, or there were too many attempts. After {failures_max} failures
    please wait {wait_minutes} minutes.
    """  # One sentence for every reason, so that it tells a stranger nothing.

    status = 401
    zh = "账号或密码不正确，或尝试次数过多。连续失败{failures_max}次后请等待{wait_minutes}分钟。"


class SignInBusy(Rejected):
    """Too many people are signing in at this moment. Please try again in a few seconds."""

    status = 503
    zh = "当前登录人数过多，请几秒后重试。"


class CrossSite(Rejected):
    """This request came from another site, so nothing was done."""

    status = 403
    zh = "该请求来自其他网站，未执行。"


class RoleMissing(Rejected):
    """Your role does not allow this."""

    status = 403
    zh = "您的岗位无权执行此操作。"


class NotYourHall(Rejected):
    """You do not work in this hall."""

    status = 403
    zh = "您不在该大厅工作。"


class AccountUnknown(Rejected):
    """There is no such account."""

    status = 404
    zh = "没有这个账号。"


class AccountExists(Rejected):
    """There is an account with this id already."""

    zh = "该账号已存在。"


class LoginTaken(Rejected):
    """Somebody else signs in with this name."""

    zh = "该登录名已被使用。"


class LoginUnusable(Rejected):
    """A login has 1 to 40 small letters, digits, dots, dashes or underscores."""

    status = 422
    zh = "登录名为1至40位小写字母、数字、点、短横线或下划线。"


class MentorMissing(Rejected):
    """A trainee needs a mentor who has an account."""

    status = 422
    zh = "学员必须有带教人员，且带教人员须有账号。"


class PasswordTooShort(Rejected):
    """A password for this role has at least {length_min} characters."""

    status = 422
    zh = "该岗位的密码至少{length_min}位。"


class PasswordTooLong(Rejected):
    """A password has at most {length_max} characters."""

    status = 422
    zh = "密码最多{length_max}位。"


class PasswordGuessable(Rejected):
    """This password is easy to guess: it repeats itself, or contains the login or our own name."""

    status = 422
    zh = "该密码容易被猜到：字符重复过多，或包含登录名、系统名称。"


class AccountBeyondYou(Rejected):
    """You keep the accounts of your own hall, and only those below your own role."""

    status = 403
    zh = "您只能管理本大厅、且岗位低于您的账号。"


class OwnRights(Rejected):
    """Nobody changes their own role or hall, or disables themselves. Please ask a colleague."""

    zh = "不能更改自己的岗位、所属大厅或停用自己，请由同事操作。"


class LastAdmin(Rejected):
    """This is the last admin. Make somebody else one first."""

    zh = "这是最后一位系统管理员，请先指定另一位。"


# ── Keeping accounts ────────────────────────────────────────────────────────────────────────────

HEIGHT = {Role.CLERK: 0, Role.GUIDE: 0, Role.REVIEWER: 0, Role.AGENT: 0, Role.MANAGER: 1, Role.ADMIN: 2}


def check_may_see(keeper: Account, account: Account) -> None:
    """Refuse as unknown what belongs to another hall."""
    if keeper.hall_id is not None and account.hall_id != keeper.hall_id:
        raise AccountUnknown


def check_may_keep(keeper: Account, before: Account | None, after: Account) -> None:
    """Refuse to touch or to make an account above one's own, or to change one's own rights."""
    if before is not None and before.id == keeper.id:
        if rights(before) != rights(after):
            raise OwnRights
        return
    for account in filter(None, (before, after)):
        beyond = keeper.hall_id is not None and account.hall_id != keeper.hall_id
        if beyond or not (keeper.role is Role.ADMIN or HEIGHT[account.role] < HEIGHT[keeper.role]):
            raise AccountBeyondYou


def is_admin_everywhere(account: Account) -> bool:
    """Whether this account can keep every other."""
    return account.role is Role.ADMIN and account.hall_id is None and not account.disabled


def rights(account: Account) -> tuple[object, ...]:
    """What an account allows; whoever gets other rights signs in anew."""
    return account.role, account.hall_id, account.disabled


# ── Logins and passwords ────────────────────────────────────────────────────────────────────────


def as_login(written: str) -> str | None:
    """A login as we keep it, or nothing if no login can look like that.

    >>> as_login(" C09 ")
    'c09'
    """
    login = unicodedata.normalize("NFKC", written).strip().lower()
    return login if re.fullmatch(r"[a-z0-9._-]{1,40}", login) else None


def check_password(password: str, account: Account) -> None:
    """Refuse what is too short or easy to guess. Length counts, composition does not."""
    plain = unicodedata.normalize("NFKC", password).lower()
    keeper = account.role in (Role.MANAGER, Role.ADMIN)
    length_min = KEEPER_PASSWORD_LENGTH_MIN if keeper else STAFF_PASSWORD_LENGTH_MIN
    if len(plain) < length_min:
        raise PasswordTooShort(length_min=length_min)
    if len(password) > PASSWORD_LENGTH_MAX:
        raise PasswordTooLong(length_max=PASSWORD_LENGTH_MAX)
    if len(set(plain)) < DIFFERENT_CHARACTERS_MIN or any(
        word in plain for word in (account.login, "jinghao", "静号") if len(word) > 1
    ):
        raise PasswordGuessable
