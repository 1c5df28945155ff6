"""Delegations: a department lets the hall's windows accept its matter until a day, by a letter.

a letter ends  →  nobody accepts the matter; kiosks say so, and clerks are told whom to ask
the department asks for a renewal  →  the reform office approves it  →  accepted again, at once
"""

from datetime import date, timedelta
from typing import Final, Literal

from queue_server.kit.rejections import Rejected

RENEWED_YEARS_MAX: Final = 5
SOON_DAYS: Final = 30  # For so long before its end a letter asks for attention.

Standing = Literal["ended", "soon", "valid"]


class LetterUnknown(Rejected):
    """The matter {matter} needs no letter of delegation here."""

    status = 404
    zh = "事项{matter}在本大厅无需授权书。"


class RenewalAsked(Rejected):
    """A renewal has been asked for already, and waits for approval."""

    zh = "该授权已申请续期，正在等待批准。"


class RenewalUnknown(Rejected):
    """No renewal has been asked for."""

    status = 404
    zh = "没有待批准的续期申请。"


class RenewalUnfit(Rejected):
    """A renewal goes beyond the letter it renews and beyond today, and not further than {years} years."""

    status = 422
    zh = "续期日期应晚于原到期日和今天，且不超过{years}年。"


class OwnRenewal(Rejected):
    """Somebody other than who asked for a renewal has to approve it."""

    status = 403
    zh = "续期须由申请人以外的人员批准。"


def check_renewal(ends_on: date, until: date, today: date) -> None:
    """Refuse a renewal that renews nothing, or one for ever."""
    longest = today + timedelta(days=366 * RENEWED_YEARS_MAX)
    if not max(ends_on, today) < until <= longest:
        raise RenewalUnfit(years=RENEWED_YEARS_MAX)


def standing(ends_on: date, today: date) -> Standing:
    """How a letter stands on a day.

    >>> standing(date(2026, 11, 25), date(2026, 11, 25)), standing(date(2026, 11, 24), date(2026, 11, 25))
    ('soon', 'ended')
    """
    if ends_on < today:
        return "ended"
    return "soon" if (ends_on - today).days <= SOON_DAYS else "valid"
