"""A witness of logs (C2SP tlog-witness): cosigns what continues all it saw before. It needs no database."""
