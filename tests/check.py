"""`./jinghao check`: format, lint, types and import contracts. Changes nothing, says everything."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

CHECKS = (
    ("format", ["ruff", "format", "--check", "."]),
    ("lint", ["ruff", "check", "."]),
    ("types", ["mypy", "--strict"]),
    ("import contracts", ["lint-imports"]),
)


def main(_argv: Sequence[str] = ()) -> int:
    """Run every check, even after one has failed, and return 1 if any has."""
    failed = [name for name, command in CHECKS if not _passes(name, command)]
    if failed:
        print(f"check: {', '.join(failed)} failed.", file=sys.stderr)
    return 1 if failed else 0


def _passes(name: str, command: Sequence[str]) -> bool:
    print(f"── {name}", file=sys.stderr, flush=True)
    return subprocess.run([str(BIN / command[0]), *command[1:]], cwd=CHECKOUT, check=False).returncode == 0
