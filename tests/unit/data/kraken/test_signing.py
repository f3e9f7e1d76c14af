import pytest

from core.data.kraken.signing import Nonces, check_secret, sign
from core.domain.errors import StartError
from core.runtime.clock import ManualClock
from core.runtime.secrets import Secret

SECRET = Secret("kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==")
FORM = b"nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25"
JSON = (
    b'{"nonce":"1616492376594","ordertype":"limit","pair":"XBTUSD","price":37500,"type":"buy","volume":1.25}'
)


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (FORM, "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="),
        (JSON, "BVT3EumzzXSJHlvrinSwICz5uKKlSZPXL9cJIuKqn7ZMhHSbbtXhGdvwoDBmRz6ALXI+GVxFD0ZlGuOmfi2bxA=="),
    ],
)
def test_the_published_examples_are_signed_as_published(body, signature):
    assert sign("/0/private/AddOrder", 1616492376594, body, SECRET) == signature


def test_nonces_rise_even_when_the_clock_stands_still_or_is_set_back():
    clock = ManualClock()
    nonces = Nonces(clock)

    first, second = nonces.next(), nonces.next()
    clock.set_wall_ns(clock.wall_ns() - 3_600 * 10**9)

    assert first == clock.wall_ns() + 3_600 * 10**9
    assert first < second < nonces.next()


def test_nonces_go_on_from_the_last_one_kept():
    clock = ManualClock()

    assert Nonces(clock, last=clock.wall_ns() + 5).next() == clock.wall_ns() + 6


def test_a_mistyped_secret_is_refused_without_being_shown():
    with pytest.raises(StartError) as refusal:
        check_secret(Secret("not base64!"))

    assert "not base64!" not in str(refusal.value)
