"""Who opened which content, why and when: told before it is read, and never taken back."""
