"""A hall on paper: what a manager writes down before the doors open. A day opens with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from queue_server.hall.core.model import About, Group, Rules, Window


@dataclass(frozen=True, slots=True)
class Configuration:
    """A hall on paper."""

    id: str
    about: About
    hours: object  # As `calendar.core.read_hours` takes them: "always", or sessions by weekday.
    rules: Rules
    groups: tuple[Group, ...]
    windows: tuple[Window, ...]
    group_kinds: Mapping[str, str]
    window_kinds: Mapping[str, str]
