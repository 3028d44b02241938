"""Coverage of many districts over a Dask cluster; docs/scale.md says from what size that pays.

`legs` keeps legs in files by day and square, which any worker can read; `shares` measures zones, here or
parted over a cluster, with the very functions the application calls.
"""
