"""Profit of one strategy from its own fills, at average cost. Pure."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from core.domain.ids import Asset
from core.domain.instrument import Instrument, Side
from core.domain.orders import Fill

ZERO = Decimal(0)


class OwnPnl(msgspec.Struct, frozen=True, kw_only=True):
    """What fills made of a start. ``position`` in base, everything else in quote.

    ``cost`` is what the position cost with its fees, ``cash`` what came in less what went out, ``fees`` what was
    paid. Fees in an asset that is neither base nor quote are counted in ``other_fees`` and in no sum.
    """

    position: Decimal = ZERO
    cost: Decimal = ZERO
    cash: Decimal = ZERO
    realised: Decimal = ZERO
    fees: Decimal = ZERO
    other_fees: tuple[tuple[Asset, Decimal], ...] = ()
    fills: int = 0

    @property
    def average(self) -> Decimal | None:
        """What one unit of the position cost."""
        return self.cost / self.position if self.position > 0 else None

    def unrealised(self, price: Decimal | None) -> Decimal | None:
        """Return what the position would gain at ``price``, ``None`` while nobody quotes one."""
        if not self.position:
            return ZERO
        return None if price is None else self.position * price - self.cost


def begin(inventory: Decimal, price: Decimal | None) -> OwnPnl:
    """Return the start of a strategy that was given ``inventory`` (base) at the price of that moment."""
    return OwnPnl(position=inventory, cost=inventory * (price or ZERO))


def add_fill(pnl: OwnPnl, fill: Fill, instrument: Instrument) -> OwnPnl:
    """Return the profit after one more fill. Each fill must be added once."""
    in_quote = sum((fee.qty for fee in fill.fees if fee.asset == instrument.quote), ZERO)
    in_base = sum((fee.qty for fee in fill.fees if fee.asset == instrument.base), ZERO)
    known = (instrument.quote, instrument.base)
    others = tuple((fee.asset, fee.qty) for fee in fill.fees if fee.asset not in known)
    worth = in_quote + in_base * fill.price
    pnl = msgspec.structs.replace(
        pnl, fees=pnl.fees + worth, other_fees=(*pnl.other_fees, *others), fills=pnl.fills + 1
    )
    if fill.side is Side.BUY:
        paid = fill.cost + in_quote
        return msgspec.structs.replace(
            pnl, position=pnl.position + fill.qty - in_base, cost=pnl.cost + paid, cash=pnl.cash - paid
        )
    gone, got = fill.qty + in_base, fill.cost - in_quote
    share = pnl.cost * gone / pnl.position if pnl.position > 0 else ZERO
    return msgspec.structs.replace(
        pnl,
        position=pnl.position - gone,
        cost=pnl.cost - share if gone != pnl.position else ZERO,
        cash=pnl.cash + got,
        realised=pnl.realised + got - share,
    )
