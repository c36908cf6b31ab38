"""The engine: PostgreSQL is the truth, a Celery message is only a nudge that says "look at run R"."""
