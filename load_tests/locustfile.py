"""A Locust day: citizens, clerks and displays in one hall, and what we promise them.

    locust -f load_tests/locustfile.py --headless -u 100 -r 20 -t 60s --host http://127.0.0.1:8000

Locust ends with 1 when a promise was broken. `bench day` runs this against a server of its own.
"""

from typing import Any

from locust import events

from load_tests.promises import broken_promises
from load_tests.users import Citizen, Clerk, Display

__all__ = ["Citizen", "Clerk", "Display"]


@events.quitting.add_listener
def _judge(environment: Any, **_: Any) -> None:
    """Say which promises were broken, and end accordingly."""
    broken = broken_promises(environment.stats)
    for sentence in broken:
        print(f"broken promise: {sentence}", flush=True)
    environment.process_exit_code = 1 if broken else 0
