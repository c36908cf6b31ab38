"""What a decision demands, as pure functions. Policies as versioned data are not built yet: the rule below is fixed."""
