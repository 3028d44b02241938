"""Patrol coverage as bits: each day is painted once, every question about a period is counted from days.

A *layer* has one bit for each square of `Grid`: whether its centre lies within the radius of a leg or a lone
fix. Layers of one grid and radius are joined by OR, so the layer of a period is that of its days together,
bit for bit, however it is cut into days.

* `grid`: where the squares lie; a layer as bytes
* `painter`: legs and points to a layer
* `zones`: layers to covered areas of zones, with a bound of the error
* `ages`: days since, and numbers of days, by zone
* `scanline`: covered areas of small zones without squares
* `needed`, `gaps`: which legs matter; what of a zone is left over, as polygons

These modules import numba and compile at their first call: import them where something is computed.
"""
