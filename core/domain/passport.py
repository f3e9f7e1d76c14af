"""The key passport: what an API key may do, and whether this program should use it. Pure.

Source: Kraken ``GetApiKeyInfo``; permission names as it tells them. A key that can withdraw
is refused: what a thief could take with it is more than any trade is worth.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

REFUSED = frozenset({"withdraw-funds", "add-withdraw-address", "update-withdraw-address"})
"""What no terminal needs."""

NEEDED = frozenset(
    {
        "query-funds",
        "query-open-trades",
        "query-closed-trades",
        "modify-trades",
        "close-trades",
        "create-ws-token",
    }
)
"""Without all of these nobody can trade and know the outcome."""

UNNEEDED = frozenset({"add-funds", "earn-funds"})
EXPIRY_WARNING_S = 14 * 24 * 3600


class KeyInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What the exchange says of a key. Times are Unix seconds, 0 for unset; ``nonce_window`` in the key's own unit.

    ``account``: the account's number (``iban``), empty where it is not told. Show and keep it masked only.
    """

    permissions: frozenset[str]
    account: str = ""
    nonce_window: int = 0
    addresses: tuple[str, ...] = ()
    valid_until_s: int = 0
    query_from_s: int = 0
    query_to_s: int = 0


class Passport(msgspec.Struct, frozen=True, kw_only=True):
    """A judgement: ``refusal`` says why the key must not be used at all, ``read_only`` why it may not trade."""

    refusal: str = ""
    read_only: str = ""
    warnings: tuple[str, ...] = ()


UNKNOWN = Passport(read_only="the exchange did not say what the key may do")


def judge(info: KeyInfo, now_s: int) -> Passport:
    """Return what to do with a key. ``now_s``: Unix seconds at the exchange."""
    if dangerous := info.permissions & REFUSED:
        text = f"This API key can take money out ({_named(dangerous)}). Make one that cannot."
        return Passport(refusal=text)
    if 0 < info.valid_until_s <= now_s:
        return Passport(refusal="This API key has expired.")
    lacking = NEEDED - info.permissions
    read_only = f"the API key lacks {_named(lacking)}" if lacking else ""
    return Passport(read_only=read_only, warnings=tuple(_warnings(info, now_s)))


def _warnings(info: KeyInfo, now_s: int) -> list[str]:
    found = []
    if info.nonce_window:
        found.append("the key has a nonce window: requests may be repeated within it")
    if not info.addresses:
        found.append("the key works from any address: give it an address list")
    if 0 < info.valid_until_s - now_s < EXPIRY_WARNING_S:
        found.append(f"the key expires in {(info.valid_until_s - now_s) // 86_400} days")
    if info.query_from_s or info.query_to_s:
        found.append("the key sees a part of the history only: sums may not add up")
    if unneeded := info.permissions & UNNEEDED:
        found.append(f"the key may do more than is needed: {_named(unneeded)}")
    return found


def _named(permissions: Collection[str]) -> str:
    return ", ".join(sorted(permissions))
