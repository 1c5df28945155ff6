"""How messages reach phones in this installation: providers by the settings, people by their contacts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from notify import outbox
from notify.channels.base import Provider
from notify.channels.console import Console
from notify.channels.sms_aliyun import Aliyun
from notify.channels.sms_tencent import Tencent
from notify.channels.sms_twilio import Twilio
from notify.channels.wechat import Account, SceneCodes, Template, Visitors, WeChat
from notify.messages import Recipient
from notify.worker import Policy, RecipientsOf, Worker
from queue_server.cases import contacts as case_contacts
from queue_server.cases.core.messages import CASE
from queue_server.hall.core.messages import ANSWER, CODE, GUIDE
from queue_server.kit.bus import Bus
from queue_server.kit.database import Database, Transaction
from queue_server.people import contacts, phone_codes
from queue_server.people.core import Contact, WechatContact
from queue_server.people.sealing import Sealer
from queue_server.settings import Settings

CODES: Final = f"{CODE}:"  # How subjects begin that are about no contact yet,
ANSWERS: Final = f"{ANSWER}:"  # those that bring the phone along,
CASES: Final = f"{CASE}:"  # and those about a case that has no ticket.


def worker_of(settings: Settings, database: Database, bus: Bus) -> Worker:
    """The worker that sends what is in the outbox."""
    return Worker(
        database,
        bus,
        {"sms": sms_providers(settings), "wechat": wechat_providers(settings)},
        recipients_of(Sealer(settings.key()), settings.public_base_url),
        Policy(
            lease_seconds=settings.message_lease_seconds,
            hall_messages_a_day_max=settings.messages_per_hall_max,
            person_messages_a_day_max=settings.messages_per_person_max,
            person_gap_seconds=settings.message_gap_seconds,
            climb_seconds={"sms": settings.climb_seconds, GUIDE: settings.guide_seconds},
        ),
        today_of(settings),
    )


def today_of(settings: Settings) -> Callable[[], date]:
    """Which day it is where allowances begin anew."""
    return lambda: datetime.now(settings.zone).date()


def recipients_of(sealer: Sealer, public_base_url: str) -> RecipientsOf:
    """Finds the contacts behind subjects, "hall/ticket", and the phones that codes and answers go to.

    Those subjects are "code:hall/ticket" and "answer:phone/ticket", with the phone sealed. A case that came
    without a ticket has a contact of its own, behind "case:hall/case".
    """

    def find(tx: Transaction, subjects: Sequence[str]) -> dict[str, Recipient]:
        codes = [subject for subject in subjects if subject.startswith(CODES)]
        answers = [subject for subject in subjects if subject.startswith(ANSWERS)]
        cases = [subject for subject in subjects if subject.startswith(CASES)]
        told = contacts_behind(
            tx, [each for each in subjects if not each.startswith((CODES, ANSWERS, CASES))]
        )
        told |= of_cases(tx, cases) if cases else {}
        told |= {subject: asker(subject) for subject in answers}
        return {**told, **phones_behind(tx, codes)} if codes else told

    def asker(subject: str) -> Recipient:
        sealed, _, _ = subject.removeprefix(ANSWERS).rpartition("/")
        phone = contacts.open_asker(sealer, sealed)
        return Recipient(person_of(sealer, phone), phone=phone)

    def of_cases(tx: Transaction, subjects: Sequence[str]) -> dict[str, Recipient]:
        ids = {ticket_of(subject.removeprefix(CASES))[1]: subject for subject in subjects}
        found = case_contacts.read_many(tx, sealer, list(ids))
        return {
            ids[case_id]: Recipient(person_of(sealer, known.phone), phone=known.phone)
            for case_id, known in found.items()
        }

    def phones_behind(tx: Transaction, subjects: Sequence[str]) -> dict[str, Recipient]:
        tickets = {ticket_of(subject.removeprefix(CODES)): subject for subject in subjects}
        sent = phone_codes.read_many(tx, sealer, list(tickets))
        return {
            tickets[ticket]: Recipient(
                person_of(sealer, each.phone), phone=each.phone, values={"code": each.code}
            )
            for ticket, each in sent.items()
        }

    def contacts_behind(tx: Transaction, subjects: Sequence[str]) -> dict[str, Recipient]:
        tickets = {ticket_of(subject): subject for subject in subjects}
        found = contacts.read_many(tx, sealer, list(tickets))
        willing = [person_of(sealer, wechat.openid) for _, wechat in found.values() if wechat is not None]
        consents = outbox.consents(tx, willing) if willing else {}
        return {tickets[ticket]: recipient(*reached, consents) for ticket, reached in found.items()}

    def recipient(
        phone: Contact | None, wechat: WechatContact | None, consents: Mapping[str, Mapping[str, int]]
    ) -> Recipient:
        in_wechat = "" if wechat is None else person_of(sealer, wechat.openid)
        return Recipient(
            person=in_wechat if phone is None else person_of(sealer, phone.phone),
            wechat_person=in_wechat,
            phone=None if phone is None else phone.phone,
            openid=None if wechat is None else wechat.openid,
            link="" if wechat is None else f"{public_base_url}/t/{wechat.link_token}",
            consents=consents.get(in_wechat, {}),
        )

    return find


def ticket_of(subject: str) -> tuple[str, int]:
    """The hall and the ticket that messages are about."""
    hall_id, _, ticket_id = subject.rpartition("/")
    return hall_id, int(ticket_id)


def person_of(sealer: Sealer, address: str) -> str:
    """The digest by which a person is known without being named."""
    return sealer.index(address).hex()


def wechat_providers(settings: Settings) -> list[Provider]:
    """The official account, if there is one: without it, everybody is reached by the next channel."""
    if not settings.wechat_app_id:
        return []
    templates = {key: Template(**template) for key, template in settings.wechat_templates.items()}
    return [WeChat(_account(settings), templates)]


def scene_codes_of(settings: Settings) -> SceneCodes | None:
    """The official account's codes for the screens, if there is an account."""
    return SceneCodes(_account(settings)) if settings.wechat_app_id else None


