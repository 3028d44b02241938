"""p-medians of OR-Library with their published optima; the folder `orlib` tells source and licence."""

from __future__ import annotations

import numpy as np
import pytest

from gis.analysis.siting.model import Status
from gis.analysis.siting.p_median import shortest_ways
from scripts.benchmark.coverage.works.medians import Graph, orlib


@pytest.fixture(params=orlib(), ids=lambda graph: graph.name)
def graph(request) -> Graph:
    return request.param


def test_the_published_optimum_is_found_and_proven(graph):
    found = shortest_ways(graph.metres, np.ones(len(graph.metres)), graph.sites)
    assert (found.objective, found.bound, found.status) == (graph.optimum, graph.optimum, Status.OPTIMAL)
    assert graph.metres[:, found.sites].min(axis=1).sum() == graph.optimum


def test_what_the_quick_answer_says_of_itself_is_true(graph):
    found = shortest_ways(graph.metres, np.ones(len(graph.metres)), graph.sites, time_limit_s=0)
    assert found.bound <= graph.optimum <= found.objective
    assert found.objective / graph.optimum - 1 <= found.gap
    assert found.objective <= 1.0015 * graph.optimum


def test_there_are_graphs_with_few_and_many_sites():
    assert [(graph.name, graph.sites, graph.optimum) for graph in orlib()] == [
        ("pmed1", 5, 5819),
        ("pmed2", 10, 4093),
        ("pmed5", 33, 1355),
        ("pmed10", 67, 1255),
    ]
