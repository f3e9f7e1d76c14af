"""WebSocket tokens: issued by REST, valid 900 s, and for as long as a private subscription made with one lives.

Source: Kraken "GetWebSocketsToken" and the guide "WebSocket authentication".
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field

VALID_S = 900
NS_PER_S = 1_000_000_000
TOKEN_BYTES = 32


@dataclass(slots=True)
class Token:
    """Who may do what with one token. ``holders`` are connections with a live subscription made with it."""

    text: str
    account: str
    permissions: frozenset[str]
    expires_ns: int
    holders: set[int] = field(default_factory=set)


class Tokens:
    """All tokens that may still be used. Times are monotonic nanoseconds, brought by the caller."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}

    def issue(self, account: str, permissions: frozenset[str], now_ns: int) -> Token:
        """Return a new token and forget those that can no longer be used."""
        self._tokens = {
            text: token for text, token in self._tokens.items() if token.holders or token.expires_ns > now_ns
        }
        text = base64.b64encode(secrets.token_bytes(TOKEN_BYTES)).decode().rstrip("=")
        token = Token(text, account, permissions, now_ns + VALID_S * NS_PER_S)
        self._tokens[text] = token
        return token

    def find(self, text: str, connection: int, now_ns: int) -> Token | None:
        """Return the token if this connection may use it now."""
        token = self._tokens.get(text)
        if token is None or (token.expires_ns <= now_ns and connection not in token.holders):
            return None
        return token

    def hold(self, token: Token, connection: int) -> None:
        """Keep the token usable on this connection while it has a private subscription."""
        token.holders.add(connection)

    def release(self, connection: int) -> None:
        """The connection has no private subscription left, or is gone."""
        for token in self._tokens.values():
            token.holders.discard(connection)

    def expire_all(self) -> None:
        """Forget every token, as after a restart of Kraken's login service."""
        self._tokens.clear()
