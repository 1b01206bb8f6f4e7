"""How a call must look: tokens, methods, parameters, types, encodings."""

from __future__ import annotations

import json

import pytest

from sandbox.telegram import Client, Running
from tests.sandbox.calling import Caller

BOUNDARY = "----sandbox"


def test_a_bad_token_is_401(running: Running, bot: Caller) -> None:
    assert bot.raw("/bot1:wrong/getMe")[0] == 401
    assert bot.raw("/botnonsense/getMe")[0] == 401


def test_an_unknown_method_is_404(bot: Caller) -> None:
    assert bot.refused("sendPigeon") == (404, "Not Found")


def test_method_names_ignore_case(bot: Caller) -> None:
    assert bot.good("getme")["is_bot"] is True


@pytest.mark.parametrize(
    ("parameters", "needle"),
    [
        ({"text": "x", "colour": "red"}, 'unknown parameter "colour"'),
        ({"text": 5}, 'parameter "text" must be a String'),
        ({"text": "x", "disable_notification": "perhaps"}, "must be a Boolean"),
        ({"text": "x", "message_thread_id": "one"}, "must be an Integer"),
        ({"text": "x", "reply_markup": "null"}, "object expected as reply markup"),
        ({"text": "x", "reply_markup": "{"}, "can't parse reply markup JSON object"),
        ({"text": "x", "entities": {}}, "must be an Array"),
        ({}, 'parameter "text" is required'),
        ({"text": ""}, "message text is empty"),
        ({"text": " \n\t "}, "message text is empty"),
    ],
)
def test_wrong_parameters_are_400(bot: Caller, ann: int, parameters: dict[str, object], needle: str) -> None:
    code, description = bot.refused("sendMessage", chat_id=ann, **parameters)
    assert code == 400
    assert description.startswith("Bad Request: ")
    assert needle in description


def test_a_missing_or_unknown_chat(bot: Caller) -> None:
    assert bot.refused("sendMessage", text="x") == (400, "Bad Request: chat_id is empty")
    assert bot.refused("sendMessage", chat_id=1, text="x") == (400, "Bad Request: chat not found")
    assert bot.refused("sendMessage", chat_id="@nobody", text="x") == (400, "Bad Request: chat not found")


def test_form_query_json_and_multipart_are_the_same(bot: Caller, running: Running, ann: int) -> None:
    markup = json.dumps({"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]})
    parts = {"chat_id": str(ann), "text": "hi", "reply_markup": markup}
    status, form = bot.form("sendMessage", **parts)
    assert status == 200
    body = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts.items()
    )
    path = f"/bot{running.token}/sendMessage"
    whole = f"{body}--{BOUNDARY}--\r\n".encode()
    status, multipart = bot.raw(path, whole, f"multipart/form-data; boundary={BOUNDARY}")
    assert status == 200
    status, query = bot.raw(f"{path}?chat_id={ann}&text=hi")
    assert status == 200
    assert form["result"]["reply_markup"] == multipart["result"]["reply_markup"]
    assert query["result"]["text"] == form["result"]["text"] == "hi"


def test_broken_bodies_are_400(bot: Caller, running: Running) -> None:
    path = f"/bot{running.token}/sendMessage"
    assert bot.raw(path, b"{nope")[0] == 400
    assert bot.raw(path, b"[1]")[0] == 400
    assert bot.raw(path, b"a=%FF\xff", "application/x-www-form-urlencoded")[0] == 400
    assert bot.raw(path, b"hello", "text/plain")[0] == 400


def test_nobody_may_be_written_to_before_they_write(people: Client, bot: Caller) -> None:
    shy = people.person("Shy")
    assert bot.refused("sendMessage", chat_id=shy, text="x") == (
        403,
        "Forbidden: bot can't initiate conversation with a user",
    )


def test_a_page_of_another_site_may_not_steer(bot: Caller, running: Running) -> None:
    import urllib.error
    import urllib.request

    request = urllib.request.Request(running.url + "/control/state", headers={"Origin": "http://evil.example"})
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(request)
