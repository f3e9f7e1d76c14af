"""Tidewire without a screen: market data, orders and state. Never imports Qt."""

__version__ = "0.1.0"
