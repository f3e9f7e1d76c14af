"""The two roads an order can take, behind one face: the private WebSocket line first, REST as stand-in."""

from __future__ import annotations

from core.app.executor import Command
from core.data.rest.client import RestClient
from core.data.ws.manager import LineManager
from core.domain.orders import AmendRequest, CancelRequest, OrderReport, OrderRequest


class WebSocketRoute:
    """The private line. What an accepted answer says of the order arrives as an event, before ``send`` returns."""

    name = "WS"

    def __init__(self, lines: LineManager) -> None:
        self._lines = lines

    async def send(self, command: Command, deadline_ns: int) -> OrderReport | None:
        """See ``executor.Route``."""
        await self._lines.request(command, deadline_ns=deadline_ns)
        return None


class RestRoute:
    """The same commands over HTTP. Kraken's engine counters are shared by both roads."""

    name = "REST"

    def __init__(self, rest: RestClient) -> None:
        self._rest = rest

    async def send(self, command: Command, deadline_ns: int) -> OrderReport | None:
        """See ``executor.Route``."""
        match command:
            case OrderRequest():
                return await self._rest.add_order(command, deadline_ns)
            case AmendRequest():
                await self._rest.amend_order(command, deadline_ns)
            case CancelRequest():
                await self._rest.cancel_order(command)
        return None
