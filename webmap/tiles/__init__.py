"""Vector tiles of the collections (OGC API Tiles, WebMercatorQuad)."""
