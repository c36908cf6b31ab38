"""What the tests run against: a real PostgreSQL, the product's two roles, and a database of their own."""
