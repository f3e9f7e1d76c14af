"""Tests. Helpers are imported as tests.helpers."""
