"""Every method that the sandbox knows, with its parameters (Bot API 10.0, and the older names that Telegram still takes)."""

from __future__ import annotations

from sandbox.telegram.params import Spec, spec

_SEND = (
    "chat_id:chat! business_connection_id:str message_thread_id:int direct_messages_topic_id:int "
    "disable_notification:bool protect_content:bool allow_paid_broadcast:bool message_effect_id:str "
    "suggested_post_parameters:object reply_parameters:object reply_to_message_id:int "
    "allow_sending_without_reply:bool reply_markup:object "
)
_TEXT = "parse_mode:str entities:array link_preview_options:object disable_web_page_preview:bool "
_TARGET = "business_connection_id:str chat_id:chat! message_id:int! "
_COMMANDS = "scope:object language_code:str "

METHODS: dict[str, Spec] = {
    name: spec(parameters)
    for name, parameters in {
        "getMe": "",
        "close": "",
        "logOut": "",
        "getUpdates": "offset:int limit:int timeout:int allowed_updates:array",
        "setWebhook": "url:str! certificate:file ip_address:str max_connections:int allowed_updates:array "
        "drop_pending_updates:bool secret_token:str",
        "deleteWebhook": "drop_pending_updates:bool",
        "getWebhookInfo": "",
        "sendMessage": _SEND + _TEXT + "text:str!",
        "sendMessageDraft": "chat_id:int! message_thread_id:int draft_id:int! text:str parse_mode:str entities:array",
        "sendChatAction": "chat_id:chat! action:str! business_connection_id:str message_thread_id:int",
        "forwardMessage": "chat_id:chat! from_chat_id:chat! message_id:int! message_thread_id:int "
        "direct_messages_topic_id:int disable_notification:bool protect_content:bool video_start_timestamp:int "
        "suggested_post_parameters:object message_effect_id:str",
        "editMessageText": _TARGET + _TEXT + "text:str! reply_markup:object",
        "editMessageReplyMarkup": _TARGET + "reply_markup:object",
        "deleteMessage": "chat_id:chat! message_id:int!",
        "setMessageReaction": "chat_id:chat! message_id:int! reaction:array is_big:bool",
        "answerCallbackQuery": "callback_query_id:str! text:str show_alert:bool url:str cache_time:int",
        "getChat": "chat_id:chat!",
        "getChatMember": "chat_id:chat! user_id:int!",
        "leaveChat": "chat_id:chat!",
        "setMyCommands": "commands:array! " + _COMMANDS,
        "getMyCommands": _COMMANDS,
        "deleteMyCommands": _COMMANDS,
        "setMyName": "name:str language_code:str",
        "getMyName": "language_code:str",
        "setMyDescription": "description:str language_code:str",
        "getMyDescription": "language_code:str",
        "setMyShortDescription": "short_description:str language_code:str",
        "getMyShortDescription": "language_code:str",
    }.items()
}
CANONICAL = {name.lower(): name for name in METHODS}
