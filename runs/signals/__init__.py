"""What others tell a run while it is under way: signals, kept until a step takes them."""
