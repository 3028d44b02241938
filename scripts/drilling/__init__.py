"""Phones upload while workers and the database are killed: nothing acknowledged is lost or doubled."""
