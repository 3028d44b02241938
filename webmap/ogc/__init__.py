"""The OGC API of the service: landing page, conformance, collections and their items."""
