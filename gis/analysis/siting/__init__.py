"""Where to put the next facilities: exact and fast answers, each with its bound and gap. Pure functions."""
