"""Workload: minutes a month by cell, officer and community, and beats that share them evenly."""
