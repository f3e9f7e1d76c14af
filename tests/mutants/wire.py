"""Answers misunderstood, lines believed dead or alive, numbers and nonces spoiled on their way out."""

from tests.mutants.mutant import Mutant

SESSION, PENDING = "core/data/ws/session.py", "core/data/ws/pending.py"
TRANSPORT, ANSWERS = "core/data/rest/transport.py", "core/data/kraken/answers.py"
SESSION_TESTS = "tests/unit/data/ws/test_session.py"
REFUSALS_TESTS = "tests/unit/data/rest/test_client_refusals.py"
VERDICTS_TEST = (
    "tests/unit/data/kraken/test_answers.py::test_every_error_text_proves_what_the_catalogue_says_and_no_more"
)
REQUESTS_TESTS = "tests/unit/data/kraken/test_requests.py"

WIRE = (
    Mutant(
        "pongs counted as life",
        SESSION,
        """
        if answer.method == "pong":
            return self._ponged(answer, now, wall)
        self._alive = now
""",
        """
        self._alive = now
        if answer.method == "pong":
            return self._ponged(answer, now, wall)
""",
        f"{SESSION_TESTS}::test_silence_makes_a_line_stale_then_useless_and_pongs_do_not_help",
    ),
    Mutant(
        "silent line never given up",
        SESSION,
        "if silent >= DEAD_NS:",
        "if False:",
        f"{SESSION_TESTS}::test_silence_makes_a_line_stale_then_useless_and_pongs_do_not_help",
    ),
    Mutant(
        "late answer dropped",
        SESSION,
        "        command = self._pending.late(answer)\n",
        "        return []\n        command = self._pending.late(answer)\n",
        f"{SESSION_TESTS}"
        "::test_a_request_is_unknown_when_its_time_is_up_and_a_late_answer_still_reaches_the_store",
    ),
    Mutant(
        "answer without req_id dropped",
        PENDING,
        "if answer.req_id is not None:\n            found = self._open.get(answer.req_id)\n        else:",
        "found = self._open.get(answer.req_id or 0)\n        if False:",
        f"{SESSION_TESTS}::test_an_answer_without_request_id_is_found_by_the_orders_own_id",
    ),
    Mutant(
        "answers matched in the sequence of requests",
        PENDING,
        "found = self._open.get(answer.req_id)",
        "found = next(iter(self._open.values()), None)",
        "tests/unit/data/ws/test_manager.py::test_answers_find_their_requests_in_any_order",
    ),
    Mutant(
        "answer to another method settles an order",
        PENDING,
        "if found is None or method_of(found.command) != answer.method:",
        "if found is None:",
        f"{SESSION_TESTS}::test_an_answer_to_another_method_does_not_settle_a_request",
    ),
    Mutant(
        "success without an order id taken for acceptance",
        "core/data/ws/outcomes.py",
        "if answer.success and isinstance(command, OrderRequest) and not answer.order_id:",
        "if False:",
        f"{SESSION_TESTS}::test_success_without_an_order_id_proves_nothing",
    ),
    Mutant(
        "legs of a batch matched by position",
        "core/data/ws/outcomes.py",
        """
        row = named.get(order.cl_ord_id)
        if row is None and len(answer.rows) == len(batch.orders) and not answer.rows[at].cl_ord_id:
            row = answer.rows[at]
""",
        """
        row = answer.rows[at] if at < len(answer.rows) else named.get(order.cl_ord_id)
""",
        "tests/unit/data/ws/test_outcomes.py::test_legs_are_matched_by_our_id_whatever_their_sequence",
    ),
    Mutant(
        "old token used after a reconnect",
        "core/data/ws/connection.py",
        "        self._fetched_ns = self._clock.mono_ns()\n        return token\n",
        "        self._fetched_ns = self._clock.mono_ns()\n        self._unused = token\n        return token\n",
        "tests/unit/data/ws/test_manager.py"
        "::test_a_lost_line_comes_back_with_a_new_token_and_everything_wanted",
    ),
    Mutant(
        "HTTP 5xx taken for a refusal",
        TRANSPORT,
        'raise OutcomeUnknown(f"HTTP {status}, {_what_came(status, body)}") from error',
        'raise Refused(f"HTTP {status}, {_what_came(status, body)}") from error',
        f"{REFUSALS_TESTS}::test_every_answer_to_an_order_ends_as_what_it_proves",
    ),
    Mutant(
        "broken connection taken for not sent",
        TRANSPORT,
        'raise OutcomeUnknown(f"no answer: {type(error).__name__}") from error',
        'raise NotSent(f"no answer: {type(error).__name__}") from error',
        f"{REFUSALS_TESTS}::test_every_answer_to_an_order_ends_as_what_it_proves",
    ),
    Mutant(
        "redirect of a signed order followed",
        TRANSPORT,
        "follow_redirects=False",
        "follow_redirects=True",
        f"{REFUSALS_TESTS}::test_a_redirect_is_not_followed",
    ),
    Mutant(
        "EService:Unavailable taken for a refusal",
        ANSWERS,
        '    ("EService:Market in ", Verdict.REFUSED),\n',
        '    ("EService:", Verdict.REFUSED),\n',
        VERDICTS_TEST,
    ),
    Mutant(
        "cl_ord_id not unique taken for a refusal",
        ANSWERS,
        '    ("EGeneral:Invalid arguments:cl_ord_id not unique", Verdict.UNKNOWN),\n',
        "",
        VERDICTS_TEST,
    ),
    Mutant(
        "unknown error taken for a refusal",
        ANSWERS,
        "return Verdict.REFUSED if _WRONG_TYPE in text else Verdict.UNKNOWN",
        "return Verdict.REFUSED",
        VERDICTS_TEST,
    ),
    Mutant(
        "nonce goes back with the clock",
        "core/data/kraken/signing.py",
        "self.last = max(self._clock.wall_ns(), self.last + 1)",
        "self.last = self._clock.wall_ns()",
        "tests/unit/data/kraken/test_signing.py"
        "::test_nonces_rise_even_when_the_clock_stands_still_or_is_set_back",
    ),
    Mutant(
        "signed calls overtake each other",
        "core/data/rest/lane.py",
        "return not self._busy",
        "return True",
        "tests/unit/data/rest/test_lane.py::test_calls_do_not_overlap_and_the_important_goes_first",
    ),
    Mutant(
        "price through a float on the wire",
        "core/data/kraken/numbers.py",
        "text = plain(value)",
        "text = plain(Decimal(repr(float(value))))",
        f"{REQUESTS_TESTS}::test_digits_beyond_those_of_a_double_are_all_written",
    ),
    Mutant(
        "exponent notation on the wire",
        "core/data/kraken/numbers.py",
        'return format(value, "f")',
        "return str(value)",
        f"{REQUESTS_TESTS}::test_numbers_leave_in_plain_notation_with_a_point",
    ),
)
