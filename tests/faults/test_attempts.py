"""Whatever breaks: never more than sixty attempts to connect in ten minutes, because Kraken bans addresses that insist.

Each fault is brought again and again for the whole time, and gone from then on: the terminal has to find back.
"""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.scene import play

WINDOW_S = 600.0
BUDGET = 60

FAULTS = {
    "every line reset": (2.0, lambda scene: [scene.plan.reset()]),
    "the exchange restarts": (4.0, lambda scene: [scene.plan.restart()]),
    "lines hang with TCP open": (7.0, lambda scene: [scene.plan.half_open(app=True)]),
    "answers 503 at the door and closes": (
        5.0,
        lambda scene: (scene.plan.http(503, b"", method="connect"), scene.plan.close(1006)),
    ),
    "answers 429 at the door and closes": (
        5.0,
        lambda scene: (scene.plan.http(429, b"", method="connect"), scene.plan.close(1006)),
    ),
    "frames nobody can read": (1.0, lambda scene: [scene.plan.raw(b"\xff\xfe{", is_text=False)]),
    "no answer to subscriptions": (
        9.0,
        lambda scene: (scene.plan.lose_answer(method="subscribe", times=12), scene.plan.close(1006)),
    ),
    "tokens expire as soon as they are used": (
        3.0,
        lambda scene: (scene.plan.expire_token(), scene.plan.close(1006)),
    ),
    "a gap in every account message": (1.0, lambda scene: [scene.plan.gap(channel="balances")]),
}


@pytest.mark.parametrize("name", FAULTS)
def test_no_fault_makes_the_terminal_insist(name):
    every_s, bring = FAULTS[name]

    async def story(scene):
        brought = []
        while scene.now_s + every_s < WINDOW_S:
            brought += bring(scene)
            await asyncio.sleep(every_s)

        assert scene.exchange.received("connect") <= BUDGET
        for fault in brought:
            fault.remove()
        await scene.until(lambda: scene.terminal.can_trade, 2 * WINDOW_S)

    play(story)
