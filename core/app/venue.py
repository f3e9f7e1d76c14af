"""Where to connect and as whom: the choice of a mode. Opens the embedded exchange when the mode needs it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from core.data.kraken.endpoints import LIVE, Endpoints, load_endpoints
from core.domain.errors import StartError
from core.domain.mode import Mode
from core.runtime.clock import Clock
from core.runtime.secrets import KeyPair, Secret, SecretsError, open_keychain, take_from_environment

if TYPE_CHECKING:
    from core.sim.exchange import SimExchange
    from core.sim.faults import FaultPlan
    from core.sim.paper import PaperExchange


class Venue(msgspec.Struct, frozen=True):
    """Endpoints and, unless only public data is wanted, the key to sign with.

    ``is_new`` says that the exchange began with this program: what earlier ones knew is nothing to it.
    """

    mode: Mode
    endpoints: Endpoints
    keys: KeyPair | None
    is_new: bool = False
    faults: FaultPlan | None = None
    """What can be broken at an exchange of ours."""

    paper: PaperExchange | None = None
    """Where orders on paper go."""


@asynccontextmanager
async def open_venue(
    mode: Mode,
    *,
    clock: Clock,
    seed: int,
    speed: float,
    endpoints_file: Path | None,
    profile: str,
    paper_file: Path | None = None,
) -> AsyncIterator[Venue]:
    """Yield the venue of a mode; the embedded exchange lives as long as the context.

    ``paper_file`` keeps the paper account. StartError when the mode has no key, the endpoints file is bad, the mode and
    the file contradict, or the paper account cannot be read.
    """
    if endpoints_file is not None and mode is Mode.LIVE:
        raise StartError(user_message="--endpoints is not for the live mode: a live key never goes there.")
    given = None if endpoints_file is None else load_endpoints(endpoints_file)
    if mode is Mode.PAPER:
        assert paper_file is not None, "the caller knows where the account is kept"
        async with _paper(given[0] if given else LIVE, paper_file, clock) as venue:
            yield venue
    elif given is not None:
        yield Venue(mode, *given)
    elif mode is Mode.DEMO:
        from core.sim.exchange import SimExchange

        async with SimExchange(seed=seed, clock=clock, speed=speed, head_start=True) as exchange:
            endpoints, keys = _private_side(exchange)
            yield Venue(mode, endpoints, keys, is_new=True, faults=exchange.faults)
    else:
        yield Venue(mode, LIVE, _live_keys(profile))


@asynccontextmanager
async def _paper(public: Endpoints, file: Path, clock: Clock) -> AsyncIterator[Venue]:
    """The public side of one exchange, and a private side here that follows it."""
    from core.sim.paper import PaperExchange
    from core.sim.paper_store import Unreadable

    paper = PaperExchange(public_ws=public.public_ws, public_rest=public.public_rest, file=file, clock=clock)
    try:
        await paper.__aenter__()
    except (Unreadable, OSError) as failure:
        text = f"The paper account cannot be opened ({failure}). 'tidewire paper reset' begins a new one."
        raise StartError(str(failure), user_message=text) from failure
    try:
        here, keys = _private_side(paper.private)
        endpoints = replace(here, public_ws=public.public_ws, public_rest=public.public_rest)
        yield Venue(Mode.PAPER, endpoints, keys, is_new=paper.is_new, paper=paper)
    finally:
        await paper.__aexit__(None, None, None)


def _private_side(exchange: SimExchange) -> tuple[Endpoints, KeyPair]:
    where = exchange.endpoints
    endpoints = Endpoints(
        public_ws=where.public_ws,
        private_ws=where.private_ws,
        level3_ws=where.l3_ws,
        public_rest=where.public_rest,
        private_rest=where.private_rest,
    )
    return endpoints, KeyPair(Secret(exchange.key), Secret(exchange.secret))


def _live_keys(profile: str) -> KeyPair:
    keys = take_from_environment()
    if keys is None:
        try:
            keys = open_keychain().load(profile)
        except SecretsError as failure:
            raise StartError(failure.detail, user_message=_NO_KEY) from failure
    if keys is None:
        raise StartError(user_message=_NO_KEY)
    return keys


_NO_KEY = (
    "Live mode needs an API key. Enter it once in the window (tidewire --mode demo, File, Mode at next start), "
    "or set KRAKEN_API_KEY and KRAKEN_API_SECRET."
)
