"""REST calls: client, rate limits, breaker, poller. Does not decide what is worth asking."""
