"""Any analysis as a run: asked for, queued, measured by a worker, kept with what it gave (docs/runs.md)."""
