"""Books that are not the exchange's, streams with holes, balances counted wrongly."""

from tests.mutants.mutant import Mutant

BOOK, SIDE = "core/processing/book.py", "core/processing/book_side.py"
FEED, BALANCES = "core/processing/account_feed.py", "core/processing/account_store.py"
PROCESSOR = "core/processing/processor.py"
BOOK_TESTS = "tests/unit/processing/test_book.py"
FEED_TESTS = "tests/unit/processing/test_account_feed.py"
BALANCE_TESTS = "tests/unit/processing/test_account_store.py"
LOSS_TESTS = "tests/unit/processing/test_line_loss.py"

BOOKS = (
    Mutant(
        "signed CRC",
        BOOK,
        "self._crc = crc32(bids.text, self._asks_crc)",
        "self._crc = (crc32(bids.text, self._asks_crc) ^ 2**31) - 2**31",
        f"{BOOK_TESTS}::test_the_documented_book_is_verified_by_its_checksum_above_two_to_the_31",
    ),
    Mutant(
        "CRC of bids before asks",
        BOOK,
        "self._crc = crc32(bids.text, self._asks_crc)",
        "self._crc = crc32(asks.text, crc32(bids.text))",
        f"{BOOK_TESTS}::test_the_documented_book_is_verified_by_its_checksum_above_two_to_the_31",
    ),
    Mutant(
        "CRC of digits that a float has rounded down",
        SIDE,
        "half: Any = 0 if exact else 0.5",
        "half: Any = 0",
        f"{BOOK_TESTS}::test_every_step_of_the_documented_chain_is_verified",
    ),
    Mutant(
        "book not cut to its depth",
        SIDE,
        """
        if count > self._depth:
            del keys[: count - self._depth], qtys[: count - self._depth]
            count = self._depth
""",
        "\n",
        f"{BOOK_TESTS}::test_b5_a_level_pushed_out_of_the_depth_does_not_come_back_as_a_ghost",
    ),
    Mutant(
        "level of no quantity kept",
        SIDE,
        "                if qty > zero and qty <= max_qty:\n                    qtys[at] = qty\n",
        "                if qty >= zero and qty <= max_qty:\n                    qtys[at] = qty\n",
        f"{BOOK_TESTS}::test_a_level_of_no_quantity_is_gone",
    ),
    Mutant(
        "checksum that differs ignored",
        BOOK,
        "if self._crc != change.checksum:",
        "if False:",
        f"{BOOK_TESTS}::test_a_checksum_that_differs_drops_the_book",
    ),
    Mutant(
        "crossed book accepted",
        BOOK,
        "if bids.touch >= -asks.touch:",
        "if False:",
        f"{BOOK_TESTS}::test_b2_a_crossed_book_is_not_believed_although_its_checksum_is_right",
    ),
    Mutant(
        "update before the snapshot applied",
        BOOK,
        '        elif self.state is not LIVE:\n            return ""\n',
        "        elif self.state is not LIVE:\n            self._crc = self._asks_crc = 0\n",
        f"{BOOK_TESTS}::test_an_update_before_the_snapshot_changes_nothing",
    ),
    Mutant(
        "snapshot added to the levels of the book before",
        BOOK,
        '            self._leave(LIVE, "")\n            self._crc',
        "            self.state = LIVE\n            self._crc",
        f"{BOOK_TESTS}::test_a_snapshot_replaces_every_level_of_the_book_before",
    ),
    Mutant(
        "books drawn as live after their line was lost",
        PROCESSOR,
        'stores.books.invalidate("the line was lost", books)',
        "pass",
        f"{LOSS_TESTS}::test_a_lost_market_line_takes_every_book_along",
    ),
)

