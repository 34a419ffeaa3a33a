"""The chunker in the clothes of other libraries."""
