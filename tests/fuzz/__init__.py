"""Mutated frames against the way from the socket to the stores."""
