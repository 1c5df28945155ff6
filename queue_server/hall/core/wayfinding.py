"""Which way to go: the arrow from where somebody stands to a window, as one of eight directions."""

from math import atan2, pi

from queue_server.hall.core.model import Spot

DIRECTIONS = ("right", "down_right", "down", "down_left", "left", "up_left", "up", "up_right")


def direction(here: Spot | None, there: Spot | None) -> str | None:
    """Where the arrow points on a floor plan whose y grows downwards; None when nobody knows.

    >>> direction(Spot(10, 10), Spot(20, 10))
    'right'
    >>> direction(Spot(10, 10), Spot(4, 3))
    'up_left'
    """
    if here is None or there is None or here == there:
        return None
    turn = atan2(there.y - here.y, there.x - here.x) / (2 * pi)
    return DIRECTIONS[round(turn * len(DIRECTIONS)) % len(DIRECTIONS)]
