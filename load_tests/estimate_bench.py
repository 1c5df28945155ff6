"""How long the hall takes to say everybody's wait: asks `evaluate pace`, in a process of its own.

A thousand people wait, sixty windows serve them, and each is called in a hundred futures. The hall measures itself,
because a customer cannot see how long its background work takes; the reference is from the same run.
"""

import json
import subprocess
import sys

from load_tests.figures import CannotMeasure, Figures

LIMIT_SECONDS = 300


def measure(rounds: int) -> tuple[Figures, Figures]:
    """The figures, and the same arithmetic without a hall."""
    command = [sys.executable, "-m", "queue_server", "evaluate", "pace", "--rounds", str(rounds), "--json"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=LIMIT_SECONDS)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise CannotMeasure(f"the hall could not measure itself: {error}") from error
    form = json.loads(said.stdout)
    return form["figures"], form["reference"]
