"""Webhooks: who may open them, what they take, and what they refuse."""
