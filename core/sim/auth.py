"""Who calls REST: API-Sign, nonces, permissions and the decaying call counter of each key.

Sources: Kraken guides "Spot REST authentication" and "Spot REST rate limits".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.sim.model import Reject

NS_PER_S = 1_000_000_000

ALL_PERMISSIONS = frozenset(
    {
        "query-funds",
        "query-open-trades",
        "query-closed-trades",
        "modify-trades",
        "close-trades",
        "query-ledger",
        "create-ws-token",
    }
)

# Tier: maximum of the counter, decay per second.
REST_LIMITS: Mapping[str, tuple[int, Decimal]] = {
    "starter": (15, Decimal("0.33")),
    "intermediate": (20, Decimal("0.5")),
    "pro": (20, Decimal(1)),
}

_NO_COST = frozenset(
    {
        "AddOrder",
        "AddOrderBatch",
        "AmendOrder",
        "EditOrder",
        "CancelOrder",
        "CancelOrderBatch",
        "CancelAll",
        "CancelAllOrdersAfter",
    }
)
# The later edition of the page says 4, the earlier 2: the dearer reading keeps clients on the safe side.
_HISTORY = frozenset({"Ledgers", "QueryLedgers", "TradesHistory", "ClosedOrders", "QueryTrades"})
HISTORY_COST = 4

# Endpoint: permissions of which all are needed, or any of them when in the second table.
_NEEDS_ALL: Mapping[str, tuple[str, ...]] = {
    "Balance": ("query-funds",),
    "BalanceEx": ("query-funds",),
    "TradeVolume": ("query-funds",),
    "TradeBalance": ("query-open-trades",),
    "OpenOrders": ("query-open-trades",),
    "OpenPositions": ("query-open-trades",),
    "Level3": ("query-open-trades",),
    "ClosedOrders": ("query-closed-trades",),
    "TradesHistory": ("query-closed-trades",),
    "QueryTrades": ("query-closed-trades",),
    "AddOrder": ("modify-trades",),
    "AddOrderBatch": ("modify-trades", "close-trades"),
    "EditOrder": ("modify-trades", "close-trades"),
    "Ledgers": ("query-ledger",),
    "QueryLedgers": ("query-ledger",),
    "GetWebSocketsToken": ("create-ws-token",),
}
_NEEDS_ANY: Mapping[str, tuple[str, ...]] = {
    "QueryOrders": ("query-open-trades", "query-closed-trades"),
    "OrderAmends": ("query-open-trades", "query-closed-trades"),
    "CancelOrder": ("modify-trades", "close-trades"),
    "CancelOrderBatch": ("modify-trades", "close-trades"),
    "CancelAll": ("modify-trades", "close-trades"),
    "CancelAllOrdersAfter": ("modify-trades", "close-trades"),
    "AmendOrder": ("modify-trades", "close-trades"),
}


def api_sign(path: str, nonce: str, body: bytes, secret: str) -> str:
    """Return the API-Sign header: HMAC-SHA512 over path and SHA-256(nonce + body), both in base64."""
    digest = hashlib.sha256(nonce.encode() + body).digest()
    mac = hmac.new(base64.b64decode(secret), path.encode() + digest, hashlib.sha512)
    return base64.b64encode(mac.digest()).decode()


@dataclass(slots=True)
class ApiKey:
    """One key of one account. ``counter`` decays; ``nonce`` is the highest seen."""

    key: str
    secret: str
    account: str
    tier: str
    permissions: frozenset[str]
    created_ns: int
    name: str = "tidewire"
    nonce: int = 0
    nonce_window: int = 0
    counter: Decimal = Decimal(0)
    counted_ns: int = 0
    last_used_ns: int = 0


class Keys:
    """The keys this exchange knows. Times come from the caller."""

    def __init__(self) -> None:
        self._keys: dict[str, ApiKey] = {}

    def create(
        self, account: str, tier: str, created_ns: int, permissions: frozenset[str] = ALL_PERMISSIONS
    ) -> ApiKey:
        """Return a new random key; it is worth nothing anywhere else."""
        record = ApiKey(
            key=base64.b64encode(secrets.token_bytes(42)).decode(),
            secret=base64.b64encode(secrets.token_bytes(64)).decode(),
            account=account,
            tier=tier,
            permissions=permissions,
            created_ns=created_ns,
        )
        self._keys[record.key] = record
        return record

    def authenticate(self, key: str, signature: str, path: str, nonce: str, body: bytes) -> ApiKey:
        """Return the key's record or raise Reject: invalid key, signature or nonce, in Kraken's order."""
        record = self._keys.get(key)
        if record is None:
            raise Reject("EAPI:Invalid key")
        if not hmac.compare_digest(api_sign(path, nonce, body, record.secret).encode(), signature.encode()):
            raise Reject("EAPI:Invalid signature")
        if not nonce.isascii() or not nonce.isdecimal() or not 0 < int(nonce[:21]) < 2**64:
            raise Reject("EAPI:Invalid nonce")
        if int(nonce) <= record.nonce - record.nonce_window:
            raise Reject("EAPI:Invalid nonce")
        record.nonce = max(record.nonce, int(nonce))
        return record

    def raise_nonces(self, by: int) -> None:
        """Let every key have been used with a nonce that much higher than any so far."""
        for record in self._keys.values():
            record.nonce += by

    def charge(self, record: ApiKey, endpoint: str, now_ns: int) -> None:
        """Count one call or raise ``EAPI:Rate limit exceeded``; a refused call counts nothing."""
        limit, decay = REST_LIMITS[record.tier]
        passed = Decimal(now_ns - record.counted_ns) / NS_PER_S
        record.counter = max(Decimal(0), record.counter - decay * passed)
        record.counted_ns = now_ns
        cost = call_cost(endpoint)
        if cost and record.counter + cost > limit:
            raise Reject("EAPI:Rate limit exceeded")
        record.counter += cost


def call_cost(endpoint: str) -> int:
    """Return what a private call adds to the key's counter."""
    if endpoint in _NO_COST:
        return 0
    return HISTORY_COST if endpoint in _HISTORY else 1


def check_permission(permissions: frozenset[str], endpoint: str) -> None:
    """Raise ``EGeneral:Permission denied`` when the key may not call this endpoint."""
    needs_all = _NEEDS_ALL.get(endpoint, ())
    needs_any = _NEEDS_ANY.get(endpoint)
    if not permissions.issuperset(needs_all) or (needs_any and permissions.isdisjoint(needs_any)):
        raise Reject("EGeneral:Permission denied")
