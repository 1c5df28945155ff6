"""A process that keeps embedded services until it is told to stop, or killed. Run by the tests beside it."""

import sys
import time
from pathlib import Path

from queue_server import embedded

if __name__ == "__main__":
    with embedded.orderly_exit(), embedded.start(Path(sys.argv[1])) as services:
        print(services.database_url, services.redis_url, flush=True)
        while True:
            time.sleep(3600)