def visitors_of(settings: Settings) -> Visitors | None:
    """Who tells us who opened a page in WeChat, if there is an account."""
    if not settings.wechat_app_id:
        return None
    return Visitors(
        settings.wechat_app_id,
        settings.wechat_app_secret.get_secret_value(),
        settings.wechat_base_url,
        settings.wechat_open_url,
    )


def _account(settings: Settings) -> Account:
    return Account(
        settings.wechat_app_id,
        settings.wechat_app_secret.get_secret_value(),
        settings.wechat_base_url,
        settings.redis_url,
    )


def sms_providers(settings: Settings) -> list[Provider]:
    """Whoever sends short messages, in the order of preference."""
    return [_sms_provider(name, settings) for name in settings.sms_providers]


def _sms_provider(name: str, settings: Settings) -> Provider:
    match name:
        case "aliyun":
            return Aliyun(
                settings.aliyun_base_url,
                settings.aliyun_access_key_id,
                settings.aliyun_access_key_secret.get_secret_value(),
                settings.aliyun_sign_name,
                settings.aliyun_templates,
                settings.aliyun_price,
            )
        case "tencent":
            return Tencent(
                settings.tencent_base_url,
                settings.tencent_secret_id,
                settings.tencent_secret_key.get_secret_value(),
                settings.tencent_app_id,
                settings.tencent_sign_name,
                settings.tencent_region,
                settings.tencent_templates,
                settings.tencent_price,
            )
        case "twilio":
            return Twilio(
                settings.twilio_base_url,
                settings.twilio_account_sid,
                settings.twilio_auth_token.get_secret_value(),
                settings.twilio_sender,
                f"{settings.public_base_url}/callbacks/twilio/status",
                settings.twilio_price,
            )
        case _:
            return Console()
