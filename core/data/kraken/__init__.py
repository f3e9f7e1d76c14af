"""Kraken's wire: addresses, shapes, names, signatures. The only place that knows its JSON."""
