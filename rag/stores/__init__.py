"""Where points are kept: memory (the reference), qdrant_edge (the default), chroma; and who owns them."""
