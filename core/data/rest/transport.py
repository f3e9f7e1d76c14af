"""HTTP calls to the exchange: signed or public, paced, guarded, and judged by what an outcome proves.

Knows no endpoint's meaning. One call ends as a result, NotSent, Refused or OutcomeUnknown (faults, section 2). The
HTTP library is imported with the first call, because it costs a tenth of a second.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

import msgspec

import core
from core.data.kraken.answers import Verdict, failure, verdict
from core.data.kraken.endpoints import Credentials, Endpoints, require_signable
from core.data.kraken.rest_schema import Envelope
from core.data.kraken.signing import Nonces, check_secret, sign
from core.data.rest.breaker import Breaker, BreakerState
from core.data.rest.lane import Call, Lane
from core.data.rest.limiter import Counter, RestLimiter, rest_cost
from core.domain.errors import NotSent, OutcomeUnknown, Refused
from core.runtime.clock import NS_PER_S, Clock
from core.runtime.tls import client_context, rootless_context, why_not_connected

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

T = TypeVar("T")

CONNECT_TIMEOUT_S = 3.0
MAX_CONNECTIONS = 10
KEPT_S = 15.0
"""An idle connection is given up before a server does: a request written into one that closes ends in doubt."""

TIMEOUTS_S = {Call.CANCEL: 4.0, Call.ORDER: 6.0, Call.TOKEN: 10.0, Call.WALK: 10.0, Call.QUERY: 10.0}
PUBLIC_TIMEOUT_S = 10.0
LOCKOUT_NS = 15 * 60 * NS_PER_S
QUESTION_WAITS_NS = 10 * NS_PER_S
WALK_WAITS_NS = 30 * NS_PER_S
"""How long a call may wait for its allowance; what settles orders is worth more patience."""

MAX_ANSWER_BYTES = 32 * 1024 * 1024
PUBLIC_BURST, PUBLIC_PER_S = 15.0, 1.0
"""Public calls are counted by address; about one a second is the usual advice."""

_PROBE = "/0/public/SystemStatus"


def _untold(ns: int) -> None:
    """Nobody measures."""


class Transport:
    """The one HTTP client of a venue. ``close`` it when done."""

    def __init__(
        self, endpoints: Endpoints, credentials: Credentials | None, clock: Clock, seed: int = 0
    ) -> None:
        if credentials is not None:
            require_signable(endpoints)
            check_secret(credentials.secret)
        self._endpoints = endpoints
        self._credentials = credentials
        self._clock = clock
        self._client: httpx.AsyncClient | None = None
        random = Random(seed)
        self.limiter = RestLimiter()
        self.lane = Lane()
        self.nonces = Nonces(clock)
        self.breakers = {name: Breaker(random) for name in ("trade", "query", "public")}
        self._public = Counter(PUBLIC_PER_S)
        self._blocked_until = 0
        self._blocked_why = ""
        self._latched: dict[str, str] = {}
        self.answered = 0
        """Requests for data that were answered: not tokens, orders and cancels."""
        self.on_round_trip: Callable[[int], None] = _untold
        """Told of every answered call: how long it took, ns."""

    @property
    def has_keys(self) -> bool:
        """Whether private calls can be signed."""
        return self._credentials is not None

    def unlatch(self) -> None:
        """The user looked at the key: private calls may be tried again."""
        self._latched.clear()

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    async def public(self, name: str, params: Mapping[str, str], kind: type[T]) -> T:
        """GET a public endpoint. Raises NotSent, Refused or OutcomeUnknown."""
        wait = self._public.wait_ns(1.0, PUBLIC_BURST, self._clock.mono_ns())
        await self._pause(wait, QUESTION_WAITS_NS, "public calls")
        await self._ask_breaker(self.breakers["public"])
        self._public.add(1.0, self._clock.mono_ns())
        url = f"{self._endpoints.public_rest}/0/public/{name}"
        async with self._guarded(self.breakers["public"], PUBLIC_TIMEOUT_S):
            answer = await self._send("GET", url, params=params)
            self.answered += 1
            return _decode(answer, kind)

    async def private(self, name: str, fields: Mapping[str, str], kind: type[T], call: Call) -> T:
        """POST a signed call when its turn comes. Raises NotSent, Refused or OutcomeUnknown."""
        if self._credentials is None:
            raise NotSent("no API key", user_message="No API key. Nothing was sent.")
        self._ask_latches(name, call)
        cost = rest_cost(name)
        walk = call in (Call.WALK, Call.TOKEN)
        wait = self.limiter.wait_ns(cost, self._clock.mono_ns(), walk=walk)
        await self._pause(wait, WALK_WAITS_NS if walk else QUESTION_WAITS_NS, "private calls")
        breaker = self.breakers["trade" if call.trades else "query"]
        if call is not Call.CANCEL:
            await self._ask_breaker(breaker)
        async with self.lane.turn(call):
            self._ask_latches(name, call)
            self.limiter.take(cost, self._clock.mono_ns())
            async with self._guarded(breaker, TIMEOUTS_S[call]):
                answer = await self._signed(name, fields)
                self.answered += call in (Call.WALK, Call.QUERY)
                return _decode(answer, kind)

    async def _signed(self, name: str, fields: Mapping[str, str]) -> bytes:
        try:
            return await self._sign_and_send(name, fields)
        except Refused as refusal:
            if verdict(refusal.detail) is not Verdict.NONCE:
                raise
        # Proven not executed: once more with a fresh nonce, then it is somebody else's use of the key.
        try:
            return await self._sign_and_send(name, fields)
        except Refused as refusal:
            if verdict(refusal.detail) is Verdict.NONCE:
                refusal.user_message = "Another program seems to use this API key."
            raise

    async def _sign_and_send(self, name: str, fields: Mapping[str, str]) -> bytes:
        assert self._credentials is not None
        path = f"/0/private/{name}"
        nonce = self.nonces.next()
        body = urlencode({"nonce": nonce, **fields}).encode()
        headers = {
            "API-Key": self._credentials.key.reveal(),
            "API-Sign": sign(path, nonce, body, self._credentials.secret),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            return await self._send(
                "POST", self._endpoints.private_rest + path, headers=headers, content=body
            )
        except (Refused, OutcomeUnknown) as error:
            self._learn(name, error.detail)
            raise

    async def _send(self, method: str, url: str, **more: Any) -> bytes:
        """Return the body of an answer that holds a result."""
        import httpx

        try:
            async with self._http().stream(method, url, **more) as response:
                body = b""
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_ANSWER_BYTES:
                        raise OutcomeUnknown("answer too large")
                return _result(response.status_code, body)
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.UnsupportedProtocol,
        ) as error:
            raise NotSent(f"cannot connect: {why_not_connected(error)}") from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise OutcomeUnknown(f"no answer: {type(error).__name__}") from error

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            import httpx

            where = (self._endpoints.public_rest, self._endpoints.private_rest)
            is_clear = all(url.startswith("http:") for url in where)
            self._client = httpx.AsyncClient(
                verify=rootless_context() if is_clear else client_context(),
                http2=False,
                trust_env=False,
                follow_redirects=False,
                limits=httpx.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=KEPT_S),
                timeout=httpx.Timeout(max(TIMEOUTS_S.values()), connect=CONNECT_TIMEOUT_S),
                headers={"User-Agent": f"Tidewire/{core.__version__}"},
            )
        return self._client

    @asynccontextmanager
    async def _guarded(self, breaker: Breaker, timeout_s: float) -> AsyncIterator[None]:
        """Bound a call in time and tell the breaker how it went."""
        began = self._clock.mono_ns()
        try:
            async with asyncio.timeout(timeout_s):
                yield
        except TimeoutError as error:
            breaker.failed(self._clock.mono_ns())
            raise OutcomeUnknown(f"no answer within {timeout_s:g} s") from error
        except Refused:
            breaker.succeeded(self._clock.mono_ns())
            raise
        except (OutcomeUnknown, NotSent):
            breaker.failed(self._clock.mono_ns())
            raise
        now = self._clock.mono_ns()
        breaker.succeeded(now)
        self.on_round_trip(now - began)

    async def _ask_breaker(self, breaker: Breaker) -> None:
        now = self._clock.mono_ns()
        state = breaker.state(now)
        if state is BreakerState.OPEN:
            raise NotSent(f"REST is failing, next try in {breaker.wait_ns(now) / NS_PER_S:.0f} s")
        while breaker.state(self._clock.mono_ns()) is BreakerState.HALF_OPEN:
            # Never an order as the first try: a harmless question finds out.
            async with self._guarded(breaker, PUBLIC_TIMEOUT_S):
                await self._send("GET", self._endpoints.public_rest + _PROBE)

    async def _pause(self, wait_ns: int, longest_ns: int, what: str) -> None:
        if wait_ns > longest_ns:
            raise NotSent(f"too many {what}, free in {wait_ns / NS_PER_S:.0f} s")
        if wait_ns:
            log.info("rest paced what=%s wait_s=%.1f", what, wait_ns / NS_PER_S)
            await asyncio.sleep(wait_ns / NS_PER_S)

    def _ask_latches(self, name: str, call: Call) -> None:
        if call is Call.CANCEL:
            return
        why = self._latched.get("") or self._latched.get(name)
        if why:
            raise NotSent(f"stopped after: {why}", user_message="The exchange refused this API key.")
        left = self._blocked_until - self._clock.mono_ns()
        if left > 0:
            raise NotSent(f"{self._blocked_why}, free in {left / NS_PER_S:.0f} s")

    def _learn(self, name: str, error: str) -> None:
        """Take the exchange's hint not to ask again."""
        now = self._clock.mono_ns()
        match verdict(error):
            case Verdict.KEY:
                self._latched[""] = error
            case Verdict.PERMISSION:
                self._latched[name] = error
            case Verdict.LOCKOUT:
                self._blocked_until, self._blocked_why = now + LOCKOUT_NS, "locked out by the exchange"
            case Verdict.PACE:
                self.limiter.exceeded(now)
            case Verdict.UNKNOWN if error.startswith("EService:Throttled"):
                self._blocked_until = now + self._throttled_ns(error)
                self._blocked_why = "throttled by the exchange"

    def _throttled_ns(self, error: str) -> int:
        until = error.rpartition(":")[2].strip()
        seconds = int(until) if until.isdecimal() and len(until) <= 12 else 0
        return min(max(seconds * NS_PER_S - self._clock.wall_ns(), NS_PER_S), LOCKOUT_NS)


