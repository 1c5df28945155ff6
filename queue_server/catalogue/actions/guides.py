"""The only place where guides change.

Each deed is one transaction that has its turn at the matters of the hall: the newest version is read, the deed
is judged on it, and version, matter, draft and remembered answer are written together. A published guide *is*
what kiosks, phones and windows show: they are woken by the catalogue, in every process.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from queue_server.catalogue.actions import Catalogue, remembered
from queue_server.catalogue.core import Difference, Matter, MatterUnknown
from queue_server.catalogue.core.guides import (
    DraftChanged,
    DraftNotInReview,
    DraftUnknown,
    Guide,
    GuideChanged,
    GuideUnfit,
    GuideVersionUnknown,
    LimitLonger,
    NothingChanged,
    OwnReview,
    SuggestionSettled,
    SuggestionStale,
    SuggestionUnknown,
    applied,
    changes,
    check_procedural,
    derived,
    kept_in_step,
    with_changes,
)
from queue_server.catalogue.core.lint import errors, findings
from queue_server.catalogue.store import guides as store
from queue_server.catalogue.store import wait_for_turn
from queue_server.kit.clock import Clock
from queue_server.kit.database import Database, Row, Transaction
from queue_server.kit.requests import Answer, Key
from queue_server.people.core import Account


@dataclass(frozen=True, slots=True)
class Standing:
    """A guide as it stands: the version everybody goes by, and the draft beside it."""

    matter: Matter
    version: int  # 0: nobody has published one; it is what the catalogue knows.
    guide: Guide
    draft: Row | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A guide in the list of all."""

    matter: Matter
    version: int
    published_at: datetime | None
    findings: int
    draft: str  # "", "draft" or "in_review"
    suggestions: int


Respond = Callable[[Standing], Answer]


