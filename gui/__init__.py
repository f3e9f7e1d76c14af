"""The window: reads stores, calls services, draws. Knows no sockets, no SQL, no wire names."""
