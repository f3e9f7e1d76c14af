"""Bugs that other trading clients have had, put back into this one: each must fail a test that names it."""
