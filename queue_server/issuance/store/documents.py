"""Documents, manifests, and who signed for what: SQL and nothing else. Everything that names somebody is sealed."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from queue_server.issuance.core.documents import Document, Move
from queue_server.issuance.core.manifests import Manifest
from queue_server.kit.database import Row, Transaction

PUT = """
INSERT INTO documents (hall_id, case_id, version, state, body)
VALUES (:hall_id, :case_id, :version, :state, CAST(:body AS jsonb))
RETURNING id
"""

READ = "SELECT id, CAST(body AS text) AS body FROM documents WHERE hall_id = :hall_id AND id = :id"

SAVE = """
UPDATE documents
   SET version = :version,
       state = :state,
       pickup = :pickup,
       body = CAST(:body AS jsonb)
 WHERE id = :id
"""

RECORD = """
INSERT INTO document_history (document_id, version, at, name, by_id, by_name, details)
VALUES (:document_id, :version, :at, :name, :by_id, :by_name, CAST(:details AS jsonb))
"""

HISTORY = """
SELECT version, at, name, by_name, CAST(details AS text) AS details
  FROM document_history
 WHERE document_id = :document_id
 ORDER BY version
"""

TO_HANDLE = """
SELECT id, CAST(body AS text) AS body
  FROM documents
 WHERE hall_id = :hall_id AND state <> 'delivered'
 ORDER BY id
 LIMIT :rows_max
"""

OF_CASES = """
SELECT id, CAST(body AS text) AS body
  FROM documents
 WHERE hall_id = :hall_id AND case_id = ANY (:case_ids)
 ORDER BY id
"""

BY_PICKUP = "SELECT id, CAST(body AS text) AS body FROM documents WHERE pickup = :pickup"

PUT_MANIFEST = """
INSERT INTO manifests (hall_id, version, state, body)
VALUES (:hall_id, :version, :state, CAST(:body AS jsonb))
RETURNING id
"""

READ_MANIFEST = """
SELECT id, CAST(body AS text) AS body
  FROM manifests
 WHERE hall_id = :hall_id AND id = :id
   FOR UPDATE
"""

SAVE_MANIFEST = """
UPDATE manifests
   SET version = :version,
       state = :state,
       body = CAST(:body AS jsonb)
 WHERE id = :id
"""

OPEN_MANIFESTS = """
SELECT id, CAST(body AS text) AS body
  FROM manifests
 WHERE hall_id = :hall_id AND state <> 'closed'
 ORDER BY id
 LIMIT :rows_max
"""

PUT_DELIVERY = """
INSERT INTO deliveries (hall_id, seal_id, at, by_id, by_name, way, identity_kind, documents, agent_sealed,
                        signature_sealed)
VALUES (:hall_id, :seal_id, :at, :by_id, :by_name, :way, :identity_kind, :documents, :agent_sealed,
        :signature_sealed)
RETURNING id
"""

DELIVERY = """
SELECT id, seal_id, at, by_name, way, identity_kind, documents, agent_sealed, signature_sealed
  FROM deliveries
 WHERE hall_id = :hall_id AND id = :id
