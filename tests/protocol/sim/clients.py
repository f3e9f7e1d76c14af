"""Plain clients for the exchange's servers: they know JSON and signatures, and nothing of our own client."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from decimal import Decimal
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import ClientConnection, connect

from core.sim.exchange import SimExchange

WAIT_S = 10.0

Frame = dict[str, Any]


class WsClient:
    """One WebSocket. Frames received are kept in order; numbers are exact."""

    def __init__(self, url: str, **options: Any) -> None:
        self._connecting = connect(url, max_size=None, ping_interval=None, **options)
        self.socket: ClientConnection
        self.frames: list[Frame] = []
        self._req_id = 0

    async def __aenter__(self) -> Self:
        self.socket = await self._connecting.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connecting.__aexit__(kind, error, trace)

    async def send(self, method: str, params: Frame | None = None) -> int:
        """Send a request and return its number."""
        self._req_id += 1
        frame: Frame = {"method": method, "req_id": self._req_id}
        await self.socket.send(json.dumps(frame | ({} if params is None else {"params": params})))
        return self._req_id

    async def call(self, method: str, **params: Any) -> Frame:
        """Send a request and return its first answer."""
        req_id = await self.send(method, params)
        return await self.until(lambda frame: frame.get("req_id") == req_id)

    async def calls(self, method: str, count: int, **params: Any) -> list[Frame]:
        """Send a request and return so many answers to it."""
        req_id = await self.send(method, params)
        return [await self.until(lambda frame: frame.get("req_id") == req_id) for _ in range(count)]

    async def channel(self, name: str, kind: str = "") -> Frame:
        """Return the next data frame of a channel."""
        return await self.until(
            lambda frame: (
                frame.get("channel") == name and "method" not in frame and kind in ("", frame.get("type"))
            )
        )

    async def until(self, wanted: Callable[[Frame], bool]) -> Frame:
        """Return the next frame that is wanted."""
        async with asyncio.timeout(WAIT_S):
            while not wanted(frame := await self.receive()):
                pass
        return frame

    async def receive(self) -> Frame:
        """Return the next frame."""
        frame: Frame = json.loads(await self.socket.recv(), parse_float=Decimal)
        self.frames.append(frame)
        return frame


class RestClient:
    """Signed calls with growing nonces."""

    def __init__(self, exchange: SimExchange) -> None:
        self._exchange = exchange
        self._http = httpx.AsyncClient(trust_env=False)
        self._nonce = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def public(self, name: str, **params: Any) -> Frame:
        url = f"{self._exchange.endpoints.public_rest}/0/public/{name}"
        return exact(await self._http.get(url, params=params))

    async def private(self, name: str, *, key: str = "", secret: str = "", **params: Any) -> Frame:
        """Call with a form body."""
        self._nonce += 1
        body = urlencode({"nonce": self._nonce, **params})
        return await self.signed(
            name, str(self._nonce), body, "application/x-www-form-urlencoded", key, secret
        )

    async def private_json(self, name: str, **params: Any) -> Frame:
        """Call with a JSON body."""
        self._nonce += 1
        body = json.dumps({"nonce": self._nonce, **params})
        return await self.signed(name, str(self._nonce), body, "application/json")

    async def signed(
        self, name: str, nonce: str, body: str, content_type: str, key: str = "", secret: str = ""
    ) -> Frame:
        path = f"/0/private/{name}"
        digest = hashlib.sha256((nonce + body).encode()).digest()
        secret_bytes = base64.b64decode(secret or self._exchange.secret)
        sign = hmac.new(secret_bytes, path.encode() + digest, hashlib.sha512).digest()
        headers = {
            "API-Key": key or self._exchange.key,
            "API-Sign": base64.b64encode(sign).decode(),
            "Content-Type": content_type,
        }
        url = self._exchange.endpoints.private_rest + path
        return exact(await self._http.post(url, content=body, headers=headers))

    async def token(self) -> str:
        answer = await self.private("GetWebSocketsToken")
        return str(answer["result"]["token"])


def exact(response: httpx.Response) -> Frame:
    answer: Frame = json.loads(response.content, parse_float=Decimal)
    return answer
