"""What each event means for state. Pure: does not know where an event came from or how to get another."""
