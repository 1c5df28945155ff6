"""A lane: tickets in the order of their places, quick also when ten thousand stand in it.

The ids stand in blocks. Whoever joins, leaves or is put behind somebody else costs a copy of one block and of
the short list of blocks, never of the whole lane; a place is found by halving. The lane keeps ids only, so
what needs to know a place is told how to look it up.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from queue_server.hall.core.model import Place

BLOCK = 64  # So many stand in a block; one that has grown to twice as many is split.

PlaceOf = Callable[[int], "Place"]


class Lane(Struct, frozen=True, gc=False):
    """Who stands in one lane, first to last. A value: it is never changed, only followed by another."""

    blocks: tuple[tuple[int, ...], ...] = ()
    length: int = 0

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self.blocks)

    def __getitem__(self, index: int) -> int:
        """The ticket at a position; from the end if it is negative.

        >>> lane_of(range(200))[130], lane_of(range(200))[-1]
        (130, 199)
        """
        position = index if index >= 0 else self.length + index
        if not 0 <= position < self.length:
            raise IndexError(index)
        if index == -1:
            return self.blocks[-1][-1]
        for block in self.blocks:
            if position < len(block):
                return block[position]
            position -= len(block)
        raise AssertionError("the lengths of the blocks do not add up")


def lane_of(ticket_ids: Iterable[int]) -> Lane:
    """A lane of these tickets, which come in order."""
    rest = iter(ticket_ids)
    blocks = tuple(iter(lambda: tuple(islice(rest, BLOCK)), ()))
    return Lane(blocks, sum(map(len, blocks)))


def added(lane: Lane, ticket_id: int, place: "Place", place_of: PlaceOf) -> Lane:
    """The lane with one more ticket at this place."""
    if not lane.blocks:
        return Lane(((ticket_id,),), 1)
    if place_of(lane[-1]) < place:  # Nearly everybody joins at the end.
        *before, last = lane.blocks
        ends = ((*last, ticket_id),) if len(last) < BLOCK else (last, (ticket_id,))
        return Lane((*before, *ends), lane.length + 1)
    at = block_with(lane, place, place_of)
    block = lane.blocks[at]
    index = bisect_left(block, place, key=place_of)
    grown = (*block[:index], ticket_id, *block[index:])
    halves = (grown,) if len(grown) < 2 * BLOCK else (grown[:BLOCK], grown[BLOCK:])
    return Lane((*lane.blocks[:at], *halves, *lane.blocks[at + 1 :]), lane.length + 1)


def without(lane: Lane, ticket_id: int, place_of: PlaceOf) -> Lane:
    """The lane without one ticket, which must stand in it."""
    at = 0 if lane.blocks[0][0] == ticket_id else block_with(lane, place_of(ticket_id), place_of)
    block = lane.blocks[at]
    index = block.index(ticket_id)
    left = block[:index] + block[index + 1 :]
    kept = (left,) if left else ()
    return Lane(lane.blocks[:at] + kept + lane.blocks[at + 1 :], lane.length - 1)


def standing_before(lane: Lane, place: "Place", place_of: PlaceOf) -> int:
    """How many stand before a place."""
    if not lane.blocks:
        return 0
    at = block_with(lane, place, place_of)
    return sum(map(len, lane.blocks[:at])) + bisect_left(lane.blocks[at], place, key=place_of)


def block_with(lane: Lane, place: "Place", place_of: PlaceOf) -> int:
    """The first block that ends at or behind a place; the last one if none does."""
    return min(bisect_left(lane.blocks, place, key=lambda block: place_of(block[-1])), len(lane.blocks) - 1)
