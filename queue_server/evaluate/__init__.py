"""`./jinghao evaluate NAME`: what our own rules and predictions come to on a real day, beside simpler ones.

    evaluate estimates FILE --json   how far off our waits are, and whether our ranges hold
    evaluate pace --json             how long one pass over a crowded hall takes
    evaluate dispatch FILE --json    waits, overtakes and workload under our order and four others
    evaluate dispatch --demo --json  the same in the demonstration hall, with unequal clerks

It runs the functions of the hall itself on recorded days. Everything that a name needs stands in its module.
"""

import argparse
import importlib
from collections.abc import Sequence

NAMES = {
    "dispatch": "queue_server.evaluate.dispatch",
    "estimates": "queue_server.evaluate.estimates",
    "pace": "queue_server.evaluate.pace",
}


def main(argv: Sequence[str] | None = None) -> int:
    """The verb `evaluate`: everything after the name goes to the module's own main."""
    parser = argparse.ArgumentParser(prog="jinghao evaluate", description="Our rules on real days.")
    parser.add_argument("name", choices=sorted(NAMES))
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="what this name takes; see --help behind it")
    options = parser.parse_args(argv)
    return int(importlib.import_module(NAMES[options.name]).main(options.rest))
