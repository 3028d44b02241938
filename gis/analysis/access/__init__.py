"""Who reaches what, how far, and how much of it there is for them: pure functions on arrays."""
