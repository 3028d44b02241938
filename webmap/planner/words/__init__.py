"""What is said of analyses in both languages: one module per analysis, named as the analysis is.

Each holds `WORDS`, a `webmap.planner.definitions.Words`.
"""
