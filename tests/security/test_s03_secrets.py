"""S3: a secret shows itself nowhere but to who asks it by name."""

import copy
import json
import pickle
import traceback

import msgspec
import pytest

from core.runtime.secrets import KeyPair, Secret
from core.sim.exchange import SimExchange

TEXT = "canary+0123456789/ABCdef"


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        "{}".format,
        "{!r}".format,
        "%s".__mod__,
        "{!s:>40}".format,
        lambda s: repr([s]),
        lambda s: repr({"k": s}),
    ],
)
@pytest.mark.parametrize("thing", [Secret(TEXT), KeyPair(Secret(TEXT), Secret(TEXT))], ids=["secret", "pair"])
def test_s03_no_way_of_writing_shows_a_secret(show, thing):
    assert TEXT not in show(thing)


@pytest.mark.parametrize("spread", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, msgspec.json.encode])
def test_s03_a_secret_cannot_be_copied_away(spread):
    with pytest.raises((TypeError, NotImplementedError)):
        spread(Secret(TEXT))


def test_s03_a_traceback_with_a_secret_in_reach_does_not_show_it():
    secret = Secret(TEXT)
    try:
        assert secret is None
    except AssertionError as failure:
        text = "".join(traceback.format_exception(failure))

    assert TEXT not in text


def test_s03_secrets_compare_by_value_and_hide_it_from_dictionaries():
    assert Secret(TEXT) == Secret(TEXT)
    assert Secret(TEXT) != Secret(TEXT + "x")
    with pytest.raises(TypeError):
        hash(Secret(TEXT))


async def test_s03_a_running_exchange_and_its_address_do_not_print_the_key():
    async with SimExchange(seed=1) as exchange:
        shown = repr(exchange)

        assert exchange.secret not in shown
