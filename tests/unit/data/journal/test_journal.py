import asyncio
import os
import stat
from decimal import Decimal

import pytest

from core.domain.account import Balance, Wallet
from core.domain.errors import JournalUnavailable, RiskRejected
from core.domain.ids import Asset
from core.domain.instrument import Instrument
from core.domain.orders import Conditional, OrderStatus, OrderType, TimeInForce, Trigger
from core.runtime.clock import MANUAL_START_NS, NS_PER_S, ManualClock
from tests.helpers.records import ORDER_ID, SYMBOL, buy, fill, open_journal, report
from tests.helpers.waiting import eventually

NOW = MANUAL_START_NS
HOUR_NS = 3600 * NS_PER_S


@pytest.fixture
def path(tmp_path):
    return tmp_path / "profile" / "journal.sqlite"


async def test_an_intent_is_found_by_the_next_start(path):
    request = buy(
        order_type=OrderType.STOP_LOSS_LIMIT,
        qty=Decimal("0.10000000"),
        trigger=Trigger(Decimal("-1.5"), "pct", "index"),
        time_in_force=TimeInForce.GTD,
        expire_ns=NOW + HOUR_NS,
        conditional=Conditional(order_type=OrderType.LIMIT, limit_price=Decimal("1E-8")),
    )
    async with open_journal(path) as journal:
        await journal.intent(request, "default", NOW)

    async with open_journal(path) as journal:
        found = await journal.pending_intents()

    assert [intent.request for intent in found] == [request]
    assert (found[0].profile, found[0].sent_ns, found[0].status) == ("default", NOW, OrderStatus.SENT)


async def test_an_intent_is_on_disk_when_the_call_returns(path):
    request = buy()
    async with open_journal(path) as journal, open_journal(path) as other:
        await journal.intent(request, "default", NOW)

        assert [intent.request for intent in await other.pending_intents()] == [request]


async def test_intents_that_wait_together_are_all_kept(path):
    requests = [buy() for _ in range(50)]
    async with open_journal(path) as journal:
        await asyncio.gather(*(journal.intent(request, "default", NOW) for request in requests))

        found = await journal.pending_intents()

    assert {intent.request for intent in found} == set(requests)


async def test_an_id_is_journalled_only_once(path):
    request = buy()
    async with open_journal(path) as journal:
        await journal.intent(request, "default", NOW)
        journal.outcome(request.cl_ord_id, OrderStatus.CANCELED, "", NOW)

        with pytest.raises(RiskRejected, match="already sent"):
            await journal.intent(request, "default", NOW + 1)

        assert await journal.pending_intents() == []


async def test_a_batch_is_kept_as_a_whole_or_not_at_all(path):
    known, fresh, twice = buy(), buy(), buy()
    async with open_journal(path) as journal:
        await journal.intents([known], "default", NOW)

        with pytest.raises(RiskRejected):
            await journal.intents([fresh, known], "default", NOW)
        with pytest.raises(RiskRejected):
            await journal.intents([twice, twice], "default", NOW)

        assert [intent.request for intent in await journal.pending_intents()] == [known]


async def test_an_order_that_ended_short_of_its_fills_is_still_pending(path):
    """The next start has to ask for them: what REST told of its end did not come with the fill itself."""
    request = buy()
    ended = {"cl_ord_id": request.cl_ord_id, "status": OrderStatus.FILLED, "cum_qty": Decimal(1)}
    async with open_journal(path) as journal:
        await journal.intent(request, "default", NOW)
        journal.note_report(report("status", **ended), "REST", NOW)
    async with open_journal(path) as journal:
        [pending] = await journal.pending_intents()
        assert pending.request == request
        journal.note_fill(fill("T1", "1"))
    async with open_journal(path) as journal:
        assert await journal.pending_intents() == []


@pytest.mark.parametrize("status", [OrderStatus.REJECTED, OrderStatus.EXPIRED, OrderStatus.FILLED])
async def test_an_order_that_ended_is_no_longer_pending(path, status):
    request = buy()
    async with open_journal(path) as journal:
        await journal.intent(request, "default", NOW)
        journal.outcome(request.cl_ord_id, status, "over", NOW)
        journal.outcome(request.cl_ord_id, OrderStatus.IN_DOUBT, "late", NOW)

        assert await journal.pending_intents() == []


