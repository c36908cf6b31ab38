"""The database roles: what the application's role may do, and the migrations that another role runs."""
