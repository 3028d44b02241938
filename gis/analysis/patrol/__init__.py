"""Patrol coverage: each day painted once and kept, any period put together from its days."""
