"""The record of everything that happened, written in the same transaction as what happened."""
