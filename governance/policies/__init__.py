"""What a decision demands, as pure functions. The rule is fixed; policies as versioned data are not built."""
