"""The server's own settings."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from queue_server.settings import Settings


def test_the_key_is_made_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    key = Settings(data=tmp_path).key()
    assert Settings(data=tmp_path).key() == key
    assert len(key) == 32
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_key_from_the_environment_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINGHAO_SECRET_KEY", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
    assert Settings(data=tmp_path).key() == b"0123456789abcdef0123456789abcdef"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JINGHAO_TIMEZONE", "Asia/Peking"),
        ("JINGHAO_CLOCK", "sundial"),
        ("JINGHAO_CLOCK_START", "2026-03-06T08:30:00"),
        ("JINGHAO_SECRET_KEY", "dG9vIHNob3J0"),
        ("JINGHAO_PUBLIC_BASE_URL", "hall.example"),
        ("JINGHAO_SESSION_HOURS", "0"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_at_the_start(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()


def test_passwords_in_addresses_are_not_printed() -> None:
    settings = Settings(
        database_url="postgresql://jinghao:open-sesame@db/jinghao", redis_url="redis://:open-sesame@cache"
    )
    assert "open-sesame" not in repr(settings)
