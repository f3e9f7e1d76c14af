"""Reconciliation: every kind of break is named, and clean trading has none. The long version is ``make breaks``."""

import asyncio

from msgspec.structs import replace

from core.domain.audit import BreakKind
from tests.faults.breaks import BEGUN_S, Lies, inject_all, trade
from tests.faults.scene import play


def test_a5_each_break_put_into_journal_stream_or_rest_is_named_and_no_other():
    async def story(scene):
        looks, false = await trade(scene, BEGUN_S)
        assert looks >= 3
        assert false == {}

        found = await inject_all(scene)

        assert len({kind for _, kind, _ in found}) >= 12
        assert {where for where, _, _ in found} == {"journal", "stream", "REST"}
        assert [one for one in found if one[2] != [one[1]]] == []

    play(story)


def test_a5_a_break_is_named_though_the_reconciler_asks_anew_while_all_three_are_compared():
    async def story(scene):
        await trade(scene, BEGUN_S)
        await scene.place()
        audit = scene.terminal.session.audit

        class AskedMeanwhile(Lies):
            async def trades_history(self, start_ns):
                await audit.queries.open_orders()
                return await super().trades_history(start_ns)

        lies = audit.queries._queries = AskedMeanwhile(scene.terminal.session.rest)
        lies.holdings = lambda found: [replace(one, total=one.total + 1) for one in found]
        await asyncio.sleep(60)

        result = await audit.check()

        assert result.problem == ""
        assert result.rest.balances is not None
        assert BreakKind.BALANCE_DIFFERS in {one.kind for one in result.breaks}

    play(story)
