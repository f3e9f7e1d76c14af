"""Doubt that ends by a guess, and what a restart forgets."""

from tests.mutants.mutant import Mutant

RECONCILER, ORDERS = "core/app/reconciler.py", "core/domain/orders.py"
RECONCILER_TESTS = "tests/unit/app/test_reconciler.py"
BALANCE_TESTS = "tests/unit/processing/test_account_store.py"

DOUBT = (
    Mutant(
        "walk looks at open orders only",
        RECONCILER,
        """
        reports += await self._queries.closed_orders(cl_ord_id, order.created_ns - HISTORY_LAG_NS)
""",
        "\n",
        f"{RECONCILER_TESTS}::test_an_order_found_closed_ends_as_it_really_ended",
    ),
    Mutant(
        "no answer concluded as absence at once",
        "core/app/executor.py",
        "self._orders.infer(cl_ord_id, OrderStatus.IN_DOUBT, reason)",
        "self._orders.infer(cl_ord_id, OrderStatus.NOT_FOUND, reason)",
        "tests/unit/app/test_executor.py::test_an_unknown_outcome_is_doubt_and_is_never_sent_again",
    ),
    Mutant(
        "absence concluded before the deadline",
        RECONCILER,
        "deadline = now - age + OTHER_ROAD_NS + ORDER_DEADLINE_NS",
        "deadline = now - age",
        f"{RECONCILER_TESTS}::test_before_the_deadline_nobody_looks_for_an_order_in_doubt",
    ),
    Mutant(
        "absence concluded after one look",
        RECONCILER,
        "looked.count >= LOOKS_NEEDED - 1",
        "looked.count >= 0",
        f"{RECONCILER_TESTS}::test_two_looks_are_not_enough_however_late",
    ),
    Mutant(
        "history that lags taken for proof",
        RECONCILER,
        "late = asked_ns >= looked.deadline_ns + HISTORY_LAG_NS",
        "late = True",
        f"{RECONCILER_TESTS}::test_after_a_cut_absence_takes_three_looks_the_last_a_minute_past_the_deadline",
    ),
    Mutant(
        "absence reckoned by a wall clock that was set",
        RECONCILER,
        "late = asked_ns >= looked.deadline_ns + HISTORY_LAG_NS",
        "late = self._clock.wall_ns() >= order.created_ns + ORDER_DEADLINE_NS + HISTORY_LAG_NS",
        f"{RECONCILER_TESTS}::test_h4_a_wall_clock_that_is_set_meanwhile_proves_no_absence",
    ),
    Mutant(
        "absence concluded without a verified stream",
        RECONCILER,
        "return late and self._orders.verified and looked.count",
        "return late and looked.count",
        f"{RECONCILER_TESTS}::test_without_a_verified_stream_absence_is_never_concluded",
    ),
    Mutant(
        "stream lost during the look not noticed",
        RECONCILER,
        """
        concludes = self._may_conclude(order, asked_ns)
        looked.count += 1
        if concludes and watched == self._orders.was_watched(order):
""",
        """
        concludes = watched or self._may_conclude(order, asked_ns)
        looked.count += 1
        if concludes:
""",
        f"{RECONCILER_TESTS}::test_a_stream_lost_during_the_look_proves_nothing",
    ),
    Mutant(
        "order missing from the open orders taken for cancelled",
        RECONCILER,
        "await self._query(self._orders.absent_from({report.order_id for report in found}))",
        """gone = self._orders.absent_from({report.order_id for report in found})
        ended = OrderStatus.CANCELED
        self._merge([OrderReport(order_id=id_, exec_type="canceled", status=ended) for id_ in gone])""",
        f"{RECONCILER_TESTS}::test_an_order_held_open_that_is_not_listed_is_asked_for_and_not_guessed",
    ),
    Mutant(
        "account verified although a new doubt came meanwhile",
        RECONCILER,
        "if health.account_doubt == doubt:",
        "if True:",
        f"{RECONCILER_TESTS}::test_a_doubt_that_comes_during_the_comparison_is_not_ended_by_it",
    ),
    Mutant(
        "order proven absent counted as open",
        ORDERS,
        "return not self.is_final and self is not OrderStatus.NOT_FOUND",
        "return not self.is_final",
        f"{BALANCE_TESTS}::test_an_order_in_doubt_still_holds",
    ),
    Mutant(
        "order in doubt not counted as open",
        ORDERS,
        "return not self.is_final and self is not OrderStatus.NOT_FOUND",
        "return not self.is_final and self not in (OrderStatus.IN_DOUBT, OrderStatus.NOT_FOUND)",
        f"{BALANCE_TESTS}::test_an_order_in_doubt_still_holds",
    ),
    Mutant(
        "order absent and surfaced without an alarm",
        "core/processing/order_store.py",
        "if before.reported is OrderStatus.NOT_FOUND and order.reported > before.reported:",
        "if False:",
        "tests/unit/processing/test_account_feed.py"
        "::test_an_order_that_was_proven_absent_and_surfaces_raises_an_alarm",
    ),
    Mutant(
        "cancel that found nothing taken for a cancel",
        "core/data/rest/client.py",
        """
        if not told.count and not told.pending:
            raise Refused("EOrder:Unknown order")
""",
        "\n",
        "tests/unit/data/rest/test_client_orders.py::test_a_cancel_that_found_nothing_is_a_refusal",
    ),
    Mutant(
        "order under way at a crash taken for not sent",
        "core/app/record.py",
        "status = OrderStatus.NOT_FOUND if proven else OrderStatus.IN_DOUBT",
        "status = OrderStatus.NOT_FOUND if proven else OrderStatus.REJECTED",
        "tests/unit/app/test_record.py::test_an_intent_without_an_outcome_is_in_doubt_after_a_restart",
    ),
    Mutant(
        "reports before a crash forgotten",
        "core/app/record.py",
        """
            for report in await self._journal.reports(request.cl_ord_id):
                orders.report(report)
""",
        "\n",
        "tests/unit/app/test_record.py::test_what_the_exchange_said_before_the_restart_still_holds",
    ),
)