async def test_a_doubt_is_pending_with_its_reason(path):
    request = buy()
    async with open_journal(path) as journal:
        await journal.intent(request, "default", NOW)
        journal.outcome(request.cl_ord_id, OrderStatus.IN_DOUBT, "no answer", NOW + 5)

        [found] = await journal.pending_intents()

    assert (found.status, found.reason, found.updated_ns) == (OrderStatus.IN_DOUBT, "no answer", NOW + 5)


async def test_an_order_proven_absent_is_watched_for_a_day(path):
    request, clock = buy(), ManualClock()
    async with open_journal(path, clock) as journal:
        await journal.intent(request, "default", clock.wall_ns())
        journal.outcome(request.cl_ord_id, OrderStatus.NOT_FOUND, "absent", clock.wall_ns())

        clock.advance(s=23 * 3600)
        watched = await journal.pending_intents()
        clock.advance(s=2 * 3600)
        later = await journal.pending_intents()

    assert [intent.status for intent in watched] == [OrderStatus.NOT_FOUND]
    assert later == []


async def test_reports_raise_an_order_by_either_id(path):
    request = buy()
    async with open_journal(path) as journal:
        await journal.intent(request, "default", NOW)
        accepted = report("pending_new", cl_ord_id=request.cl_ord_id, status=OrderStatus.PENDING_NEW)
        journal.note_report(accepted, "WS", NOW)
        traded = report("trade", status=OrderStatus.FILLED, cum_qty=Decimal("0.2"), fill=fill(qty="0.2"))
        journal.note_report(traded, "WS", NOW)

        [found] = await journal.pending_intents()
        said = await journal.reports(request.cl_ord_id)
        executed = await journal.fills()

    assert (found.order_id, found.status, found.cum_qty, found.cum_cost) == (
        ORDER_ID,
        OrderStatus.PARTIALLY_FILLED,
        Decimal("0.2"),
        Decimal("20.0"),
    )
    assert said == [accepted, traded]
    assert executed == [traded.fill]


async def test_a_report_that_came_before_the_ids_were_linked_counts(path):
    request = buy()
    async with open_journal(path) as journal:
        await journal.intent(request, "default", NOW)
        journal.note_report(report("canceled", status=OrderStatus.CANCELED, reason="by user"), "WS", NOW)
        still_open = await journal.pending_intents()
        journal.note_report(report("pending_new", cl_ord_id=request.cl_ord_id), "WS", NOW)

        assert len(still_open) == 1
        assert await journal.pending_intents() == []


async def test_the_same_report_is_kept_once_and_a_different_one_beside_it(path):
    said = [report("new", ts=1), report("new", ts=2), report("new", ts=1)]
    request = buy()
    async with open_journal(path) as journal:
        await journal.intent(request, "default", NOW)
        journal.note_report(report("pending_new", cl_ord_id=request.cl_ord_id), "WS", NOW)
        for one in said:
            journal.note_report(one, "REST", NOW)

        assert len(await journal.reports(request.cl_ord_id)) == 3


async def test_a_fill_counts_once_and_keeps_what_the_fuller_road_told(path):
    full = fill(trade_id=7, liquidity="maker")
    async with open_journal(path) as journal:
        journal.note_fill(fill(fees=(), liquidity=""))
        journal.note_fill(full)
        journal.note_fill(fill(fees=(), trade_id=7, ts=0))
        journal.note_report(report("trade", fill=full), "WS", NOW)

        assert await journal.fills() == [full]


async def test_fills_are_given_from_a_moment_on(path):
    early, late = fill("T1", ts=NOW), fill("T2", ts=NOW + 10)
    async with open_journal(path) as journal:
        journal.note_fill(late)
        journal.note_fill(early)

        assert await journal.fills() == [early, late]
        assert await journal.fills(NOW + 1) == [late]


async def test_the_highest_nonce_is_kept(path):
    async with open_journal(path) as journal:
        assert await journal.last_nonce() == 0
        for nonce in (NOW, NOW + 7, NOW + 3):
            journal.keep_nonce(nonce)

    async with open_journal(path) as journal:
        assert await journal.last_nonce() == NOW + 7


async def test_instruments_are_replaced_by_what_was_said_last(path):
    def pair(status):
        cent = Decimal("0.01")
        return Instrument(
            symbol=SYMBOL,
            base=Asset("BTC"),
            quote=Asset("USD"),
            status=status,
            price_precision=2,
            price_increment=cent,
            qty_precision=8,
            qty_increment=cent,
            qty_min=cent,
            cost_precision=5,
            cost_min=cent,
        )

    async with open_journal(path) as journal:
        journal.note_instruments([pair("online")], NOW)
        journal.note_instruments([pair("cancel_only")], NOW)

        assert await journal.instruments() == [pair("cancel_only")]


