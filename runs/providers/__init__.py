"""Asking a model: one adapter for every provider that speaks OpenAI-compatible chat completions."""
