"""A manifest: what a department hands over to the issuing desk in one bundle, and what was found in it.

    in_transfer → closed            everything was there
         ↓  ↑
      disputed → closed             the department sends what was missing again, or has kept it

Both sides have a name on it: who handed over, and who counted.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from queue_server.cases.core.model import Actor, By, When
from queue_server.cases.core.stages import by
from queue_server.issuance.core.rejections import (
    ManifestElsewhere,
    ManifestUnsettled,
    NotOnManifest,
)

DOCUMENTS_MAX: Final = 100


class ManifestState(StrEnum):
    """How far a manifest has come."""

    IN_TRANSFER = "in_transfer"
    DISPUTED = "disputed"
    CLOSED = "closed"


class Manifest(Struct, frozen=True, kw_only=True):
    """One bundle, from the department to the desk."""

    hall_id: str
    id: int = 0
    version: int = 1
    state: ManifestState = ManifestState.IN_TRANSFER
    documents: tuple[int, ...]  # All that was ever said to be in it, and has not been kept back.
    open: tuple[int, ...]  # What nobody has found yet.
    sent: By
    received: By | None = None


def count(manifest: Manifest, actor: Actor, now: When, found: frozenset[int]) -> Manifest:
    """Say what was in the bundle. What is missing makes the manifest disputed."""
    check_manifest(manifest, ManifestState.IN_TRANSFER)
    if not found <= set(manifest.open):
        raise NotOnManifest
    missing = tuple(each for each in manifest.open if each not in found)
    state = ManifestState.DISPUTED if missing else ManifestState.CLOSED
    return replace(manifest, version=manifest.version + 1, state=state, open=missing, received=by(actor, now))


def correct(
    manifest: Manifest, actor: Actor, now: When, again: frozenset[int], kept: frozenset[int]
) -> Manifest:
    """Say of each that was missing whether it is on its way now, or has never left."""
    check_manifest(manifest, ManifestState.DISPUTED)
    if again | kept != set(manifest.open) or again & kept:
        raise ManifestUnsettled(count=len(manifest.open))
    return replace(
        manifest,
        version=manifest.version + 1,
        state=ManifestState.IN_TRANSFER if again else ManifestState.CLOSED,
        documents=tuple(each for each in manifest.documents if each not in kept),
        open=tuple(each for each in manifest.open if each in again),
        sent=by(actor, now),
    )


def manifest_code(manifest_id: int) -> str:
    """What stands on the bundle.

    >>> manifest_code(42)
    'M000042'
    """
    return f"M{manifest_id:06}"


def check_manifest(manifest: Manifest, state: ManifestState) -> None:
    """Refuse a deed that does not belong to the state of the manifest."""
    if manifest.state is not state:
        raise ManifestElsewhere(state=manifest.state)
