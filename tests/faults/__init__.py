"""The fault run: the production client against the embedded exchange, in virtual time, with everything going wrong."""
