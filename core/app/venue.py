"""Where to connect and as whom: the choice of a mode. Opens the embedded exchange when the mode needs it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from core.data.kraken.endpoints import LIVE, Endpoints, load_endpoints
from core.domain.errors import StartError
from core.domain.mode import Mode
from core.runtime.clock import Clock
from core.runtime.secrets import KeyPair, Secret, SecretsError, open_keychain, take_from_environment

if TYPE_CHECKING:
    from core.sim.faults import FaultPlan


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


@asynccontextmanager
async def open_venue(
    mode: Mode, *, clock: Clock, seed: int, speed: float, endpoints_file: Path | None, profile: str
) -> AsyncIterator[Venue]:
    """Yield the venue of a mode; the embedded exchange lives as long as the context.

    StartError when the mode has no key, the endpoints file is bad, or the mode and the file contradict.
    """
    if endpoints_file is not None:
        if mode is not Mode.DEMO:
            raise StartError(
                user_message="--endpoints is for the demo mode only: a live key never goes there."
            )
        yield Venue(mode, *load_endpoints(endpoints_file))
    elif mode is Mode.DEMO:
        from core.sim.exchange import SimExchange

        async with SimExchange(seed=seed, clock=clock, speed=speed) as exchange:
            endpoints = Endpoints(
                public_ws=exchange.endpoints.public_ws,
                private_ws=exchange.endpoints.private_ws,
                level3_ws=exchange.endpoints.l3_ws,
                public_rest=exchange.endpoints.public_rest,
                private_rest=exchange.endpoints.private_rest,
            )
            keys = KeyPair(Secret(exchange.key), Secret(exchange.secret))
            yield Venue(mode, endpoints, keys, is_new=True, faults=exchange.faults)
    elif mode is Mode.LIVE:
        yield Venue(mode, LIVE, _live_keys(profile))
    else:
        raise StartError(
            user_message="Paper mode is not part of this version. Use --mode demo or --mode live."
        )


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


_NO_KEY = "Live mode needs an API key: set KRAKEN_API_KEY and KRAKEN_API_SECRET, or keep it in the system's keychain."
