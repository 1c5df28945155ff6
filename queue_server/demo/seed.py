"""Putting a hall definition into the database: the hall, its people, its matters."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from queue_server.cases.actions import Cases
from queue_server.cases.core.chains import Chain, Link, Situation
from queue_server.cases.core.model import Point as CasePoint
from queue_server.cases.core.tasks import Branch
from queue_server.catalogue.actions import Catalogue
from queue_server.catalogue.actions.guides import Guides
from queue_server.demo.definition import ChainEntry, Definition, PlanEntry, Point
from queue_server.demo.guides import invented
from queue_server.hall.actions import Queues
from queue_server.hall.core.model import About, Area, Group, Name, Plan, Rules, Spot, Window, Zone
from queue_server.hall.core.paper import Configuration, Device, Notice
from queue_server.issuance.actions.ready import Issuance
from queue_server.issuance.core.ready import DAYS_MAX, Ready, ReadyLine
from queue_server.kit.bus import Bus
from queue_server.kit.clock import SystemClock
from queue_server.kit.database import Database
from queue_server.kit.requests import Answer
from queue_server.knowledge.actions import Knowledge
from queue_server.knowledge.core import Entry, KnowledgeState, Writing
from queue_server.people.actions import People, new_password
from queue_server.people.core import Role
from queue_server.people.sealing import Sealer
from queue_server.settings import Settings

BY = "demo"
COLLECTORS = (
    "张某某 欧阳某 王某 李某某 刘某某 陈某 示范区某某商贸有限公司 赵某某 诸葛某某 周某 吴某某 示范某某餐饮管理有限公司 "
    "郑某 孙某某 马某某 朱某 胡某某 林某 上官某 何某某 高某某 罗某"
)


async def seed(settings: Settings, definitions: list[Definition], logins_file: Path) -> dict[str, str]:
    """Write the halls down, or anew. Answers the passwords by login, which are made once and kept in a file."""
    logins = read_logins(logins_file)
    database = Database(settings.database_url)
    await database.open()
    try:
        bus, clock = Bus(), SystemClock()
        people = People(database, bus, clock, secret=settings.key())
        catalogue = Catalogue(database, bus, clock)
        queues = Queues(database, bus, catalogue, clock)
        for definition in definitions:
            await queues.create(on_paper(definition))
            await catalogue.put_matters(definition.hall.id, definition.catalogue(), by=BY)
            known = [(matter, invented(matter, definition)) for matter in definition.catalogue()]
            await Guides(database, catalogue, clock).take_in(
                definition.hall.id, known, by=BY, note="catalogue"
            )
            await put_people(people, definition, logins)
            await put_results(Issuance(database, Sealer(settings.key()), clock), definition)
            await put_letters(catalogue, definition)
            cases = Cases(database, queues, catalogue, Sealer(settings.key()), clock)
            await put_chains(cases, definition)
            await put_flows(cases, definition)
            await put_points(cases, definition)
            await put_knowledge(Knowledge(database, catalogue, clock), definition)
    finally:
        await database.close()
    write_logins(logins_file, logins)
    return logins


async def put_people(people: People, definition: Definition, logins: dict[str, str]) -> None:
    """Accounts with their skills; whoever has no password yet gets one."""
    for account in definition.accounts():
        password = None
        if account.login not in logins:
            password = logins[account.login] = new_password()
        await people.put_account(account, password=password, skills=definition.skills(account.id), by=BY)


async def put_results(issuance: Issuance, definition: Definition) -> None:
    """Results that invented people can collect, where the hall has windows for that; once."""
    windows = [window.id for window in definition.windows if window.type == "issuance"]
    if not windows or await issuance.ready(definition.hall.id):
        return
    now = SystemClock()()
    for number, name in enumerate(COLLECTORS.split(), start=1):
        at = now - timedelta(hours=number)
        code = f"JH{at:%Y%m%d}{number * 37:04}"
        ready = Ready(name, code, windows[number % len(windows)], at, now + timedelta(days=DAYS_MAX))
        await issuance.announce(definition.hall.id, ready, by=BY, respond=unheard)


async def put_letters(catalogue: Catalogue, definition: Definition) -> None:
    """Until when departments let the hall accept their matters."""
    offered = {matter.code for matter in definition.catalogue()}  # An outlet takes a part of them.
    for letter in (each for each in definition.delegations if each.matter in offered):
        await catalogue.delegate(
            definition.hall.id,
            letter.matter,
            letter.ends_on,
            letter.ask,
            by=BY,
            answer=Answer(200, ""),
        )


async def put_chains(cases: Cases, definition: Definition) -> None:
    """Which matters are applied for together, where all of them are offered."""
    offered = {matter.code for matter in definition.catalogue()}
    for entry in definition.chains:
        if offered.issuperset(link.matter for link in entry.links):
            await cases.put_chain(definition.hall.id, chain(entry), by=BY)


async def put_flows(cases: Cases, definition: Definition) -> None:
    """Which departments have a say in which matter, and who may decide for them until when."""
    hall_id, named = definition.hall.id, definition.departments
    offered = {matter.code for matter in definition.catalogue()}
    for code, branches in definition.flows.items():
        if code in offered:
            flow = tuple(
                Branch(named[each.department].zh, named[each.department].en, each.days) for each in branches
            )
            await cases.put_flow(hall_id, code, flow, by=BY)
    for each in definition.certificates:
        department = named[each.department].zh
        await cases.put_certificate(hall_id, each.account, department, each.ends_on, each.stand_in, by=BY)


def chain(entry: ChainEntry) -> Chain:
    """A chain as its cases are made from."""
    return Chain(
        entry.code,
        entry.name.zh,
        entry.name.en,
        entry.lead,
        tuple(Link(each.matter, each.after, each.gives) for each in entry.links),
        tuple(Situation(each.code, each.name.zh, each.name.en, each.scenarios) for each in entry.situations),
    )


async def put_points(cases: Cases, definition: Definition) -> None:
    """What reviewers judge."""
    offered = {matter.code for matter in definition.catalogue()}
    for code, points in definition.review_points.items():
        if code in offered:
            written = tuple(
                CasePoint(
                    each.item.zh,
                    each.item.en,
                    each.method.zh,
                    each.method.en,
                    each.standard.zh,
                    each.standard.en,
                )
                for each in points
            )
            await cases.put_points(definition.hall.id, code, written, by=BY, answer=Answer(200, ""))


async def put_knowledge(knowledge: Knowledge, definition: Definition) -> None:
    """What the windows need to know, published; once."""
    if (await knowledge.kept(definition.hall.id))[0]:
        return
    offered = {matter.code for matter in definition.catalogue()}
    writer = next((each for each in definition.accounts() if each.role is Role.REVIEWER), None)
    for entry in definition.knowledge:
        about = tuple(each for each in entry.about if each.partition(".")[0] in offered)
        if writer is None or (entry.about and not about):
            continue
        writing = Writing(
            title_zh=entry.title.zh,
            title_en=entry.title.en,
            body_zh=entry.body.zh,
            body_en=entry.body.en,
            kind=entry.kind,
            about=about,
        )
        written: list[Entry] = []
        await knowledge.suggest(definition.hall.id, writing, writer, respond=noted(written))
        (draft,) = written
        await knowledge.write(
            definition.hall.id,
            draft.id,
            draft.version,
            KnowledgeState.PUBLISHED,
            writing,
            writer,
            respond=noted(written),
        )


def noted(written: list[Entry]) -> Callable[[Entry], Answer]:
    """Keep what was written; nobody is answered. A unit that is repeated leaves one."""

    def respond(entry: Entry) -> Answer:
        written[:] = [entry]
        return Answer(201, "")

    return respond


def unheard(_: ReadyLine) -> Answer:
    """Nobody asked, so nobody is answered."""
    return Answer(201, "")


def on_paper(definition: Definition) -> Configuration:
    """The hall as the store keeps it."""
    hall = definition.hall
    return Configuration(
        id=hall.id,
        about=About(
            name=Name(hall.name.zh, hall.name.en),
            timezone=hall.timezone,
            zones=tuple(
                Zone(
                    zone.id,
                    Name(zone.name.zh, zone.name.en),
                    zone.color,
                    None if zone.area is None else Area(*zone.area),
                )
                for zone in definition.zones
            ),
            general_group_id=hall.general_group,
            plan=None if hall.plan is None else floor_plan(hall.plan),
        ),
        hours=hall.hours,
        rules=Rules(**hall.rules),
        groups=tuple(
            Group(
                id=group.id,
                name=Name(group.name.zh, group.name.en),
                prefix=group.prefix,
                green_prefix=group.green_prefix,
                zone_id=group.zone,
                capacity=group.capacity,
                mean_seconds=group.mean_minutes * 60,
                target_seconds=None if group.target_minutes is None else int(group.target_minutes * 60),
                undifferentiated=group.undifferentiated,
                kind=group.type,
            )
            for group in definition.groups
        ),
        windows=tuple(
            Window(
                id=window.id,
                name=Name(window.label.zh, window.label.en),
                group_ids=window.groups,
                zone_id=window.zone,
                green=window.green,
                spot=spot(window.spot),
                accessible=window.accessible,
                kind=window.type,
            )
            for window in definition.windows
        ),
        devices=tuple(
            Device(
                id=device.id,
                kind=device.kind,
                name=Name(device.name.zh, device.name.en),
                zone_id=device.zone,
                spot=spot(device.spot),
                layout_id=device.layout,
                printer=device.printer,
                elder=device.elder,
            )
            for device in definition.devices
        ),
        notices=tuple(
            Notice(notice.id, Name(notice.text.zh, notice.text.en), notice.kind)
            for notice in definition.notices
        ),
    )


def floor_plan(plan: PlanEntry) -> Plan:
    """The floor plan as the hall knows it."""
    return Plan(plan.width, plan.height, Spot(*plan.waiting), Spot(*plan.entrance))


def spot(point: Point | None) -> Spot | None:
    """A point of the floor plan."""
    return None if point is None else Spot(*point)


def read_logins(file: Path) -> dict[str, str]:
    """The passwords of an earlier run."""
    return json.loads(file.read_text()) if file.exists() else {}


def write_logins(file: Path, logins: Mapping[str, str]) -> None:
    """Keep the passwords where only the owner can read them."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(logins, out, indent=1)
