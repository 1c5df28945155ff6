"""Every knob of the server: its unit, its default and the reason for it.

Read from the environment, `JINGHAO_` before the name in capitals (`JINGHAO_SESSION_HOURS=8`); only
`DATABASE_URL` and `REDIS_URL` keep the names that every platform gives them. What a hall decides for
itself (grace, recalls, hours) is no setting: that enters the hall as an event.
"""

import base64
import os
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

KEY_BYTES = 32


class Settings(BaseSettings):
    """The settings of one process. Values are checked once, at the start, and never change."""

    model_config = SettingsConfigDict(
        env_prefix="JINGHAO_", frozen=True, populate_by_name=True, extra="ignore"
    )

    # ── Where things are ────────────────────────────────────────────────────────────────────────

    # PostgreSQL 15 or later. Empty: the embedded one, which `serve` and `demo` start and fill in here.
    database_url: str = Field("", validation_alias="DATABASE_URL", repr=False)  # It holds a password.
    # Redis 7.0 or Valkey. Empty: the embedded one. It may lose everything at any time.
    redis_url: str = Field("", validation_alias="REDIS_URL", repr=False)
    data: Path = Path("var")  # Embedded services, keys and uploads live here; git ignores it.
    # How phones reach us: QR codes, notices and callbacks are built from it, never from a request.
    public_base_url: str = "http://127.0.0.1:8000"

    # ── Secrets ─────────────────────────────────────────────────────────────────────────────────

    # Encrypts phones, names and identity numbers: 32 bytes in base64. Empty: a file in `data`, made when
    # missing. In production set it, and keep it apart from the backups of the database.
    secret_key: SecretStr = SecretStr("")

    # ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────

    # Whether what arrived during the last commit shares the next one.
    commit_share: bool = True

    # ── Time ────────────────────────────────────────────────────────────────────────────────────

    # `accelerated` for the demo, `driven` when a test or a replay moves time itself; halls run on `system`.
    clock: Literal["system", "accelerated", "driven"] = "system"
    clock_speed: float = Field(30.0, gt=0)  # Seconds of the hall per second, when accelerated.
    clock_start: datetime | None = None  # With a time zone. Empty: now. The system clock ignores it.
    timezone: str = "Asia/Shanghai"  # Days begin and end here. All of China keeps one time.

    # ── Telling screens ─────────────────────────────────────────────────────────────────────────

    # How long a lost wake-up can go unnoticed: people feel a second call after about two seconds.
    bus_poll_seconds: float = Field(1.0, gt=0, le=5)
    # Proxies and phone networks cut what is silent for 30 to 60 seconds; two lost beats still fit.
    heartbeat_seconds: float = Field(10.0, gt=0)
    phone_view_seconds: float = Field(
        1.0, ge=0
    )  # A phone hears at most this often: battery, and 10,000 of them.
    # Views of one board are at least this far apart: 25 a second is more than an eye can follow.
    view_min_interval_ms: int = Field(40, ge=0)
    # A window whose console is silent this long counts as absent: a reload takes 5 seconds, a reboot 40.
    window_absent_seconds: int = Field(60, ge=1)

    # ── Printing ────────────────────────────────────────────────────────────────────────────────

    # The typeface for what a printer cannot spell. Empty: the first one with Chinese that is installed.
    slip_font: Path | None = None

    # ── Requests ────────────────────────────────────────────────────────────────────────────────

    request_body_bytes_max: int = Field(65_536, ge=1024)  # The largest honest request has about 4 kB.
    # How long a repeated request gets its first answer: a kiosk that was offline over a weekend still does.
    idempotency_hours: int = Field(72, ge=1)

    # ── Signing in ──────────────────────────────────────────────────────────────────────────────

    session_hours: int = Field(10, ge=1)  # One working day with its extended session, never two.
    login_failures_max: int = Field(5, ge=1)  # Wrong passwords for one account before it has to wait.
    # Wrong ticket links from one address before it has to wait. A hall's network is one address for many.
    wrong_links_per_minute: int = Field(20, ge=1)
    # Tickets that one phone takes in ten minutes: for oneself and a relative. Kiosks and staff have no such limit.
    tickets_per_phone: int = Field(3, ge=1)
    # Many share one address, but hardly ten who all take a ticket from home within ten minutes.
    tickets_per_address: int = Field(10, ge=1)
    # Networks of the halls themselves, whose addresses are not counted: many people have one there.
    hall_networks: tuple[str, ...] = (
        "127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7",
    )  # fmt: skip
    # How long it waits: guessing gets hopeless, and a manager can help a clerk who has forgotten.
    login_wait_seconds: int = Field(900, ge=1)

    # ── Messages to phones ──────────────────────────────────────────────────────────────────────

    # Providers of short messages in the order of preference: aliyun, tencent, twilio, console (the log).
    sms_providers: tuple[Literal["aliyun", "tencent", "twilio", "console"], ...] = ("console",)
    # What a person and a hall get in a day at most: a provider's bill must not depend on a loop somewhere.
    messages_per_person_max: int = Field(6, ge=0)
    messages_per_hall_max: int = Field(5000, ge=0)  # Three for each ticket of a large hall's busiest day.
    # Between two messages to one person, unless the second is a call: phones that keep buzzing are muted.
    message_gap_seconds: float = Field(30.0, ge=0)
    # How long nobody answers a call in WeChat before a short message is sent too: time to take out a phone.
    climb_seconds: float = Field(20.0, gt=0)
    # How long nobody answers a short message, or comes, before a guide is asked to fetch them: time to walk.
    guide_seconds: float = Field(60.0, gt=0)
    # How long a message belongs to the worker that took it: longer than all attempts on all providers.
    message_lease_seconds: float = Field(30.0, ge=5)

    # In the addresses to which Aliyun and Tencent Cloud, who sign nothing, send receipts. Empty: from the key.
    callback_secret: SecretStr = SecretStr("")

    aliyun_base_url: str = "https://dysmsapi.aliyuncs.com"  # Another one leads to a double.
    aliyun_access_key_id: str = ""  # Of an account that may do nothing but send.
    aliyun_access_key_secret: SecretStr = SecretStr("")  # Signs every request to Aliyun.
    aliyun_sign_name: str = ""  # 短信签名, as it was registered, without its brackets.
    # Template codes by text and language, {"call.zh": "SMS_1234567", …}: carriers take nothing else.
    aliyun_templates: dict[str, str] = {}
    aliyun_price: float = Field(0.045, ge=0)  # Of one part, in the currency of the reports.

    tencent_base_url: str = "https://sms.tencentcloudapi.com"  # Another one leads to a double.
    tencent_secret_id: str = ""  # Of an account that may do nothing but send.
    tencent_secret_key: SecretStr = SecretStr("")  # Signs every request to Tencent Cloud.
    tencent_app_id: str = ""  # SmsSdkAppId of the application.
    tencent_sign_name: str = ""  # 短信签名, as it was registered, without its brackets.
    tencent_region: str = "ap-guangzhou"  # Where the service is asked for; they know three.
    # Template ids by text and language, as for Aliyun; their values go by position.
    tencent_templates: dict[str, str] = {}
    tencent_price: float = Field(0.045, ge=0)  # Of one part, in the currency of the reports.

    twilio_base_url: str = "https://api.twilio.com"  # Another one leads to a double.
    twilio_account_sid: str = ""  # For numbers outside mainland China.
    twilio_auth_token: SecretStr = SecretStr("")  # Signs in to Twilio, and checks what Twilio sends us.
    twilio_sender: str = ""  # A number of ours, or the id of a messaging service.
    twilio_price: float = Field(0.35, ge=0)  # Of one part, in the currency of the reports.

    wechat_base_url: str = "https://api.weixin.qq.com"  # Another one leads to a double.
    # Where a page opened in WeChat asks who has opened it; another one leads to a double.
    wechat_open_url: str = "https://open.weixin.qq.com"
    wechat_app_id: str = ""  # Of the official account; empty: the hall has none, and loses nothing else.
    wechat_app_secret: SecretStr = SecretStr("")  # Fetches the token with which messages are sent.
    wechat_token: SecretStr = SecretStr("")  # With it WeChat signs what it tells us.
    # The key of safe mode, 43 characters. With it, whatever comes in plain text is refused.
    wechat_aes_key: SecretStr = SecretStr("")
    # Templates by text: {"call": {"id": "…", "fields": {"thing2": "window"}, "kind": "subscribe"}}.
    wechat_templates: dict[str, Any] = {}
    # The hall that is meant by 取号 in WeChat or by short message; empty: the first one.
    words_hall: str = ""

    # ── Measuring ───────────────────────────────────────────────────────────────────────────────

    # Adds routes that do nothing, the reference of `bench`. Never in production: they need no sign-in.
    bench: bool = False

    @field_validator("timezone")
    @classmethod
    def _is_a_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, OSError, ValueError) as error:
            raise ValueError(f"{name} is no time zone, such as Asia/Shanghai") from error
        return name

    @field_validator("clock_start")
    @classmethod
    def _has_a_zone(cls, start: datetime | None) -> datetime | None:
        if start is not None and start.tzinfo is None:
            raise ValueError("clock_start needs a time zone, such as 2026-03-06T08:30:00+08:00")
        return start

    @field_validator("public_base_url")
    @classmethod
    def _ends_without_a_slash(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("public_base_url begins with http:// or https://")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _key_has_its_length(self) -> Self:
        if self.secret_key.get_secret_value():
            _decoded(self.secret_key.get_secret_value())
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which days begin and end."""
        return ZoneInfo(self.timezone)

    def key(self) -> bytes:
        """The 32 bytes that encrypt personal fields: from the environment, else from a file in `data`.

        The file is made when it is missing. Raises ValueError when it does not hold a key.
        """
        return _decoded(self.secret_key.get_secret_value() or _key_in(self.data / "secret.key"))


def _key_in(file: Path) -> str:
    """The key in this file. Of two processes that make it at once, both get the key of the first."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode())
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            os.link(draft, file)  # Unlike a rename, this never replaces a key that is in use.
        draft.unlink()
    return file.read_text().strip()


def _decoded(text: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text)
    except ValueError as error:
        raise ValueError("The secret key is not base64.") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"The secret key has {len(key)} bytes rather than {KEY_BYTES}.")
    return key
