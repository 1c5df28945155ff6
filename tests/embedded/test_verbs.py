"""The launcher and its verbs, as somebody at a terminal meets them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from queue_server.__main__ import ELSEWHERE

CHECKOUT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-node.lock", "package-lock.json")


def test_the_launcher_installs_nothing_when_everything_is_there() -> None:
    done = subprocess.run([CHECKOUT / "jinghao", "--help"], capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.parametrize("verb", ["demo", "serve", "admin", "worker", "migrate", "rebuild", *ELSEWHERE])
def test_help_knows_the_verb(verb: str) -> None:
    assert re.search(rf"^ +{verb}\s", _jinghao("--help").stdout, re.MULTILINE)


def test_one_external_service_without_the_other_is_refused(tmp_path: Path) -> None:
    done = _jinghao("serve", "--data", str(tmp_path), DATABASE_URL="postgresql://elsewhere/jinghao")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "REDIS_URL" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_setting_that_makes_no_sense_is_one_sentence_and_no_traceback() -> None:
    done = _jinghao("serve", JINGHAO_CLOCK="sundial")
    assert done.returncode == 1
    assert done.stderr.startswith("jinghao: A setting makes no sense. clock")
    assert "Traceback" not in done.stderr


def test_a_hall_may_have_more_screens_than_a_system_gives_files_to_begin_with() -> None:
    script = (
        "import resource as r; hard = r.getrlimit(r.RLIMIT_NOFILE)[1]; r.setrlimit(r.RLIMIT_NOFILE, (256, hard))\n"
        "from queue_server.__main__ import FILES_MAX, allow_many_sockets; allow_many_sockets()\n"
        "print(r.getrlimit(r.RLIMIT_NOFILE)[0] == (FILES_MAX if hard < 0 else min(FILES_MAX, hard)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_file_names_an_address(name: str) -> None:
    assert "://" not in (CHECKOUT / name).read_text()


@pytest.mark.parametrize("name", LOCKS[:2])
def test_every_pinned_package_has_a_hash(name: str) -> None:
    text = (CHECKOUT / name).read_text()
    packages = re.findall(r"^\S+==.*(?:\n +--hash=.*)*", text, re.MULTILINE)
    assert packages
    assert [package for package in packages if "--hash=sha256:" not in package] == []


def test_every_setting_is_in_the_operations_page() -> None:
    from queue_server.settings import Settings

    page = (CHECKOUT / "docs" / "operations.md").read_text()
    names = [
        field.validation_alias or f"JINGHAO_{name.upper()}" for name, field in Settings.model_fields.items()
    ]
    assert [name for name in names if f"`{name}`" not in page] == []


def _jinghao(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "REDIS_"))
    }
    command = [sys.executable, "-m", "queue_server", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**plain, **environment}, check=False)
