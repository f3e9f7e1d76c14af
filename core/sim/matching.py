"""Price-time matching on one venue: takes from queues, prints trades, settles both sides, rests what is left.

Source: Kraken "Order types" and "Self trade prevention". Icebergs show one slice at a time; a refilled slice joins
the back of the queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from core.sim.accounts import Execution
from core.sim.book import Resting
from core.sim.floor import Floor, Venue
from core.sim.model import PublicTrade, SimOrder

SELF_TRADE = "Self trade prevented"


@dataclass(slots=True)
class Taker:
    """An incoming order while it trades. ``order`` is None for the market's own; ``cash`` is quote left to spend."""

    is_buy: bool
    lots: int
    limit: int | None
    ord_type: str
    order: SimOrder | None = None
    cash: Decimal | None = None
    stopped: bool = False

    def reaches(self, ticks: int) -> bool:
        """Whether it would trade at this price."""
        if self.limit is None:
            return True
        return ticks <= self.limit if self.is_buy else ticks >= self.limit


class Matcher:
    """Carries out trades on the floor's venues."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def take(self, venue: Venue, taker: Taker, ts_ns: int) -> None:
        """Trade against the opposite side until nothing reaches, is left, or self-trade prevention stops it."""
        ts_ns = venue.at(ts_ns)
        side = venue.book.side(not taker.is_buy)
        while not taker.stopped and taker.lots > 0:
            best = side.best()
            if best is None or not taker.reaches(best):
                return
            level = side.level(best)
            assert level is not None
            maker = next(iter(level.queue.values()))
            if self._same_account(taker, maker):
                self._prevent(venue, taker, maker, ts_ns)
                continue
            lots = min(taker.lots, maker.lots, self._affordable(venue, taker, best))
            if lots == 0:
                return
            self._trade(venue, taker, maker, lots, ts_ns)

    def rest(self, venue: Venue, order: SimOrder, ts_ns: int) -> None:
        """Put what is left of a limit order at the back of its queue; an iceberg shows one slice."""
        assert order.limit_price is not None
        ts_ns = venue.at(ts_ns)
        left = venue.grid.lots(order.leaves)
        shown = left if order.display_qty is None else min(left, venue.grid.lots(order.display_qty))
        place = Resting(
            self._floor.ids.count(),
            order.spec.side == "buy",
            venue.grid.ticks(order.limit_price),
            shown,
            ts_ns,
            order,
        )
        place.hidden = left - shown
        order.queued_ns = ts_ns
        order.display_left = venue.grid.qty(shown) if order.display_qty is not None else order.display_left
        venue.places[order.order_id] = place
        venue.book.add(place)

    def hit(self, venue: Venue, order: SimOrder, lots: int, ts_ns: int) -> None:
        """Trade so many lots of one order with the market, whatever else rests at its price or before it.

        An order that is no longer in the book trades at its limit, without one at the last price.
        """
        ts_ns = venue.at(ts_ns)
        is_buy = order.spec.side == "buy"
        while lots > 0 and (place := venue.places.get(order.order_id)):
            slice_lots = min(lots, place.lots)
            self._trade(venue, Taker(not is_buy, slice_lots, None, "market"), place, slice_lots, ts_ns)
            lots -= slice_lots
        if lots > 0 and not order.is_open:
            limit = order.limit_price
            ticks = venue.tape.last_ticks if limit is None else venue.grid.ticks(limit)
            taker = Taker(not is_buy, lots, None, "market")
            price, qty, trade_id = self._print(venue, taker, ticks, lots, ts_ns)
            self._fill(venue, order, price, qty, trade_id, "m", ts_ns)

    def worst_cost(self, venue: Venue, is_buy: bool, lots: int) -> Decimal:
        """Quote value of taking ``lots`` now, hidden quantity aside; what the book cannot give costs nothing."""
        cost = 0
        for ticks, level in venue.book.side(not is_buy).best_first():
            taken = min(lots, level.total)
            cost += ticks * taken
            lots -= taken
            if lots == 0:
                break
        return cost * venue.grid.step * venue.grid.lot

    def fillable(self, venue: Venue, taker: Taker) -> int:
        """Lots the taker could execute now, hidden quantity included."""
        lots = 0
        for ticks, level in venue.book.side(not taker.is_buy).best_first():
            if lots >= taker.lots or not taker.reaches(ticks):
                break
            lots += sum(
                place.lots + place.hidden
                for place in level.queue.values()
                if not self._same_account(taker, place)
            )
        return min(lots, taker.lots)

    @staticmethod
    def _same_account(taker: Taker, maker: Resting) -> bool:
        return bool(taker.order and maker.order and taker.order.account == maker.order.account)

    def _prevent(self, venue: Venue, taker: Taker, maker: Resting, ts_ns: int) -> None:
        assert taker.order is not None
        assert maker.order is not None
        kind = taker.order.spec.stp_type
        if kind in ("cancel_oldest", "cancel_both"):
            self._floor.close(maker.order, "expired", ts_ns, SELF_TRADE)
        if kind != "cancel_oldest":
            taker.stopped = True

    @staticmethod
    def _affordable(venue: Venue, taker: Taker, ticks: int) -> int:
        if taker.cash is None:
            return taker.lots
        per_lot = ticks * venue.grid.step * venue.grid.lot
        return int((taker.cash / per_lot).to_integral_value(ROUND_DOWN))

    def _trade(self, venue: Venue, taker: Taker, maker: Resting, lots: int, ts_ns: int) -> None:
        ticks = maker.ticks
        venue.book.take(maker, lots)
        taker.lots -= lots
        price, qty, trade_id = self._print(venue, taker, ticks, lots, ts_ns)
        if taker.cash is not None:
            taker.cash -= price * qty
        if maker.order is not None:
            self._settle_maker(venue, maker, maker.order, qty, trade_id, ts_ns)
        if taker.order is not None:
            self._fill(venue, taker.order, price, qty, trade_id, "t", ts_ns)

    def fill_maker(self, venue: Venue, maker: Resting, lots: int, trade_id: int, ts_ns: int) -> None:
        """Fill a client's resting order by a trade that is on the tape already."""
        assert maker.order is not None
        venue.book.take(maker, lots)
        self._settle_maker(venue, maker, maker.order, venue.grid.qty(lots), trade_id, ts_ns)

    def _settle_maker(
        self, venue: Venue, maker: Resting, order: SimOrder, qty: Decimal, trade_id: int, ts_ns: int
    ) -> None:
        order.display_left = venue.grid.qty(maker.lots)
        self._fill(venue, order, venue.grid.price(maker.ticks), qty, trade_id, "m", ts_ns)
        self._after_maker(venue, maker, order, ts_ns)

    def _print(
        self, venue: Venue, taker: Taker, ticks: int, lots: int, ts_ns: int
    ) -> tuple[Decimal, Decimal, int]:
        """Put a trade on the tape; its price, quantity and id."""
        trade_id = venue.tape.record(ticks, lots, taker.is_buy, taker.ord_type, ts_ns)
        if venue.waiting:
            venue.prints.append(ticks)
        price, qty = venue.grid.price(ticks), venue.grid.qty(lots)
        heard = self._floor.listeners.trade
        if heard:
            side = "buy" if taker.is_buy else "sell"
            trade = PublicTrade(venue.spec.symbol, side, price, qty, taker.ord_type, trade_id, ts_ns)
            for hear in heard:
                hear(trade)
        return price, qty, trade_id

    def _fill(
        self,
        venue: Venue,
        order: SimOrder,
        price: Decimal,
        qty: Decimal,
        trade_id: int,
        liquidity: str,
        ts_ns: int,
    ) -> None:
        """Settle one side and report it; a completing fill still says ``partially_filled``, as does a late one."""
        floor, account = self._floor, self._floor.account(order.account)
        maker_rate, taker_rate = floor.rates(account, venue.spec, ts_ns)
        execution = Execution(
            exec_id=floor.ids.new("T"),
            trade_id=trade_id,
            qty=qty,
            price=price,
            rate=maker_rate if liquidity == "m" else taker_rate,
            liquidity=liquidity,
            usd=floor.usd(venue.spec.quote),
            ts_ns=ts_ns,
        )
        ledger_ids = (floor.ids.new("L"), floor.ids.new("L"))
        fill, entries = floor.accounts.settle(account, order, venue.spec, execution, ledger_ids)
        if order.is_open:
            order.status = "partially_filled"
        floor.report("trade", order, ts_ns, fill=fill)
        for entry in entries:
            floor.tell_ledger(entry)
        if order.spec.conditional:
            floor.closing.append((order, qty))

    def _after_maker(self, venue: Venue, maker: Resting, order: SimOrder, ts_ns: int) -> None:
        """Refill an iceberg's slice, or finish an order with nothing left."""
        if maker.lots > 0:
            return
        if maker.hidden == 0:
            del venue.places[order.order_id]
            self._floor.close(order, "filled", ts_ns)
            return
        self.rest(venue, order, ts_ns)
        self._floor.report("iceberg_refill", order, ts_ns)
