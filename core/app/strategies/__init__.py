"""Strategies that come with the program, by the name they are listed under."""

from __future__ import annotations

from core.app.strategies.chase import Chase
from core.app.strategies.scaled import Scaled
from core.app.strategies.twap import Twap
from core.app.strategy import Strategy

SHIPPED: dict[str, type[Strategy]] = {kind.title: kind for kind in (Twap, Chase, Scaled)}
