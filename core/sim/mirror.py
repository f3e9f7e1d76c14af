"""One pair's real book, put into our own: shown volume in front of and behind the orders that exist only here.

An order of ours joins the queue behind the volume shown at its price. Trades take from the front, so it is filled
once they have eaten what stood before it; what vanishes without a trade is taken for cancels, spread evenly over the
queue. A print at a worse price, or a quote on the other side that reaches it, fills it first: price goes before
time. What our own takers took from the shown volume stays taken until that volume has moved.

Prices are steps and quantities lots of the pair; times wall nanoseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from core.sim.book import Resting, Side
from core.sim.floor import Floor, Venue
from core.sim.matching import Matcher

NS = 1_000_000_000
GRACE_NS = NS // 2
"""Book and trades come on two channels: so long a change waits for its other half."""

REFILL_NS = 5 * NS
"""After so long others have filled what our takers took."""

Levels = Iterable[tuple[int, int]]
Spot = tuple[bool, int]


@dataclass(slots=True)
class Shown:
    """What is known of one level.

    ``lots`` are shown, of which our takers have ``eaten`` some; ``left`` is what of it stands in our book.
    ``prepaid`` was traded by prints that the book does not show yet. ``since_ns``: when the two began to differ.
    """

    lots: int = 0
    eaten: int = 0
    eaten_ns: int = 0
    left: int = 0
    prepaid: int = 0
    since_ns: int = 0


class Mirror:
    """Keeps the market's volume of one venue as the real exchange shows it, and fills our orders by it.

    ``settle(venue, ts_ns)`` is called after everything that may have traded.
    """

    def __init__(
        self, venue: Venue, floor: Floor, matcher: Matcher, settle: Callable[[Venue, int], None]
    ) -> None:
        self.venue = venue
        self.is_live = False
        self._floor = floor
        self._matcher = matcher
        self._settle = settle
        self._levels: dict[Spot, Shown] = {}
        self._unsettled: dict[Spot, None] = {}
        self._is_mine = False

    # -- what the real exchange says ------------------------------------------------------------------------

    def replace(self, bids: Levels, asks: Levels, now_ns: int) -> None:
        """Take a snapshot. Our orders stand behind all that is shown: nobody saw what happened to their queues."""
        self.blind()
        with self._changing(now_ns):
            for is_buy, levels in ((True, bids), (False, asks)):
                for ticks, lots in levels:
                    self._levels[is_buy, ticks] = Shown(lots)
                    self._stand_before(is_buy, ticks, lots)
            self.is_live = True
            self._cross(now_ns)
        self._settle(self.venue, now_ns)

    def update(self, changes: Iterable[tuple[bool, int, int]], now_ns: int) -> None:
        """Take the new totals of some levels: side, price, lots; zero removes."""
        if not self.is_live:
            return
        with self._changing(now_ns):
            for is_buy, ticks, lots in changes:
                shown = self._levels.setdefault((is_buy, ticks), Shown())
                if lots < shown.lots:  # what leaves is what was taken, as far as it goes
                    shown.eaten = max(0, shown.eaten - (shown.lots - lots))
                shown.lots = lots
                self._bring((is_buy, ticks), shown, now_ns)
            self._cross(now_ns)
        self._settle(self.venue, now_ns)

    def printed(self, is_buy: bool, ticks: int, lots: int, ord_type: str, ts_ns: int) -> None:
        """Take a public trade; ``is_buy`` is the taker's side."""
        venue = self.venue
        trade_id = venue.tape.record(ticks, lots, is_buy, ord_type, ts_ns)
        if not self.is_live:
            return
        if venue.waiting:
            venue.prints.append(ticks)
        with self._changing(ts_ns):
            self._take(is_buy, ticks, lots, trade_id, ts_ns)
        self._settle(venue, ts_ns)

    def blind(self) -> None:
        """The real book is not known any more: nothing can trade, our own orders stay."""
        self.is_live = False
        self._levels.clear()
        self._unsettled.clear()
        for side in (self.venue.book.bids, self.venue.book.asks):
            for ticks in [ticks for ticks, _ in side.best_first()]:
                for place in _market(side, ticks):
                    self.venue.book.remove(place)

    def look(self, now_ns: int) -> None:
        """Let time pass: a change whose other half did not come is what it seemed to be."""
        due = [spot for spot in self._unsettled if self._is_due(spot, now_ns)]
        if not due:
            return
        with self._changing(now_ns):
            for spot in due:
                shown = self._levels.get(spot)
                if shown is None:
                    self._unsettled.pop(spot, None)
                    continue
                if shown.eaten and now_ns - shown.eaten_ns >= REFILL_NS:
                    shown.eaten = 0
                self._bring(spot, shown, now_ns, is_due=True)
            self._cross(now_ns)
        self._settle(self.venue, now_ns)

    def heard(self, side: str, price: Decimal) -> None:
        """A level of our book changed. What is missing of the market's volume there, our takers took."""
        spot = (side == "buy", self.venue.grid.ticks(price))
        shown = self._levels.get(spot)
        if self._is_mine or shown is None:
            return
        left = _volume(self.venue.book.side(spot[0]), spot[1])
        if left < shown.left:
            shown.eaten += shown.left - left
            shown.eaten_ns = self.venue.at(0)
            shown.left = left
            self._unsettled[spot] = None

    # -- how it gets there ----------------------------------------------------------------------------------

    @contextmanager
    def _changing(self, now_ns: int) -> Iterator[None]:
        self.venue.at(now_ns)
        self._is_mine = True
        try:
            yield
        finally:
            self._is_mine = False

    def _is_due(self, spot: Spot, now_ns: int) -> bool:
        shown = self._levels.get(spot)
        if shown is None:
            return True
        is_odd = shown.since_ns > 0 and now_ns - shown.since_ns >= GRACE_NS
        is_refilled = shown.eaten > 0 and now_ns - shown.eaten_ns >= REFILL_NS
        return is_odd or (is_refilled and not self._is_crossed(spot))

    def _is_crossed(self, spot: Spot) -> bool:
        """Whether an order of ours would trade with this level: its volume must be new, not the one just taken."""
        is_buy, ticks = spot
        return any(
            place.is_buy != is_buy and (place.ticks >= ticks if place.is_buy else place.ticks <= ticks)
            for place in self.venue.places.values()
        )

    def _stand_before(self, is_buy: bool, ticks: int, lots: int) -> None:
        book, shown = self.venue.book, self._levels[is_buy, ticks]
        level = book.side(is_buy).level(ticks)
        own = list(level.queue.values()) if level else []
        for place in own:
            book.remove(place)
        self._join(is_buy, ticks, lots)
        for place in own:
            book.add(place)
        shown.left = lots

    def _join(self, is_buy: bool, ticks: int, lots: int) -> None:
        """Volume that is new stands at the end of the queue."""
        book = self.venue.book
        level = book.side(is_buy).level(ticks)
        last = next(reversed(level.queue.values())) if level else None
        if last is not None and last.order is None:
            book.resize(last, last.lots + lots)
        elif lots > 0:
            book.add(Resting(self._floor.ids.count(), is_buy, ticks, lots, self.venue.at(0)))

    def _bring(self, spot: Spot, shown: Shown, now_ns: int, *, is_due: bool = False) -> None:
        """Make our level hold what is shown less what was taken.

        Where an order of ours stands, a difference waits for the print, or the change of the book, that explains it.
        """
        side = self.venue.book.side(spot[0])
        level = side.level(spot[1])
        has_own = level is not None and any(place.order for place in level.queue.values())
        missing = max(0, shown.lots - shown.eaten) - _volume(side, spot[1])
        if not has_own or is_due:
            shown.prepaid = 0
        shown.prepaid = min(shown.prepaid, max(0, missing))
        if missing > shown.prepaid:
            self._join(*spot, missing - shown.prepaid)
        elif missing < 0 and (not has_own or is_due):
            self._leave(side, spot[1], -missing)
        shown.left = _volume(side, spot[1])
        self._remember(spot, shown, now_ns, is_odd=max(0, shown.lots - shown.eaten) != shown.left)

    def _remember(self, spot: Spot, shown: Shown, now_ns: int, *, is_odd: bool) -> None:
        shown.since_ns = (shown.since_ns or now_ns) if is_odd else 0
        if is_odd or shown.eaten:
            self._unsettled[spot] = None
            return
        self._unsettled.pop(spot, None)
        if not shown.lots and not shown.left:
            self._levels.pop(spot, None)

    def _leave(self, side: Side, ticks: int, lots: int) -> None:
        """Cancels, from all over the queue in proportion; what does not divide comes from the end."""
        places = _market(side, ticks)
        volume = sum(place.lots for place in places)
        shares = [lots * place.lots // volume for place in places] if volume else []
        rest = lots - sum(shares)
        for index in reversed(range(len(places))):
            more = min(rest, places[index].lots - shares[index])
            rest -= more
            self._shrink(places[index], shares[index] + more)

    def _shrink(self, place: Resting, lots: int) -> None:
        if lots >= place.lots:
            self.venue.book.remove(place)
        elif lots:
            self.venue.book.resize(place, place.lots - lots)

    def _take(self, is_buy: bool, ticks: int, lots: int, trade_id: int, ts_ns: int) -> None:
        """A print eats: first our orders at better prices, then the queue at its own price from the front."""
        for place in self._own(not is_buy):
            is_better = place.ticks < ticks if is_buy else place.ticks > ticks
            if is_better and lots > 0:
                lots -= self._fill(place, lots, trade_id, ts_ns)
        side = self.venue.book.side(not is_buy)
        level = side.level(ticks)
        spot = (not is_buy, ticks)
        shown = self._levels.setdefault(spot, Shown())
        for place in list(level.queue.values()) if level else []:
            if lots <= 0:
                break
            if place.order is not None:
                lots -= self._fill(place, lots, trade_id, ts_ns)
                continue
            eaten = min(lots, place.lots)
            lots -= eaten
            shown.prepaid += eaten
            self._shrink(place, eaten)
        self._bring(spot, shown, ts_ns)

    def _fill(self, place: Resting, lots: int, trade_id: int, ts_ns: int) -> int:
        """Fill an order of ours as maker; an iceberg's next slice stands at the end again. The lots filled."""
        filled = min(lots, place.lots)
        self._matcher.fill_maker(self.venue, place, filled, trade_id, ts_ns)
        return filled

    def _own(self, is_buy: bool) -> list[Resting]:
        """Our resting orders of a side, best price first, oldest first."""
        mine = [place for place in self.venue.places.values() if place.is_buy == is_buy]
        return sorted(mine, key=lambda place: -place.ticks if is_buy else place.ticks)

    def _cross(self, now_ns: int) -> None:
        """Volume shown at a price that reaches an order of ours would have met it first."""
        for is_buy in (True, False):
            for place in self._own(is_buy):
                self._meet(place, now_ns)

    def _meet(self, place: Resting, now_ns: int) -> None:
        side = self.venue.book.side(not place.is_buy)
        while place.lots > 0 and place.order is not None and place.order.is_open:
            best = side.best()
            if best is None or (best > place.ticks if place.is_buy else best < place.ticks):
                return
            other = next(iter(_market(side, best)), None)
            if other is None:
                return
            lots = min(place.lots, other.lots)
            self._shrink(other, lots)
            shown = self._levels[not place.is_buy, best]
            shown.eaten, shown.eaten_ns = shown.eaten + lots, now_ns
            shown.left = _volume(side, best)
            self._unsettled[not place.is_buy, best] = None
            trade_id = self.venue.tape.record(place.ticks, lots, not place.is_buy, "limit", now_ns)
            self._fill(place, lots, trade_id, now_ns)


def _market(side: Side, ticks: int) -> list[Resting]:
    """The places at a price that are not ours, oldest first."""
    level = side.level(ticks)
    return [place for place in level.queue.values() if place.order is None] if level else []


def _volume(side: Side, ticks: int) -> int:
    return sum(place.lots for place in _market(side, ticks))
