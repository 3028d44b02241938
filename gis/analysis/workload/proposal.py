"""The analysis "beats": cells in groups of equal work, beside the plan of today."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import numpy as np
import shapely
from pydantic import Field

from gis.analysis.result import Analysis, Figure, Finding, Place, Progress, Result, Table, Unit, Value
from gis.analysis.workload import measure as figures
from gis.analysis.workload.beats import Present, Proposal, Wishes, propose_beats
from gis.analysis.workload.fairness import spread
from gis.analysis.workload.formula import Floats, Ints, minutes_of
from gis.analysis.workload.graph import CellGraph, cell_graph, colours_of
from gis.analysis.workload.material import WorkloadMaterial, digest_of, queries
from gis.analysis.workload.material import load as load_workload
from gis.analysis.workload.model import WorkQuestion
from gis.database.pool import Connection
from gis.geometry.crs import to_metric

BUILDINGS, KEPT = Figure("buildings", Unit.COUNT), Figure("kept_share", Unit.SHARE)
BEAT, BEAT_BEFORE = Figure("beat", Unit.COUNT), Figure("beat_before", Unit.COUNT)
MOVED = Figure("moved", Unit.CODE)  # stays, moves, or new: of nobody today
COLOUR, COLOUR_BEFORE = Figure("beat_colour", Unit.CODE), Figure("before_colour", Unit.CODE)


class Today(StrEnum):
    """What a proposal is compared with, and as far as wished keeps."""

    OFFICER = "officer"  # the cells of each primary officer
    COMMUNITY = "community"


class BeatsQuestion(WorkQuestion):
    """What is asked of beats, besides which work.

    Attributes
    ----------
    beats : how many; four for each community unless told.
    keep : share of buildings that stays with the officer, or community, of today, 0 to 1.
    max_dev : by how much of the mean a beat may be off before borders are made shorter, 0 to 1.
    within_communities : whether no beat crosses the border of a community.
    today : the plan it is compared with.
    """

    beats: Annotated[int | None, Field(ge=1, le=5_000)] = None
    keep: Annotated[float, Field(ge=0, le=1)] = 0.0
    max_dev: Annotated[float, Field(ge=0, le=1)] = 0.1
    within_communities: bool = True
    today: Today = Today.OFFICER


@dataclass(frozen=True, slots=True)
class BeatsMaterial:
    """The workload's counts, with the outline (WKB, EPSG:4326) and the buildings of each cell."""

    workload: WorkloadMaterial
    outlines: tuple[bytes, ...]
    buildings: Floats


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal with what it was made from; `neighbours` is the graph of all cells, without regions."""

    proposal: Proposal
    graph: CellGraph
    neighbours: CellGraph
    minutes: Floats
    present: Present


def load(connection: Connection, question: BeatsQuestion) -> BeatsMaterial:
    """Read what beats are made of. Errors as the workload's `load`."""
    workload = load_workload(connection, question)
    rows = list(queries.shapes(connection))
    return BeatsMaterial(
        workload,
        tuple(bytes(row.wkb) for row in rows),
        np.array([row.buildings for row in rows], dtype=np.float64),
    )


def version(connection: Connection, question: BeatsQuestion) -> str:
    """The state of all the data a question speaks of: a digest of what is read."""
    return digest_of(load(connection, question))


def propose(material: BeatsMaterial, question: BeatsQuestion) -> Proposed:
    """Make the beats a question asks for. Raises `InvalidInput` if there cannot be so many."""
    workload = material.workload
    minutes = minutes_of(workload.counts, workload.weights).total
    community = workload.community
    regions = community if question.within_communities else np.zeros_like(community)
    shapes = np.asarray(to_metric(shapely.from_wkb(list(material.outlines))), dtype=object)
    graph = cell_graph(shapes, regions)
    beats = question.beats or min(4 * len(workload.communities), len(workload.codes))
    size = material.buildings if material.buildings.any() else np.ones(len(minutes))
    present = Present(_labels_of_today(workload, question.today), size)
    wishes = Wishes(beats, question.keep, question.max_dev)
    found = propose_beats(graph, minutes, wishes, regions=regions, present=present)
    neighbours = cell_graph(shapes) if question.within_communities else graph
    return Proposed(found, graph, neighbours, minutes, present)


def measure(material: BeatsMaterial, question: BeatsQuestion, progress: Progress) -> Result:
    """Propose beats: tables cells, beats (with outlines) and summary."""
    made = propose(material, question)
    progress(1, 2)
    tables = (_cells(material, made), _beats(material, made), _summary(material, made))
    progress(2, 2)
    return Result(tables, tuple(_findings(material, made, question)))


BEATS: Analysis[BeatsQuestion, BeatsMaterial] = Analysis(
    name="beats", parameters=BeatsQuestion, version=version, load=load, measure=measure
)


