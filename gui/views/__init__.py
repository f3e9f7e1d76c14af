"""Widgets that draw stores. They keep no trading state and send no orders."""
