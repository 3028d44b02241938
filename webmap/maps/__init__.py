"""Folium maps: builders from outlines and settings to markup, and the rows of their table twins."""
