import asyncio
import json
from decimal import Decimal

import msgspec
import pytest

from core.data.rest.client import RestClient
from core.domain.errors import NotSent, OutcomeUnknown, Refused, StartError
from core.domain.ids import OrderId
from core.domain.orders import (
    CancelRequest,
)
from core.runtime.clock import NS_PER_S
from tests.helpers.rest_calls import ADDED, BTC, KEY, deadline, documented, order
from tests.helpers.scripted_rest import Raw
from tests.helpers.waiting import eventually


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (["EOrder:Insufficient funds"], Refused),
        (["EGeneral: Invalid arguments: volume"], Refused),
        (["WGeneral:Danger", "EOrder:Insufficient funds"], Refused),
        (["EGeneral:Invalid arguments:cl_ord_id not unique"], OutcomeUnknown),
        (["EService:Unavailable"], OutcomeUnknown),
        (["EService:Deadline elapsed"], OutcomeUnknown),
        (["EGeneral:Internal error:7"], OutcomeUnknown),
        (["EWhatever:New"], OutcomeUnknown),
        (Raw(502, b"<html>Bad gateway</html>"), OutcomeUnknown),
        (Raw(520, b""), OutcomeUnknown),
        (Raw(200, b"<html>Just a moment</html>"), OutcomeUnknown),
        (Raw(200, b'{"error":[],"resul'), OutcomeUnknown),
        (Raw(200, b'{"error":[]}'), OutcomeUnknown),
        (Raw(200, b'{"error":[],"result":{}}'), OutcomeUnknown),
        (Raw(200, b'{"error":[],"result":{"txid":5}}'), OutcomeUnknown),
        (Raw(200, b"[" * 100_000), OutcomeUnknown),
        (Raw(429, b"error code: 1015"), OutcomeUnknown),
        (Raw(403, b"<html>blocked</html>"), Refused),
        (Raw(403, b'{"error":"forbidden"}'), Refused),
        (Raw(403, b'{"success":false,"errors":[{"code":1020}]}'), Refused),
        (Raw(403, b'{"error":["EService:Unavailable"]}'), OutcomeUnknown),
        (Raw(503, b'{"error":["EService:Unavailable"]}'), OutcomeUnknown),
        (Raw(400, b'{"error":["EGeneral:Invalid arguments"]}'), Refused),
        (Raw(200, b'{"error":"EOrder:Insufficient funds"}'), Refused),
        (Raw(200, b'{"error":["EOrder:Insufficient funds"],"result":null}'), Refused),
        (Raw(200, b'{"error":["EOrder:Insufficient funds","EService:Timeout"],"result":{}}'), OutcomeUnknown),
        (Raw(200, b'{"error":[{"code":7}]}'), OutcomeUnknown),
        (Raw(200, b'{"error":null,"result":null}'), OutcomeUnknown),
        (Raw(0), OutcomeUnknown),
    ],
    ids=str,
)
async def test_every_answer_to_an_order_ends_as_what_it_proves(rest, server, clock, answer, kind):
    server.answers["AddOrder"] = answer

    with pytest.raises((NotSent, Refused, OutcomeUnknown)) as outcome:
        await rest.add_order(order(), deadline(clock))

    assert type(outcome.value) is kind
    assert server.names() == ["AddOrder"]


async def test_a_warning_beside_a_result_is_no_failure(rest, server, clock):
    body = json.dumps({"error": ["WGeneral:Careful"], "result": ADDED}).encode()
    server.answers["AddOrder"] = Raw(body=body)

    assert (await rest.add_order(order(), deadline(clock))).order_id == "OU22CG-KLAF2-FWUDD7"


async def test_nobody_at_the_door_means_nothing_was_sent(clock, server):
    nobody = msgspec.structs.replace(server.endpoints, private_rest="http://127.0.0.1:9")
    rest = RestClient(nobody, KEY, clock)

    with pytest.raises(NotSent, match="cannot connect"):
        await rest.add_order(order(), deadline(clock))
    await rest.close()


async def test_without_a_key_nothing_private_is_sent(server, clock):
    rest = RestClient(server.endpoints, None, clock)

    with pytest.raises(NotSent, match="no API key"):
        await rest.open_orders()
    await rest.close()


async def test_what_cannot_be_written_or_comes_too_late_is_not_sent(rest, server, clock):
    with pytest.raises(NotSent):
        await rest.add_order(order(qty=Decimal("NaN")), deadline(clock))
    with pytest.raises(NotSent, match="deadline"):
        await rest.add_order(order(), clock.wall_ns() + NS_PER_S)

    assert server.calls == []


async def test_a_stale_nonce_is_tried_once_more_and_then_blamed_on_another_program(rest, server, clock):
    refusals = [["EAPI:Invalid nonce"]]
    server.answers["AddOrder"] = lambda call: refusals.pop() if refusals else ADDED
    await rest.add_order(order(), deadline(clock))
    assert int(server.calls[1].fields["nonce"]) > int(server.calls[0].fields["nonce"])

    server.answers["AddOrder"] = ["EAPI:Invalid nonce"]
    with pytest.raises(Refused) as refusal:
        await rest.add_order(order(), deadline(clock))

    assert len(server.calls) == 4
    assert "Another program" in refusal.value.user_message


