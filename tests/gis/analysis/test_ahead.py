"""What is compiled ahead is everything that is compiled at all."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.conftest import ROOT

LEFT_OUT = """
import sys
from importlib import import_module
from numba.core.dispatcher import Dispatcher
from gis.analysis.ahead import compile_all

modules = [import_module(name) for name in sys.argv[1:]]
compile_all()
made = {value for module in modules for value in vars(module).values() if isinstance(value, Dispatcher)}
inner = {name for one in made for name in one.py_func.__code__.co_names}  # part of what calls them, once kept
print(len(made), sorted(name for one in made if not one.signatures and (name := one.py_func.__name__) not in inner))
"""


def test_every_compiled_function_is_compiled_ahead():
    """In a process of its own: in this one other tests have called them."""
    compiled = re.compile(r"^@(compiled$|njit)", re.MULTILINE)
    files = [path for path in (ROOT / "gis").rglob("*.py") if compiled.search(path.read_text("utf-8"))]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files]
    assert len(names) >= 5
    command = [sys.executable, "-W", "error", "-c", LEFT_OUT, *names]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.stderr == ""
    number, left_out = told.stdout.strip().split(" ", 1)
    assert int(number) >= 40
    assert left_out == "[]"
