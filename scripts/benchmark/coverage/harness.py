"""Find the works, run them, gather their rows."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from scripts.benchmark.coverage import works
from scripts.benchmark.coverage.data import Data
from scripts.benchmark.coverage.row import Row, WrongAnswer
from scripts.commands.machine import MachineError, say


@dataclass(frozen=True, slots=True)
class Work:
    """A module of `works`: its name, title, first sentence and rows."""

    name: str
    title: str
    about: str
    order: int
    rows: Callable[[Data, int], list[Row]]


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of a work, or why there are none."""

    work: Work
    rows: list[Row]
    trouble: str = ""
    is_wrong: bool = False


def all_works() -> list[Work]:
    """The works there are, by their place in the report."""
    names = [module.name for module in pkgutil.iter_modules(works.__path__) if module.name[0] != "_"]
    return sorted(map(_work, names), key=lambda work: (work.order, work.name))


def run(names: Sequence[str] | None, rounds: int) -> Iterator[Found]:
    """Measure the works of these names, or all, one after another.

    A peer that is not installed leaves its work out, with a note, and so does a wrong answer.

    Raises
    ------
    MachineError
        No such work.
    """
    there = all_works()
    if unknown := set(names or ()) - {work.name for work in there}:
        raise MachineError(f"no such work: {', '.join(sorted(unknown))}; there are {_names(there)}")
    return _measure([work for work in there if names is None or work.name in names], rounds)


def _measure(some: Sequence[Work], rounds: int) -> Iterator[Found]:
    data = Data()
    for work in some:
        say(f"{work.name}: {work.title}")
        found = _measured(work, data, rounds)
        if found.trouble:
            say(f"  {found.trouble}")
        yield found


def _measured(work: Work, data: Data, rounds: int) -> Found:
    try:
        return Found(work, work.rows(data, rounds))
    except ModuleNotFoundError as error:
        return Found(work, [], f"left out: {error.name} is not installed")
    except WrongAnswer as error:
        return Found(work, [], str(error), is_wrong=True)


def _work(name: str) -> Work:
    module = importlib.import_module(f"{works.__name__}.{name}")
    about = (module.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
    return Work(name, module.TITLE, about, module.ORDER, module.rows)


def _names(there: Sequence[Work]) -> str:
    return ", ".join(work.name for work in there)
