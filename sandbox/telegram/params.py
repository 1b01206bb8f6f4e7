"""From an HTTP request to typed parameters: query, form, JSON and multipart bodies, checked against a method's list.

Stricter than Telegram on purpose: Telegram ignores an unknown parameter, here it is refused, so that a typo is found.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox.telegram.errors import bad

Args = dict[str, Any]
Spec = dict[str, tuple[str, bool]]
_INTEGER = re.compile(r"-?\d{1,19}")
_TRUE, _FALSE = {"true", "1", "yes"}, {"false", "0", "no"}
_NAMES = {
    "int": "an Integer",
    "float": "a Float",
    "bool": "a Boolean",
    "str": "a String",
    "object": "an Object",
}


def spec(text: str) -> Spec:
    """`"chat_id:chat! text:str!"` as a table; `!` marks what must be given."""
    table: Spec = {}
    for item in text.split():
        name, kind = item.split(":")
        table[name] = (kind.rstrip("!"), kind.endswith("!"))
    return table


async def read(request: web.BaseRequest) -> Args:
    """Everything that the request carries, not yet typed; a name given twice keeps its last value."""
    raw: Args = dict(request.query) if request.query_string else {}
    if request.method == "GET" or not request.can_read_body:
        return raw
    kind = request.content_type
    if kind == "application/x-www-form-urlencoded":
        raw.update(_form(await request.read()))
    elif kind == "application/json":
        raw.update(_object(await request.read()))
    elif kind == "multipart/form-data":
        raw.update(await request.post())
    else:
        raise bad(f"content type {kind} is not understood")
    return raw


def _form(body: bytes) -> Args:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), errors="strict"))
    except ValueError:
        raise bad("strings must be encoded in UTF-8 and the form must be well formed") from None


def _object(body: bytes) -> Args:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise bad("can't parse the request body as a JSON object") from None
    if not isinstance(value, dict):
        raise bad("the request body must be a JSON object")
    return value


def typed(table: Spec, raw: Args) -> Args:
    """The parameters as Python values; 400 for the unknown, the missing and the wrongly typed."""
    args: Args = {}
    for name, value in raw.items():
        known = table.get(name)
        if known is None:
            raise bad(f'unknown parameter "{name}"')
        args[name] = _convert(name, known[0], value)
    for name, (_, needed) in table.items():
        if needed and name not in args:
            raise bad(f"{name} is empty" if name in ("chat_id", "user_id") else f'parameter "{name}" is required')
    return args


def _convert(name: str, kind: str, value: Any) -> Any:
    if kind == "str":
        good = isinstance(value, str)
    elif kind == "int":
        value, good = _integer(value)
    elif kind == "float":
        good = isinstance(value, (int, float)) and not isinstance(value, bool)
    elif kind == "chat":
        return _chat(value)
    elif kind == "bool":
        value, good = _boolean(value)
    elif kind == "file":
        good = isinstance(value, (str, web.FileField))
    else:
        value, good = _nested(name, kind, value)
    if not good:
        raise bad(f'parameter "{name}" must be {_NAMES.get(kind, "an Array")}')
    return value


def _integer(value: Any) -> tuple[Any, bool]:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value), True
    return value, isinstance(value, int) and not isinstance(value, bool)


def _boolean(value: Any) -> tuple[Any, bool]:
    if isinstance(value, bool):
        return value, True
    if isinstance(value, str) and value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE, True
    return value, False


def _chat(value: Any) -> int | str:
    number, good = _integer(value)
    if good:
        return int(number)
    if isinstance(value, str) and value.startswith("@"):
        return value
    raise bad("chat_id is empty" if value == "" else "chat not found")


def _nested(name: str, kind: str, value: Any) -> tuple[Any, bool]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise bad(f"can't parse {name.replace('_', ' ')} JSON object") from None
    if name == "reply_markup" and not isinstance(value, dict):
        raise bad("object expected as reply markup")
    return value, isinstance(value, dict if kind == "object" else list)
