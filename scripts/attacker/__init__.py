"""`scripts/attack`: sqlmap against every parameter of the reads, on a server and a database of its own."""
