"""The door to ratings."""

from fastapi import Request

from queue_server.oversight.actions import Ratings


def ratings_of(request: Request) -> Ratings:
    """The ratings of the house this request came to."""
    ratings: Ratings = request.app.state.ratings
    return ratings
