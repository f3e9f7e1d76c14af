"""The health dashboard: what is wrong, since when, and what the program did."""
