"""What runs ask of people: to approve, to edit, to choose."""
