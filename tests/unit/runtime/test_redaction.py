import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.runtime.redaction import Redactor, one_line
from core.runtime.secrets import REDACTED, KeyPair, Secret

TOKEN = "1Dwc4lzSwNWOAwkMdqhssNNFhs1ed606d1WcF3XfEMw"
PRIVATE_KEY = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="


@pytest.mark.parametrize(
    "text",
    [
        "API-Key: {}",
        "api_key={}",
        '{{"token": "{}"}}',
        "token='{}' next",
        "passphrase = {}",
        "Authorization: Bearer {}",
        "api-sign:{}",
        "otp={}&nonce=1",
    ],
)
def test_a_value_with_a_secret_name_goes_whatever_it_looks_like(text):
    cleaned = Redactor().clean(text.format("hunter2"))

    assert "hunter2" not in cleaned
    assert REDACTED in cleaned


@pytest.mark.parametrize("secret", [TOKEN, PRIVATE_KEY])
def test_what_looks_like_a_key_goes_without_being_named(secret):
    assert Redactor().clean(f"sent {secret} to the exchange") == f"sent {REDACTED} to the exchange"


@pytest.mark.parametrize(
    "text",
    [
        "order filled cl_ord_id=6d1b345e-2821-40e2-ad83-4ecb18a06876 qty=0.10000000",
        "/home/trader/projects/tidewire/core/processing/stores/orders/books",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "OQCLML-BW3P3-BUCMWZ THVRQM-33VKH-UCI7BS BTC/USD 64999.9",
        "token was renewed",
    ],
)
def test_ordinary_text_stays(text):
    assert Redactor().clean(text) == text


def test_a_registered_value_goes_in_its_url_spelling_too():
    redactor = Redactor()
    redactor.register(KeyPair(Secret("my+key/1"), Secret("other")))

    assert redactor.clean("a my+key/1 b my%2Bkey%2F1 c other") == f"a {REDACTED} b {REDACTED} c {REDACTED}"


def test_a_secret_that_begins_with_another_leaves_no_rest():
    redactor = Redactor()
    redactor.register(Secret("abc"), Secret("abcdef"))

    assert redactor.clean("abcdef") == REDACTED


@given(st.text())
def test_one_line_is_one_line_without_controls(text):
    line = one_line(text)

    assert len(line.splitlines()) <= 1
    assert not any(sign < " " or "\u202a" <= sign <= "\u202e" for sign in line)


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text):
    redactor = Redactor()
    redactor.register(Secret("s3cr3t"))

    once = redactor.clean(text)

    assert redactor.clean(once) == once
