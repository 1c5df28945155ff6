"""The published description is true, whole, and fit to generate a client from."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI

from queue_server.main import create_app
from queue_server.settings import Settings

from .operations import BODIES, Operation, operations
from .places import Json, Server
from .schema import faults, resolved

DOCUMENT: Json = create_app(Settings()).openapi()
OPERATIONS = operations(DOCUMENT)
CHANGING = ("POST", "PUT", "DELETE")

each_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))


def test_it_is_published_where_clients_look_for_it(hall_server: Server) -> None:
    answer = hall_server.anybody.ask("GET", "/api/v1/openapi.json")
    assert answer.status == 200
    assert answer.json["paths"].keys() >= DOCUMENT["paths"].keys()


def test_it_is_a_valid_openapi_document() -> None:
    assert OpenAPI.model_validate(DOCUMENT).openapi.startswith("3.1")


def test_everything_it_refers_to_is_there() -> None:
    for reference in references(DOCUMENT):
        assert resolved({"$ref": reference}, DOCUMENT), reference


def test_nothing_is_described_that_nobody_refers_to() -> None:
    used = {reference.rsplit("/", 1)[-1] for reference in references(DOCUMENT)}
    assert used == DOCUMENT["components"]["schemas"].keys()


def test_what_only_rehearsals_and_benchmarks_have_is_not_published() -> None:
    assert not [path for path in DOCUMENT["paths"] if "rehearsal" in path or "bench" in path]


def test_no_two_operations_share_an_id() -> None:
    assert len(OPERATIONS) == sum(len(item) for item in DOCUMENT["paths"].values())


@each_operation
def test_an_operation_says_what_it_is_for(operation: Operation) -> None:
    assert operation.described["description"].strip().endswith(".")
    assert operation.described["tags"]


@each_operation
def test_what_stands_in_an_address_is_explained(operation: Operation) -> None:
    for parameter in operation.described.get("parameters", ()):
        assert parameter["description"]


@each_operation
def test_an_operation_documents_its_failures_as_problems(operation: Operation) -> None:
    answers = operation.described["responses"]
    expected = {"400", "422", "503"} | ({"404"} if operation.names else set())
    if operation.method in CHANGING:
        expected |= {"409", "413"}
    if "security" in operation.described:
        expected |= {"401", "403"}
    failures = {status: answer for status, answer in answers.items() if status >= "400"}
    assert failures.keys() == expected
    for failure in failures.values():
        assert failure["content"].keys() == {"application/problem+json"}
        assert failure["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem")


@each_operation
def test_an_operation_describes_its_answer(operation: Operation) -> None:
    (success,) = (answer for status, answer in operation.described["responses"].items() if status < "400")
    if operation.id not in ("windows_heartbeat", "sessions_sign_out"):  # These answer nothing.
        assert success["content"]["application/json"]["schema"]["$ref"]


@each_operation
def test_what_changes_a_hall_takes_an_idempotency_key(operation: Operation) -> None:
    takes = any(each["name"] == "Idempotency-Key" for each in operation.described.get("parameters", ()))
    assert takes == (operation.method in CHANGING and not operation.path.startswith("/api/v1/sessions"))


@each_operation
def test_the_bodies_of_our_tests_are_as_described(operation: Operation) -> None:
    described = operation.described.get("requestBody")
    assert (described is not None) == (operation.id in BODIES)
    if described is not None:
        schema = described["content"]["application/json"]["schema"]
        assert faults(BODIES[operation.id], schema, DOCUMENT) == []


@each_operation
def test_a_body_with_a_field_of_its_own_is_described_as_wrong(operation: Operation) -> None:
    if operation.id in BODIES:
        schema = operation.described["requestBody"]["content"]["application/json"]["schema"]
        assert faults({**BODIES[operation.id], "hall_id": "h2"}, schema, DOCUMENT)


def references(value: Any) -> Iterator[str]:
    """Every reference in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)
