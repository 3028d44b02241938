"""Hot spots: where incidents are more than a cell's size makes one expect, since when, and what bunches."""
