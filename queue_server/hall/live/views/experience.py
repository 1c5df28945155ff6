"""What a hall has learned of itself, as its managers read it: how long what takes whom, and how promises fared."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from queue_server.catalogue.core import Matter
from queue_server.hall.core.forecast.experience import Kept, Spell
from queue_server.hall.core.forecast.routine import Routine
from queue_server.hall.core.forecast.whatif import Outcome, Waits
from queue_server.hall.core.model import Hall
from queue_server.hall.live.views.parts import View, name


def experience_view(
    hall: Hall, routine: Routine, matters: Mapping[str, Matter], names: Mapping[str, str]
) -> View:
    """Group by group and matter by matter; in a hall without a past, that there is none."""
    known = routine.experience
    return {
        "since": known.first_on,
        "until": known.last_on,
        "groups": [
            {
                "id": group.id,
                "name": name(group.name),
                "mean_minutes": minutes(hall.queues[group.id].mean_seconds),
                "no_show": round(routine.no_show(group.id), 3),
                "matters": list(matter_lines(routine, group.id, matters, names)),
            }
            for group in hall.groups.values()
        ],
        "way_seconds": round(routine.way_s),
        "between_seconds": round(routine.between_s),
        "promises": promises(known.kept, routine),
    }


def matter_lines(
    routine: Routine, group_id: str, matters: Mapping[str, Matter], names: Mapping[str, str]
) -> Iterator[View]:
    """What was done for one group, the most frequent first, and by whom how quickly."""
    of_group = routine.experience.served.get(group_id, {})
    for codes, clerks in sorted(of_group.items(), key=lambda item: -together(item[1]).count):
        every = together(clerks)
        if every.count < 0.5:
            continue  # So long ago that it counts for nothing.
        yield {
            "matters": [matter_line(code, matters) for code in codes.split("+") if code],
            **spell_line(every),
            "clerks": [
                {"id": clerk_id, "name": names.get(clerk_id), **spell_line(spell)}
                for clerk_id, spell in sorted(clerks.items(), key=lambda item: -item[1].count)
                if spell.count >= 0.5
            ],
        }


def matter_line(code: str, matters: Mapping[str, Matter]) -> View:
    """A matter by name; by its code if it is in the catalogue no more."""
    matter = matters.get(code)
    zh, en = (code, code) if matter is None else (matter.name_zh, matter.name_en)
    return {"code": code, "name": {"zh": zh, "en": en}}


def together(spells: Mapping[str, Spell]) -> Spell:
    """All clerks' services of one matter."""
    return Spell(sum(each.count for each in spells.values()), sum(each.seconds for each in spells.values()))


def spell_line(spell: Spell) -> View:
    """How many, and how long one took."""
    return {"services": round(spell.count), "minutes": minutes(spell.seconds / spell.count)}


def promises(kept: Kept, routine: Routine) -> View:
    """How often the range held, and how far the middle was off."""
    told = kept.told
    return {
        "told": round(told),
        "inside": round(kept.inside / told, 3) if told >= 1 else None,
        "off_minutes": minutes(kept.absolute_s / told) if told >= 1 else None,
        "late_minutes": minutes(kept.error_s / told) if told >= 1 else None,
        "width": round(routine.width, 2),
    }


def minutes(seconds: float) -> float:
    """Minutes with one decimal."""
    return round(seconds / 60, 1)


# ── What if ──────────────────────────────────────────────────────────────────────────────────────


def what_if_view(hall: Hall, as_of: datetime, before: Outcome, after: Outcome, opened: list[str]) -> View:
    """Two outcomes beside each other."""
    return {
        "seq": hall.seq,
        "as_of": as_of,
        "opened": opened,
        "before": outcome_line(hall, before),
        "after": outcome_line(hall, after),
    }


def outcome_line(hall: Hall, outcome: Outcome) -> View:
    """What comes of one play."""
    return {
        "green": waits_line(outcome.green),
        "ordinary": waits_line(outcome.ordinary),
        "groups": [
            {"id": group.id, "name": name(group.name), **waits_line(outcome.groups.get(group.id))}
            for group in hall.groups.values()
        ],
        "overtaken": round(outcome.overtaken, 1),
        "busy_share": None if outcome.busy_share is None else round(outcome.busy_share, 3),
        "spread": None if outcome.spread is None else round(outcome.spread, 3),
        "unserved": outcome.unserved,
    }


def waits_line(waits: Waits | None) -> View:
    """How long some people wait."""
    if waits is None:
        return {"people": 0, "p50_minutes": None, "p90_minutes": None}
    p50, p90 = (None if value is None else round(value / 60) for value in (waits.p50_s, waits.p90_s))
    return {"people": waits.people, "p50_minutes": p50, "p90_minutes": p90}
