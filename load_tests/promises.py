"""What we promise the customers of a Locust day. Knows nothing of Locust but the shape of its statistics."""

import os
from typing import Any

# Milliseconds that 99 of 100 may take: what reliability asks of an opening rush, on a disk that behaves.
P99_MS_MAX = {
    "issue": 300,
    "call": 300,
    "start": 300,
    "complete": 300,
    "position": 300,
    "board age": 500,
}
FAILURES_SHARE_MAX = 0.0
# A slow disk or a busy neighbour is not the server's fault: what the same run measured beside it is added.
SLACK_MS = float(os.environ.get("JINGHAO_LOAD_SLACK_MS", "0"))


def broken_promises(stats: Any) -> list[str]:
    """The promises a run has broken, as sentences."""
    broken = []
    if stats.total.num_requests == 0:
        broken.append("nobody was served at all")
    if stats.total.fail_ratio > FAILURES_SHARE_MAX:
        broken.append(f"{stats.total.num_failures} of {stats.total.num_requests} requests failed")
    for entry in stats.entries.values():
        most = P99_MS_MAX.get(entry.name)
        p99 = entry.get_response_time_percentile(0.99) if entry.num_requests else 0
        if most is not None and p99 > most + SLACK_MS:
            broken.append(f"{entry.name}: p99 is {p99:.0f} ms rather than {most + SLACK_MS:.0f} ms")
    return broken
