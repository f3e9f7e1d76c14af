"""Every text the program draws can be read on what it is drawn upon, in every theme."""

import re
from dataclasses import fields
from itertools import product

import pytest

from core.domain.instrument import Side
from core.domain.mode import Mode
from gui.theme import _SHEET, DARK, THEMES, Theme, _style_sheet
from gui.views.ladder_painter import _bar

LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3, for text of any size."""

LEAST_OUTLINE = 3.0
"""WCAG 2.2, 1.4.11, for what shows where the keyboard is."""

TEXTS = ("text", "muted", "buy", "sell", "good", "warning", "danger", "focus")
SURFACES = ("window", "panel", "raised", "field", "select")
FILLS = (
    "buy_fill",
    "sell_fill",
    "good_back",
    "warning_back",
    "danger_back",
    "demo",
    "paper",
    "live",
    "replay",
)
OTHERS = ("name", "grid", "border", "on_fill")
everywhere = pytest.mark.parametrize("theme", THEMES.values(), ids=str)


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, as WCAG defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def poor(theme, pairs, least):
    """The pairs of colour names that fall short, with their contrast."""
    measured = {
        (text, back): round(contrast(getattr(theme, text), getattr(theme, back)), 2) for text, back in pairs
    }
    return {pair: ratio for pair, ratio in measured.items() if ratio < least}


def test_the_measure_knows_black_white_and_grey():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_colour_of_a_theme_is_measured_somewhere():
    assert {field.name for field in fields(Theme)} == {*TEXTS, *SURFACES, *FILLS, *OTHERS}


@everywhere
def test_every_colour_is_six_hexadecimal_digits(theme):
    named = {field.name: getattr(theme, field.name) for field in fields(theme) if field.name != "name"}

    assert not {name: text for name, text in named.items() if not re.fullmatch("#[0-9a-f]{6}", text)}


@everywhere
def test_texts_can_be_read_on_every_surface(theme):
    assert poor(theme, product(TEXTS, SURFACES), LEAST_CONTRAST) == {}


@everywhere
def test_texts_on_fills_can_be_read(theme):
    assert poor(theme, product(["on_fill"], FILLS), LEAST_CONTRAST) == {}


@everywhere
def test_the_focus_can_be_seen_on_every_surface(theme):
    assert poor(theme, product(["focus"], SURFACES), LEAST_OUTLINE) == {}


@everywhere
@pytest.mark.parametrize("side", Side)
def test_quantities_can_be_read_on_the_bars_of_the_ladder(theme, side):
    bar, panel = _bar(theme.side(side)), theme.colour("panel")
    share = bar.alphaF()
    pairs = zip(bar.getRgb()[:3], panel.getRgb()[:3], strict=True)
    blended = "#" + "".join(f"{round(top * share + under * (1 - share)):02x}" for top, under in pairs)

    assert contrast(theme.text, blended) >= LEAST_CONTRAST


@everywhere
def test_what_the_style_sheet_pairs_can_be_read(theme):
    """Each rule that names both a text colour and a background, as it stands in the sheet."""
    sheet = re.sub(r"\s+", " ", _SHEET)
    rules = [
        (found_text[1], found_back[1])
        for body in re.findall(r"\{([^}]*)\}", sheet)
        if (found_text := re.search(r"(?<![-\w])color: @(\w+)", body))
        and (found_back := re.search(r"(?<![-\w])background: @(\w+)", body))
    ]

    assert len(rules) > 8
    assert poor(theme, rules, LEAST_CONTRAST) == {}


@everywhere
def test_no_name_of_a_colour_is_left_in_the_style_sheet(theme):
    assert "@" not in _style_sheet(theme)


@everywhere
def test_buy_and_sell_differ_in_every_theme(theme):
    assert theme.side(Side.BUY) != theme.side(Side.SELL)
    assert theme.signed(1) == theme.side(Side.BUY)
    assert theme.signed(-1) == theme.side(Side.SELL)
    assert theme.signed(0) == theme.colour("text")


@everywhere
def test_each_mode_has_a_colour_of_its_own(theme):
    assert len({theme.mode(mode).name() for mode in Mode}) == len(Mode)


def test_the_dark_theme_is_the_first_one():
    assert next(iter(THEMES.values())) is DARK
