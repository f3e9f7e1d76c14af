"""Reports misread: sparse, repeated, late, in another sequence."""

from tests.mutants.mutant import Mutant

MERGE, ORDERS = "core/domain/order_merge.py", "core/domain/orders.py"
STORE, FILLS = "core/processing/order_store.py", "core/processing/fill_store.py"
STORE_TESTS = "tests/unit/processing/test_order_store.py"
TABLE_TESTS = "tests/unit/processing/test_order_table.py"

REPORTS = (
    Mutant(
        "follow-up without cl_ord_id taken for an unknown order",
        STORE,
        "key = self._key_of.get(report.order_id)\n        if key is not None:\n            return key",
        "key = self._key_of.get(report.order_id)\n        if key is not None and report.cl_ord_id:\n"
        "            return key",
        f"{STORE_TESTS}::test_a_follow_up_that_names_the_exchanges_id_alone_belongs_to_its_order",
    ),
    Mutant(
        "follow-up without symbol taken for an unknown order",
        STORE,
        "key = self._find(report)\n        if key is not None:",
        "key = self._find(report)\n        if key is not None and report.symbol is not None:",
        f"{STORE_TESTS}::test_a_follow_up_without_a_pair_belongs_to_its_order",
    ),
    Mutant(
        "status falls with the latest report",
        MERGE,
        "reported=max(one.reported, other.reported),",
        "reported=other.reported,",
        f"{TABLE_TESTS}::test_every_event_in_every_status_leads_where_the_table_says",
    ),
    Mutant(
        "late refusal ends an order the exchange has",
        MERGE,
        "if order.reported >= OrderStatus.PENDING_NEW:",
        "if order.reported.is_final:",
        "tests/unit/app/test_executor.py::test_a_refusal_after_a_report_does_not_end_the_order",
    ),
    Mutant(
        "fill dropped after the cancel",
        STORE,
        "order = merge(before, report)",
        "order = before if before.status.is_final else merge(before, report)",
        f"{STORE_TESTS}::test_a_fill_after_the_cancel_is_counted_and_completes_the_order",
    ),
    Mutant(
        "order filled before its cancel shown as cancelled",
        ORDERS,
        "if self.reported in (OrderStatus.CANCELED, OrderStatus.EXPIRED) and 0 < self.qty <= self.cum_qty:",
        "if False:",
        f"{STORE_TESTS}::test_a_fill_after_the_cancel_is_counted_and_completes_the_order",
    ),
    Mutant(
        "fill told twice counted twice",
        MERGE,
        "cum_qty=max(one.cum_qty, other.cum_qty, executed),",
        "cum_qty=max(one.cum_qty + sum((f.qty for f in other.fills.values()), ZERO), other.cum_qty),",
        f"{STORE_TESTS}::test_a_fill_told_twice_counts_once",
    ),
    Mutant(
        "fills kept by order instead of exec_id",
        MERGE,
        "fills={report.fill.exec_id: report.fill} if report.fill else {},",
        "fills={ExecId(report.order_id): report.fill} if report.fill else {},",
        f"{STORE_TESTS}::test_two_fills_of_one_order_are_both_kept",
    ),
    Mutant(
        "fill told by two roads kept twice",
        FILLS,
        """
        known = self._fills.get(fill.exec_id)
        if known == fill:
            return False
        self._fills[fill.exec_id] = fill if known is None else join_fills(known, fill)
""",
        """
        known = None
        self._fills[ExecId(f"{fill.exec_id}/{len(self._fills)}")] = fill
""",
        "tests/unit/processing/test_fill_store.py::test_a_fill_told_by_two_roads_is_kept_once",
    ),
    Mutant(
        "what is left reckoned from a last trade that says partially filled",
        MERGE,
        "cum_qty=max(one.cum_qty, other.cum_qty, executed),",
        "cum_qty=max(one.cum_qty, other.cum_qty),",
        f"{STORE_TESTS}::test_a_trade_that_still_says_partially_filled_leaves_nothing_when_it_was_the_last",
    ),
    Mutant(
        "replayed trade that says filled ends an open order",
        MERGE,
        """
    if report.is_trade:
        return OrderStatus.PARTIALLY_FILLED
""",
        "\n",
        f"{STORE_TESTS}::test_the_word_of_a_trade_never_ends_an_order",
    ),
    Mutant(
        "terms by the latest arrival instead of the latest exchange time",
        MERGE,
        "limit_price=max(one.limit_price, other.limit_price),",
        "limit_price=other.limit_price if other.limit_price.ts else one.limit_price,",
        f"{STORE_TESTS}::test_terms_told_late_do_not_replace_newer_ones",
    ),
    Mutant(
        "held fills of an undescribed order lost",
        STORE,
        """
        for held in self._held.pop(report.order_id, []):
            self._held_count -= 1
            described = merge(described, held)
""",
        """
        self._held_count -= len(self._held.pop(report.order_id, []))
""",
        f"{STORE_TESTS}::test_what_was_said_before_an_order_was_described_is_kept",
    ),
    Mutant(
        "second order under one id of ours hides the first",
        STORE,
        "if ours is None or ours.order_id not in (None, report.order_id):",
        "if ours is None:",
        "tests/unit/processing/test_account_feed.py"
        "::test_two_orders_under_one_id_of_ours_are_both_named_and_both_shown",
    ),
    Mutant(
        "fills missing from a filled order not asked for",
        STORE,
        "if ended and order.missing_qty > 0 else []",
        "if False else []",
        f"{TABLE_TESTS}::test_filled_without_its_fills_asks_for_them",
    ),
    Mutant(
        "only the first page of the history of fills read",
        "core/data/rest/client.py",
        """
            if len(told.trades) < PAGE:
                break
""",
        """
            break
""",
        "tests/unit/data/rest/test_client.py::test_fills_are_fetched_page_after_page",
    ),
)
