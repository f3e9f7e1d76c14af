"""The way to the exchange and the disk: sockets, requests, formats. Does not judge orders or books."""
