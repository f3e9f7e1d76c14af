"""Brackets: a stop on the exchange and a target this program guards, of which never more than the position trades.

Pure and level-triggered: a ``Bracket`` is what is known, ``next_step`` says what to do about it now. A crash loses
nothing, because what is known comes back from the journal: the wish, and under ids that follow from its own the legs.

The protocol, on a venue that holds the base of one closing order only:

* At most one leg may be alive. The next one is placed when every earlier leg is *proven* ended, and is no larger than
  the position less what the ended ones executed.
* The stop rests at the exchange. Where the market reaches the target, the stop is cancelled; when its end is proven,
  the rest is taken with a limit IOC at the target's price; what that does not get is protected by a new stop.
* A stop that is smaller than the position (its entry filled further) is amended upwards, in place. Whether such an
  amend arrives does not matter: the position never shrinks.
* A leg's id follows from the bracket and its number. Two runs of the program that both believe to be on leg 3 send the
  same id, and the journal and the exchange each let an id live once.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from uuid import UUID, uuid5

import msgspec

from core.domain.ids import ClOrdId, Symbol
from core.domain.instrument import Side

ZERO = Decimal(0)


class LegKind(StrEnum):
    """Which leg an order is."""

    STOP = "stop"
    TARGET = "target"


class Ended(StrEnum):
    """Whether a bracket still has something to do."""

    NO = ""
    DONE = "done"
    RELEASED = "released"


class BracketPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The wish, as it is journalled. ``side`` closes the position: SELL for something owned. Prices in quote.

    Without ``entry`` the position is ``qty`` (base) from the start; with it the position is what that order executed.
    ``least`` is the smallest quantity the pair takes: less than that is left alone.
    """

    bracket_id: str
    symbol: Symbol
    side: Side
    stop: Decimal
    target: Decimal
    qty: Decimal
    least: Decimal
    entry: ClOrdId | None = None
    released: bool = False

    def __post_init__(self) -> None:
        if self.qty <= 0 or self.least <= 0 or min(self.stop, self.target) <= 0:
            raise ValueError("quantity and prices must be above zero")
        if (self.target - self.stop) * self.side.sign >= 0:
            raise ValueError("the target lies on the far side of the stop")

    def leg_id(self, number: int) -> ClOrdId:
        """Return the id of a leg, the same in every run of the program."""
        return ClOrdId(str(uuid5(UUID(self.bracket_id), f"leg {number}")))


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One closing order. ``qty`` is the most it may ever execute, ``done`` what it has, both base.

    ``placed`` says that it reached the exchange, ``ended`` that it can no longer trade and ``done`` is complete.
    """

    kind: LegKind
    qty: Decimal
    done: Decimal = ZERO
    placed: bool = False
    ended: bool = False
    cancelling: bool = False
    growing: bool = False


class Bracket(msgspec.Struct, frozen=True, kw_only=True):
    """What is known. ``legs`` in the order of their numbers; ``touched`` says that the market is at the target now."""

    plan: BracketPlan
    position: Decimal = ZERO
    entry_ended: bool = False
    legs: tuple[Leg, ...] = ()
    touched: bool = False

    @property
    def done(self) -> Decimal:
        """Base that the legs have closed."""
        return sum((leg.done for leg in self.legs), ZERO)

    @property
    def rest(self) -> Decimal:
        """Base still to close."""
        return self.position - self.done

    @property
    def alive(self) -> Leg | None:
        """The last leg while it is not proven ended."""
        return self.legs[-1] if self.legs and not self.legs[-1].ended else None

    @property
    def is_settled(self) -> bool:
        """Whether every leg before the last is proven ended. After a restart that must be found out anew."""
        return all(leg.ended for leg in self.legs[:-1])

    @property
    def ended(self) -> Ended:
        """Whether there is nothing left to do."""
        if self.alive is not None or not self.is_settled:
            return Ended.NO
        if self.plan.released:
            return Ended.RELEASED
        return Ended.DONE if self.entry_ended and self.rest < self.plan.least else Ended.NO


class Place(msgspec.Struct, frozen=True):
    """Send leg ``number``. Its intent must be durable before it leaves."""

    number: int
    kind: LegKind
    qty: Decimal


class Cancel(msgspec.Struct, frozen=True):
    """Cancel leg ``number``, and again until its end is proven."""

    number: int


class Grow(msgspec.Struct, frozen=True):
    """Amend leg ``number`` to this new total quantity."""

    number: int
    qty: Decimal


Step = Place | Cancel | Grow


def next_step(bracket: Bracket) -> Step | None:
    """Return what to do now, ``None`` while there is nothing to do but wait."""
    plan, leg = bracket.plan, bracket.alive
    number = len(bracket.legs) - 1
    if leg is None:
        if plan.released or not bracket.is_settled or bracket.rest < plan.least:
            return None
        kind = LegKind.TARGET if bracket.touched else LegKind.STOP
        return Place(number + 1, kind, bracket.rest)
    if leg.cancelling:
        return None
    if plan.released or (leg.kind is LegKind.STOP and bracket.touched):
        return Cancel(number)
    if leg.kind is LegKind.STOP and leg.placed and bracket.is_settled and not leg.growing:
        # What the alive leg executed counts in ``done``; its total may be that and all of the rest.
        total = leg.done + bracket.rest
        if total - leg.qty >= plan.least and leg.done < leg.qty:
            return Grow(number, total)
    return None


def taken(bracket: Bracket, step: Step) -> Bracket:
    """Return the bracket once ``step`` is on its way, or may be: always before it is carried out."""
    legs = bracket.legs
    match step:
        case Place(kind=kind, qty=qty):
            assert all(leg.ended for leg in legs), "one leg at a time"
            return msgspec.structs.replace(bracket, legs=(*legs, Leg(kind=kind, qty=qty)))
        case Cancel():
            leg = msgspec.structs.replace(legs[-1], cancelling=True)
        case Grow(qty=qty):
            leg = msgspec.structs.replace(legs[-1], qty=qty, growing=True)
    return msgspec.structs.replace(bracket, legs=(*legs[:-1], leg))


def told(
    bracket: Bracket,
    number: int,
    *,
    done: Decimal,
    placed: bool,
    ended: bool,
    cancelling: bool = False,
    growing: bool = False,
    qty: Decimal | None = None,
) -> Bracket:
    """Return the bracket with what is known of a leg now. What was executed only grows, an end is for ever.

    ``cancelling`` and ``growing`` say that such a request is under way; a wish that failed is made again. ``qty`` is
    the leg's quantity as the exchange told it last.
    """
    legs = list(bracket.legs)
    leg = legs[number]
    legs[number] = msgspec.structs.replace(
        leg,
        qty=leg.qty if qty is None or growing else qty,
        done=max(leg.done, done),
        placed=leg.placed or placed,
        ended=leg.ended or ended,
        cancelling=cancelling,
        growing=growing,
    )
    return msgspec.structs.replace(bracket, legs=tuple(legs))


def guards(bracket: Bracket) -> str:
    """Say who guards each leg and what remains if this computer dies, in words."""
    plan, leg = bracket.plan, bracket.alive
    if bracket.ended is not Ended.NO:
        return f"{bracket.ended}: nothing is guarded any more"
    if not bracket.position:
        return "waits for its entry; if this computer dies nothing guards what it fills"
    target = f"target {plan.target.normalize():f} by this program"
    if leg is None or not leg.placed:
        return f"NOTHING at the exchange yet; {target}; if this computer dies nothing remains"
    if leg.kind is LegKind.TARGET:
        return f"taking {leg.qty.normalize():f} at the target; if this computer dies no stop remains"
    covered = leg.qty - leg.done
    stop = f"stop {plan.stop.normalize():f} for {covered.normalize():f} by the exchange"
    if leg.cancelling:
        return f"{stop} is being cancelled; if this computer dies nothing may remain"
    return f"{stop}; {target}; if this computer dies the stop remains"
