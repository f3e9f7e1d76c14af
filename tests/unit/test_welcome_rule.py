"""Who is asked at the first start: a user of the installed program who said nothing of whose money it is about."""

from __future__ import annotations

import pytest

from gui.cli import build_parser, may_welcome


@pytest.mark.parametrize(
    ("arguments", "asks"),
    [
        ([], True),
        (["--profile", "swing"], True),
        (["--symbols", "BTC/USD"], True),
        (["--mode", "demo"], False),
        (["--mode", "paper"], False),
        (["--mode", "live"], False),
        (["--endpoints", "line.json"], False),
        (["--screenshot", "x.png"], False),
    ],
)
def test_an_explicit_choice_asks_nothing(arguments, asks):
    assert may_welcome(build_parser().parse_args(arguments)) is asks
