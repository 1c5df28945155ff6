"""The least a server can do for many screens: whatever it is told is sent to everybody, by a bare `websockets`.

    python -m load_tests.broadcast PORT

A message to `/tell` goes out to all who listen elsewhere, and its sender then hears "told". It knows no hall,
writes nothing down and decides nothing: the reference of `bench screens`.
"""

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve

TELL = "/tell"

_listeners: set[ServerConnection] = set()


async def talk(connection: ServerConnection) -> None:
    """Until the other side has gone."""
    if connection.request is not None and connection.request.path == TELL:
        async for message in connection:
            broadcast(_listeners, message)
            await connection.send("told")
        return
    _listeners.add(connection)
    try:
        await connection.wait_closed()
    finally:
        _listeners.discard(connection)


async def main(port: int) -> None:
    """Serve until killed."""
    async with serve(talk, "127.0.0.1", port, compression=None, ping_interval=None) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
