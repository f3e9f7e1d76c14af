"""API-Sign and nonces. Source: Kraken guide "Spot REST authentication"."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from core.domain.errors import StartError
from core.runtime.clock import Clock
from core.runtime.secrets import Secret


def check_secret(secret: Secret) -> None:
    """Raise StartError when the private part of a key is not what Kraken hands out (base64)."""
    try:
        base64.b64decode(secret.reveal(), validate=True)
    except (binascii.Error, ValueError):
        # Not chained: the cause would carry the secret.
        raise StartError(
            "private key is not base64", user_message="The API secret is incomplete or mistyped."
        ) from None


def sign(path: str, nonce: int, body: bytes, secret: Secret) -> str:
    """Return ``API-Sign`` for exactly these bytes. ``path`` begins with ``/0/private/``; ``body`` holds the nonce."""
    digest = hashlib.sha256(str(nonce).encode() + body).digest()
    mac = hmac.new(base64.b64decode(secret.reveal()), path.encode() + digest, hashlib.sha512)
    return base64.b64encode(mac.digest()).decode()


class Nonces:
    """Strictly rising numbers for one key: wall nanoseconds, and never back when the clock is set back."""

    def __init__(self, clock: Clock, last: int = 0) -> None:
        self._clock = clock
        self.last = last

    def next(self) -> int:
        """Return a number greater than all before."""
        self.last = max(self._clock.wall_ns(), self.last + 1)
        return self.last
