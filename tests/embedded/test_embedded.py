"""The embedded services: nothing is lost, nothing is left behind, nobody's folders are touched."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from queue_server import embedded

KEEPER = Path(__file__).with_name("keeper.py")
SECONDS_MAX = 60


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for services. pytest keeps it closed to other accounts, as a home folder is."""
    return tmp_path_factory.mktemp("d") / "var"


def test_both_services_answer(data: Path) -> None:
    with embedded.start(data) as services:
        assert _ask(services.database_url, "SELECT current_database()") == "jinghao"
        assert _ask(services.database_url, "SHOW synchronous_commit") == "on"
        assert _ask(services.database_url, "SHOW server_encoding") == "UTF8"
        with redis.Redis.from_url(services.redis_url) as client:
            assert client.ping()


def test_stopping_leaves_no_process(data: Path) -> None:
    with embedded.start(data):
        assert _processes_on(data)
    assert not _processes_on(data)


def test_what_was_committed_is_there_after_a_restart(data: Path) -> None:
    with embedded.start(data) as services:
        _ask(services.database_url, "CREATE TABLE ticket AS SELECT 'A001' AS number")
    with embedded.start(data) as services:
        assert _ask(services.database_url, "SELECT number FROM ticket") == "A001"


def test_a_second_start_after_kill_9_finds_the_data_again(data: Path) -> None:
    with _keeper(data) as keeper:
        found = embedded.join(data)
        assert found is not None
        _ask(found.database_url, "CREATE TABLE ticket AS SELECT 'A001' AS number")
        keeper.kill()
    with embedded.start(data) as services:
        assert _ask(services.database_url, "SELECT number FROM ticket") == "A001"


def test_the_services_leave_no_process_behind_when_their_parent_is_killed(data: Path) -> None:
    with _keeper(data) as keeper:
        assert _processes_on(data)
        keeper.kill()
        _until(lambda: not _processes_on(data))


def test_orphans_that_the_kernel_did_not_stop_are_stopped_by_the_next_start(data: Path) -> None:
    with _keeper(data) as keeper:
        before = {process.pid for process in _processes_on(data)}
        for process in _processes_on(data):
            process.suspend()  # A stopped process gets its parent-death signal only when it continues.
        keeper.kill()
        keeper.wait()
        assert before == {process.pid for process in _processes_on(data)}
        for process in _processes_on(data):
            os.kill(process.pid, signal.SIGCONT)
    with embedded.start(data) as services:
        assert _ask(services.database_url, "SELECT 1") == 1
        assert not before & {process.pid for process in _processes_on(data)}


def test_a_socket_that_a_killed_server_left_is_no_server(data: Path) -> None:
    with embedded.start(data):
        valkey = next(process for process in _processes_on(data) if process.name() == "valkey-server")
        valkey.kill()
    assert (data / "run" / "valkey.sock").is_socket()
    with embedded.start(data) as services, redis.Redis.from_url(services.redis_url) as client:
        assert client.ping()


