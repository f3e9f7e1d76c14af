"""Garbage collection for a program that must not pause while prices move."""

from __future__ import annotations

import gc

YOUNG_OBJECTS = 50_000
"""New containers between two collections. The default of 700 is reached many times a second by a busy market."""


def collect_seldom() -> None:
    """Make collections rare from the first import on: a start makes many objects and hardly any garbage."""
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)


def collect_rarely() -> None:
    """Take what lives for ever (modules, window) out of collections and make the others rare.

    Call once, when everything is built and the first prices are on the screen: it takes some 60 ms. Messages make
    almost no cycles, so waiting costs little memory; on the mixed trace of the benchmark a message took 5.2 µs before
    and 4.8 µs after.
    """
    gc.collect()
    gc.freeze()
    collect_seldom()
