"""What may stand in `reply_markup`, refused as Telegram refuses it."""

from __future__ import annotations

from typing import Any

from sandbox.telegram.errors import ApiError, bad
from sandbox.telegram.markup import good_url

MAX_BUTTONS, MAX_DATA_BYTES = 100, 64
_ACTIONS = (
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
)  # fmt: skip
_STYLES = ("primary", "success", "danger")
_WORDS = "keyboard resize_keyboard one_time_keyboard is_persistent selective input_field_placeholder"
_REPLY_FIELDS = frozenset(_WORDS.split())
Markup = dict[str, Any]


def reply_markup(markup: Markup | None, inline_only: bool = False) -> Markup | None:
    """The keyboard as it is kept; None when there is none, or an inline keyboard without buttons."""
    if markup is None:
        return None
    if "inline_keyboard" in markup:
        _only(markup, frozenset(["inline_keyboard"]))
        rows = [[_button(button) for button in row] for row in _rows(markup["inline_keyboard"], "inline keyboard")]
        rows = [row for row in rows if row]
        return {"inline_keyboard": rows} if rows else None
    if inline_only:
        if markup == {}:
            return None
        raise bad("inline keyboard expected")
    if "keyboard" in markup:
        _only(markup, _REPLY_FIELDS)
        for row in _rows(markup["keyboard"], "keyboard"):
            for button in row:
                if not _label(button):
                    raise bad("text buttons must have a non-empty text")
        return markup
    if markup.get("remove_keyboard") is True or markup.get("force_reply") is True:
        return markup
    raise bad("object expected as reply markup")


def _only(markup: Markup, known: frozenset[str]) -> None:
    for name in markup:
        if name not in known:
            raise bad(f'can\'t parse reply keyboard markup JSON object: unknown field "{name}"')


def _rows(value: Any, what: str) -> list[list[Any]]:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise _unreadable(f'Field "{what.replace(" ", "_")}" must be an Array of Arrays')
    if sum(len(row) for row in value) > MAX_BUTTONS:
        raise bad("reply markup is too long")
    return value


def _unreadable(what: str) -> ApiError:
    return bad(f"can't parse reply keyboard markup JSON object: {what}")


def _label(button: Any) -> str:
    text = button.get("text") if isinstance(button, dict) else button
    return text.strip() if isinstance(text, str) else ""


def _button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise bad("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if not _label(button):
        raise bad("can't parse inline keyboard button: button text must be non-empty")
    actions = [name for name in _ACTIONS if button.get(name) not in (None, "")]
    if not actions:
        raise bad("can't parse inline keyboard button: text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad("can't parse inline keyboard button: exactly one optional field must be used")
    for name in button:
        if name not in (*_ACTIONS, "text", "style", "icon_custom_emoji_id"):
            raise bad(f'can\'t parse inline keyboard button: unknown field "{name}"')
    if button.get("style") not in (None, *_STYLES):
        raise bad("can't parse inline keyboard button: invalid button style specified")
    _check_action(actions[0], button[actions[0]])
    return button


def _check_action(name: str, value: Any) -> None:
    if name == "callback_data":
        if not isinstance(value, str):
            raise bad('can\'t parse inline keyboard button: Field "callback_data" must be of type String')
        if len(value.encode()) > MAX_DATA_BYTES:
            raise bad("BUTTON_DATA_INVALID")
    elif name == "url" and not (isinstance(value, str) and good_url(value)):
        raise bad(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
    elif name == "web_app":
        url = value.get("url", "") if isinstance(value, dict) else ""
        if not url.startswith("https://") or not good_url(url):
            raise bad(f"inline keyboard button web App URL '{url}' is invalid: Only HTTPS links are allowed")
    elif name == "copy_text":
        text = value.get("text", "") if isinstance(value, dict) else ""
        if not isinstance(text, str) or not 1 <= len(text) <= 256:
            raise bad("BUTTON_COPY_TEXT_INVALID")
