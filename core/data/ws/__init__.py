"""WebSocket lines: sessions without I/O and the connections that feed them. Knows no trading state."""
