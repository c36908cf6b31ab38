"""The read gate and the write gate. django-guardian stores the grants; nothing else in the house imports it."""
