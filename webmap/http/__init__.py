"""HTTP as this application speaks it: problems, headers, logs."""