def _labels_of_today(workload: WorkloadMaterial, today: Today) -> Ints:
    if today is Today.COMMUNITY:
        return workload.community
    labels = np.full(len(workload.codes), -1, dtype=np.int64)
    primary = workload.duties.is_primary
    labels[workload.duties.cell[primary]] = workload.duties.officer[primary]
    return labels


def _cells(material: BeatsMaterial, made: Proposed) -> Table:
    """Colours tell neighbouring beats apart, on the map of all cells whatever the regions."""
    workload, proposal = material.workload, made.proposal
    colour = colours_of(made.neighbours, proposal.labels)
    before = colours_of(made.neighbours, made.present.labels)
    rows = tuple(
        (
            code,
            workload.communities[workload.community[cell]],
            round(float(made.minutes[cell]), 1),
            int(material.buildings[cell]),
            _number(int(made.present.labels[cell])),
            int(proposal.labels[cell]) + 1,
            "moves" if proposal.moved[cell] else "stays" if made.present.labels[cell] >= 0 else "new",
            str(colour[cell]),
            str(before[cell]),
        )
        for cell, code in enumerate(workload.codes)
    )
    columns = (
        *(figures.CODE, figures.COMMUNITY, figures.MINUTES, BUILDINGS),
        *(BEAT_BEFORE, BEAT, MOVED, COLOUR, COLOUR_BEFORE),
    )
    return Table("cells", columns, rows, Place.CELL)


def _beats(material: BeatsMaterial, made: Proposed) -> Table:
    proposal = made.proposal
    outlines = shapely.from_wkb(list(material.outlines))
    rows: list[tuple[Value, ...]] = []
    shapes = []
    mean = proposal.after.mean
    for beat in range(proposal.after.count):
        cells = np.flatnonzero(proposal.labels == beat)
        minutes = float(made.minutes[cells].sum())
        told = (len(cells), int(np.unique(material.workload.community[cells]).size))
        counted = (int(material.buildings[cells].sum()), int(proposal.moved[cells].sum()))
        over = round(minutes / mean, 4) if mean else 0.0
        rows.append(
            (beat + 1, *told, *counted, round(minutes, 1), over, _number(int(proposal.heir_of[beat])))
        )
        shapes.append(shapely.to_wkb(shapely.union_all(outlines[cells])))
    columns = (
        *(figures.NUMBER, figures.CELLS, Figure("communities", Unit.COUNT), BUILDINGS),
        *(Figure("cells_new", Unit.COUNT), figures.MINUTES, figures.OVER_MEAN, BEAT_BEFORE),
    )
    return Table("beats", columns, tuple(rows), shapes=tuple(shapes))


def _summary(material: BeatsMaterial, made: Proposed) -> Table:
    """Before and after; what is moved and kept stands in the row of after."""
    proposal, weights = made.proposal, material.workload.weights_version
    moved = (int(proposal.moved.sum()), round(proposal.kept if proposal.kept is not None else 1.0, 4))
    after = (*moved, round(proposal.lower_bound, 4), proposal.outside, len(made.graph.links), weights)
    before = proposal.before or spread([])
    rows = (
        (1, "before", *figures.evenness(before), 0, 1.0, None, None, None, weights),
        (2, "after", *figures.evenness(proposal.after), *after),
    )
    columns = (
        *(figures.NUMBER, figures.WHAT, *figures.EVENNESS, Figure("cells_moved", Unit.COUNT), KEPT),
        *(Figure("lower_bound", Unit.NUMBER), Figure("outside", Unit.COUNT)),
        *(Figure("links", Unit.COUNT), figures.VERSION),
    )
    return Table("summary", columns, rows)


def _findings(material: BeatsMaterial, made: Proposed, question: BeatsQuestion) -> list[Finding]:
    proposal = made.proposal
    after, before = proposal.after, proposal.before or spread([])
    found = [
        Finding(
            "beats_evenness",
            {"beats": after.count, "cv": round(after.cv, 3), "times": round(after.max_over_mean, 2)},
        ),
        Finding("beats_before", {"count": before.count, "cv": round(before.cv, 3)}),
        Finding(
            "beats_moved",
            {"cells_moved": int(proposal.moved.sum()), "kept_share": round(proposal.kept or 0.0, 3)},
        ),
    ]
    if proposal.lower_bound > 1.0 + question.max_dev:
        code = material.workload.codes[int(np.argmax(made.minutes))]
        found.append(Finding("beats_bound", {"cell": code, "times": round(proposal.lower_bound, 2)}, code))
    if proposal.outside:
        found.append(
            Finding("beats_outside", {"outside": proposal.outside, "percent": 100 * question.max_dev})
        )
    if (proposal.kept or 0.0) < question.keep:
        found.append(
            Finding(
                "beats_not_kept",
                {"percent": 100 * question.keep, "kept_share": round(proposal.kept or 0.0, 3)},
            )
        )
    if made.graph.links:
        found.append(Finding("beats_links", {"links": len(made.graph.links)}))
    return found


def _number(label: int) -> int | None:
    """Numbers are told from 1."""
    return label + 1 if label >= 0 else None