"""

PUT_MAILING = """
INSERT INTO mailings (document_id, version, address_sealed, proof_sealed)
VALUES (:document_id, :version, :address_sealed, :proof_sealed)
"""


def put(tx: Transaction, document: Document) -> Document:
    """Write a new document, and answer it with its number. `Duplicate` if the case has one."""
    row = tx.one(
        PUT,
        hall_id=document.hall_id,
        case_id=document.case_id,
        version=document.version,
        state=document.state.value,
        body=spelled(document),
    )
    assert row is not None  # An insert that did not raise has inserted.
    return replace(document, id=int(row["id"]))


def document_of(
    tx: Transaction, hall_id: str, document_id: int, *, to_change: bool = False
) -> Document | None:
    """A document of one hall. To be changed, it is locked until the commit."""
    row = tx.one(READ + " FOR UPDATE" if to_change else READ, hall_id=hall_id, id=document_id)
    return None if row is None else _document(row)


def save(tx: Transaction, document: Document) -> None:
    """Write a document as it is now."""
    tx.execute(
        SAVE,
        id=document.id,
        version=document.version,
        state=document.state.value,
        pickup=document.pickup,
        body=spelled(document),
    )


def record(tx: Transaction, move: Move, at: object) -> None:
    """Add the line of history that belongs to a move."""
    tx.execute(
        RECORD,
        document_id=move.document.id,
        version=move.document.version,
        at=at,
        name=move.name,
        by_id=move.actor.id,
        by_name=move.actor.name,
        details=msgspec.json.encode(move.details).decode(),
    )


def history(tx: Transaction, document_id: int) -> list[Row]:
    """Where a document has been, the oldest first."""
    lines = tx.all(HISTORY, document_id=document_id)
    return [{**line, "details": msgspec.json.decode(line["details"])} for line in lines]


def to_handle(tx: Transaction, hall_id: str, rows_max: int) -> list[Document]:
    """Whatever has not reached its citizen."""
    return [_document(row) for row in tx.all(TO_HANDLE, hall_id=hall_id, rows_max=rows_max)]


def of_cases(tx: Transaction, hall_id: str, case_ids: Sequence[int]) -> list[Document]:
    """The documents of these cases."""
    return [_document(row) for row in tx.all(OF_CASES, hall_id=hall_id, case_ids=list(case_ids))]


def by_pickup(tx: Transaction, pickup: str) -> Document | None:
    """What a pick-up code leads to, in whichever hall."""
    row = tx.one(BY_PICKUP, pickup=pickup)
    return None if row is None else _document(row)


# ── Manifests ────────────────────────────────────────────────────────────────────────────────────


def put_manifest(tx: Transaction, manifest: Manifest) -> Manifest:
    """Write a new manifest, and answer it with its number."""
    row = tx.one(
        PUT_MANIFEST,
        hall_id=manifest.hall_id,
        version=manifest.version,
        state=manifest.state.value,
        body=spelled(manifest),
    )
    assert row is not None  # An insert that did not raise has inserted.
    return replace(manifest, id=int(row["id"]))


def manifest_of(tx: Transaction, hall_id: str, manifest_id: int) -> Manifest | None:
    """A manifest of one hall, locked until the commit."""
    row = tx.one(READ_MANIFEST, hall_id=hall_id, id=manifest_id)
    return None if row is None else _manifest(row)


def save_manifest(tx: Transaction, manifest: Manifest) -> None:
    """Write a manifest as it is now."""
    tx.execute(
        SAVE_MANIFEST,
        id=manifest.id,
        version=manifest.version,
        state=manifest.state.value,
        body=spelled(manifest),
    )


def open_manifests(tx: Transaction, hall_id: str, rows_max: int) -> list[Manifest]:
    """The bundles that are not settled, the oldest first."""
    return [_manifest(row) for row in tx.all(OPEN_MANIFESTS, hall_id=hall_id, rows_max=rows_max)]


# ── Handing over ─────────────────────────────────────────────────────────────────────────────────


def put_delivery(tx: Transaction, **values: Any) -> int:
    """Write down who signed for what, and answer its number."""
    row = tx.one(PUT_DELIVERY, **values)
    assert row is not None  # An insert that did not raise has inserted.
    return int(row["id"])


def delivery(tx: Transaction, hall_id: str, delivery_id: int) -> Row | None:
    """Who signed for what."""
    return tx.one(DELIVERY, hall_id=hall_id, id=delivery_id)


def put_mailing(tx: Transaction, **values: Any) -> None:
    """Write down where a document was posted to, and the proof."""
    tx.execute(PUT_MAILING, **values)


def spelled(value: Document | Manifest) -> str:
    """A document or a manifest as it is kept."""
    return msgspec.json.encode(value).decode()


def _document(row: Row) -> Document:
    return replace(msgspec.json.decode(row["body"], type=Document), id=row["id"])


def _manifest(row: Row) -> Manifest:
    return replace(msgspec.json.decode(row["body"], type=Manifest), id=row["id"])
