"""What runs remember for the runs after them: versions of named values, none of them ever changed."""
