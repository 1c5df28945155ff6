"""The composition root: the only place that knows everyone and reads the settings."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from ipaddress import ip_network

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from displays import led
from displays import routes as display_pages
from kiosk import api as kiosk_api
from kiosk import routes as kiosk
from kiosk.printing import Printers
from notify import callbacks, wechat
from queue_server import callbacks as provider_callbacks
from queue_server import health, reach
from queue_server.cases.actions import Cases
from queue_server.cases.api import agents as agents_api
from queue_server.cases.api import arrivals as arrivals_api
from queue_server.cases.api import bench as case_bench
from queue_server.cases.api import cases as cases_api
from queue_server.cases.api import chains as chains_api
from queue_server.cases.api import citizens as own_cases
from queue_server.cases.api import register
from queue_server.cases.api import tasks as tasks_api
from queue_server.cases.filing import Filing
from queue_server.cases.pages import routes as case_pages
from queue_server.catalogue.actions import Catalogue
from queue_server.catalogue.actions.guides import Guides
from queue_server.catalogue.api import delegations, matter_guides
from queue_server.catalogue.pages import routes as catalogue_pages
from queue_server.hall.access import House, Pace
from queue_server.hall.actions import Queues
from queue_server.hall.admin import routes as admin_pages
from queue_server.hall.api import (
    bench,
    calls,
    configuration,
    directory,
    displays,
    forecasts,
    guides,
    halls,
    histories,
    live,
    looks,
    matters,
    messages,
    phones,
    reasons,
    rehearsal,
    servings,
    tickets,
    visitors,
    windows,
)
from queue_server.hall.api.words import Words
from queue_server.hall.core.codes import Codes
from queue_server.hall.live.asked import Asked
from queue_server.hall.live.outlooks import Outlooks
from queue_server.hall.live.watch import Watch
from queue_server.hall.pages import routes as hall_pages
from queue_server.hall.timers import Timers
from queue_server.issuance.actions.documents import Documents
from queue_server.issuance.actions.ready import Issuance
from queue_server.issuance.api import documents as documents_api
from queue_server.issuance.api import results as issuance_api
from queue_server.issuance.pages import routes as issuance_pages
from queue_server.kit import log
from queue_server.kit.bus import Bus
from queue_server.kit.clock import AcceleratedClock, Clock, DrivenClock, SystemClock
from queue_server.kit.database import Database
from queue_server.kit.election import Election
from queue_server.kit.presence import Presence
from queue_server.kit.rates import Rate, Rates
from queue_server.kit.requests import Requests
from queue_server.kit.web import assets, errors, limits, openapi
from queue_server.knowledge import api as knowledge_api
from queue_server.knowledge import pages as knowledge_pages
from queue_server.knowledge.actions import Knowledge
from queue_server.oversight import api as ratings_api
from queue_server.oversight.actions import Ratings
from queue_server.oversight.pages import routes as rating_pages
from queue_server.people import pages as people_pages
from queue_server.people.actions import People
from queue_server.people.api import accounts, sessions
from queue_server.people.sealing import Sealer, derive
from queue_server.settings import Settings

# New objects before a look at the young, looks at the young before one at the middle, and so on to the old.
GARBAGE_THRESHOLDS = (20_000, 20, 100)

# Routes are matched one after the other, so what a hall does all day comes first.
ALL_DAY = ("calls_call_next", "servings_start", "servings_complete", "tickets_issue")

ROUTERS = (
    tickets.router,
    phones.router,
    visitors.router,
    calls.router,
    servings.router,
    windows.router,
    histories.router,
    messages.router,
    reasons.router,
    halls.router,
    forecasts.router,
    displays.router,
    guides.router,
    live.router,
    cases_api.router,
    chains_api.router,
    tasks_api.router,
    agents_api.router,
    arrivals_api.router,
    register.router,
    own_cases.router,
    knowledge_api.router,
    issuance_api.router,
    documents_api.router,
    ratings_api.router,
    sessions.router,
    accounts.router,
    matters.router,
    matter_guides.router,
    delegations.router,
    configuration.router,
    directory.router,
    looks.router,
    people_pages.router,
    hall_pages.router,
    case_pages.router,
    catalogue_pages.router,
    issuance_pages.router,
    rating_pages.router,
    knowledge_pages.router,
    admin_pages.router,
    display_pages.router,
    led.router,
    kiosk_api.router,
    kiosk.router,
    callbacks.router,
    wechat.router,
    health.router,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The server as one process runs it. Reads its settings from the environment unless they are given."""
    settings = settings or Settings()
    log.configure(human=sys.stderr.isatty())
    clock = clock_of(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.house = await furnish(settings, clock, stack)
            app.state.people = app.state.house.people
            app.state.requests = app.state.house.requests
            app.state.printers = Printers(clock, settings.slip_font)
            app.state.issuance = issuance_of(app.state.house)
            app.state.cases = cases_of(app.state.house)
            app.state.catalogue = app.state.house.catalogue
            app.state.guides = guides_of(app.state.house)
            app.state.documents = documents_of(app.state.house, app.state.cases)
            app.state.ratings = ratings_of(settings, app.state.house)
            app.state.rating_link = app.state.ratings.link
            app.state.knowledge = knowledge_of(app.state.house)
            app.state.filing = filing_of(app.state.house, app.state.cases)
            if settings.clock != "driven":
                watching = asyncio.create_task(app.state.cases.watch_promises(), name="promises")
                stack.push_async_callback(stopped, watching)
            words = Words(app.state.house, settings.public_base_url, settings.words_hall)
            app.state.callbacks = provider_callbacks.callbacks_of(settings, app.state.house.database, words)
            app.state.wechat = provider_callbacks.wechat_post_of(settings, app.state.house.database, words)
            if app.state.wechat is not None:
                stack.push_async_callback(app.state.wechat.seen.close)
            app.state.scene_address = no_account
            scene_codes = reach.scene_codes_of(settings)
            if scene_codes is not None:
                app.state.scene_address = scene_codes.address
                stack.push_async_callback(scene_codes.close)
            app.state.visitors = reach.visitors_of(settings)
            if app.state.visitors is not None:
                stack.push_async_callback(app.state.visitors.close)
            spare_the_collector()
            yield

    app = FastAPI(
        title="静号 Jinghao",
        summary="Queues and silent calls for government service halls",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings = settings
    if settings.bench:
        add(
            app, bench.router, case_bench.router
        )  # First, so that the reference is not made slow by the others.
    add(app, *ROUTERS)
    if settings.clock == "driven" or settings.bench:
        add(app, rehearsal.router)
    assets.mount(app)
    openapi.install(
        app,
        staff_paths=["/api/v1/sessions/current"],
        keyed_paths=(
            "/api/v1/halls",
            "/api/v1/tickets",
            "/api/v1/ratings",
            "/api/v1/configurations",
            "/api/v1/accounts",
        ),
    )
    errors.install(app)
    limits.install(
        app,
        body_bytes_max=settings.request_body_bytes_max,
        larger_bodies={configuration.ADDRESS: configuration.BYTES_MAX},
    )
    return app


def add(app: FastAPI, *routers: APIRouter) -> None:
    """Add the routes as they are: FastAPI would match those of an included router twice for every request."""
    routes = [route for router in routers for route in router.routes]
    for route in routes:
        if isinstance(route, APIRoute):
            route.operation_id = openapi.operation_id(route)
    app.router.routes += sorted(routes, key=lambda route: getattr(route, "operation_id", "") not in ALL_DAY)


async def furnish(settings: Settings, clock: Clock, stack: AsyncExitStack) -> House:
    """Put the parts together, and take them apart in reverse order at the end."""
    database = Database(settings.database_url, share_commits=settings.commit_share)
    await database.open()
    stack.push_async_callback(database.close)
    bus = Bus(settings.redis_url or None)
    await bus.open()
    stack.push_async_callback(bus.close)
    presence = Presence(settings.redis_url or None, alive_seconds=settings.window_absent_seconds)
    stack.push_async_callback(presence.close)
    rates = Rates(settings.redis_url or None)
    stack.push_async_callback(rates.close)

    # People live by the real time, whatever the time in the hall is.
    people = People(
        database,
        bus,
        SystemClock(),
        secret=settings.key(),
        session_hours=settings.session_hours,
        failures_max=settings.login_failures_max,
        wait_seconds=settings.login_wait_seconds,
    )
    catalogue = Catalogue(database, bus, clock)
    outlooks = Outlooks(database, clock)
    stack.push_async_callback(outlooks.close)
    queues = Queues(
        database, bus, catalogue, clock, in_wechat=bool(settings.wechat_app_id), outlook_of=outlooks.of
    )
    election = Election(settings.database_url, "hall timers")
    stack.push_async_callback(election.resign)
    timers = Timers(queues, queues.halls, presence, election)
    watch = Watch(
        database,
        queues.halls,
        catalogue,
        bus,
        clock,
        poll_seconds=settings.bus_poll_seconds,
        interval_seconds=settings.view_min_interval_ms / 1000,
        phone_seconds=settings.phone_view_seconds,
        outlook_of=outlooks.of,
    )
    stack.callback(watch.close)
    if settings.clock != "driven":
        ticking = asyncio.create_task(timers.run(), name="timers")
        stack.push_async_callback(stopped, ticking)
    return House(
        database=database,
        queues=queues,
        watch=watch,
        asked=Asked(database, clock),
        outlooks=outlooks,
        timers=timers,
        people=people,
        catalogue=catalogue,
        requests=Requests(database),
        presence=presence,
        rates=rates,
        pace=pace_of(settings),
        wrong_links=Rate("links", burst=settings.wrong_links_per_minute, seconds=60),
        bus=bus,
        sealer=Sealer(settings.key()),
        codes=Codes(derive(settings.key(), b"hall codes")),
        clock=clock,
        real_clock=SystemClock(),
        heartbeat_seconds=settings.heartbeat_seconds,
        links={},
    )


def pace_of(settings: Settings) -> Pace:
    """How fast tickets may be taken."""
    return Pace(
        of_a_phone=Rate("tickets-phone", burst=settings.tickets_per_phone, seconds=600),
        of_an_address=Rate("tickets-address", burst=settings.tickets_per_address, seconds=600),
        networks=tuple(map(ip_network, settings.hall_networks)),
    )


def no_account(scene: str) -> None:
    """Without an official account there is only the plain code."""


def issuance_of(house: House) -> Issuance:
    """What hands out results, on the parts of the house."""
    return Issuance(house.database, house.sealer, house.clock)


def guides_of(house: House) -> Guides:
    """What keeps guides, on the parts of the house."""
    return Guides(house.database, house.catalogue, house.clock)


def cases_of(house: House) -> Cases:
    """What keeps cases, on the parts of the house."""
    return Cases(house.database, house.queues, house.catalogue, house.sealer, house.clock)


def filing_of(house: House, cases: Cases) -> Filing:
    """What files the cases that nobody brings to a window."""
    return Filing(house.database, house.queues, house.catalogue, house.sealer, house.clock, cases)


def documents_of(house: House, cases: Cases) -> Documents:
    """What keeps the documents that come of cases, on the parts of the house."""
    return Documents(house.database, house.queues, cases, house.sealer, house.clock)


def ratings_of(settings: Settings, house: House) -> Ratings:
    """What keeps ratings, on the parts of the house."""
    return Ratings(house.database, house.queues, derive(settings.key(), b"ratings"), house.clock)


def knowledge_of(house: House) -> Knowledge:
    """What keeps knowledge, on the parts of the house."""
    return Knowledge(house.database, house.catalogue, house.clock)


def spare_the_collector() -> None:
    """Let the garbage collector look less often, and not at what was there from the start.

    A hall is thousands of values without a cycle. Walking through all of them again and again finds nothing
    and holds up every request for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


async def stopped(task: asyncio.Task[None]) -> None:
    """End a task that would go on for ever."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def clock_of(settings: Settings) -> Clock:
    """The clock by which the halls live."""
    start = settings.clock_start or datetime.now(UTC)
    match settings.clock:
        case "system":
            return SystemClock()
        case "accelerated":
            return AcceleratedClock(start, settings.clock_speed)
        case "driven":
            return DrivenClock(start)
