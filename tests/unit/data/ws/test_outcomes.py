"""Whose leg is whose in the answer to a batch."""

from decimal import Decimal

from core.data.kraken.answers import Answer, AnswerRow
from core.data.ws.outcomes import legs, told_events
from core.domain.ids import ClOrdId, OrderId, Symbol
from core.domain.orders import BatchAddRequest
from tests.helpers.records import buy

FIRST, SECOND = buy("first", qty=Decimal(1)), buy("second", qty=Decimal(2))
BATCH = BatchAddRequest(Symbol("BTC/USD"), (FIRST, SECOND))


def accepted(order_id, cl_ord_id=None):
    return AnswerRow(order_id=OrderId(order_id), cl_ord_id=ClOrdId(cl_ord_id) if cl_ord_id else None)


def answer(*rows):
    return Answer(method="batch_add", success=True, rows=rows)


def pairs(*rows):
    return [(order.cl_ord_id, row.order_id) for order, row in legs(BATCH, answer(*rows))]


def test_legs_are_matched_by_our_id_whatever_their_sequence():
    assert pairs(accepted("O2", "second"), accepted("O1", "first")) == [("first", "O1"), ("second", "O2")]


def test_a_leg_that_is_not_answered_gets_nobody_elses_answer():
    assert pairs(accepted("O2", "second")) == [("second", "O2")]


def test_rows_that_name_nobody_stand_in_the_sequence_sent_and_only_when_none_is_missing():
    assert pairs(accepted("O1"), accepted("O2")) == [("first", "O1"), ("second", "O2")]
    assert pairs(accepted("O1")) == []


def test_the_store_is_told_of_each_leg_under_its_own_id():
    events = told_events(BATCH, answer(accepted("O2", "second"), accepted("O1", "first")), late=False)

    assert [(e.report.cl_ord_id, e.report.order_id) for e in events] == [("first", "O1"), ("second", "O2")]
