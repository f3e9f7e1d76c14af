"""Trading methods of one connection: a parsed request to the engine, its outcome back as Kraken's answer.

Source: Kraken WebSocket v2 method pages.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING

from core.sim import fields, wire
from core.sim.fields import Params
from core.sim.model import OrderSpec, Reject, SimOrder
from core.sim.requests import (
    BATCH_CANCEL,
    TRADING,
    Request,
    amend_spec,
    batch_orders,
    edit_changes,
    order_spec,
    required_symbol,
)
from core.sim.subscribing import WRONG_HOST

if TYPE_CHECKING:
    from core.sim.connection import Connection
    from core.sim.hub import Hub
    from core.sim.tokens import Token

MAX_TIMEOUT_S = 86_400
# Method: permissions of which one is enough, except where both are needed.
MODIFY, CLOSE = "modify-trades", "close-trades"
NEEDS_BOTH = frozenset({"batch_add", "edit_order"})
NEEDS_MODIFY = frozenset({"add_order"})

Body = dict[str, object]
Answer = Callable[[Body], None]


class Trading:
    """What one connection may do to orders."""

    def __init__(self, hub: Hub, connection: Connection) -> None:
        self._hub = hub
        self._connection = connection
        self._asked_ns = 0
        self._methods: dict[str, Callable[[str, Params, Answer], None]] = {
            "add_order": self._add_order,
            "amend_order": self._amend_order,
            "edit_order": self._edit_order,
            "cancel_order": self._cancel_order,
            "cancel_all": self._cancel_all,
            "cancel_all_orders_after": self._cancel_all_orders_after,
            "batch_add": self._batch_add,
            "batch_cancel": self._batch_cancel,
        }

    def handle(self, request: Request, answer: Answer, asked_ns: int) -> None:
        """Carry out one request that came at ``asked_ns`` (wall); raises Reject with the text of the answer."""
        self._asked_ns = asked_ns
        if self._connection.role != "private":
            raise Reject(WRONG_HOST["public"])
        fields.check_fields(request.params, TRADING[request.method], request.method)
        token = self._token(request.params)
        _check_permission(token.permissions, request.method)
        self._hub.catch_up()
        self._methods[request.method](token.account, request.params, answer)

    def _token(self, params: Params) -> Token:
        text = fields.text(params, "token")
        if not text:
            raise Reject("Token(s) not found")
        token = self._hub.tokens.find(text, self._connection.number, self._hub.clock.mono_ns())
        if token is None:
            raise Reject("EAPI:Invalid token")
        return token

    def _add_order(self, account: str, params: Params, answer: Answer) -> None:
        spec = order_spec(params, required_symbol(params), self._asked_ns)
        self._check_pair(spec.symbol)
        order = self._hub.engine.add(account, spec, validate=fields.flag(params, "validate"))
        result = _order_result(order, spec)
        if "no_mpp" in params:
            result["warnings"] = ["no_mpp is deprecated"]
        answer({"result": result, "success": True})

    def _amend_order(self, account: str, params: Params, answer: Answer) -> None:
        spec = amend_spec(params, self._asked_ns)
        result: Body = {"amend_id": self._hub.engine.amend(account, spec)}
        if spec.order_id is not None:
            result["order_id"] = spec.order_id
        else:
            result["cl_ord_id"] = spec.cl_ord_id
        answer({"result": result, "success": True})

    def _edit_order(self, account: str, params: Params, answer: Answer) -> None:
        order_id = fields.text(params, "order_id")
        if order_id is None:
            raise fields.invalid("order_id")
        self._check_pair(required_symbol(params))
        changes = edit_changes(params, self._asked_ns)
        if fields.flag(params, "validate"):
            if self._hub.engine.order(account, order_id) is None:
                raise Reject("EOrder:Invalid order")
            answer({"result": {"original_order_id": order_id}, "success": True})
            return
        order = self._hub.engine.edit(account, order_id, **changes)
        result = {"order_id": order.order_id, "original_order_id": order_id}
        answer({"result": result, "success": True})

    def _cancel_order(self, account: str, params: Params, answer: Answer) -> None:
        """One answer for each id; a failed one carries no id."""
        named = [params[name] for name in ("order_id", "cl_ord_id", "order_userref") if name in params]
        if len(named) != 1 or not named[0]:
            raise fields.invalid("order_id")
        engine = self._hub.engine
        for order_id in fields.strings(params, "order_id"):
            _answer_cancel(answer, {"order_id": order_id}, partial(engine.cancel, account, order_id=order_id))
        for cl_ord_id in fields.strings(params, "cl_ord_id"):
            _answer_cancel(
                answer, {"cl_ord_id": cl_ord_id}, partial(engine.cancel, account, cl_ord_id=cl_ord_id)
            )
        for userref in fields.integers(params, "order_userref"):
            for order in engine.cancel(account, userref=userref):
                answer({"result": {"order_id": order.order_id, "order_userref": userref}, "success": True})

    def _cancel_all(self, account: str, params: Params, answer: Answer) -> None:
        answer({"result": {"count": self._hub.engine.cancel_all(account)}, "success": True})

    def _cancel_all_orders_after(self, account: str, params: Params, answer: Answer) -> None:
        timeout = params.get("timeout")
        if not isinstance(timeout, int) or not 0 <= timeout < MAX_TIMEOUT_S:
            raise fields.invalid("timeout")
        now_ns, trigger_ns = self._hub.engine.cancel_all_after(account, timeout)
        result = {
            "currentTime": wire.rfc3339_s(now_ns),
            "triggerTime": "0" if trigger_ns is None else wire.rfc3339_s(trigger_ns),
        }
        answer({"result": result, "success": True})

    def _batch_add(self, account: str, params: Params, answer: Answer) -> None:
        specs = batch_orders(params, self._asked_ns)
        self._check_pair(specs[0].symbol)
        outcomes = self._hub.engine.add_batch(account, specs, validate=fields.flag(params, "validate"))
        rows = [_batch_row(outcome, spec) for outcome, spec in zip_longest(outcomes, specs)]
        failed = any(isinstance(outcome, Reject) for outcome in outcomes)
        answer({"result": rows, "success": not failed})

    def _batch_cancel(self, account: str, params: Params, answer: Answer) -> None:
        orders, cl_ord_ids = fields.strings(params, "orders"), fields.strings(params, "cl_ord_id")
        if len(orders) + len(cl_ord_ids) not in BATCH_CANCEL:
            raise fields.invalid("orders")
        count = self._hub.engine.cancel_many(account, orders, cl_ord_ids)
        answer({"result": {"count": count}, "success": True})

    def _check_pair(self, symbol: str) -> None:
        if symbol not in self._hub.engine.pairs:
            raise Reject(f"Currency pair not supported {symbol[:32]}")


def _check_permission(permissions: frozenset[str], method: str) -> None:
    if method in NEEDS_BOTH:
        allowed = {MODIFY, CLOSE} <= permissions
    elif method in NEEDS_MODIFY:
        allowed = MODIFY in permissions
    else:
        allowed = MODIFY in permissions or CLOSE in permissions
    if not allowed:
        raise Reject("EGeneral:Permission denied")


def _order_result(order: SimOrder | None, spec: OrderSpec) -> Body:
    """The ids of an accepted order; a validated one has no ``order_id``."""
    result: Body = {} if order is None else {"order_id": order.order_id}
    if spec.cl_ord_id is not None:
        result["cl_ord_id"] = spec.cl_ord_id
    if spec.order_userref is not None:
        result["order_userref"] = spec.order_userref
    return result


def _batch_row(outcome: SimOrder | Reject | None, spec: OrderSpec) -> Body:
    if isinstance(outcome, Reject):
        return {"error": outcome.text} | _order_result(None, spec)
    return _order_result(outcome, spec)


def _answer_cancel(answer: Answer, result: Body, cancel: Callable[[], object]) -> None:
    try:
        cancel()
    except Reject as refusal:
        answer({"error": refusal.text, "success": False})
    else:
        answer({"result": result, "success": True})
