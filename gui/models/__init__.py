"""Qt item models over stores. They hold row order and read values; no arithmetic, no services."""
