"""Every limit of a pair with what is used of it now, for reading."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from core.app.engine_budget import REFUSE_SHARE, WARN_SHARE
from core.app.risk import DOUBTS_MAX, RiskManager
from core.domain.ids import Symbol
from core.domain.limits import BANDS, Band, Severity
from core.processing.risk_checks import severity
from core.processing.risk_store import LossState
from core.processing.stores import Stores

ZERO = Decimal(0)


class LimitUse(msgspec.Struct, frozen=True, kw_only=True):
    """One limit. ``use`` in the limit's unit, ``None`` where it applies to each order by itself or is unknown.

    ``band`` is ``None`` for limits that have other thresholds, told by ``hold`` and ``block``. ``of_pair`` says that
    the pair has its own. ``state`` is the gravest threshold that is reached.
    """

    name: str
    unit: str
    use: Decimal | None = None
    band: Band | None = None
    hold: Decimal | None = None
    type: Decimal | None = None
    block: Decimal | None = None
    of_pair: bool = False
    state: Severity | None = None


UNITS = {
    "size": "× median",
    "notional": "USD",
    "position": "USD",
    "open_orders": "orders",
    "away": "bps",
    "through": "bps",
    "slippage": "bps",
}


def limit_uses(risk: RiskManager, stores: Stores, symbol: Symbol) -> list[LimitUse]:
    """Return the rows for a pair, its own limits first, then those of the whole account."""
    return [*_bands(risk, stores, symbol), *_account(risk, stores, symbol)]


def _bands(risk: RiskManager, stores: Stores, symbol: Symbol) -> Iterator[LimitUse]:
    limits, own = stores.risk.limits.of(symbol), stores.risk.limits.pairs.get(symbol)
    uses = {
        "notional": _largest_order(stores, symbol),
        "position": _position(stores, symbol),
        "open_orders": Decimal(sum(1 for _ in stores.orders.each_open(symbol))),
    }
    for name in BANDS:
        band: Band = getattr(limits, name)
        block = min(band.block, risk.budget.open_orders_max) if name == "open_orders" else band.block
        use = uses.get(name)
        yield LimitUse(
            name=name,
            unit=UNITS[name],
            use=use,
            band=band,
            hold=Decimal(band.hold),
            type=Decimal(band.type),
            block=Decimal(block),
            of_pair=own is not None and getattr(own, name) is not None,
            state=None if use is None else severity(use, band),
        )


def _account(risk: RiskManager, stores: Stores, symbol: Symbol) -> Iterator[LimitUse]:
    limits = stores.risk.limits
    states = {LossState.ACTIVE: None, LossState.REDUCING: Severity.TYPE, LossState.HALTED: Severity.BLOCK}
    yield LimitUse(
        name="loss",
        unit="USD",
        use=None if stores.risk.day_pnl is None else max(ZERO, -stores.risk.worst_pnl),
        type=Decimal(limits.loss.reduce) or None,
        block=Decimal(limits.loss.halt) or None,
        state=states[stores.risk.loss_state],
    )
    submits = risk.submits()
    yield LimitUse(
        name="submits",
        unit="in 10 s",
        use=Decimal(submits),
        block=Decimal(limits.submits),
        state=Severity.BLOCK if submits >= limits.submits else None,
    )
    share = Decimal(f"{risk.budget.share(symbol) * 100:.0f}")
    yield LimitUse(
        name="budget",
        unit="% of counter",
        use=share,
        hold=Decimal(str(WARN_SHARE)) * 100,
        block=Decimal(str(REFUSE_SHARE)) * 100,
        state=_share_state(share),
    )
    doubts = risk.doubts()
    yield LimitUse(
        name="doubts",
        unit="orders",
        use=Decimal(doubts),
        block=Decimal(DOUBTS_MAX),
        state=Severity.BLOCK if doubts > DOUBTS_MAX else Severity.TYPE if doubts else None,
    )


def _share_state(percent: Decimal) -> Severity | None:
    if percent >= Decimal(str(REFUSE_SHARE)) * 100:
        return Severity.BLOCK
    return Severity.HOLD if percent >= Decimal(str(WARN_SHARE)) * 100 else None


def _largest_order(stores: Stores, symbol: Symbol) -> Decimal | None:
    instrument = stores.instruments.get(symbol)
    dollars = stores.references.dollars(instrument.quote) if instrument is not None else None
    reference = stores.references.price(symbol)
    if dollars is None or reference is None:
        return None
    values = (order.leaves * (order.limit_price or reference) for order in stores.orders.each_open(symbol))
    return max(values, default=ZERO) * dollars


def _position(stores: Stores, symbol: Symbol) -> Decimal | None:
    instrument = stores.instruments.get(symbol)
    price = stores.references.price(symbol)
    if instrument is None or price is None:
        return None
    dollars = stores.references.dollars(instrument.quote)
    owned = sum((told.total for told in stores.balances.told([instrument.base])), ZERO)
    return None if dollars is None else owned * price * dollars
