"""The bracket protocol against an exchange that may do anything: every interleaving of a small one, many of a large."""
