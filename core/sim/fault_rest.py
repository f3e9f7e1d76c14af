"""REST under faults: one request in; an answer out, something else, or nothing, now or later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.sim import wire
from core.sim.fault_effects import HTML, Fate, HttpReply
from core.sim.fault_line import request_symbols
from core.sim.fault_matching import Subject
from core.sim.model import Reject
from core.sim.rest_api import PUBLIC, RestApi, RestRequest

if TYPE_CHECKING:
    from core.sim.fields import Params
    from core.sim.hub import Hub

PLAIN = "text/plain; charset=utf-8"
JSON = "application/json; charset=utf-8"
HTML_TYPE = "text/html; charset=UTF-8"

Outcome = tuple[int, str]


@dataclass(frozen=True, slots=True)
class RestAnswer:
    """What goes back. ``ending`` is ``answer``, ``silence``, ``close`` or ``reset``; only the first has a body."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": JSON})
    ending: str = "answer"
    bytes_per_s: float | None = None


class RestDesk:
    """Takes every REST request of one exchange through its faults to the API and back."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._api = RestApi(hub)

    async def answer(self, request: RestRequest) -> RestAnswer:
        """Return what the client gets, after the time it takes."""
        method = request.path.rpartition("/")[2]
        self._hub.received[method] += 1
        faults = self._hub.faults
        if faults.is_idle:
            return self._normal(request)
        subject = self._subject(request, method, "request")
        if (reply := faults.reply(subject)) is not None:
            return plain_reply(reply)
        fate = faults.fate(subject)
        for event in fate.events:
            event.act([])
        if fate.is_lost:
            return RestAnswer(ending=fate.ending or "silence")
        status, text = await self._carried_out(request, subject, fate)
        early = _spoiled(fate)
        return early or await self._treated(replace(subject, kind="answer"), status, text)

    def _normal(self, request: RestRequest) -> RestAnswer:
        status, text = self._api.respond(request)
        self._hub.flush()
        return RestAnswer(status, text.encode())

    async def _carried_out(self, request: RestRequest, subject: Subject, fate: Fate) -> Outcome:
        """Let the request in, wait, and carry it out; what it causes is told to everybody at once."""
        if not fate.is_accepted:
            return 200, wire.encode({"error": [fate.error]})
        hub = replace(
            self._hub, lagging=self._hub.faults.records(subject), request_ns=self._hub.clock.wall_ns()
        )
        status, text = await self._outcome(request, hub, fate.wait_s)
        self._hub.flush()
        return (200, wire.encode({"error": [fate.error]})) if fate.error is not None else (status, text)

    async def _outcome(self, request: RestRequest, hub: Hub, wait_s: float) -> Outcome:
        call: Callable[[], object] | None = None

        def admit() -> None:
            nonlocal call
            call = self._api.admit(request, hub)

        refused = self._api.outcome(admit)
        if call is None:
            return refused
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        return self._api.outcome(call)

    async def _treated(self, subject: Subject, status: int, text: str) -> RestAnswer:
        treatment = self._hub.faults.treatment(subject, text)
        if treatment.delay_s > 0:
            await asyncio.sleep(treatment.delay_s)
        if not treatment.frames:
            return RestAnswer(ending="silence")
        return RestAnswer(status, treatment.frames[0].encode(), bytes_per_s=treatment.bytes_per_s)

    def _subject(self, request: RestRequest, method: str, kind: str) -> Subject:
        try:
            params = self._api.params(request)
        except Reject:
            params = {}
        role = "public" if request.path.startswith(PUBLIC) else "private"
        return Subject(road="rest", kind=kind, role=role, method=method, symbols=self._symbols(params))

    def _symbols(self, params: Params) -> frozenset[str]:
        if not params.get("pair"):
            return request_symbols(params, self._hub.faults.orders_named)
        try:
            return frozenset(pair.symbol for _, pair in self._api.names.pairs(params))
        except Reject:
            return frozenset()


def _spoiled(fate: Fate) -> RestAnswer | None:
    """Return what takes the place of the answer to a request that was carried out."""
    if fate.ending == "html":
        return RestAnswer(200, HTML.encode(), {"Content-Type": HTML_TYPE})
    if fate.ending == "5xx":
        return RestAnswer(502, b"Bad Gateway\n", {"Content-Type": PLAIN})
    return RestAnswer(ending="silence" if fate.ending == "timeout" else fate.ending) if fate.ending else None


def plain_reply(reply: HttpReply) -> RestAnswer:
    """Return an answer that is not the API's."""
    return RestAnswer(reply.status, reply.body, {"Content-Type": HTML_TYPE} | dict(reply.headers))
