"""Going over a run again: verified by its records, run anew, forked, held beside another."""
