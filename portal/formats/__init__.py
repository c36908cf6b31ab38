"""How moments are written where Django writes them, as in the admin: with their zone."""
