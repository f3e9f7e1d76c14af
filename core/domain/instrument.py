"""What can be traded and on which grid. Source: Kraken channel ``instrument``."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum

import msgspec

from core.domain.ids import Asset, Symbol

# A person may type 40 digits; the default 28 would raise where the grid is fine.
_WIDE = Context(prec=120)


class Side(StrEnum):
    """Direction of an order or of the taker of a trade."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """+1 for buy, -1 for sell."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> Side:
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class AssetInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One asset: decimals of the ledger and decimals worth showing."""

    asset: Asset
    status: str = "enabled"
    precision: int
    precision_display: int


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """One pair and its grid.

    ``price_precision`` and ``qty_precision`` are decimals as printed on the wire (checksum, display);
    ``price_increment`` (quote) and ``qty_increment`` (base) are the steps orders must respect. They can differ.
    """

    symbol: Symbol
    base: Asset
    quote: Asset
    status: str = "online"
    price_precision: int
    price_increment: Decimal
    qty_precision: int
    qty_increment: Decimal
    qty_min: Decimal
    cost_precision: int
    cost_min: Decimal
    marginable: bool = False
    has_index: bool = False

    def quantize_price(self, price: Decimal, side: Side | None = None) -> Decimal:
        """Return ``price`` on the grid, in the direction safe for the user: buy down, sell up, else nearest."""
        mode = {Side.BUY: ROUND_FLOOR, Side.SELL: ROUND_CEILING, None: ROUND_HALF_EVEN}[side]
        steps = _WIDE.divide(price, self.price_increment).to_integral_value(rounding=mode)
        return self.show_price(_WIDE.multiply(steps, self.price_increment))

    def quantize_qty(self, qty: Decimal) -> Decimal:
        """Return ``qty`` (base) on the grid, never more than asked."""
        steps = _WIDE.divide(qty, self.qty_increment).to_integral_value(rounding=ROUND_DOWN)
        whole = _WIDE.multiply(steps, self.qty_increment)
        return whole.quantize(Decimal(1).scaleb(-self.qty_precision), context=_WIDE)

    def show_price(self, price: Decimal) -> Decimal:
        """Return ``price`` with exactly the pair's decimals (for display and the wire)."""
        return price.quantize(Decimal(1).scaleb(-self.price_precision), context=_WIDE)

    def on_price_grid(self, price: Decimal) -> bool:
        """Whether ``price`` is a multiple of the tick."""
        return _WIDE.remainder(price, self.price_increment) == 0

    def on_qty_grid(self, qty: Decimal) -> bool:
        """Whether ``qty`` is a multiple of the lot."""
        return _WIDE.remainder(qty, self.qty_increment) == 0

    def accepts_new_orders(self) -> bool:
        """Whether any new order type is allowed in the pair's state (Kraken ``limits`` section 5)."""
        return self.status in ("online", "limit_only", "post_only")
