"""The words of trading: frozen values and pure functions. Knows no format, no clock, no input or output."""
