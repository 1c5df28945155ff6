"""Who works here, over HTTP: sessions and accounts."""

from queue_server.people.access import signed_in, token_in
from queue_server.people.access import token_in as token_of

__all__ = ["signed_in", "token_in", "token_of"]
