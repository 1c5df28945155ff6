"""The checklist of a case: what the catalogue asks for, and how each material stands."""

from collections.abc import Collection, Iterable

from msgspec.structs import replace

from queue_server.cases.core.model import GAPS, SATISFIED, Case, Fault, Form, Item, Mark
from queue_server.cases.core.rejections import FaultMissing, MaterialUnknown, Unchecked
from queue_server.catalogue.core import Matter


def checklist(
    matter: Matter, scenario: str | None, before: Iterable[Item] = (), held: Collection[str] = ()
) -> tuple[Item, ...]:
    """What to look for in one scenario. What was looked at before stays looked at, and nobody is asked twice."""
    known = {item.name_zh: item for item in before}
    return tuple(
        known.get(material.name_zh)
        or Item(
            material.name_zh,
            material.name_en,
            tolerable=material.tolerable,
            exempt=material.exempt,
            mark=Mark.LICENCE if material.exempt else Mark.HELD if material.name_zh in held else None,
            form=Form.ELECTRONIC if material.exempt else Form.ORIGINAL,
        )
        for material in matter.materials_for(scenario or "")
    )


def marked(
    items: tuple[Item, ...],
    place: int,
    mark: Mark | None,
    *,
    fault: Fault | None = None,
    note: str = "",
    form: Form | None = None,
    pages: int | None = None,
) -> tuple[Item, ...]:
    """The checklist with one material looked at. A defective one says what is wrong, and no other does."""
    if not 0 <= place < len(items):
        raise MaterialUnknown
    if (mark is Mark.DEFECTIVE) != (fault is not None):
        raise FaultMissing
    item = items[place]
    after = replace(
        item,
        mark=mark,
        fault=fault,
        note=note if mark in GAPS else "",
        form=form or item.form,
        pages=pages or item.pages,
    )
    return (*items[:place], after, *items[place + 1 :])


def gaps(items: Iterable[Item]) -> tuple[Item, ...]:
    """What is missing or cannot be used."""
    return tuple(item for item in items if item.mark in GAPS)


def check_looked_at(items: Iterable[Item], *, for_receipt: bool = False) -> None:
    """Refuse to go on while some material has not been looked at. A receipt does not wait for a check."""
    waits = {None} if for_receipt else {None, Mark.TO_CHECK}
    unchecked = sum(item.mark in waits for item in items)
    if unchecked:
        raise Unchecked(count=unchecked)


def debts(case: Case) -> tuple[Item, ...]:
    """What was promised and has not come."""
    if case.promise is None:
        return ()
    return tuple(
        case.items[place] for place in case.promise.places if case.items[place].mark not in SATISFIED
    )


def at_hand(items: Iterable[Item]) -> tuple[Item, ...]:
    """What the hall has, in whatever way."""
    return tuple(item for item in items if item.mark in SATISFIED)
