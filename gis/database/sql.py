"""Named SQL statements from files: `-- name: verb_noun` becomes a method of that name.

aiosql keeps the statements in plain `.sql` that can be pasted into psql; the typed functions over them
stand in each package's `store.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiosql


def load_queries(beside: str, name: str | None = None) -> Any:
    """Load the statements of the `.sql` file that stands beside a module.

    Parameters
    ----------
    beside : str
        `__file__` of the module.
    name : str, optional
        File name without suffix, where it differs from the module's.
    """
    module = Path(beside)
    return aiosql.from_path(
        module.with_name(f"{name or module.stem}.sql"), "psycopg2", mandatory_parameters=False
    )
