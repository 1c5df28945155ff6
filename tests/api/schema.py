"""Checks a value against a schema of the published description: as much of JSON Schema as is used there."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def faults(value: Any, schema: dict[str, Any], document: dict[str, Any], at: str = "$") -> list[str]:
    """Everything in which the value is not as described."""
    return list(_faults(value, schema, document, at))


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The schema, or the one it refers to. KeyError when there is no such schema."""
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def _faults(value: Any, schema: dict[str, Any], document: dict[str, Any], at: str) -> Iterator[str]:
    schema = resolved(schema, document)
    if "anyOf" in schema:
        tries = [faults(value, option, document, at) for option in schema["anyOf"]]
        if all(tries):
            yield from min(tries, key=len)
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    kind = schema.get("type")
    if kind is None:
        return
    if not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind in ("integer", "number")):
        yield f"{at}: {value!r} is no {kind}"
        return
    if kind == "object":
        yield from _object_faults(value, schema, document, at)
    if kind == "array":
        for index, each in enumerate(value):
            yield from _faults(each, schema.get("items", {}), document, f"{at}[{index}]")
    if kind == "string":
        yield from _string_faults(value, schema, at)


def _object_faults(value: Any, schema: dict[str, Any], document: dict[str, Any], at: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}: {name} is missing"
    for name, each in value.items():
        if name in properties:
            yield from _faults(each, properties[name], document, f"{at}.{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{at}: {name} is not described"


def _string_faults(value: str, schema: dict[str, Any], at: str) -> Iterator[str]:
    try:
        match schema.get("format"):
            case "date-time":
                assert datetime.fromisoformat(value).utcoffset() is not None, "no zone"
            case "date":
                date.fromisoformat(value)
    except (ValueError, AssertionError) as error:
        yield f"{at}: {value!r} is no {schema['format']} ({error})"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: {value!r} is not written like {schema['pattern']}"
