"""Signatures, nonces, call counters and tokens."""

from decimal import Decimal

import pytest

from core.sim.auth import ALL_PERMISSIONS, Keys, api_sign, check_permission
from core.sim.model import Reject
from core.sim.tokens import Tokens

S = 1_000_000_000
SECRET = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
PATH = "/0/private/AddOrder"


@pytest.mark.parametrize(
    ("body", "sign"),
    [
        (
            b"nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25",
            "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==",
        ),
        (
            b'{"nonce":"1616492376594","ordertype":"limit","pair":"XBTUSD","price":37500,"type":"buy","volume":1.25}',
            "BVT3EumzzXSJHlvrinSwICz5uKKlSZPXL9cJIuKqn7ZMhHSbbtXhGdvwoDBmRz6ALXI+GVxFD0ZlGuOmfi2bxA==",
        ),
    ],
)
def test_published_signatures_are_reproduced(body: bytes, sign: str) -> None:
    assert api_sign(PATH, "1616492376594", body, SECRET) == sign


def refusal(keys: Keys, key: str, sign: str, nonce: str, body: bytes) -> str:
    with pytest.raises(Reject) as caught:
        keys.authenticate(key, sign, PATH, nonce, body)
    return caught.value.text


def test_key_signature_and_nonce_are_checked_in_this_order() -> None:
    keys = Keys()
    record = keys.create("main", "pro", 0)
    body = b"nonce=5"
    sign = api_sign(PATH, "5", body, record.secret)

    assert refusal(keys, "nobody", sign, "5", body) == "EAPI:Invalid key"
    assert refusal(keys, record.key, "é" + sign, "5", body) == "EAPI:Invalid signature"
    assert keys.authenticate(record.key, sign, PATH, "5", body) is record
    assert refusal(keys, record.key, sign, "5", body) == "EAPI:Invalid nonce"


@pytest.mark.parametrize("nonce", ["", "0", "-1", "1.5", "²", str(2**64), "9" * 5000])
def test_a_nonce_is_a_64_bit_integer_above_zero(nonce: str) -> None:
    keys = Keys()
    record = keys.create("main", "pro", 0)
    body = f"nonce={nonce}".encode()

    assert (
        refusal(keys, record.key, api_sign(PATH, nonce, body, record.secret), nonce, body)
        == "EAPI:Invalid nonce"
    )


def test_the_call_counter_fills_and_decays_by_tier() -> None:
    keys = Keys()
    record = keys.create("main", "intermediate", 0)

    for _ in range(5):
        keys.charge(record, "Ledgers", 0)
    with pytest.raises(Reject, match="EAPI:Rate limit exceeded"):
        keys.charge(record, "Balance", 0)
    keys.charge(record, "AddOrder", 0)
    keys.charge(record, "Balance", 2 * S)

    assert record.counter == Decimal(20)


def test_each_call_needs_its_permission() -> None:
    check_permission(frozenset({"close-trades"}), "CancelAll")
    check_permission(ALL_PERMISSIONS, "AddOrderBatch")

    for have, call in (
        ("modify-trades", "AddOrderBatch"),
        ("query-funds", "Ledgers"),
        ("close-trades", "AddOrder"),
    ):
        with pytest.raises(Reject, match="EGeneral:Permission denied"):
            check_permission(frozenset({have}), call)


def test_a_token_ends_after_900_seconds_unless_a_subscription_holds_it() -> None:
    tokens = Tokens()
    token = tokens.issue("main", ALL_PERMISSIONS, 0)

    assert tokens.find(token.text, 1, 899 * S) is token
    tokens.hold(token, 1)
    assert tokens.find(token.text, 1, 2000 * S) is token
    assert tokens.find(token.text, 2, 2000 * S) is None
    tokens.release(1)
    assert tokens.find(token.text, 1, 2000 * S) is None