class Guides:
    """The guides of every hall."""

    def __init__(self, database: Database, catalogue: Catalogue, clock: Clock) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock

    # ── Looking ─────────────────────────────────────────────────────────────────────────────────

    async def look(self, hall_id: str, code: str) -> Standing:
        """A guide as it stands. `MatterUnknown`."""
        matter = await self._matter(hall_id, code)
        return await self._database.read(lambda tx: standing(tx, hall_id, matter))

    async def every(self, hall_id: str) -> list[Line]:
        """Every guide of a hall, in its order."""
        matters = await self._catalogue.matters(hall_id)

        def read(tx: Transaction) -> tuple[Any, Any, list[str]]:
            waiting = [row["matter"] for row in store.suggestions(tx, hall_id)]
            return store.standing(tx, hall_id), store.drafts(tx, hall_id), waiting

        published, drafts, waiting = await self._database.read(read)
        return [line(matter, published.get(matter.code), drafts, waiting) for matter in matters.values()]

    async def history(self, hall_id: str, code: str) -> list[Row]:
        """Every version of a guide, the newest first."""
        await self._matter(hall_id, code)
        return list(await self._database.read(lambda tx: store.history(tx, hall_id, code)))

    async def version(self, hall_id: str, code: str, version: int) -> Guide:
        """One version as it was. `GuideVersionUnknown`."""
        await self._matter(hall_id, code)
        found = await self._database.read(lambda tx: store.version_of(tx, hall_id, code, version))
        if found is None:
            raise GuideVersionUnknown(version=version)
        return found

    async def suggestions(self, hall_id: str, code: str) -> list[Row]:
        """What departments would like to see changed, and what became of it."""
        await self._matter(hall_id, code)
        return list(await self._database.read(lambda tx: list(store.suggestions(tx, hall_id, code))))

    # ── At once ─────────────────────────────────────────────────────────────────────────────────

    async def change(
        self,
        hall_id: str,
        code: str,
        version: int,
        guide: Guide,
        account: Account,
        *,
        is_editor: bool,
        respond: Respond,
        request: Key | None = None,
    ) -> Answer:
        """Change the procedure of a matter: it counts at once. A department may only shorten its limit."""

        def deed(_: Transaction, now: Standing) -> tuple[Guide, str, str]:
            check_version(now, version)
            try:
                check_procedural(now.guide, guide)
            except LimitLonger:
                if not is_editor:
                    raise
            check_no_worse(now, guide)
            return guide, "procedure", account.id

        return await self._publish(hall_id, code, account, deed, respond, request)

    async def restore(
        self,
        hall_id: str,
        code: str,
        version: int,
        earlier: int,
        account: Account,
        *,
        respond: Respond,
        request: Key | None = None,
    ) -> Answer:
        """Publish an earlier version anew. The history goes on; nothing is taken out of it."""

        def deed(tx: Transaction, now: Standing) -> tuple[Guide, str, str]:
            check_version(now, version)
            found = store.version_of(tx, hall_id, code, earlier)
            if found is None:
                raise GuideVersionUnknown(version=earlier)
            if found == now.guide:
                raise NothingChanged
            return found, f"restored {earlier}", account.id

        return await self._publish(hall_id, code, account, deed, respond, request)

    # ── From elsewhere ──────────────────────────────────────────────────────────────────────────

    async def take_in(
        self, hall_id: str, guides: Iterable[tuple[Matter, Guide]], *, by: str, note: str = "imported"
    ) -> Difference:
        """Put matters behind what the hall offers, each with its guide; a guide that is there already stays."""
        listed = {matter.code: (applied(matter, guide), guide) for matter, guide in guides}
        now = self._clock()

        def also(tx: Transaction, _: Difference) -> None:
            published = store.standing(tx, hall_id)
            for code, (__, guide) in listed.items():
                if code not in published:
                    values = {"hall_id": hall_id, "matter": code, "version": 1, "now": now, "note": note}
                    store.publish(tx, guide=guide, by=by, edited_by=by, **values)

        matters = [matter for matter, _ in listed.values()]
        return await self._catalogue.add_matters(hall_id, matters, by=by, also=also)

    # ── Drafts ──────────────────────────────────────────────────────────────────────────────────

    async def save(
        self,
        hall_id: str,
        code: str,
        revision: int,
        guide: Guide,
        account: Account,
        *,
        hand_in: bool,
        respond: Respond,
        request: Key | None = None,
    ) -> Answer:
        """Keep a draft, on the revision that the editor has seen; `hand_in` asks for its review."""
        matter = await self._matter(hall_id, code)
        now = self._clock()

        def unit(tx: Transaction) -> Answer:
            wait_for_turn(tx, hall_id)
            check_revision(store.draft(tx, hall_id, code), revision)
            if hand_in:
                check_fit(guide, matter)
            store.put_draft(
                tx,
                guide=guide,
                hall_id=hall_id,
                matter=code,
                revision=revision + 1,
                in_review=hand_in,
                now=now,
                by=account.id,
                by_name=account.display_name,
            )
            return remembered(tx, request, respond(standing(tx, hall_id, matter)), now)

        return await self._database.write(unit)

    async def publish(
        self,
        hall_id: str,
        code: str,
        revision: int,
        account: Account,
        *,
        respond: Respond,
        request: Key | None = None,
    ) -> Answer:
        """Publish a draft that somebody else has handed in."""

        def deed(tx: Transaction, now: Standing) -> tuple[Guide, str, str]:
            draft = now.draft
            if draft is None:
                raise DraftUnknown
            check_revision(draft, revision)
            if not draft["in_review"]:
                raise DraftNotInReview
            if draft["changed_by"] == account.id:
                raise OwnReview
            if draft["guide"] == now.guide:
                raise NothingChanged
            check_fit(draft["guide"], now.matter)
            store.drop_draft(tx, hall_id, code)
            return draft["guide"], "reviewed", draft["changed_by"]

        return await self._publish(hall_id, code, account, deed, respond, request)

    # ── Suggestions ─────────────────────────────────────────────────────────────────────────────

    async def suggest(
        self,
        hall_id: str,
        code: str,
        version: int,
        guide: Guide,
        reason: str,
        account: Account,
        *,
        respond: Respond,
        request: Key | None = None,
    ) -> Answer:
        """Send up what a department would like to see changed."""
        matter = await self._matter(hall_id, code)
        now = self._clock()

        def unit(tx: Transaction) -> Answer:
            wait_for_turn(tx, hall_id)
            known = standing(tx, hall_id, matter)
            check_version(known, version)
            after = changes(known.guide, guide)
            if not after:
                raise NothingChanged
            store.suggest(
                tx,
                before={name: getattr(known.guide, name) for name in after},
                after=after,
                hall_id=hall_id,
                matter=code,
                reason=reason,
                now=now,
                by=account.id,
                by_name=account.display_name,
            )
            return remembered(tx, request, respond(known), now)

        return await self._database.write(unit)

    async def accept(
        self,
        hall_id: str,
        code: str,
        number: int,
        account: Account,
        *,
        respond: Respond,
        request: Key | None = None,
    ) -> Answer:
        """Accept a suggestion: what it changes is published as the next version."""

        def deed(tx: Transaction, now: Standing) -> tuple[Guide, str, str]:
            asked = open_suggestion(tx, hall_id, code, number, account)
            if with_changes(now.guide, asked["before"]) != now.guide:
                raise SuggestionStale
            guide = with_changes(now.guide, asked["after"])
            check_no_worse(now, guide)
            at = self._clock()
            store.settle(tx, id=number, state="accepted", now=at, by=account.id, version=next_version(now))
            return guide, "suggestion", asked["made_by"]

        return await self._publish(hall_id, code, account, deed, respond, request)

    async def decline(
        self,
        hall_id: str,
        code: str,
        number: int,
        account: Account,
        *,
        respond: Respond,
        request: Key | None = None,
    ) -> Answer:
        """Leave the guide as it is."""
        matter = await self._matter(hall_id, code)
        now = self._clock()

        def unit(tx: Transaction) -> Answer:
            open_suggestion(tx, hall_id, code, number, account)
            store.settle(tx, id=number, state="declined", now=now, by=account.id, version=None)
            return remembered(tx, request, respond(standing(tx, hall_id, matter)), now)

        return await self._database.write(unit)

    # ── Publishing ──────────────────────────────────────────────────────────────────────────────

    async def _publish(
        self,
        hall_id: str,
        code: str,
        account: Account,
        deed: Callable[[Transaction, Standing], tuple[Guide, str, str]],
        respond: Respond,
        request: Key | None,
    ) -> Answer:
        at = self._clock()

        def unit(tx: Transaction, matter: Matter) -> tuple[Matter, Answer]:
            now = standing(tx, hall_id, matter)
            guide, note, edited_by = deed(tx, now)
            if now.version == 0:  # What everybody went by until today can be looked up and restored, too.
                keep(tx, hall_id, code, 1, now.guide, "catalogue", "catalogue")
            keep(tx, hall_id, code, next_version(now), guide, note, edited_by)
            after = applied(matter, guide)
            answer = respond(standing(tx, hall_id, after))
            return after, remembered(tx, request, answer, at)

        def keep(
            tx: Transaction, hall_id: str, code: str, version: int, guide: Guide, note: str, edited_by: str
        ) -> None:
            store.publish(
                tx,
                guide=guide,
                hall_id=hall_id,
                matter=code,
                version=version,
                now=at,
                by=account.id,
                edited_by=edited_by,
                note=note,
            )

        return await self._catalogue.rewrite(hall_id, code, unit, by=f"{account.role}:{account.id}")

    async def _matter(self, hall_id: str, code: str) -> Matter:
        matter = (await self._catalogue.matters(hall_id)).get(code)
        if matter is None:
            raise MatterUnknown(matter=code)
        return matter


