"""The verb `import-matters`: a city's catalogue into a hall, with what its guides lack."""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from queue_server.catalogue.actions import Catalogue
from queue_server.catalogue.actions.guides import Guides
from queue_server.catalogue.core.reading import Catalogued, CatalogueUnreadable, read_catalogue
from queue_server.kit import log
from queue_server.kit.bus import Bus
from queue_server.kit.clock import SystemClock
from queue_server.kit.database import Database
from queue_server.settings import Settings

REFUSED_SHOWN_MAX: Final = 20
BY: Final = "import"


def main(settings: Settings, file: Path, hall_id: str, *, opened: bool, as_json: bool) -> int:
    """Import a file, and say what came of it. The exit code is 1 if the file cannot be read."""
    log.configure(human=sys.stderr.isatty())
    try:
        began = time.perf_counter()
        catalogued = read_catalogue(file.read_text(encoding="utf-8"))
        read_seconds = time.perf_counter() - began
        figures = asyncio.run(imported(settings, catalogued, hall_id, opened=opened))
    except (OSError, UnicodeDecodeError) as error:
        print(f"jinghao: {file} cannot be read: {error}", file=sys.stderr)
        return 1
    except CatalogueUnreadable as no:
        print(f"jinghao: {no.en}", file=sys.stderr)
        return 1
    figures = {"file": file.name, "hall": hall_id, "read_seconds": round(read_seconds, 3), **figures}
    print(json.dumps(figures, ensure_ascii=False) if as_json else in_words(figures))
    return 0


async def imported(
    settings: Settings, catalogued: Catalogued, hall_id: str, *, opened: bool
) -> dict[str, Any]:
    """Write the matters, and count what their guides lack. Until somebody opens them, nobody can apply for them."""
    began = time.perf_counter()
    database = Database(settings.database_url)
    await database.open()
    try:
        guides = Guides(database, Catalogue(database, Bus(), SystemClock()), SystemClock())
        rows = [(replace(matter, active=opened), guide) for matter, guide in catalogued.guides]
        changes = await guides.take_in(hall_id, rows, by=BY)
    finally:
        await database.close()
    seconds = time.perf_counter() - began
    departments = Counter(matter.department_zh for matter, _ in catalogued.guides)
    return {
        "matters": len(catalogued.guides),
        "added": len(changes.added),
        "changed": len(changes.changed),
        "open": opened,
        "departments": len(departments),
        "write_seconds": round(seconds, 3),
        "missing": catalogued.missing(),
        "refused": [
            {"row": each.row, "why": each.why, "name": each.name}
            for each in catalogued.refused[:REFUSED_SHOWN_MAX]
        ],
        "refused_count": len(catalogued.refused),
    }


def in_words(figures: dict[str, Any]) -> str:
    """The same for people."""
    seconds = figures["read_seconds"] + figures["write_seconds"]
    lines = [
        f"{figures['matters']} matters of {figures['departments']} departments in {seconds:.1f} s: "
        f"{figures['added']} new, {figures['changed']} changed, {figures['refused_count']} refused.",
        "Missing:",
        *(f"  {count:>6}  {code}" for code, count in figures["missing"].items()),
        *(f"  row {each['row']}: {each['why']} {each['name']}" for each in figures["refused"]),
    ]
    return "\n".join(lines)
