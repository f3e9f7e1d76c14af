"""The example of docs/strategies.md does what the guide says."""

from __future__ import annotations

import re
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest

from core.app.strategy import Strategy, StrategyLimits, StrategyPlan, StrategyState
from core.domain.instrument import Side
from core.domain.orders import OrderStatus
from tests.helpers.terminal import BTC, sim_exchange, terminal_on
from tests.helpers.waiting import eventually

GUIDE = Path(__file__).parents[2] / "docs" / "strategies.md"


@pytest.fixture
def example(monkeypatch):
    code = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    module = ModuleType("guide_example")
    monkeypatch.setitem(sys.modules, "guide_example", module)  # annotations are looked up there
    exec(compile(code[1], str(GUIDE), "exec"), module.__dict__)
    return module


async def test_the_example_buys_the_dip_and_offers_it_higher(tmp_path, example):
    async with sim_exchange(speed=3.0) as exchange, terminal_on(exchange, tmp_path) as terminal:
        strategy = example.Dip(example.DipParams(qty=Decimal("0.01"), fall_bps=1, gain_bps=900))
        run = terminal.session.strategies.start(
            StrategyPlan(
                name="dip", strategy=strategy, symbol=BTC, limits=StrategyLimits(capital=Decimal(5_000))
            )
        )

        await eventually(
            lambda: (
                [(order.side, order.status) for order in run.desk.orders()]
                == [(Side.BUY, OrderStatus.FILLED), (Side.SELL, OrderStatus.NEW)]
            ),
            timeout_s=40,
        )

        bought, offered = run.desk.orders()
        assert offered.limit_price > bought.avg_price * Decimal("1.08")
        await eventually(lambda: "offers at" in run.words())
        terminal.session.strategies.stop("dip")
        await eventually(lambda: run.desk.open_orders() == [], timeout_s=10)
        assert run.state is StrategyState.STOPPED


def test_the_guide_names_every_callback_and_every_way_of_the_desk():
    from core.app.strategy_desk import Desk

    text = GUIDE.read_text(encoding="utf-8")
    callbacks = [name for name in vars(Strategy) if name.startswith("on_")]
    ways = [name for name in vars(Desk) if not name.startswith("_")]

    left_out = {"symbol", "now_ns", "has_placed"}
    assert [name for name in [*callbacks, *ways] if f"`{name}" not in text and name not in left_out] == []
