import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from load_tests.wire import Client, Connection, ConnectionLost, Listener, Prepared, Refused

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[[Talk], Awaitable[int]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Listen with this talk; gives the port."""
    servers = []

    async def start(talk: Talk) -> int:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    yield start
    for server in servers:
        server.close()


def answer(body: bytes, status: str = "200 OK", header: bytes = b"content-length") -> bytes:
    return b"HTTP/1.1 %s\r\n%s: %d\r\n\r\n%s" % (status.encode(), header, len(body), body)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.partition(b"content-length: ")[2].partition(b"\r")[0])
    return head + await reader.readexactly(length)


def test_a_prepared_request_needs_only_its_key() -> None:
    request = Prepared("POST", "/api/v1/x", {"a": 1}, "secret").with_key("k-1").decode()
    head, _, body = request.partition("\r\n\r\n")
    assert head.split("\r\n") == [
        "POST /api/v1/x HTTP/1.1",
        "host: jinghao",
        "content-length: 8",
        "content-type: application/json",
        "authorization: Bearer secret",
        "idempotency-key: k-1",
    ]
    assert body == '{"a": 1}'


async def test_answers_arrive_in_order_however_the_bytes_are_cut(serve: Serve) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(3):
            await read_request(reader)
        everything = (
            answer(b"one") + answer(b"", "404 Not Found") + answer(b"three", header=b"Content-Length")
        )
        for byte in everything:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()

    connection = await Connection.open("127.0.0.1", await serve(talk))
    futures = [connection.send(Prepared("GET", f"/{number}").with_key("")) for number in range(3)]
    assert [(got.status, got.body) for got in await asyncio.gather(*futures)] == [
        (200, b"one"),
        (404, b""),
        (200, b"three"),
    ]
    connection.close()


async def test_who_waits_for_an_answer_that_cannot_come_is_told(serve: Serve) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer(b"cut off")[:-3])
        writer.close()

    connection = await Connection.open("127.0.0.1", await serve(talk))
    with pytest.raises(ConnectionLost):
        await connection.send(Prepared("GET", "/").with_key(""))
    with pytest.raises(ConnectionLost):
        await connection.send(Prepared("GET", "/").with_key(""))


async def test_a_request_without_an_answer_is_sent_again_with_its_key(serve: Serve) -> None:
    seen: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        if len(seen) == 2:
            writer.write(answer(b'{"code": "try_again"}', "503 Service Unavailable"))
            seen.append(await read_request(reader))
            writer.write(answer(b'{"number": "A001"}', "201 Created"))
        writer.close()

    async with Client(f"http://127.0.0.1:{await serve(talk)}") as client:
        assert await client.post("/tickets", {"group": "A"}) == {"number": "A001"}
    assert len(seen) == 3
    assert len(set(seen)) == 1


async def test_a_refusal_names_the_request_and_the_code(serve: Serve) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer(b'{"code": "hall_closed"}', "409 Conflict"))
        writer.close()

    async with Client(f"http://127.0.0.1:{await serve(talk)}") as client:
        with pytest.raises(Refused, match="POST /tickets: 409 hall_closed"):
            await client.post("/tickets", {})


ACCEPTED = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n"


def frame(kind: int, content: bytes) -> bytes:
    size = len(content)
    if size < 126:
        return bytes([0x80 | kind, size]) + content
    if size < 2**16:
        return bytes([0x80 | kind, 126]) + size.to_bytes(2, "big") + content
    return bytes([0x80 | kind, 127]) + size.to_bytes(8, "big") + content


async def test_a_listener_hears_every_text_however_long_and_however_the_bytes_are_cut(serve: Serve) -> None:
    texts = [b"short", b"m" * 300, b"l" * 70_000]

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        everything = ACCEPTED + b"".join(frame(1, text) for text in texts)
        for start in range(0, len(everything), 999):
            writer.write(everything[start : start + 999])
            await writer.drain()

    heard: list[bytes] = []
    done = asyncio.Event()

    def hear(text: bytes, _: float) -> None:
        heard.append(text)
        if len(heard) == len(texts):
            done.set()

    listener = await Listener.open("127.0.0.1", await serve(talk), "/ws", hear)
    await asyncio.wait_for(done.wait(), 5)
    assert heard == texts
    listener.close()


async def test_a_listener_answers_a_ping_and_hangs_up_when_the_server_does(serve: Serve) -> None:
    answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ACCEPTED + frame(9, b"hm?"))
        answered.set_result(await reader.readexactly(9))
        writer.write(frame(8, b"\x03\xe9"))

    listener = await Listener.open("127.0.0.1", await serve(talk), "/ws", lambda *_: None)
    assert await asyncio.wait_for(answered, 5) == b"\x8a\x83\0\0\0\0hm?"
    for _ in range(500):
        await asyncio.sleep(0.01 if listener.alive else 0)
    assert not listener.alive


async def test_a_socket_that_is_refused_is_lost(serve: Serve) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer(b"no", "404 Not Found"))

    with pytest.raises(ConnectionLost, match="404"):
        await Listener.open("127.0.0.1", await serve(talk), "/ws", lambda *_: None)
