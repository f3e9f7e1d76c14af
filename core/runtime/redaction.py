"""Removes secrets from text, and everything that could forge or break a line of a log.

Pure text work. Secrets are found by value when they were registered, and by the shapes Kraken's keys,
signatures and tokens have otherwise.
"""

import re
import threading
import urllib.parse

from core.runtime.secrets import REDACTED, KeyPair, Secret

# name=value, "name": "value", name: value; the value goes, the name stays.
NAMED_SECRET = re.compile(
    r"""(?ix)
    ( ["']? (?: api[-_ ]?(?:key|sign|secret) | secret | (?:ws_?|access_?|session_?)?token | pass(?:word|phrase)
              | otp | authorization | signature ) ["']? \s* [:=] \s* )
    ( (?:bearer|basic)\s+ )?
    ( "[^"]*" | '[^']*' | [^\s,;&)}\]]+ )
    """
)
TOKEN_FIELD = re.compile(rb'"token"\s*:\s*"([^"]+)"')
"""The token in a frame of ours."""

# Kraken's keys have 56 signs of base64, private keys and signatures 88, tokens 43. Digits, capitals and small
# letters must all occur: paths and hex digests do not have them.
BASE64_SECRET = re.compile(
    r"(?<![A-Za-z0-9+/])(?=[A-Za-z+/]*[0-9])(?=[a-z0-9+/]*[A-Z])(?=[A-Z0-9+/]*[a-z])[A-Za-z0-9+/]{40,}={0,2}"
)
# The same in bytes, for what must keep its shape: only the value itself is covered, never a quote or an escape.
NAMED_VALUE = re.compile(
    rb"""(?ix)
    ( (?: api[-_ ]?(?:key|sign|secret) | secret | token | pass(?:word|phrase) | otp | authorization | signature )
      \\?["']? \s* [:=] \s* \\?["']? (?:(?:bearer|basic)\s+)? )
    ( [^\s,;&)}\]"'\\]{8,} )
    """
)
SHAPED_VALUE = re.compile(BASE64_SECRET.pattern.encode())
NAMES = (b"api", b"secret", b"token", b"passw", b"passp", b"otp", b"authoriz", b"signature")
BASE64_SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
RUNS = bytes(b"x"[0] if sign in BASE64_SIGNS else b" "[0] for sign in range(256))
LONG_RUN = b"x" * 40
# Control characters, the Unicode line ends, and the marks that turn the direction of text.
UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Redactor:
    """Knows the secrets of this process and takes them out of text. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None

    def register(self, *secrets: Secret | KeyPair) -> None:
        """Remove these values, and their spelling in URLs, from every text that follows."""
        with self._lock:
            for secret in secrets:
                parts = (secret.key, secret.secret) if isinstance(secret, KeyPair) else (secret,)
                for part in parts:
                    value = part.reveal()
                    self._values.update(dict.fromkeys((value, urllib.parse.quote(value, safe=""))))
            # Longest first: a secret that begins with another one goes as a whole.
            words = sorted(self._values, key=len, reverse=True)
            self._pattern = re.compile("|".join(re.escape(word) for word in words))

    def clean(self, text: str) -> str:
        """Return the text without secrets. Idempotent."""
        pattern = self._pattern
        if pattern is not None:
            text = pattern.sub(REDACTED, text)
        text = NAMED_SECRET.sub(_without_value, text)
        return BASE64_SECRET.sub(REDACTED, text)


def may_hold_secret(data: bytes) -> bool:
    """Whether ``mask_shapes`` might find something; cheap, for everything that passes."""
    if LONG_RUN in data.translate(RUNS):
        return True
    lower = data.lower()
    return any([name in lower for name in NAMES])  # a list is made faster than a generator is asked


def mask_shapes(data: bytes) -> bytes:
    """Return as many bytes with stars where secrets are by name or shape."""
    data = NAMED_VALUE.sub(lambda found: found[1] + b"*" * len(found[2]), data)
    return SHAPED_VALUE.sub(lambda found: b"*" * len(found[0]), data)


def one_line(text: str) -> str:
    """Return the text as one visible line: line ends, controls and direction marks become escapes."""
    return UNSAFE.sub(_escaped, text)


def _without_value(found: re.Match[str]) -> str:
    return f"{found[1]}{REDACTED}"


def _escaped(found: re.Match[str]) -> str:
    sign = found[0]
    return SHORT_ESCAPES.get(sign) or f"\\u{ord(sign):04x}"
