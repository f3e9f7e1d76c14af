import asyncio

from core.data.rest.lane import Call, Lane
from tests.helpers.waiting import eventually


class Traffic:
    """Calls through a lane, and the order in which they started."""

    def __init__(self):
        self.lane = Lane()
        self.started = []
        self.gates = {}

    def call(self, name, kind):
        self.gates[name] = asyncio.Event()

        async def run():
            async with self.lane.turn(kind):
                self.started.append(name)
                await self.gates[name].wait()

        return asyncio.create_task(run(), name=name)


async def test_calls_do_not_overlap_and_the_important_goes_first():
    traffic = Traffic()
    tasks = [traffic.call("first", Call.QUERY)]
    await eventually(lambda: traffic.started == ["first"])

    tasks += [
        traffic.call("query", Call.QUERY),
        traffic.call("order", Call.ORDER),
        traffic.call("walk", Call.WALK),
        traffic.call("token", Call.TOKEN),
    ]
    await eventually(lambda: traffic.lane.queued == 4)
    for name in ("first", "token", "walk", "order", "query"):
        await eventually(lambda name=name: traffic.started[-1] == name)
        traffic.gates[name].set()
    await asyncio.gather(*tasks)

    assert traffic.started == ["first", "token", "walk", "order", "query"]


async def test_a_cancel_passes_a_question_under_way_but_not_an_order():
    traffic = Traffic()
    question = traffic.call("question", Call.QUERY)
    await eventually(lambda: traffic.started)
    first = traffic.call("cancel 1", Call.CANCEL)
    await eventually(lambda: traffic.started[-1] == "cancel 1")

    second = traffic.call("cancel 2", Call.CANCEL)
    await eventually(lambda: traffic.lane.queued == 1)
    traffic.gates["cancel 1"].set()
    await eventually(lambda: traffic.started[-1] == "cancel 2")

    for gate in traffic.gates.values():
        gate.set()
    await asyncio.gather(question, first, second)


async def test_a_caller_that_gives_up_leaves_no_hole():
    traffic = Traffic()
    holder = traffic.call("holder", Call.QUERY)
    await eventually(lambda: traffic.started)
    quitter = traffic.call("quitter", Call.ORDER)
    patient = traffic.call("patient", Call.QUERY)
    await eventually(lambda: traffic.lane.queued == 2)

    quitter.cancel()
    traffic.gates["holder"].set()
    await eventually(lambda: traffic.started[-1] == "patient")
    traffic.gates["patient"].set()
    await asyncio.gather(holder, patient)
    await asyncio.wait([quitter])

    assert "quitter" not in traffic.started


async def test_a_caller_cancelled_at_the_very_moment_of_its_turn_gives_it_back():
    traffic = Traffic()
    async with traffic.lane.turn(Call.QUERY):
        unlucky = traffic.call("unlucky", Call.QUERY)
        await eventually(lambda: traffic.lane.queued == 1)
    unlucky.cancel()  # it has its turn now, and has not noticed
    await asyncio.wait([unlucky])

    async with traffic.lane.turn(Call.ORDER):
        assert traffic.started == []