async def test_files_and_folder_are_closed_to_others(path):
    path.parent.mkdir(mode=0o755)
    path.touch(mode=0o644)
    async with open_journal(path) as journal:
        await journal.intent(buy(), "default", NOW)
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}

    assert modes == dict.fromkeys(["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"], 0o600)
    assert os.name != "posix" or stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_closing_leaves_one_file_with_everything_in_it(path):
    async with open_journal(path) as journal:
        for number in range(1_000):
            journal.note_fill(fill(f"T{number}"))

    assert [file.name for file in path.parent.iterdir()] == ["journal.sqlite"]
    async with open_journal(path) as journal:
        assert len(await journal.fills()) == 1_000


async def test_notes_reach_the_disk_without_being_asked_for(path):
    async with open_journal(path) as journal:
        journal.note_balances(
            [Balance(asset=Asset("BTC"), total=Decimal(1), wallets=(Wallet("spot", "main", Decimal(1)),))],
            NOW,
        )
        journal.note_event("line", "private line lost", NOW)

        await eventually(lambda: journal.waiting == 0)


async def test_a_note_that_can_never_be_written_takes_no_other_with_it(path, expect_logs):
    expect_logs("core.data.journal.writer", "note cannot be written")
    async with open_journal(path) as journal:
        journal.note_fill(fill("T1"))
        journal.note_event("odd", "half a character \ud800", NOW)
        journal.keep_nonce(5)
        journal.note_fill(fill("T2", ts=1 << 70))
        journal.note_fill(fill("T3"))

        assert [one.exec_id for one in await journal.fills()] == ["T1", "T3"]
        assert await journal.last_nonce() == 5
        assert (journal.failure, journal.waiting) == ("", 0)


async def test_an_intent_that_cannot_be_written_stops_no_other(path):
    good = buy()
    async with open_journal(path) as journal:
        answers = await asyncio.gather(
            journal.intent(buy(stp_type="\ud800"), "default", NOW),
            journal.intent(good, "default", NOW),
            return_exceptions=True,
        )

        assert isinstance(answers[0], JournalUnavailable)
        assert answers[1] is None
        assert [intent.request for intent in await journal.pending_intents()] == [good]


async def test_each_durable_commit_is_timed(path):
    times: list[int] = []
    async with open_journal(path) as journal:
        journal.on_commit(times.append)

        await journal.intent(buy(), "default", NOW)

        await eventually(lambda: len(times) == 1)


async def test_before_opening_and_after_closing_no_order_passes(path, expect_logs):
    expect_logs("core.data.journal.journal", "drops notes")
    async with open_journal(path) as journal:
        pass

    journal.note_fill(fill())

    with pytest.raises(JournalUnavailable):
        await journal.intent(buy(), "default", NOW)
    assert journal.failure
    assert journal.dropped == 1


async def test_an_asker_who_gives_up_leaves_no_doubt_behind(path):
    request = buy()
    async with open_journal(path) as journal:
        asking = asyncio.create_task(journal.intent(request, "default", NOW), name="intent")
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

        assert await journal.pending_intents() == []


async def test_an_asker_who_gives_up_does_not_end_the_order_whose_id_he_used(path):
    request = buy()
    async with open_journal(path) as journal:
        await journal.intent(request, "default", NOW)
        asking = asyncio.create_task(journal.intent(request, "default", NOW + 1), name="intent")
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

        assert [intent.status for intent in await journal.pending_intents()] == [OrderStatus.SENT]


@pytest.mark.qt
async def test_the_journal_serves_the_loop_of_the_window(path):
    request = buy()
    async with open_journal(path) as journal:
        await asyncio.gather(journal.intent(request, "default", NOW), journal.intent(buy(), "default", NOW))
        journal.note_report(
            report("canceled", cl_ord_id=request.cl_ord_id, status=OrderStatus.CANCELED), "WS", NOW
        )

        assert len(await journal.pending_intents()) == 1


async def test_an_order_proven_absent_may_be_written_again_under_its_id(path):
    request = buy()
    async with open_journal(path) as journal:
        await journal.intent(request, "default", NOW)
        journal.outcome(request.cl_ord_id, OrderStatus.NOT_FOUND, "absent", NOW + 1)
        await journal.flush()

        await journal.intent(request, "default", NOW + 2)

        (stored,) = await journal.pending_intents()
    assert (stored.sent_ns, stored.status, stored.reason) == (NOW + 2, OrderStatus.SENT, "")
