"""What stands in the addresses of a hall. Whatever is too long to be one of ours is not looked for."""

from typing import Annotated, Final

from fastapi import Path

from queue_server.hall.access import LINK_CHARACTERS

TICKET_ID: Final = r"^[1-9][0-9]{0,14}$"  # Ours only: other digits, signs and leading zeros are other texts.

NUMBER: Final = r"^[A-Z]{1,3}[0-9]{1,6}$"

HallId = Annotated[str, Path(max_length=40, description="The id of a hall, such as `h1`.")]
WindowId = Annotated[str, Path(max_length=40, description="The id of a window in this hall, such as `08`.")]
DisplayId = Annotated[
    str, Path(max_length=40, description="The id of a display of this hall, or of a layout, such as `lobby`.")
]
TicketId = Annotated[str, Path(pattern=TICKET_ID, description="The id of a ticket in this hall.")]
Number = Annotated[str, Path(pattern=NUMBER, description="A number that was called, such as `A018`.")]
LinkToken = Annotated[
    str,
    Path(
        max_length=64,
        description=f"The secret in a citizen's link, {LINK_CHARACTERS} characters. Whoever has it holds the ticket.",
    ),
]
