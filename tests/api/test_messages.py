"""Staff see what was told to whom by which channel; a phone they do not see."""

from .places import Hall

PHONE = "19900000042"


def test_a_clerk_sees_which_messages_a_ticket_has_had(hall: Hall) -> None:
    anna = hall.takes(phone=PHONE)
    desk = hall.desk("w1").does("session", "calls")
    answer = desk.client.ask("GET", f"{hall.at}/tickets/{anna.id}/messages")
    assert answer.status == 200
    assert [(line["kind"], line["channel"], line["state"]) for line in answer.json["messages"]] == [
        ("call", "sms", "queued"),
        ("confirmation", "sms", "queued"),
    ]
    assert answer.json["messages"][0]["text"] == f"请{anna.ticket['number']}号现在到w1号窗口办理。"
    assert PHONE not in str(answer.json)


def test_a_manager_sees_what_the_messages_of_the_hall_came_to(hall: Hall) -> None:
    hall.takes(phone=PHONE)
    hall.takes(phone=PHONE)
    told = hall.by("manager").ask("GET", f"{hall.at}/messages").json
    assert len(told["messages"]) == 2
    assert told["before"] is None
    assert told["totals"] == [{"channel": "sms", "state": "queued", "messages": 2, "cost": 0.0}]
    newest = told["messages"][0]["id"]
    older = hall.by("manager").ask("GET", f"{hall.at}/messages?before={newest}").json
    assert [line["id"] for line in older["messages"]] == [told["messages"][1]["id"]]


def test_whoever_left_no_phone_was_told_nothing(hall: Hall) -> None:
    anna = hall.takes()
    told = hall.by("guide").ask("GET", f"{hall.at}/tickets/{anna.id}/messages").json
    assert told["messages"] == []
