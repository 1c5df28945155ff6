"""How messages reach phones in this installation: providers by the settings, people by their contacts."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import notify
from notify.callbacks import Callbacks
from notify.channels.base import Provider
from notify.channels.console import Console
from notify.channels.sms_aliyun import Aliyun
from notify.channels.sms_tencent import Tencent
from notify.channels.sms_twilio import Twilio
from notify.messages import Recipient
from notify.worker import Policy, RecipientOf, Worker
from queue_server.hall.core.messages import GUIDE
from queue_server.kit.bus import Bus
from queue_server.kit.database import Database, Transaction
from queue_server.kit.texts import Texts
from queue_server.people import contacts
from queue_server.people.sealing import Sealer, derive
from queue_server.settings import Settings

TEXTS = Texts.load(Path(notify.__file__).parent / "texts")


def worker_of(settings: Settings, database: Database, bus: Bus) -> Worker:
    """The worker that sends what is in the outbox."""
    return Worker(
        database,
        bus,
        {"sms": sms_providers(settings)},
        recipient_of(Sealer(settings.key())),
        TEXTS,
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


def recipient_of(sealer: Sealer) -> RecipientOf:
    """Finds the contact behind a subject, "hall/ticket"."""

    def find(tx: Transaction, subject: str) -> Recipient | None:
        hall_id, _, ticket_id = subject.rpartition("/")
        contact = contacts.read(tx, sealer, hall_id, int(ticket_id))
        return None if contact is None else Recipient(person_of(sealer, contact.phone), contact.phone)

    return find


def person_of(sealer: Sealer, phone: str) -> str:
    """The digest by which a person is known without being named."""
    return sealer.index(phone).hex()


def callbacks_of(settings: Settings, database: Database) -> Callbacks:
    """What providers need to be believed."""
    sealer = Sealer(settings.key())
    return Callbacks(
        database,
        settings.public_base_url,
        settings.twilio_auth_token.get_secret_value(),
        callback_secret(settings),
        lambda phone: person_of(sealer, phone),
    )


def callback_secret(settings: Settings) -> str:
    """What stands in the addresses that Aliyun and Tencent Cloud are given."""
    return settings.callback_secret.get_secret_value() or derive(settings.key(), b"callbacks").hex()[:32]


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
