"""Reconciliation: every kind of break is named, and clean trading has none. The long version is ``make breaks``."""

from tests.faults.breaks import BEGUN_S, inject_all, trade
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
