"""The planner's workspace: one page per question, all in one frame ([planner](docs/planner.md))."""
