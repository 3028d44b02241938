"""`scripts/bench coverage`: the planner's analyses beside what others would use, in one process group.

To add a row, put a module into `works/`. It is found by itself and called by its name with `--works`:

    '''What is measured here, in a sentence.'''

    TITLE = "E2SFCA of 545,000 pairs"    # heading in the report
    ORDER = 60                           # place in the report

    def rows(data: Data, rounds: int) -> list[Row]:
        import access                    # peers are imported here: only who is asked for must be there
        times = alternate(rounds, ours=lambda: ..., access=lambda: ...)
        return [Row("E2SFCA", ours=times["ours"], peer="access", theirs=times["access"], at_least=50.0)]

`Data` gives the district (cells, communities, parcels, units, streets, days of fixes), each part made when
first asked for. `alternate` calls all in turn, once to warm up and then `rounds` times, in an order that
changes, and gives the median of time and the most memory. A `Row` holds a goal: `at_least` times as fast as
the peer, or a value `at_most`; `Row.value` is for what is no time (percentage points, found of implanted).
Rows with `fixes` are drawn in the chart of growth. What must be equal is checked in `rows`, with
`check`: a wrong answer ends its work, and the command with 1.
"""
