"""How events are spelled in the journal, and read again years later.

The name is the event's class name, the body its fields as JSON. A name is never reused and a field only
ever added with a default; the golden rows of each release must keep decoding.
"""

import msgspec

from queue_server.hall.core.events import EVENTS, Event

_encoder = msgspec.json.Encoder()
_decoders = {name: msgspec.json.Decoder(kind) for name, kind in EVENTS.items()}


class UnknownEvent(Exception):
    """The journal holds an event that this release does not know: it was written by a newer one."""


def spell(event: Event) -> tuple[str, str]:
    """The event's name and body."""
    return type(event).__name__, _encoder.encode(event).decode()


def read(name: str, body: str) -> Event:
    """The event as it was. `UnknownEvent` when this release is older than the journal."""
    decoder = _decoders.get(name)
    if decoder is None:
        raise UnknownEvent(name)
    return decoder.decode(body)
