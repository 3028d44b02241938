"""The benchmark: our server beside others that could be installed instead, on the same database."""
