"""Documents as staff see them. Whose they are is told only where somebody has to compare it."""

from typing import Any

from queue_server.cases.actions import Applicant
from queue_server.cases.core.model import Case
from queue_server.cases.live import by_view, subject_view
from queue_server.issuance.core.documents import Document, spelled_pickup
from queue_server.issuance.core.manifests import Manifest, manifest_code
from queue_server.kit.database import Row

View = dict[str, Any]


def desk_view(to_make: list[Case], documents: list[Document], manifests: list[Manifest]) -> View:
    """Everything that has not reached its citizen."""
    return {
        "to_make": [made_from(case) for case in to_make],
        "documents": [document_view(each) for each in documents],
        "manifests": [manifest_view(each) for each in manifests],
    }


def made_from(case: Case) -> View:
    """A decided case whose document is awaited."""
    decision = case.decision
    return {
        "case": str(case.id),
        "receipt": case.receipt_no,
        "subject": subject_view(case),
        "approved": decision is not None and decision.approved,
        "decided": by_view(None if decision is None else decision.by),
    }


def document_view(document: Document) -> View:
    """A document, without whose it is."""
    return {
        "id": str(document.id),
        "version": document.version,
        "case": str(document.case_id),
        "receipt": document.receipt_no,
        "matter": {"zh": document.matter_zh, "en": document.matter_en},
        "department": {"zh": document.department_zh, "en": document.department_en},
        "approved": document.approved,
        "state": document.state,
        "number": document.number,
        "scope": document.scope,
        "issued_on": document.issued_on.isoformat(),
        "valid_until": None if document.valid_until is None else document.valid_until.isoformat(),
        "manifest": None if document.manifest_id is None else manifest_code(document.manifest_id),
        "arrived_at": document.arrived_at,
        "place": document.place,
        "filed": by_view(document.filed),
        "checked": by_view(document.checked),
        "wrong": list(document.wrong),
        "note": document.note,
        "fix_by": None if document.fix_by is None else document.fix_by.isoformat(),
        "pickup": None if document.pickup is None else spelled_pickup(document.pickup),
        "waybill": None if document.mailing is None else document.mailing.waybill,
        "way": document.way,
        "delivered": by_view(document.delivered),
    }


def manifest_view(manifest: Manifest) -> View:
    """A bundle."""
    return {
        "id": str(manifest.id),
        "code": manifest_code(manifest.id),
        "version": manifest.version,
        "state": manifest.state,
        "documents": [str(each) for each in manifest.documents],
        "open": [str(each) for each in manifest.open],
        "sent": by_view(manifest.sent),
        "received": by_view(manifest.received),
    }


def whole_view(document: Document, applicant: Applicant | None, lines: list[Row]) -> View:
    """A document with whose it is, for whoever compares it, and with everywhere it has been."""
    return {
        "document": document_view(document),
        "applicant": None
        if applicant is None
        else {"kind": applicant.kind, "name": applicant.name, "number": applicant.masked},
        "lines": [
            {
                "version": line["version"],
                "at": line["at"],
                "name": line["name"],
                "by": line["by_name"],
                "keeper": line["details"]["keeper"],
                "details": line["details"],
            }
            for line in lines
        ],
    }


def found_view(applicant: Applicant, documents: list[Document]) -> View:
    """What lies ready for one applicant. The number is not told: the clerk reads it from the proof."""
    return {
        "name": applicant.name,
        "kind": applicant.kind,
        "documents": [document_view(each) for each in documents],
    }
