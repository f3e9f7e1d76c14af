"""The embedded exchange, read from Kraken's documents independently. Shares no code with the client."""
