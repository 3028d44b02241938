"""What a user wrote and a spreadsheet would compute."""

from __future__ import annotations

# What makes a spreadsheet take a cell for a formula, full-width forms included.
_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula."""
    return text.startswith(_SIGNS)


def formula_safe(text: str) -> str:
    """Text that a spreadsheet shows and does not compute."""
    return f"'{text}" if is_formula(text) else text
