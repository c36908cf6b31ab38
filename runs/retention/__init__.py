"""How long contents are kept, what holds them longer, and how they go."""
