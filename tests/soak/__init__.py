"""Whether the terminal holds out: hours with a real window, a day of virtual time."""
