"""S2: what a key may do is asked before it is used; a key that could empty the account is refused."""

import pytest

from core.app.live_guard import LiveGuard
from core.data.rest.client import RestClient
from core.domain.errors import StartError
from core.domain.mode import Mode
from core.domain.passport import NEEDED, REFUSED, KeyInfo, judge
from core.processing.health_store import HealthStore
from core.runtime.clock import ManualClock
from tests.helpers.rest_calls import KEY
from tests.helpers.scripted_rest import Raw, scripted_rest

NOW_S = 1_767_225_600
DAY_S = 86_400
GOOD = {"permissions": sorted(NEEDED), "nonceWindow": "0", "ipAllowlist": ["192.0.2.1"], "validUntil": "0"}


def info(**fields):
    return KeyInfo(**({"permissions": NEEDED, "addresses": ("192.0.2.1",)} | fields))


async def inspected(answer):
    """Return guard and health of a live session whose exchange says this of the key."""
    clock, health = ManualClock(), HealthStore()
    guard = LiveGuard(Mode.LIVE, health, clock)
    async with scripted_rest() as server:
        server.answers["GetApiKeyInfo"] = answer
        rest = RestClient(server.endpoints, KEY, clock)
        try:
            await guard.inspect_key(rest)
        finally:
            await rest.close()
    return guard, health


@pytest.mark.parametrize("permission", sorted(REFUSED))
def test_s02_a_key_that_can_withdraw_is_refused(permission):
    assert permission in judge(info(permissions=NEEDED | {permission}), NOW_S).refusal


@pytest.mark.parametrize("permission", sorted(NEEDED))
def test_s02_a_key_that_lacks_something_only_reads(permission):
    passport = judge(info(permissions=NEEDED - {permission}), NOW_S)

    assert permission in passport.read_only
    assert not passport.refusal


def test_s02_a_sufficient_key_trades_without_a_word():
    passport = judge(info(), NOW_S)

    assert (passport.refusal, passport.read_only, passport.warnings) == ("", "", ())


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"nonce_window": 1}, "nonce window"),
        ({"addresses": ()}, "any address"),
        ({"valid_until_s": NOW_S + 3 * DAY_S}, "expires in 3 days"),
        ({"query_from_s": 1}, "part of the history"),
        ({"query_to_s": NOW_S}, "part of the history"),
        ({"permissions": NEEDED | {"add-funds"}}, "add-funds"),
        ({"permissions": NEEDED | {"earn-funds"}}, "earn-funds"),
    ],
)
def test_s02_what_is_unwise_about_a_key_is_said(fields, word):
    passport = judge(info(**fields), NOW_S)

    assert any(word in warning for warning in passport.warnings)
    assert not passport.refusal


def test_s02_an_expired_key_is_refused():
    assert "expired" in judge(info(valid_until_s=NOW_S), NOW_S).refusal


async def test_s02_live_mode_does_not_start_with_a_key_that_withdraws():
    with pytest.raises(StartError) as refusal:
        await inspected(GOOD | {"permissions": [*NEEDED, "withdraw-funds"]})

    assert "withdraw-funds" in refusal.value.user_message


async def test_s02_live_mode_trades_with_a_good_key():
    _, health = await inspected(GOOD)

    assert set(health.locks) == {"live"}


@pytest.mark.parametrize("answer", [["EGeneral:Internal error"], Raw(503, b"down"), {"permissions": "all"}])
async def test_s02_without_an_answer_live_mode_only_reads(answer, expect_logs):
    expect_logs("core.app.live_guard", "passport unknown")

    guard, health = await inspected(answer)

    assert "did not say" in health.locks["key"]
    assert guard.confirm("LIVE")
    assert "key" in health.locks
