"""One module for each row of the report, or a few that belong together; see the package above."""
