"""Prompts, models and workflows as assets with immutable, numbered, content-hashed versions."""