LINES = (
    Mutant(
        "wish for a fresh snapshot lost while the subscription is under way",
        "core/data/ws/subscriptions.py",
        "            state.again = True\n",
        "            pass\n",
        "tests/unit/data/ws/test_subscriptions.py"
        "::test_data_given_up_before_their_acknowledgement_are_renewed_once_it_is_there",
    ),
    Mutant(
        "totals of the line that lags shown",
        FEED,
        "        if private.joined:\n            self._stores.balances.apply_changes(event.changes)\n",
        "        self._stores.balances.apply_snapshot(private.totals.all())\n",
        "tests/unit/processing/test_two_private_lines.py"
        "::test_a_line_that_lags_does_not_turn_the_totals_back",
    ),
    Mutant(
        "account doubted although the other line heard everything",
        FEED,
        "        if reason and not self._stores.orders.verified:\n",
        "        if reason:\n",
        "tests/unit/processing/test_two_private_lines.py"
        "::test_the_loss_of_one_line_leaves_everything_verified_and_asks_for_nothing",
    ),
    Mutant(
        "silence taken for staleness without a second look",
        "core/app/freshness_watch.py",
        "        elif self._suspects.get(row) == row.heard:\n",
        "        elif True:\n            self._suspects[row] = row.heard\n",
        "tests/unit/app/test_freshness_watch.py::test_one_mismatch_alone_proves_nothing",
    ),
    Mutant(
        "channel changes over before the new line has delivered",
        "core/data/ws/allocation.py",
        "        self.incoming.update({sub: line for line, sub, _ in moves})\n",
        "        self.incoming.update({sub: line for line, sub, _ in moves})\n"
        "        self.carriers.update({sub: line for line, sub, _ in moves})\n",
        "tests/unit/data/ws/test_allocation.py::test_the_old_carrier_counts_until_the_new_one_has_delivered",
    ),
)

ACCOUNT = (
    Mutant(
        "gap in the sequence of reports ignored",
        FEED,
        """
            if event.sequence != stream.last + 1:
                effects += self._gap(EXECUTIONS
"""[:-1],
        """
            if False:
                effects += self._gap(EXECUTIONS
"""[:-1],
        f"{FEED_TESTS}::test_a_missing_report_puts_orders_in_doubt_and_asks_for_a_fresh_snapshot",
    ),
    Mutant(
        "gap in the sequence of balances ignored",
        FEED,
        """
        if event.sequence != stream.last + 1:
            return self._gap(BALANCES
"""[:-1],
        """
        if False:
            return self._gap(BALANCES
"""[:-1],
        f"{FEED_TESTS}::test_a_missing_ledger_entry_puts_balances_alone_in_doubt",
    ),
    Mutant(
        "repeated frame applied",
        FEED,
        """
        if event.sequence <= stream.last:
            return []
        if event.sequence != stream.last + 1:
""",
        """
        if event.sequence > stream.last + 1:
""",
        f"{FEED_TESTS}::test_a_repeated_frame_changes_nothing",
    ),
    Mutant(
        "repeated frame taken for a gap",
        FEED,
        "        if event.sequence <= stream.last:\n            return []\n",
        "",
        f"{FEED_TESTS}::test_a_repeated_frame_changes_nothing",
    ),
    Mutant(
        "second frame of a snapshot erases the first",
        FEED,
        "continues = self.in_snapshot and event.sequence == self.last + 1",
        "continues = False",
        f"{FEED_TESTS}::test_the_second_part_of_a_snapshot_does_not_erase_the_first",
    ),
    Mutant(
        "updates before the account's snapshot dropped",
        FEED,
        "            stream.hold(event)\n            return []\n",
        "            return []\n",
        f"{FEED_TESTS}::test_updates_before_their_snapshot_wait_and_follow_it",
    ),
    Mutant(
        "frames of an earlier connection applied",
        PROCESSOR,
        "        if epoch < known:\n            return False\n",
        "",
        f"{FEED_TESTS}::test_frames_of_an_earlier_connection_change_nothing",
    ),
    Mutant(
        "account shown as verified after its line was lost",
        FEED,
        """
        self._end_stretch(private, "the account line was lost")
        return self._hand_over("the account line was lost")
""",
        "\n        return []\n",
        f"{FEED_TESTS}::test_a_lost_line_leaves_nothing_verified",
    ),
    Mutant(
        "fills beyond those a snapshot holds not asked for",
        FEED,
        "if len(unknown) >= SNAPSHOT_TRADES:",
        "if False:",
        f"{FEED_TESTS}::test_fifty_unknown_fills_in_a_snapshot_ask_for_the_history_behind_them",
    ),
    Mutant(
        "balance told by an update added instead of taken over",
        "core/processing/totals.py",
        "mine = change.balance",
        "mine = (known.total if known else ZERO) + change.balance",
        f"{BALANCE_TESTS}::test_with_one_wallet_the_balance_told_is_the_total",
    ),
    Mutant(
        "ledger entry applied twice",
        BALANCES,
        "            if change.ledger_id in self._seen:\n                continue\n",
        "",
        f"{BALANCE_TESTS}::test_a_ledger_entry_counts_once_however_often_it_comes",
    ),
    Mutant(
        "what open orders hold counted as available",
        BALANCES,
        "return self.spot - self.held",
        "return self.spot",
        f"{BALANCE_TESTS}::test_a_buy_holds_its_cost_and_the_worst_fee",
    ),
)
