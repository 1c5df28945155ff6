"""A hall to look at: who works there, what it offers, and a day of its life."""

from queue_server.demo.run import main

__all__ = ["main"]
