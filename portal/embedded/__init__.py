"""The PostgreSQL, Valkey and model server that come with a checkout, and the supervisor of the portal."""
