"""The verbs: `./jinghao VERB`, or `jinghao VERB` where the package is installed.

A verb imports what it needs when it runs, so that `--help` is quick and production needs no test tools.
"""

import argparse
import importlib
import os
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from queue_server import embedded
from queue_server.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

# These verbs read their own arguments: everything after the verb goes to the module's main(argv).
ELSEWHERE = {
    "test": ("tests.run", "run all tests, or those you name; fetches what they need first"),
    "check": ("tests.check", "format, lint, types and import contracts, without changing anything"),
    "screenshots": ("tests.browser.screenshots", "photograph every page for docs/screens.md"),
    "replay": ("load_tests.replay", "drive a hall through the HTTP API with a real day from a CSV"),
    "bench": ("load_tests.bench", "measure, always with a reference from the same run"),
    "doubles": ("notify.doubles.run", "Twilio, Aliyun, Tencent Cloud and WeChat, played on loopback"),
    "torture": ("load_tests.torture", "kill the server under load, again and again, and look for losses"),
    "evaluate": ("queue_server.evaluate", "our rules on real days, beside simpler ones"),
    "replay-cases": (
        "queue_server.evaluate.cases",
        "real cases through intake, routing and deadlines, from a CSV",
    ),
    "simulate": ("tests.simulation.run", "the whole hall under bad luck, by seed"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code of the process."""
    argv = list(sys.argv[1:] if argv is None else argv)
    try:
        with embedded.orderly_exit():
            if argv and argv[0] in ELSEWHERE:
                module, _ = ELSEWHERE[argv[0]]
                return int(importlib.import_module(module).main(argv[1:]) or 0)
            args = _parser().parse_args(argv)
            verb: Callable[[argparse.Namespace, Settings], int | None] = args.verb
            return verb(args, _settings(args)) or 0
    except (embedded.EmbeddedError, UsageError) as error:
        print(f"jinghao: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


FILES_MAX = 65_536  # Every screen and phone is a socket, and a socket is a file. Systems begin with 1,024.


class UsageError(Exception):
    """What was asked for cannot be done with these settings. The message says what to change."""


def serve(args: argparse.Namespace, settings: Settings) -> None:
    """Answer requests until told to stop."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from queue_server.kit.sockets import listening_socket

    allow_many_sockets()
    with _services(settings):
        if "public_base_url" not in settings.model_fields_set:
            os.environ["JINGHAO_PUBLIC_BASE_URL"] = f"http://{_reachable(args.host)}:{args.port}"
        config = uvicorn.Config(
            "queue_server.__main__:worker_app" if args.workers > 1 else "queue_server.main:create_app",
            factory=True,
            host=args.host,
            port=args.port,
            workers=args.workers,
            loop="uvloop",
            http="httptools",
            ws="websockets-sansio",  # The older implementations are slower by half, and deprecated.
            ws_max_size=settings.request_body_bytes_max,
            ws_per_message_deflate=False,  # Views are small and shared; compressing them per socket is not.
            timeout_graceful_shutdown=10,
            access_log=False,  # Addresses of tickets are secrets; requests are counted in the metrics.
            log_level="warning",  # The same: uvicorn tells of each socket with its address.
            server_header=False,
        )
        try:
            sockets = [listening_socket(args.host, args.port)]
        except OSError as error:
            raise UsageError(f"Cannot listen on {args.host} port {args.port}: {error.strerror}.") from error
        _progress(f"Listening on http://{_reachable(args.host)}:{args.port}")
        if args.workers > 1:
            Multiprocess(config, sockets=sockets).run()
        else:
            uvicorn.Server(config).run(sockets=sockets)


def allow_many_sockets() -> None:
    """Let this process and its children hold as many files open as the system permits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES_MAX if hard == resource.RLIM_INFINITY else min(FILES_MAX, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def worker_app() -> "FastAPI":
    """The application in one of several server processes, which must not outlive the first."""
    from queue_server.main import create_app

    embedded.die_with_parent()
    return create_app()


def demo(args: argparse.Namespace, settings: Settings) -> int | None:
    """A hall on an ordinary day, with its citizens and clerks, through the real API."""
    from queue_server.demo import main

    with _services(settings) as running:
        return main(args, running)


def worker(_args: argparse.Namespace, settings: Settings) -> int | None:
    """Send the notices that wait in the outbox."""
    from queue_server.worker import main

    with _services(settings, join=True) as running:
        return main(running)


def migrate(_args: argparse.Namespace, settings: Settings) -> None:
    """Bring the tables up to date; says what it did."""
    from queue_server.migrations import migrate

    with _services(settings, join=True, redis=False) as running:
        done = migrate(running.database_url)
    print("\n".join(done) if done else "Nothing to do: the database is up to date.")


def rebuild(_args: argparse.Namespace, settings: Settings) -> int | None:
    """Write the facts again from the journals."""
    from queue_server.hall.rebuild import main

    with _services(settings, join=True, redis=False) as running:
        return main(running)


def import_matters(args: argparse.Namespace, settings: Settings) -> int | None:
    """Read a city's catalogue into a hall, and say what its guides lack."""
    from queue_server.catalogue.importing import main

    with _services(settings, join=True, redis=False) as running:
        return main(running, args.file, args.hall, opened=args.open, as_json=args.json)


def admin(args: argparse.Namespace, settings: Settings) -> int | None:
    """Make an admin who may sign in, or give one a new password; prints it once."""
    from queue_server.people.first import main

    with _services(settings, join=True, redis=False) as running:
        return main(args.deed, args.login, running)


@contextmanager
def _services(settings: Settings, *, join: bool = False, redis: bool = True) -> Iterator[Settings]:
    """The settings with services that run: external ones if given, else embedded ones for this long.

    With `join`, embedded services that another process keeps on the same data folder are used as they are.
    Processes that we start find the same services in the environment.
    """
    given = [bool(settings.database_url), bool(settings.redis_url)]
    if all(given) or (given[0] and not redis):
        yield settings
        return
    if any(given):
        raise UsageError("Set both DATABASE_URL and REDIS_URL, or neither: embedded services come as a pair.")

    services = embedded.join(settings.data) if join else None
    with services or embedded.start(settings.data, progress=_progress) as running:
        found = {"DATABASE_URL": running.database_url, "REDIS_URL": running.redis_url}
        os.environ.update(found, JINGHAO_DATA=str(settings.data))
        if services is None:
            from queue_server.migrations import migrate

            _progress("Bringing the tables up to date")
            migrate(running.database_url)
        # Not model_copy: what the environment says now is what every process of ours reads.
        yield Settings()


def _progress(sentence: str) -> None:
    print(f"jinghao: {sentence}", file=sys.stderr, flush=True)


def _settings(args: argparse.Namespace) -> Settings:
    if args.data is not None:
        os.environ["JINGHAO_DATA"] = str(args.data.absolute())
    try:
        return Settings()
    except ValidationError as error:
        reasons = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise UsageError(f"A setting makes no sense. {reasons}") from error


def _reachable(host: str) -> str:
    """An address one can follow: a server that listens everywhere is also found at home."""
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jinghao", description="静号 Jinghao: queues and silent calls.")
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    def add(
        verb: Callable[[argparse.Namespace, Settings], int | None], listens: bool = False
    ) -> argparse.ArgumentParser:
        own = verbs.add_parser(verb.__name__.replace("_", "-"), help=verb.__doc__, description=verb.__doc__)
        own.set_defaults(verb=verb)
        own.add_argument("--data", type=Path, help="folder of the embedded services and keys (default: var)")
        if listens:
            own.add_argument(
                "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
            )
            own.add_argument(
                "--port", type=int, default=8000, help="port to listen on (default: %(default)s)"
            )
        return own

    of_demo = add(demo, listens=True)
    of_demo.add_argument(
        "--speed", type=float, default=30.0, help="seconds of the hall per second (default: 30)"
    )
    of_serve = add(serve, listens=True)
    of_serve.add_argument("--workers", type=int, default=1, help="server processes (default: 1)")
    of_admin = add(admin)
    of_admin.add_argument("deed", choices=["create", "password"], help="a new admin · a new password")
    of_admin.add_argument("login", help="what the admin signs in with")
    of_import = add(import_matters)
    of_import.add_argument("file", type=Path, help="a table (CSV) or a list (JSON) of matters")
    of_import.add_argument("--hall", default="h1", help="the hall that offers them (default: %(default)s)")
    of_import.add_argument("--open", action="store_true", help="people can apply for them at once")
    of_import.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    for verb in (worker, migrate, rebuild):
        add(verb)
    for name, (_, sentence) in ELSEWHERE.items():
        verbs.add_parser(name, help=sentence)
    return parser


if __name__ == "__main__":
    sys.exit(main())
