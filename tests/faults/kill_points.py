"""Named moments on the way of an order at which the program may die. Hung onto one terminal from outside.

A kill is seen from outside: from that moment on nothing reaches the disk or the network any more. What the dead
program still computes does not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.data.kraken.requests import method_of
from core.domain.events import AnswerEvent, BalanceEvent, ExecutionEvent, LineEvent
from core.domain.health import Line
from core.sim.exchange import SimExchange
from tests.faults.terminal import Terminal
from tests.faults.virtual_loop import VirtualLoop

Pass = Callable[[str], None]

CALLS = ("AddOrder", "AmendOrder", "CancelOrder", "GetWebSocketsToken")
QUESTIONS = ("OpenOrders", "ClosedOrders", "QueryOrders", "TradesHistory", "BalanceEx")
REPORTS = ("pending_new", "new", "trade", "filled", "canceled", "amended")
METHODS = ("add_order", "amend_order", "cancel_order", "batch_add")


def hang(terminal: Terminal, exchange: SimExchange, passed: Pass) -> None:
    """Have every point told by its name when it is passed."""
    _orders(terminal, passed)
    _journal(terminal, passed)
    _wire(terminal, passed)
    _questions(terminal, passed)
    _events(terminal, passed)
    _engine(exchange, passed)


def _around(owner: object, name: str, before: str, after: str, passed: Pass) -> None:
    """Tell of a call and of its return."""
    call = getattr(owner, name)

    def told(*args: Any, **kwargs: Any) -> Any:
        passed(before)
        result = call(*args, **kwargs)
        passed(after)
        return result

    setattr(owner, name, told)


def _around_async(owner: object, name: str, label: str, passed: Pass) -> None:
    call = getattr(owner, name)

    async def told(*args: Any, **kwargs: Any) -> Any:
        passed(f"before {label}")
        try:
            return await call(*args, **kwargs)
        finally:
            passed(f"after {label}")

    setattr(owner, name, told)


def _orders(terminal: Terminal, passed: Pass) -> None:
    session, orders = terminal.session, terminal.stores.orders
    _around(session.risk, "check", "before the risk check", "after the risk check", passed)
    _around(orders, "add", "before the order is stored", "after the order is stored", passed)
    _around(orders, "took_road", "before a road is taken", "after a road is taken", passed)
    _around(orders, "infer", "before a conclusion", "after a conclusion", passed)
    _around(orders, "report", "before a report is merged", "after a report is merged", passed)
    _around(orders, "flag", "before a wish is noted", "after a wish is noted", passed)


def _journal(terminal: Terminal, passed: Pass) -> None:
    journal = terminal.journal
    _around_async(journal, "intents", "the intent is durable", passed)
    _around_async(journal, "pending_intents", "intents are read back", passed)
    _around_async(journal, "reports", "reports are read back", passed)
    _around_async(journal, "fills", "fills are read back", passed)
    _around(journal, "note_report", "before a report is noted", "after a report is noted", passed)
    _around(journal, "outcome", "before a conclusion is noted", "after a conclusion is noted", passed)


def _wire(terminal: Terminal, passed: Pass) -> None:
    loop, connection = terminal.loop, terminal.session.lines.connection(Line.PRIVATE)
    assert isinstance(loop, VirtualLoop)
    request = connection.session.request
    built: list[str] = []

    def told_of_frame(command: Any, *args: Any) -> Any:
        method = method_of(command)
        passed(f"before the frame {method} is built")
        result = request(command, *args)
        built[:] = [method]  # masked on the wire, but the next thing that is written
        passed(f"after the frame {method} is built")
        return result

    def told_of_write(sender: str, moment: str, data: bytes) -> None:
        if sender == "terminal":
            for method in built:
                passed(f"{moment} the terminal writes {method}")
            if moment == "after":
                built.clear()
            return
        for method in METHODS:
            if f'"{method}"'.encode() in data:
                passed(f"{moment} the exchange writes {method}")

    connection.session.request = told_of_frame  # type: ignore[method-assign]
    loop.watch_writes = told_of_write


def _questions(terminal: Terminal, passed: Pass) -> None:
    transport = terminal.session.rest.transport
    call = transport.private

    async def told(name: str, *args: Any) -> Any:
        passed(f"before {name}")
        result = await call(name, *args)
        passed(f"after {name}")
        return result

    transport.private = told  # type: ignore[method-assign]


def _events(terminal: Terminal, passed: Pass) -> None:
    processor = terminal.session.processor
    apply = processor.apply

    def told(line: Any, epoch: int, events: Any, now_mono: int, now_wall: int) -> Any:
        names = {name for event in events for name in _names(event)}
        for name in sorted(names):
            passed(f"before {name} is applied")
        effects = apply(line, epoch, events, now_mono, now_wall)
        for name in sorted(names):
            passed(f"after {name} is applied")
        return effects

    processor.apply = told  # type: ignore[method-assign]


def _names(event: object) -> list[str]:
    match event:
        case AnswerEvent():
            return ["an answer"]
        case ExecutionEvent(snapshot=True):
            return ["a snapshot of orders"]
        case ExecutionEvent(reports=reports):
            return [f"a report {report.exec_type}" for report in reports if report.exec_type in REPORTS]
        case BalanceEvent(snapshot=True):
            return ["a snapshot of balances"]
        case BalanceEvent():
            return ["a balance"]
        case LineEvent():
            return ["a move of a line"]
        case _:
            return []


def _engine(exchange: SimExchange, passed: Pass) -> None:
    def told(report: Any) -> None:
        if report.exec_type in REPORTS:
            passed(f"the engine says {report.exec_type}")

    exchange.engine.listeners.execution.append(told)


def names() -> list[str]:
    """Every point there is."""
    both = (
        "the intent is durable",
        "intents are read back",
        "reports are read back",
        "fills are read back",
        "the risk check",
        "the order is stored",
        "a road is taken",
        "a conclusion",
        "a report is merged",
        "a wish is noted",
        "a report is noted",
        "a conclusion is noted",
        *CALLS,
        *QUESTIONS,
        *(f"the frame {method} is built" for method in METHODS),
        *(f"the terminal writes {method}" for method in METHODS),
        *(f"the exchange writes {method}" for method in METHODS),
        "an answer is applied",
        "a snapshot of orders is applied",
        "a snapshot of balances is applied",
        "a balance is applied",
        "a move of a line is applied",
        *(f"a report {word} is applied" for word in REPORTS),
    )
    return [
        *(f"{moment} {what}" for what in both for moment in ("before", "after")),
        *(f"the engine says {word}" for word in REPORTS),
    ]