def standing(tx: Transaction, hall_id: str, matter: Matter) -> Standing:
    """A guide as it stands in this transaction."""
    found = store.latest(tx, hall_id, matter.code)
    version, guide = found or (0, derived(matter))
    draft = store.draft(tx, hall_id, matter.code)
    return Standing(matter, version, kept_in_step(guide, matter), draft)


def next_version(now: Standing) -> int:
    """The number of the version after this. The first is what the catalogue knew before anybody published."""
    return max(now.version, 1) + 1


def line(
    matter: Matter,
    published: tuple[int, Guide, datetime] | None,
    drafts: dict[str, bool],
    waiting: list[str],
) -> Line:
    """A guide in the list of all."""
    version, guide, at = published or (0, derived(matter), None)
    found = errors(findings(kept_in_step(guide, matter), matter.kind))
    state = "" if matter.code not in drafts else "in_review" if drafts[matter.code] else "draft"
    return Line(matter, version, at, len(found), state, waiting.count(matter.code))


def check_version(now: Standing, version: int) -> None:
    """Raise unless this is the version that the editor has seen."""
    if now.version != version:
        raise GuideChanged(version=now.version)


def check_revision(draft: Row | None, revision: int) -> None:
    """Raise unless this is the draft that the editor has seen; 0 is none."""
    known = 0 if draft is None else draft["revision"]
    if known == revision:
        return
    if draft is None:
        raise DraftUnknown
    raise DraftChanged(by=draft["changed_by_name"], revision=known)


def check_fit(guide: Guide, matter: Matter) -> None:
    """Raise unless the guide may be published."""
    found = errors(findings(guide, matter.kind))
    if found:
        raise GuideUnfit(count=len(found), findings=msgspec.to_builtins(found))


def check_no_worse(now: Standing, guide: Guide) -> None:
    """Raise if a change brings an error that was not there. Old gaps do not hold up a new telephone number."""
    known = {(each.code, each.at) for each in errors(findings(now.guide, now.matter.kind))}
    fresh = [each for each in errors(findings(guide, now.matter.kind)) if (each.code, each.at) not in known]
    if fresh:
        raise GuideUnfit(count=len(fresh), findings=msgspec.to_builtins(fresh))


def open_suggestion(tx: Transaction, hall_id: str, code: str, number: int, account: Account) -> Row:
    """A suggestion that this account may settle."""
    asked = store.suggestion(tx, hall_id, number)
    if asked is None or asked["matter"] != code:
        raise SuggestionUnknown
    if asked["state"] != "open":
        raise SuggestionSettled
    if asked["made_by"] == account.id:
        raise OwnReview
    return asked
