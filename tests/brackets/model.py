"""A bracket, its exchange and everything that can happen between them, as one state and its successors.

Messages travel in any order, late, or get lost; fills come in parts and race cancels; news reach the program late and
in part; the program dies at any point and comes back with what its journal holds. Quantities are whole lots.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from core.domain.instrument import Side
from core.processing.bracket import (
    Bracket,
    BracketPlan,
    Cancel,
    Ended,
    Grow,
    Leg,
    LegKind,
    Place,
    Step,
    next_step,
    taken,
    told,
)

ONE = Decimal(1)
NONE, OPEN, OVER = "none", "open", "over"
PLAN = BracketPlan(
    bracket_id="6d1b345e-2821-40e2-ad83-4ecb18a06876",
    symbol="BTC/USD",
    side=Side.SELL,
    stop=Decimal(90),
    target=Decimal(110),
    qty=ONE,
    least=ONE,
    entry="entry",
)


class There(NamedTuple):
    """A leg as the exchange has it."""

    state: str = NONE
    qty: Decimal = Decimal(0)
    done: Decimal = Decimal(0)


class World(NamedTuple):
    """``known`` is the program's, everything else is true. ``journal``: (kind, quantity) of each intent."""

    known: Bracket = Bracket(plan=PLAN)
    entered: int = 0
    entry_over: bool = False
    there: tuple[There, ...] = ()
    flying: frozenset[Step] = frozenset()
    journal: tuple[tuple[LegKind, Decimal], ...] = ()
    crashes: int = 0

    @property
    def closed(self) -> Decimal:
        return sum((leg.done for leg in self.there), Decimal(0))


class Bounds(NamedTuple):
    """How large a world is explored."""

    lots: int = 2
    legs: int = 3
    crashes: int = 1


Move = tuple[str, World]


def moves(world: World, bounds: Bounds) -> Iterator[Move]:
    """Yield everything that can happen next."""
    yield from _entry(world, bounds)
    yield from _program(world, bounds)
    yield from _wire(world)
    yield from _exchange(world)
    yield from _news(world)
    if world.crashes < bounds.crashes:
        yield "crash", _restarted(world)


def broken(world: World) -> str:
    """Say which promise a state breaks, empty when none."""
    most = world.closed
    for number, leg in enumerate(world.there):
        sizes = [leg.qty] if leg.state == OPEN else []
        for step in world.flying:
            if isinstance(step, Grow) and step.number == number and leg.state != OVER:
                sizes.append(step.qty)
            if isinstance(step, Place) and step.number == number and leg.state == NONE:
                sizes.append(step.qty)
        most += max([size - leg.done for size in sizes], default=Decimal(0))
    if world.closed > world.entered:
        return f"over-filled: {world.closed} of {world.entered}"
    if most > world.entered:
        return f"could over-fill: up to {most} of {world.entered}"
    return ""


def is_stuck(world: World) -> bool:
    """Whether nothing is under way, all is known, and yet a part of the position is unguarded and nothing is done."""
    known = world.known
    informed = known.position == world.entered and known.entry_ended == world.entry_over
    seen = all(
        (mine.placed, mine.ended, mine.done, mine.qty, mine.cancelling, mine.growing)
        == (True, leg.state == OVER, leg.done, leg.qty, False, False)
        for mine, leg in zip(known.legs, world.there, strict=True)
        if not (mine.ended and leg.state == NONE)
    )
    guarded = sum((leg.qty - leg.done for leg in world.there if leg.state == OPEN), Decimal(0))
    if known.alive is not None and known.alive.kind is LegKind.TARGET:
        return False  # an IOC ends by itself
    still = informed and seen and not world.flying and next_step(known) is None
    return still and known.ended is Ended.NO and known.rest > guarded


def _entry(world: World, bounds: Bounds) -> Iterator[Move]:
    if not world.entry_over:
        if world.entered < bounds.lots:
            yield "entry fills", world._replace(entered=world.entered + 1)
        yield "entry ends", world._replace(entry_over=True)
    known = world.known
    if known.position < world.entered:
        yield "hears of the entry", world._replace(known=replace(known, position=Decimal(world.entered)))
    elif world.entry_over and not known.entry_ended:
        yield "hears of its end", world._replace(known=replace(known, entry_ended=True))


def _program(world: World, bounds: Bounds) -> Iterator[Move]:
    known = world.known
    yield "market turns", world._replace(known=replace(known, touched=not known.touched))
    if not known.plan.released:
        yield "is released", world._replace(known=replace(known, plan=replace(known.plan, released=True)))
    step = next_step(known)
    if step is None or (isinstance(step, Place) and step.number >= bounds.legs):
        return
    after = world._replace(known=taken(known, step))
    if isinstance(step, Place):
        after = after._replace(journal=(*world.journal, (step.kind, step.qty)), there=(*world.there, There()))
        if world.crashes < bounds.crashes:
            yield f"{step} and dies before it leaves", _restarted(after)
    yield str(step), after._replace(flying=world.flying | {step})


def _wire(world: World) -> Iterator[Move]:
    for step in world.flying:
        landed = world._replace(flying=world.flying - {step})
        yield f"lost {step}", landed
        leg = world.there[step.number]
        match step:
            case Place(qty=qty) if leg.state == NONE:
                yield f"arrives {step}", _with(landed, step.number, There(OPEN, qty))
                yield f"refused {step}", _with(landed, step.number, There(OVER, qty))
            case Cancel() if leg.state == OPEN:
                yield f"arrives {step}", _with(landed, step.number, leg._replace(state=OVER))
            case Grow(qty=qty) if leg.state == OPEN and qty > leg.done:
                yield f"arrives {step}", _with(landed, step.number, leg._replace(qty=qty))


def _exchange(world: World) -> Iterator[Move]:
    for number, leg in enumerate(world.there):
        if leg.state != OPEN:
            continue
        done = leg.done + ONE
        yield (
            f"leg {number} fills",
            _with(world, number, There(OVER if done == leg.qty else OPEN, leg.qty, done)),
        )
        # An IOC ends by itself; any order may be cancelled by the exchange or by other hands.
        yield f"leg {number} ends", _with(world, number, leg._replace(state=OVER))


def _news(world: World) -> Iterator[Move]:
    for number, (mine, leg) in enumerate(zip(world.known.legs, world.there, strict=True)):
        if mine.ended:
            continue
        flying = {type(step) for step in world.flying if step.number == number}
        if leg.state == NONE:
            if Place not in flying:  # its deadline is over, and the exchange knows no such order
                yield f"absent {number}", _told(world, number, Decimal(0), placed=False, ended=True)
            continue
        done = mine.done
        while done <= leg.done:  # late news are news of an earlier moment
            yield f"hears {done} of {number}", _told(world, number, done, placed=True, ended=False)
            done += ONE
        if leg.state == OVER:
            yield f"hears the end of {number}", _told(world, number, leg.done, placed=True, ended=True)


def _told(world: World, number: int, done: Decimal, *, placed: bool, ended: bool) -> World:
    # Whether a wish is still under way may be misjudged either way; here it always counts as failed.
    qty = world.there[number].qty if placed else None
    return world._replace(known=told(world.known, number, done=done, placed=placed, ended=ended, qty=qty))


def _with(world: World, number: int, leg: There) -> World:
    there = (*world.there[:number], leg, *world.there[number + 1 :])
    return world._replace(there=there)


def _restarted(world: World) -> World:
    legs = tuple(Leg(kind=kind, qty=qty) for kind, qty in world.journal)
    return world._replace(known=Bracket(plan=world.known.plan, legs=legs), crashes=world.crashes + 1)
