"""REST as protocol: one request in, status and JSON out. No socket here.

Public calls by GET with a query, private ones by POST with a signed form or JSON body. HTTP status is 200 even
for errors, as on Kraken, except for paths that do not exist. Source: Kraken REST, "Introduction", "Authentication".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from core.sim import auth, wire
from core.sim.fields import Params
from core.sim.model import Reject
from core.sim.rest_account import ACCOUNT_CALLS
from core.sim.rest_history import HISTORY_CALLS
from core.sim.rest_names import Names
from core.sim.rest_orders import ORDER_CALLS
from core.sim.rest_public import PUBLIC_CALLS

if TYPE_CHECKING:
    from core.sim.hub import Hub

PUBLIC, PRIVATE = "/0/public/", "/0/private/"
TOKEN = "GetWebSocketsToken"
MAX_FIELDS = 1000
PRIVATE_CALLS = {**ACCOUNT_CALLS, **HISTORY_CALLS, **ORDER_CALLS}


@dataclass(frozen=True, slots=True)
class RestRequest:
    """One HTTP request as the API sees it. ``path`` begins with ``/0/``; header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class RestApi:
    """All endpoints of one exchange."""

    def __init__(self, hub: Hub) -> None:
        self.names = Names(hub.engine)
        self._hub = hub

    def respond(self, request: RestRequest) -> tuple[int, str]:
        """Return HTTP status and body."""
        return self.outcome(lambda: self.admit(request, self._hub)())

    @staticmethod
    def outcome(call: Callable[[], object]) -> tuple[int, str]:
        """Return HTTP status and body of what a call returns, or of its refusal."""
        try:
            result = call()
        except Reject as refusal:
            status = 404 if refusal.text == "EGeneral:Unknown method" else 200
            return status, wire.encode({"error": [refusal.text]})
        return 200, wire.encode({"error": [], "result": result})

    def admit(self, request: RestRequest, hub: Hub) -> Callable[[], object]:
        """Check who asks, and return what carries the request out, now or later. Reject when it may not pass."""
        if request.path.startswith(PUBLIC):
            public = PUBLIC_CALLS.get(request.path.removeprefix(PUBLIC))
            if public is not None and request.method in ("GET", "POST"):
                return partial(public, hub, self.names, self.params(request))
        elif request.path.startswith(PRIVATE):
            name = request.path.removeprefix(PRIVATE)
            if (name in PRIVATE_CALLS or name == "GetApiKeyInfo") and request.method == "POST":
                return self._private(name, request, hub)
        raise Reject("EGeneral:Unknown method")

    @staticmethod
    def params(request: RestRequest) -> Params:
        """Return the fields of the query and of the body. Reject when they cannot be read."""
        return _form(request.query) | (_body(request) if request.body else {})

    def _private(self, name: str, request: RestRequest, hub: Hub) -> Callable[[], object]:
        params = _body(request)
        record = self._hub.keys.authenticate(
            request.headers.get("api-key", ""),
            request.headers.get("api-sign", ""),
            request.path,
            _nonce(params),
            request.body,
        )
        now_ns = self._hub.clock.mono_ns()
        self._hub.keys.charge(record, name, now_ns)
        auth.check_permission(record.permissions, name)
        record.last_used_ns = self._hub.clock.wall_ns()
        if name == "GetApiKeyInfo":
            return partial(_key_info, record)

        def call() -> object:
            if name != TOKEN:  # which has nothing to do with the market
                hub.catch_up()
            return PRIVATE_CALLS[name](hub, self.names, record, params)

        return call


def _body(request: RestRequest) -> Params:
    """Return the fields of a form or JSON body."""
    if "json" in request.headers.get("content-type", ""):
        try:
            value = wire.decode(request.body)
        except (wire.Malformed, UnicodeDecodeError) as error:
            raise Reject("EAPI:Bad request") from error
        if not isinstance(value, dict):
            raise Reject("EAPI:Bad request")
        return value
    try:
        return _form(request.body.decode())
    except UnicodeDecodeError as error:
        raise Reject("EAPI:Bad request") from error


def _form(text: str) -> Params:
    """Return the fields of a form; ``close[price]`` and ``orders[0][price]`` become objects and lists."""
    params: Params = {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Reject("EAPI:Bad request") from error
    for name, value in pairs:
        here = params
        *outer, last = name.replace("]", "").split("[")
        for part in outer:
            inner = here.setdefault(part, {})
            if not isinstance(inner, dict):
                raise Reject("EAPI:Bad request")
            here = inner
        here[last] = value
    return {name: _listed(value) for name, value in params.items()}


def _listed(value: object) -> object:
    """Turn an object keyed 0, 1, 2 (or with the empty key of ``name[]``) into a list."""
    if isinstance(value, dict) and value and all(key.isdecimal() for key in value):
        return [value[key] for key in sorted(value, key=int)]
    return value


def _nonce(params: Params) -> str:
    value = params.get("nonce")
    return str(value) if isinstance(value, (str, int, Decimal)) else ""


def _key_info(record: auth.ApiKey) -> dict[str, object]:
    """Times are texts of Unix seconds, ``0`` where nothing is set."""
    return {
        "apiKeyName": record.name,
        "apiKey": record.key,
        "permissions": sorted(record.permissions),
        "nonce": str(record.nonce),
        "nonceWindow": record.nonce_window,
        "ipAllowlist": [],
        "validUntil": "0",
        "queryFrom": "0",
        "queryTo": "0",
        "createdTime": str(record.created_ns // auth.NS_PER_S),
        "modifiedTime": str(record.created_ns // auth.NS_PER_S),
        "lastUsed": str(record.last_used_ns // auth.NS_PER_S),
        "iban": "",
    }
