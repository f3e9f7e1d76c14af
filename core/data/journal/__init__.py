"""The journal: what was asked, said and executed, on disk before it matters. Knows no trading rule."""
