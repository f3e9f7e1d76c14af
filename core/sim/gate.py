"""Who may talk to the demo servers: programs on this computer that were told the secret path, and no web page.

A browser page could reach a loopback port; it cannot read the path, must send ``Origin``, and a name that was
rebound to 127.0.0.1 shows in ``Host``.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

HOST = "127.0.0.1"
TOKEN_BYTES = 16


@dataclass(frozen=True, slots=True)
class Gate:
    """The rule for one server. ``prefix`` is the secret first part of every path, empty when left open."""

    prefix: str
    port: int

    def refusal(self, path: str, host: str | None, origin: str | None) -> tuple[int, str] | None:
        """Return HTTP status and text for a request that may not pass, None for one that may."""
        if origin is not None:
            return 403, "Requests from web pages are refused.\n"
        names = {f"{name}:{self.port}" for name in (HOST, "localhost", "[::1]")}
        if host is None or host.lower() not in names:
            return 403, "Unknown host.\n"
        if self.inner_path(path) is None:
            return 404, "Not found.\n"
        return None

    def inner_path(self, path: str) -> str | None:
        """Return the path behind the secret, None when the secret is not there."""
        head, rest = path[: len(self.prefix)], path[len(self.prefix) :]
        known = hmac.compare_digest(head.encode("utf-8", "replace"), self.prefix.encode())
        return rest if known and rest.startswith("/") else None


def new_prefix(*, is_open: bool) -> str:
    """Return an unguessable path prefix of 128 bits, or none."""
    return "" if is_open else "/" + secrets.token_urlsafe(TOKEN_BYTES)
