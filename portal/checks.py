"""System checks: what must hold before anything is served."""
