"""The invented people and things that tests act with, all made through the product's own services."""
