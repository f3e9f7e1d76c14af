"""What an answer to a trading request means: to who asked, and to the order store. Pure.

Every answer maps to exactly one outcome; what is not proven is unknown (faults, section 2).
"""

from __future__ import annotations

import msgspec

from core.data.kraken.answers import Answer, AnswerRow, Verdict, failure, verdict
from core.data.kraken.reports import accepted_report
from core.domain.errors import NotSent, OutcomeUnknown, TerminalError
from core.domain.events import AnswerEvent, Event
from core.domain.orders import BatchAddRequest, Command, OrderReport, OrderRequest


def outcome_of(command: Command, answer: Answer) -> Answer | TerminalError:
    """Return what an answer means to the asker (faults, section 2)."""
    if answer.success and isinstance(command, OrderRequest) and not answer.order_id:
        return OutcomeUnknown("accepted without an order id")
    if answer.success or any(row.order_id for row in answer.rows):
        return answer
    if verdict(answer.error) is Verdict.TOKEN:
        # Proven not executed, and no fault of the order: the other road may take it.
        return NotSent(f"token refused: {answer.error}")
    return failure(answer.error)


def legs(batch: BatchAddRequest, answer: Answer) -> list[tuple[OrderRequest, AnswerRow]]:
    """Pair the orders of a batch with the rows about them: by our id where it is told, else by place."""
    named = {row.cl_ord_id: row for row in answer.rows if row.cl_ord_id}
    pairs = []
    for at, order in enumerate(batch.orders):
        row = named.get(order.cl_ord_id)
        if row is None and len(answer.rows) == len(batch.orders) and not answer.rows[at].cl_ord_id:
            row = answer.rows[at]
        if row is not None:
            pairs.append((order, row))
    return pairs


def told_events(command: Command | None, answer: Answer, *, late: bool) -> list[Event]:
    """Return the events by which the order store learns of an answer."""
    if isinstance(command, BatchAddRequest):
        return [
            event
            for order, row in legs(command, answer)
            for event in told_events(
                order,
                Answer(
                    method=answer.method,
                    success=not row.error,
                    error=row.error,
                    order_id=row.order_id,
                    cl_ord_id=row.cl_ord_id,
                    time_out=answer.time_out,
                ),
                late=late,
            )
        ]
    if command is not None and not isinstance(command, OrderRequest):
        return []
    cl_ord_id = command.cl_ord_id if command is not None else answer.cl_ord_id
    if answer.success:
        report = accepted_report(answer)
        return [AnswerEvent(answer.method, _known(report, command), cl_ord_id, late=late)] if report else []
    if not late or not cl_ord_id or not verdict(answer.error).proves_nothing_done:
        return []
    return [AnswerEvent(answer.method, None, cl_ord_id, answer.error, late=True)]


def _known(report: OrderReport, order: OrderRequest | None) -> OrderReport:
    if order is None:
        return report
    return msgspec.structs.replace(
        report,
        cl_ord_id=order.cl_ord_id,
        symbol=order.symbol,
        side=order.side,
        order_type=order.order_type,
    )
