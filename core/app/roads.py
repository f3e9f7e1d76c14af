"""The two roads to the exchange behind one face: the private WebSocket line first, REST as stand-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from core.data.kraken.answers import failure
from core.data.rest.client import RestClient
from core.data.ws.manager import LineManager
from core.data.ws.outcomes import legs
from core.domain.errors import NotSent, OutcomeUnknown, TerminalError
from core.domain.ids import ClOrdId
from core.domain.orders import (
    AmendRequest,
    BatchAddRequest,
    BatchCancelRequest,
    CancelAllRequest,
    CancelRequest,
    OrderReport,
    OrderRequest,
)
from core.runtime.clock import NS_PER_S

ORDER_DEADLINE_NS = 5 * NS_PER_S
"""How long the engine may still accept an order: bounds the doubt (faults, section 7)."""

OTHER_ROAD_NS = 3 * NS_PER_S
"""After this long since the click the market the user saw is gone; an order is not sent by REST any more."""

Command = OrderRequest | AmendRequest | CancelRequest | CancelAllRequest | BatchCancelRequest

LegOutcomes = Mapping[ClOrdId, TerminalError | None]
"""What became of each order of a batch: ``None`` when accepted."""


class Road(Protocol):
    """A road to the exchange. Every call raises NotSent, Refused or OutcomeUnknown, and nothing else."""

    name: str

    async def send(self, command: Command, deadline_ns: int) -> OrderReport | None:
        """Send one command. ``deadline_ns`` is exchange time, ns UTC.

        Returns the report an accepted answer amounts to, if it says anything of the order.
        """
        ...


class BatchRoad(Road, Protocol):
    """A road that also takes several orders in one request."""

    async def send_batch(self, batch: BatchAddRequest, deadline_ns: int) -> LegOutcomes:
        """Send 2 to 15 orders of one pair and return what became of each."""
        ...


class WebSocketRoad:
    """The private line. What an accepted answer says of the order arrives as an event, before ``send`` returns."""

    name = "WS"

    def __init__(self, lines: LineManager) -> None:
        self._lines = lines

    async def send(self, command: Command, deadline_ns: int) -> OrderReport | None:
        """See ``Road``."""
        await self._lines.request(command, deadline_ns=deadline_ns)
        return None

    async def send_batch(self, batch: BatchAddRequest, deadline_ns: int) -> LegOutcomes:
        """See ``BatchRoad``."""
        answer = await self._lines.request(batch, deadline_ns=deadline_ns)
        found: dict[ClOrdId, TerminalError | None] = {
            order.cl_ord_id: OutcomeUnknown("the answer does not name this order") for order in batch.orders
        }
        for order, row in legs(batch, answer):
            found[order.cl_ord_id] = failure(row.error) if row.error or not row.order_id else None
        return found


class RestRoad:
    """The same commands over HTTP. Kraken's engine counters are shared by both roads."""

    name = "REST"

    def __init__(self, rest: RestClient) -> None:
        self._rest = rest

    async def send(self, command: Command, deadline_ns: int) -> OrderReport | None:
        """See ``Road``."""
        if not self._rest.has_keys:
            raise NotSent("no API key", user_message="No API key. Nothing was sent.")
        match command:
            case OrderRequest():
                return await self._rest.add_order(command, deadline_ns)
            case AmendRequest():
                await self._rest.amend_order(command, deadline_ns)
            case CancelRequest():
                await self._rest.cancel_order(command)
            case CancelAllRequest():
                await self._rest.cancel_all(command)
            case BatchCancelRequest():
                raise NotSent("over REST orders are cancelled one by one")
        return None