def test_a_pid_that_now_belongs_to_someone_else_is_left_alone(data: Path) -> None:
    with embedded.start(data):
        pass
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (data / "valkey.pid").write_text(str(stranger.pid))
        (data / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n{data / 'postgres'}\n")
        with embedded.start(data):
            assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_polite_signal_stops_everything_in_order(data: Path, number: signal.Signals) -> None:
    with _keeper(data) as keeper:
        keeper.send_signal(number)
        keeper.wait(SECONDS_MAX)
        assert not _processes_on(data)
        assert "database system is shut down" in (data / "postgres.log").read_text()
        assert not (data / "services.json").exists()


def test_a_second_keeper_is_told_who_is_there(data: Path) -> None:
    with _keeper(data) as keeper, pytest.raises(embedded.AlreadyRunningError, match=str(keeper.pid)):
        embedded.start(data)


def test_nobody_to_join_is_not_an_error(data: Path) -> None:
    assert embedded.join(data) is None


def test_leaving_services_one_has_joined_does_not_stop_them(data: Path) -> None:
    with _keeper(data):
        with embedded.join(data) or pytest.fail("nobody keeps them") as joined:
            url = joined.database_url
        assert _ask(url, "SELECT 1") == 1


@pytest.mark.parametrize("name", ["with a space", "办事 大厅", '100% "it\'s" a, folder', "long" * 40])
def test_any_path_will_do(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    data = tmp_path_factory.mktemp("d") / name
    with embedded.start(data) as services:
        assert _ask(services.database_url, "SELECT 1") == 1
        with redis.Redis.from_url(services.redis_url) as client:
            assert client.ping()
    with embedded.start(data) as services:
        assert _ask(services.database_url, "SELECT 1") == 1
    assert not _processes_on(data)


def test_no_permission_of_a_parent_folder_is_ever_changed(tmp_path: Path) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    above = [closed, *closed.parents]
    before = [(folder.stat().st_mode, folder.stat().st_uid) for folder in above]
    with embedded.start(closed / "jinghao" / "var"):
        pass
    assert [(folder.stat().st_mode, folder.stat().st_uid) for folder in above] == before


def test_data_and_sockets_are_closed_to_others(data: Path) -> None:
    with embedded.start(data):
        for name in ("postgres", "run"):
            assert stat.S_IMODE((data / name).stat().st_mode) == 0o700
        for name in ("postgres.password", "services.json", "postgres.log", "valkey.log"):
            assert stat.S_IMODE((data / name).stat().st_mode) == 0o600


def test_no_server_runs_as_root_and_none_listens_on_the_network(data: Path) -> None:
    with embedded.start(data):
        for process in _processes_on(data):
            assert process.uids().effective != 0
            assert not process.net_connections("inet")


def test_a_wrong_password_is_refused(data: Path) -> None:
    with embedded.start(data) as services:
        password = services.database_url.split(":")[2].split("@")[0]
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(services.database_url.replace(password, "guess"))
        with (
            redis.Redis.from_url(f"unix://{services.redis_url.split('@')[1]}") as client,
            pytest.raises(redis.AuthenticationError),
        ):
            client.ping()


def test_passwords_do_not_show_on_any_command_line(data: Path) -> None:
    with embedded.start(data) as services:
        secrets = [url.split("@")[0].split(":")[-1] for url in (services.database_url, services.redis_url)]
        lines = [" ".join(process.cmdline()) for process in _processes_on(data)]
        assert not [line for line in lines for secret in secrets if secret in line]


def test_a_first_start_that_was_cut_short_is_begun_again(data: Path) -> None:
    data.mkdir()
    (data / "postgres.draft").mkdir()
    (data / "postgres.draft" / "PG_VERSION").write_text("half a database")
    with embedded.start(data) as services:
        assert _ask(services.database_url, "SELECT 1") == 1


def test_a_lost_password_is_said_plainly(data: Path) -> None:
    with embedded.start(data):
        pass
    (data / "postgres.password").unlink()
    with pytest.raises(embedded.EmbeddedError, match="password is missing"):
        embedded.start(data)


def test_a_child_is_stopped_when_the_block_ends(tmp_path: Path) -> None:
    with embedded.child(["sleep", "60"], log=tmp_path / "log") as process:
        assert process.poll() is None
    assert process.poll() == -signal.SIGTERM


def test_a_child_that_does_not_listen_is_killed() -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    with embedded.child([sys.executable, "-c", deaf], stop_seconds_max=0.5) as process:
        _until(lambda: signal.SIGTERM in _ignored(process.pid))
    assert process.poll() == -signal.SIGKILL


@contextmanager
def _keeper(data: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that keeps services on this folder."""
    command = [sys.executable, str(KEEPER), str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline(), "The keeper did not start."
            yield process
        finally:
            process.terminate()
            process.wait(SECONDS_MAX)


def _processes_on(data: Path) -> list[psutil.Process]:
    """Servers whose command line or working folder is below this data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE or process.name() not in (
                "postgres",
                "valkey-server",
            ):
                continue
            places = [*process.cmdline(), process.cwd(), *(c.laddr for c in process.net_connections("unix"))]
        except psutil.NoSuchProcess:
            continue
        if any(str(data) in str(place) for place in places):
            found.append(process)
    return found


def _ignored(pid: int) -> set[int]:
    status = Path(f"/proc/{pid}/status").read_text()
    mask = int(next(line for line in status.splitlines() if line.startswith("SigIgn:")).split()[1], 16)
    return {number for number in range(1, 65) if mask >> (number - 1) & 1}


def _ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(question.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while not happened():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.01)
