from decimal import Decimal

import pytest

from core.data.kraken.numbers import vet, vet_given, vet_signed

BEYOND = ["NaN", "-NaN", "sNaN", "Infinity", "-Infinity", "1e31", "1e-31", "1" * 41, "0." + "1" * 41]


@pytest.mark.parametrize("text", [*BEYOND, "-1", "-1e-30"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_number_that_cannot_be_is_refused_wherever_it_stands(text, place):
    values = [Decimal(1), Decimal(2)]
    values.insert(place, Decimal(text))

    with pytest.raises((ArithmeticError, ValueError)):
        vet(*values)
    with pytest.raises((ArithmeticError, ValueError)):
        vet_given(None, *values)


@pytest.mark.parametrize("text", BEYOND)
def test_with_a_sign_the_same_limits_hold(text):
    with pytest.raises((ArithmeticError, ValueError)):
        vet_signed(Decimal(text))


@pytest.mark.parametrize(
    "text", ["0", "-0", "0.00000000", "1e30", "9e-30", "1.5", "65000.1", "0." + "1" * 30]
)
def test_ordinary_numbers_pass(text):
    vet(Decimal(text))
    vet_given(Decimal(text), None)
    vet_signed(Decimal(text), None)