async def test_a_wrong_key_is_not_shown_twice_until_the_user_acts_but_cancels_pass(rest, server, clock):
    server.answers["AddOrder"] = ["EAPI:Invalid key"]
    server.answers["CancelOrder"] = {"count": 1}
    with pytest.raises(Refused):
        await rest.add_order(order(), deadline(clock))

    with pytest.raises(NotSent, match="stopped after"):
        await rest.websockets_token()
    await rest.cancel_order(CancelRequest(order_id=OrderId("O1")))
    rest.transport.unlatch()
    with pytest.raises(Refused):
        await rest.add_order(order(), deadline(clock))

    assert server.names() == ["AddOrder", "CancelOrder", "AddOrder"]


async def test_a_missing_permission_stops_that_call_alone(rest, server, clock):
    server.answers["GetWebSocketsToken"] = ["EGeneral:Permission denied"]
    server.answers["AddOrder"] = ADDED
    with pytest.raises(Refused):
        await rest.websockets_token()

    with pytest.raises(NotSent):
        await rest.websockets_token()

    assert (await rest.add_order(order(), deadline(clock))).order_id


async def test_a_lockout_ends_all_private_calls_for_fifteen_minutes(rest, server, clock):
    server.answers["GetWebSocketsToken"] = ["EGeneral:Temporary lockout"]
    with pytest.raises(Refused):
        await rest.websockets_token()

    server.answers["GetWebSocketsToken"] = {"token": "t"}
    clock.advance(s=14 * 60)
    with pytest.raises(NotSent, match="locked out"):
        await rest.websockets_token()
    clock.advance(s=61)

    assert await rest.websockets_token() == "t"


async def test_a_throttle_lasts_until_the_time_told(rest, server, clock):
    until = clock.wall_ns() // NS_PER_S + 40
    server.answers["GetWebSocketsToken"] = [f"EService:Throttled: {until}"]
    with pytest.raises(OutcomeUnknown):
        await rest.websockets_token()

    server.answers["GetWebSocketsToken"] = {"token": "t"}
    clock.advance(s=39)
    with pytest.raises(NotSent, match="throttled"):
        await rest.websockets_token()
    clock.advance(s=2)

    assert await rest.websockets_token() == "t"


async def test_a_failing_service_is_left_alone_then_probed_with_a_question_never_with_an_order(
    rest, server, clock
):
    server.answers["AddOrder"] = Raw(503, b"busy")
    for _ in range(5):
        with pytest.raises(OutcomeUnknown):
            await rest.add_order(order(), deadline(clock))
    with pytest.raises(NotSent, match="REST is failing"):
        await rest.add_order(order(), deadline(clock))
    server.answers["CancelOrder"] = {"count": 1}
    await rest.cancel_order(CancelRequest(order_id=OrderId("O1")))
    server.calls.clear()

    clock.advance(s=13)
    server.answers["AddOrder"] = ADDED
    await rest.add_order(order(), deadline(clock))

    assert server.names() == ["SystemStatus", "SystemStatus", "AddOrder"]


async def test_a_cancel_does_not_wait_for_a_slow_question_and_goes_before_waiting_ones(rest, server, clock):
    release = asyncio.Event()

    async def slow(call):
        await release.wait()
        return {"open": {}}

    server.answers["OpenOrders"] = slow
    server.answers["BalanceEx"] = {}
    server.answers["CancelOrder"] = {"count": 1}
    question = asyncio.create_task(rest.open_orders(), name="question")
    await eventually(lambda: "OpenOrders" in server.names())
    waiting = asyncio.create_task(rest.balances(), name="waiting")

    await rest.cancel_order(CancelRequest(order_id=OrderId("O1")))
    assert server.names()[-1] == "CancelOrder"
    release.set()
    await asyncio.gather(question, waiting)

    assert server.names()[-1] == "BalanceEx"


async def test_a_full_counter_makes_questions_wait_or_refuse_with_the_time(rest, server, clock):
    server.answers["GetWebSocketsToken"] = ["EAPI:Rate limit exceeded"]
    with pytest.raises(Refused):
        await rest.websockets_token()

    with pytest.raises(NotSent, match="too many private calls"):
        await rest.trade_volume([BTC])
    clock.advance(s=60)
    server.answers["TradeVolume"] = documented("TradeVolume")

    assert len(await rest.trade_volume([BTC])) == 1


@pytest.mark.parametrize("number", ["1e999999", "NaN", "9" * 60])
async def test_numbers_nobody_should_compute_with_make_the_answer_unreadable(rest, server, number):
    server.answers["BalanceEx"] = {"ZUSD": {"balance": number, "hold_trade": "0"}}

    with pytest.raises(OutcomeUnknown, match="unreadable"):
        await rest.balances()


async def test_a_key_signs_for_no_other_host(server, clock):
    elsewhere = msgspec.structs.replace(server.endpoints, private_rest="https://api.kraken.example")

    with pytest.raises(StartError):
        RestClient(elsewhere, KEY, clock)


@pytest.mark.parametrize("status", [302, 307, 308])
async def test_a_redirect_is_not_followed(rest, server, clock, status):
    server.answers["AddOrder"] = Raw(status, location=f"{server.base}/0/private/Elsewhere")

    with pytest.raises(OutcomeUnknown):
        await rest.add_order(order(), deadline(clock))

    assert len(server.calls) == 1
