"""What each method of the Bot API does, one file a subject. A method takes the world and its typed parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.telegram.methods import chats, hook, messages, profile
from sandbox.telegram.world import World

Method = Callable[[World, dict[str, Any]], Any]

TABLE: dict[str, Method] = {
    "sendMessage": messages.send_message,
    "sendMessageDraft": messages.send_draft,
    "sendChatAction": messages.send_action,
    "forwardMessage": messages.forward,
    "editMessageText": messages.edit_text,
    "editMessageReplyMarkup": messages.edit_markup,
    "deleteMessage": messages.delete,
    "setMessageReaction": messages.react,
    "answerCallbackQuery": messages.answer_callback,
    "getMe": chats.get_me,
    "close": chats.close,
    "logOut": chats.close,
    "getChat": chats.get_chat,
    "getChatMember": chats.get_member,
    "leaveChat": chats.leave,
    "setWebhook": hook.set_webhook,
    "deleteWebhook": hook.delete_webhook,
    "getWebhookInfo": hook.webhook_info,
    "setMyCommands": profile.set_commands,
    "getMyCommands": profile.get_commands,
    "deleteMyCommands": profile.delete_commands,
    "setMyName": profile.setter("name", 64),
    "getMyName": profile.getter("name"),
    "setMyDescription": profile.setter("description", 512),
    "getMyDescription": profile.getter("description"),
    "setMyShortDescription": profile.setter("short_description", 120),
    "getMyShortDescription": profile.getter("short_description"),
}
