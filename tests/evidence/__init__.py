"""Tests of bundles of evidence."""