def _result(status: int, body: bytes) -> bytes:
    """Return the result of an answer. Raises Refused or OutcomeUnknown for one that holds none."""
    try:
        envelope = _ENVELOPE.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        if status == 403:
            raise Refused("blocked with HTTP 403") from error
        raise OutcomeUnknown(f"HTTP {status}, {_what_came(status, body)}") from error
    refusals = _refusals(envelope.error)
    if status == 403 and not any(text[:1] == "E" for text in refusals):
        raise Refused("blocked with HTTP 403")
    if refusals:
        # Of several reasons the one that leaves the outcome open counts.
        raise failure(next((text for text in refusals if not verdict(text).proves_nothing_done), refusals[0]))
    result = bytes(envelope.result)
    if status != 200 or result == b"null":
        raise OutcomeUnknown(f"HTTP {status} without a result")
    return result


def _refusals(error: object) -> list[str]:
    """Return the reasons of a refusal, warnings left out; one that is no text is a reason all the same."""
    told = error if isinstance(error, list) else [error] if error else []
    texts = [one if isinstance(one, str) else "unreadable error" for one in told]
    return [":".join(part.strip() for part in text.split(":")) for text in texts if text[:1] != "W"]


def _what_came(status: int, body: bytes) -> str:
    if 300 <= status < 400:
        return "leads elsewhere, not followed"
    if body.lstrip()[:1] == b"<":
        return "a web page instead of an answer of the exchange"
    return "not an answer of the exchange"


def _decode(result: bytes, kind: type[T]) -> T:
    try:
        # Not strict: whole numbers may come as text or with a point.
        return msgspec.json.decode(result, type=kind, strict=False)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise OutcomeUnknown(f"unreadable answer: {error!s:.200}") from error


_ENVELOPE = msgspec.json.Decoder(Envelope)
