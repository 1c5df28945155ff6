"""Reaching people on their phones: an outbox, a worker, channels. This package knows nothing of queues.

Whoever has something to tell puts a `Message` into the outbox, in the transaction of what it tells. The
worker takes it from there, asks once more whether it is still worth sending, and climbs from channel to
channel until somebody has been reached or nobody is left to try.
"""
