"""PostgreSQL, Valkey and the model server that come with a checkout, and the supervisor that runs the portal on them."""
