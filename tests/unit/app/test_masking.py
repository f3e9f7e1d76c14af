"""Ids become others of the same length; the same one everywhere, and nothing else changes."""

import re

import pytest

from core.app.masking import IdMask

ORDER, OTHER, OURS = "OQCLML-BW3P3-BUCMWZ", "OQCLML-BW3P3-BUCMWX", "8bafb8ac-6704-406e-ac54-189ed13f3a78"


def test_an_id_becomes_the_same_other_one_wherever_it_stands():
    mask = IdMask()

    text = mask.text(f"{ORDER} filled, {ORDER} again, then {OTHER}")
    first, again, other = re.findall(r"[A-Z2-7]{6}-[A-Z2-7]{5}-[A-Z2-7]{6}", text)

    assert first == again != ORDER
    assert other not in (first, OTHER)
    assert first[0] == "O"
    assert mask.data(ORDER.encode()) == first.encode()


@pytest.mark.parametrize(
    "real",
    [ORDER, "TGBB7L-HT5LX-J3BZ4A", "LX7OTM-BW3P3-BUCMWZ", OURS, "AA82 N84G 2O6A LB4Y", "AA82N84G2O6ALB4Y"],
)
def test_every_kind_of_id_is_masked_to_its_own_length(real):
    masked = IdMask().text(f'{{"id":"{real}","price":60000.1}}')

    assert real not in masked
    assert len(masked) == len(f'{{"id":"{real}","price":60000.1}}')
    assert masked.endswith('","price":60000.1}')


def test_two_reports_do_not_share_their_stand_ins():
    assert IdMask().text(ORDER) != IdMask().text(ORDER)


@pytest.mark.parametrize(
    "text",
    ["BTC/USD 60,123.4 · 0.5", "2026-01-31T12:00:00.000000Z", "EOrder:Insufficient funds", "\udc80 broken"],
)
def test_what_is_no_id_stays(text):
    assert IdMask().text(text) == text
