"""Ids that lead to an account, replaced by others when somebody hands a report on.

One mask a report: the same id gets the same stand-in everywhere in it, so that an order can still be followed, and
another one in the next report. Stand-ins have the length of what they stand for: recordings keep their shape.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

KEY_BYTES = 16
LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
HEX = b"0123456789abcdef"

# Orders, trades and ledger entries of Kraken (OAAAAA-BBBBB-CCCCCC); our own ids of orders; the account's number,
# which ``GetApiKeyInfo`` calls iban (AA00 N84G ABCD EFGH).
KRAKEN_ID = re.compile(rb"(?<![A-Z0-9-])[A-Z0-9]{6}-[A-Z0-9]{5}-[A-Z0-9]{6}(?![A-Z0-9-])")
OUR_ID = re.compile(rb"(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])")
ACCOUNT = re.compile(rb"(?<![A-Z0-9])[A-Z]{2}[0-9]{2}(?: [A-Z0-9]{4}){3}(?![A-Z0-9])")
ACCOUNT_IN_ONE = re.compile(rb"(?<![A-Z0-9])[A-Z]{2}[0-9]{2}N84G[A-Z0-9]{8}(?![A-Z0-9])")
KEPT = b"- "


class IdMask:
    """See the module. ``text`` and ``data`` do the same to texts and to bytes."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(KEY_BYTES)

    def text(self, text: str) -> str:
        """Return the text with stand-ins."""
        return self.data(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def data(self, data: bytes) -> bytes:
        """Return as many bytes with stand-ins."""
        data = KRAKEN_ID.sub(self._letters, data)
        data = OUR_ID.sub(self._hex, data)
        return ACCOUNT_IN_ONE.sub(self._letters, ACCOUNT.sub(self._letters, data))

    def _letters(self, found: re.Match[bytes]) -> bytes:
        # The first letter tells what the id is of, and nothing else.
        return found[0][:1] + self._stand_in(found[0], LETTERS)[1:]

    def _hex(self, found: re.Match[bytes]) -> bytes:
        return self._stand_in(found[0], HEX)

    def _stand_in(self, real: bytes, alphabet: bytes) -> bytes:
        noise = hmac.digest(self._key, real, hashlib.sha512)
        return bytes(
            sign if sign in KEPT else alphabet[noise[at] % len(alphabet)] for at, sign in enumerate(real)
        )
