"""A key that was typed in: what it may do, and its place in the system's keychain. Used before any session exists."""

from __future__ import annotations

import asyncio

import msgspec

from core.data.kraken.endpoints import LIVE, Endpoints
from core.data.rest.client import RestClient
from core.domain.errors import StartError
from core.domain.passport import KeyInfo, Passport, judge
from core.runtime.clock import NS_PER_S, Clock
from core.runtime.secrets import KeyPair, Secret, open_keychain


class KeyReport(msgspec.Struct, frozen=True):
    """What the exchange says of a key, and what we make of it."""

    info: KeyInfo
    passport: Passport


def key_pair(key: str, secret: str) -> KeyPair:
    """Return the key of what was typed or pasted. StartError when a part is missing."""
    key, secret = "".join(key.split()), "".join(secret.split())
    if not key or not secret:
        raise StartError(user_message="Both parts of the key are needed: the key and the secret.")
    return KeyPair(Secret(key), Secret(secret))


async def ask_of_key(keys: KeyPair, clock: Clock, endpoints: Endpoints = LIVE) -> KeyReport:
    """Ask the exchange what the key may do. TerminalError when it is not one, or there is no answer."""
    rest = RestClient(endpoints, keys, clock)
    try:
        info = await rest.key_info()
    finally:
        await rest.close()
    return KeyReport(info, judge(info, clock.wall_ns() // NS_PER_S))


async def keep_key(profile: str, keys: KeyPair) -> None:
    """Put the key into the system's keychain, in place of an earlier one. SecretsError when it cannot be kept."""
    await asyncio.to_thread(lambda: open_keychain().store(profile, keys))
