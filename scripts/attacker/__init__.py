"""`scripts/attack`: sqlmap against the reads and the planner's pages, on a server and database of its own."""
