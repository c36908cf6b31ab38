"""Programs that run in the peers' own virtual environment; nothing of the product is there to be imported."""
