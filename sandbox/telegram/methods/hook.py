"""Setting, taking back and looking at the webhook."""

from __future__ import annotations

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.telegram.errors import bad, conflict
from sandbox.telegram.updates import KINDS, NOT_BY_DEFAULT
from sandbox.telegram.world import World

Args = dict[str, Any]
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_PORTS = (443, 80, 88, 8443)


def allow(world: World, args: Args) -> None:
    """`allowed_updates`: sticks until it is given again; an empty list means the default."""
    if "allowed_updates" not in args:
        return
    kinds = args["allowed_updates"]
    if not all(isinstance(kind, str) for kind in kinds):
        raise bad("can't parse allowed updates: expected an Array of String")
    world.updates.allowed = frozenset(kinds) & KINDS if kinds else KINDS - NOT_BY_DEFAULT
    world.hook["allowed"] = sorted(world.updates.allowed)
    world.keep("hook")


def set_webhook(world: World, args: Args) -> bool:
    """`setWebhook`; an empty address takes it back. Plain http and any port are taken for loopback addresses only."""
    if not args["url"]:
        return delete_webhook(world, args)
    _check_url(args["url"])
    secret, most = args.get("secret_token", ""), args.get("max_connections", 40)
    if secret and not _SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
    if not 1 <= most <= 100:
        raise bad("max_connections must be between 1 and 100")
    allow(world, args)
    if args.get("drop_pending_updates"):
        world.updates.clear()
    world.hook.update(url=args["url"], secret=secret, max_connections=most, certificate="certificate" in args)
    world.hook.pop("error", None)
    world.keep("hook")
    world.updates.end_poll(conflict("terminated by setWebhook request"))
    return True


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise bad("bad webhook: invalid URL") from None
    host = parts.hostname or ""
    if _loopback(host) and parts.scheme in ("http", "https"):
        return
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if (port or 443) not in _PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    raise bad("bad webhook: this local server delivers to loopback addresses only")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def delete_webhook(world: World, args: Args) -> bool:
    """`deleteWebhook`."""
    if args.get("drop_pending_updates"):
        world.updates.clear()
    for name in ("url", "secret", "max_connections", "certificate", "error"):
        world.hook.pop(name, None)
    world.keep("hook")
    return True


def webhook_info(world: World, args: Args) -> dict[str, Any]:
    """`getWebhookInfo`."""
    hook = world.hook
    info: dict[str, Any] = {
        "url": hook.get("url", ""),
        "has_custom_certificate": hook.get("certificate", False),
        "pending_update_count": len(world.updates.pending),
    }
    if info["url"]:
        info["max_connections"] = hook["max_connections"]
        info["ip_address"] = "127.0.0.1"
        if "error" in hook:
            info["last_error_date"], info["last_error_message"] = hook["error"]
    if "allowed" in hook and world.updates.allowed != KINDS - NOT_BY_DEFAULT:
        info["allowed_updates"] = hook["allowed"]
    return info
