import asyncio
import json

import pytest

from load_tests import bench
from load_tests.screens import API, Wall
from load_tests.servers import Server
from load_tests.wire import Client, Listener, hall_definition

PROMISED = """visible_p50_ms visible_p99_ms acknowledged_to_visible_p50_ms socket_p99_ms phone_p99_ms displays phones
    lobby_cpu_percent phone_first_view_kb kiosk_first_view_kb lobby_first_view_kb ratio_to_reference"""
PHONE_FIRST_VIEW_KB_MAX = 60


@pytest.mark.slow
@pytest.mark.browser
def test_a_small_hall_full_of_screens_shows_every_call_on_each_of_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    small = ["--displays", "5", "--phones", "10", "--seconds", "0.3", "--rounds", "1"]
    assert bench.main(["screens", "--json", *small]) == 0
    form = json.loads(capsys.readouterr().out)
    assert [name for name in PROMISED.split() if form["figures"][name] is None] == []
    assert (form["figures"]["calls_not_shown"], form["figures"]["screens_lost"]) == (0, 0)
    assert form["reference"]["reference_p99_ms"] > 0
    assert form["figures"]["phone_first_view_kb"] < PHONE_FIRST_VIEW_KB_MAX


def test_a_display_notes_each_call_once_and_not_those_before_it_was_there() -> None:
    wall = Wall()
    hear = wall.display()
    for at, calls in enumerate(([], ["A001"], ["A001"], ["A003", "A002", "A001"])):
        numbered = [{"seq": int(number[1:]), "number": number} for number in calls]
        hear(json.dumps({"type": "board", "calls": numbered}).encode(), float(at))
    late = wall.display()
    late(json.dumps({"type": "board", "calls": [{"seq": 3, "number": "A003"}]}).encode(), 9.0)
    assert wall.shown == {"A001": [1.0], "A003": [3.0], "A002": [3.0]}


@pytest.mark.slow
def test_the_log_of_a_server_names_no_ticket() -> None:
    async def follow(server: Server) -> str:
        async with Client(server.base) as client:
            await client.post(f"{API}/rehearsal/halls", hall_definition("h", {"A": "A"}, {"01": ["A"]}))
            ticket = await client.post(f"{API}/halls/h/tickets", {"group": "A", "channel": "web"})
            link = str(ticket["link_token"])
            heard = asyncio.Event()
            listener = await Listener.open(
                client.host, client.port, f"/ws/tickets/{link}", lambda *_: heard.set()
            )
            await asyncio.wait_for(heard.wait(), 5)
            listener.close()
        return link

    with Server(env=bench.BENCH) as server:
        link = asyncio.run(follow(server))
        server.kill()
        assert link not in server.log.read_text()
