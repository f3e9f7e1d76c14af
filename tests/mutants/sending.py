"""Orders sent twice, too early or too late, and cancels held back."""

from tests.mutants.mutant import Mutant

EXECUTOR, CANCELLER = "core/app/executor.py", "core/app/canceller.py"
TRANSPORT, LANE = "core/data/rest/transport.py", "core/data/rest/lane.py"
EXECUTOR_TESTS = "tests/unit/app/test_executor.py"
CHANGES_TESTS = "tests/unit/app/test_executor_changes.py"
CANCELLER_TESTS = "tests/unit/app/test_canceller.py"
REFUSALS_TESTS = "tests/unit/data/rest/test_client_refusals.py"

SENDING = (
    Mutant(
        "order sent again over WS on a time-out",
        EXECUTOR,
        """
        except (Refused, OutcomeUnknown) as outcome:
            self._ended(request.cl_ord_id, outcome)
""",
        """
        except Refused as outcome:
            self._ended(request.cl_ord_id, outcome)
        except OutcomeUnknown:
            try:
                await self._send(self._primary, request)
            except TerminalError as outcome:
                self._ended(request.cl_ord_id, outcome)
""",
        f"{EXECUTOR_TESTS}::test_an_unknown_outcome_is_doubt_and_is_never_sent_again",
    ),
    Mutant(
        "order sent again by REST on a time-out",
        EXECUTOR,
        """
        except NotSent as failure:
            await self._by_other_road(request, clicked, failure)
        except (Refused, OutcomeUnknown) as outcome:
""",
        """
        except (NotSent, OutcomeUnknown) as failure:
            await self._by_other_road(request, clicked, failure)
        except Refused as outcome:
""",
        f"{EXECUTOR_TESTS}::test_an_unknown_outcome_is_doubt_and_is_never_sent_again",
    ),
    Mutant(
        "batch sent again by REST on a time-out",
        EXECUTOR,
        """
        except NotSent as failure:
            await self._one_by_one(list(requests), clicked, failure)
""",
        """
        except NotSent as failure:
            await self._one_by_one(list(requests), clicked, failure)
        doubts = [r for r in requests if self._known(r.cl_ord_id).status is OrderStatus.IN_DOUBT]
        await self._one_by_one(doubts, clicked, NotSent("no answer"))
""",
        f"{EXECUTOR_TESTS}::test_a_batch_in_doubt_is_doubt_for_every_order",
    ),
    Mutant(
        "close between write and answer taken for not sent",
        "core/data/ws/pending.py",
        """
            pending.settle(OutcomeUnknown(f"line lost before the answer: {reason}"))
""",
        """
            from core.domain.errors import NotSent

            pending.settle(NotSent(f"line lost before the answer: {reason}"))
""",
        "tests/unit/data/ws/test_manager.py::test_a_close_between_write_and_answer_leaves_the_order_unknown",
    ),
    Mutant(
        "write that broke off taken for not sent",
        "core/data/ws/connection.py",
        'raise OutcomeUnknown(f"write failed: {type(error).__name__}") from error',
        'raise NotSent(f"write failed: {type(error).__name__}") from error',
        "tests/unit/data/ws/test_broken_write.py"
        "::test_a_line_that_breaks_in_the_middle_of_a_write_leaves_the_order_unknown",
    ),
    Mutant(
        "caller that gives up takes its order for not sent",
        EXECUTOR,
        """
            self._in_doubt(request.cl_ord_id, "interrupted while waiting for the answer")
""",
        """
            self._ended(request.cl_ord_id, NotSent("interrupted"))
""",
        f"{EXECUTOR_TESTS}::test_an_order_interrupted_on_its_way_is_in_doubt",
    ),
    Mutant(
        "REST sends an order again when its outcome is unknown",
        TRANSPORT,
        """
        except Refused as refusal:
            if verdict(refusal.detail) is not Verdict.NONCE:
                raise
""",
        """
        except Refused as refusal:
            if verdict(refusal.detail) is not Verdict.NONCE:
                raise
        except OutcomeUnknown as doubt:
            log.info("again name=%s reason=%s", name, doubt.detail)
""",
        f"{REFUSALS_TESTS}::test_every_answer_to_an_order_ends_as_what_it_proves",
    ),
    Mutant(
        "one click seen twice is two orders",
        EXECUTOR,
        "if len(ids) != len(requests) or any(id_ in self._requests or self._orders.get(id_) for id_ in ids):",
        "if len(ids) != len(requests):",
        f"{EXECUTOR_TESTS}::test_twenty_clicks_with_one_intent_are_one_order",
    ),
    Mutant(
        "order sent before its intent is durable",
        EXECUTOR,
        """
            await self._commit(requests, wall)
        except BaseException:
""",
        """
            asyncio.ensure_future(self._commit(requests, wall))
        except BaseException:
""",
        f"{EXECUTOR_TESTS}::test_an_intent_is_durable_before_it_is_sent",
    ),
    Mutant(
        "order sent although the journal failed",
        EXECUTOR,
        """
        except BaseException:
            # Nothing left this process, and nothing will.
            for id_ in ids:
                del self._requests[id_]
            self._risk.withdraw(ids)
            raise
""",
        """
        except TerminalError as failure:
            log.info("journal failed reason=%s", failure)
""",
        f"{EXECUTOR_TESTS}::test_without_a_journal_nothing_is_sent_and_the_same_order_may_be_tried_again",
    ),
    Mutant(
        "order that waited for its line leaves on the other road much later",
        EXECUTOR,
        """
        if self._clock.mono_ns() - clicked > OTHER_ROAD_NS:
            self._ended(request.cl_ord_id, failure)
            return
""",
        "\n",
        f"{EXECUTOR_TESTS}::test_more_than_three_seconds_after_the_click_it_is_not_sent_any_more",
    ),
    Mutant(
        "deadline in local time",
        EXECUTOR,
        "return self._exchange_ns() + ORDER_DEADLINE_NS",
        "return self._clock.wall_ns() + ORDER_DEADLINE_NS",
        f"{EXECUTOR_TESTS}::test_the_deadline_is_five_seconds_from_now_in_exchange_time",
    ),
    Mutant(
        "deadline left out on the wire",
        "core/data/kraken/requests.py",
        """
    fields = _order(order)
    return {**fields, **_deadline(deadline_ns)}
""",
        """
    return _order(order)
""",
        "tests/unit/data/kraken/test_requests.py"
        "::test_a_deadline_is_told_to_the_millisecond_and_an_expiry_to_the_second",
    ),
    Mutant(
        "order in doubt may be sent again",
        EXECUTOR,
        "order.status is not OrderStatus.NOT_FOUND:",
        "order.status not in (OrderStatus.IN_DOUBT, OrderStatus.NOT_FOUND):",
        f"{CHANGES_TESTS}::test_an_order_in_doubt_is_not_sent_again",
    ),
    Mutant(
        "absent order sent again although the cancel by its id found it",
        EXECUTOR,
        "if not await self._canceller.is_absent(cl_ord_id):",
        "await self._canceller.is_absent(cl_ord_id)\n            if False:",
        f"{CHANGES_TESTS}::test_an_order_that_the_cancel_did_find_is_not_sent_again",
    ),
    Mutant(
        "order sent over a line that is not live",
        "core/data/ws/session.py",
        "if self.state is not ConnectionState.LIVE or not self.token:",
        "if not self.token:",
        "tests/unit/data/ws/test_session.py::test_nothing_is_sent_unless_the_line_is_live",
    ),
    Mutant(
        "cancel held back by the risk checks",
        EXECUTOR,
        "        self.cancel = canceller.cancel\n",
        """
        async def cancel(request: CancelRequest) -> None:
            if orders.doubts or risk._risk.killed or risk._stores.health.account_doubt:
                raise RiskRejected("held back")
            await canceller.cancel(request)

        self.cancel = cancel
""",
        f"{CHANGES_TESTS}::test_what_holds_new_orders_back_holds_no_cancel_back",
    ),
    Mutant(
        "cancel held back by the journal",
        EXECUTOR,
        "        self.cancel = canceller.cancel\n",
        """
        async def cancel(request: CancelRequest) -> None:
            await commit([], clock.wall_ns())
            await canceller.cancel(request)

        self.cancel = cancel
""",
        f"{CHANGES_TESTS}::test_what_holds_new_orders_back_holds_no_cancel_back",
    ),
    Mutant(
        "cancel held back by the breaker",
        TRANSPORT,
        """
        if call is not Call.CANCEL:
            await self._ask_breaker(breaker)
""",
        """
        await self._ask_breaker(breaker)
""",
        f"{REFUSALS_TESTS}"
        "::test_a_failing_service_is_left_alone_then_probed_with_a_question_never_with_an_order",
    ),
    Mutant(
        "cancel held back after a refused key",
        TRANSPORT,
        """
        if call is Call.CANCEL:
            return
""",
        "\n",
        f"{REFUSALS_TESTS}::test_a_wrong_key_is_not_shown_twice_until_the_user_acts_but_cancels_pass",
    ),
    Mutant(
        "cancel waits behind a slow question",
        LANE,
        """
        if call is Call.CANCEL:
            return not any(busy.trades for busy in self._busy)
""",
        "\n",
        "tests/unit/data/rest/test_lane.py::test_a_cancel_passes_a_question_under_way_but_not_an_order",
    ),
    Mutant(
        "cancel without an answer is not tried on the other road",
        CANCELLER,
        """
        except (NotSent, OutcomeUnknown) as failure:
            log.info("cancel by other road
"""[:-1],
        """
        except NotSent as failure:
            log.info("cancel by other road
"""[:-1],
        f"{CANCELLER_TESTS}::test_a_cancel_that_is_not_answered_takes_the_other_road_at_once",
    ),
    Mutant(
        "cancel believed on its answer, before a report",
        CANCELLER,
        """
            await self._on_any_road(request)
        except Refused:
            if order is None
"""[:-1],
        """
            await self._on_any_road(request)
            self._flag(order, RequestFlag.NONE)
        except Refused:
            if order is None
"""[:-1],
        f"{CANCELLER_TESTS}::test_an_answered_cancel_is_asked_until_the_report_comes",
    ),
)
