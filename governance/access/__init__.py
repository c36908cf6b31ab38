"""The read gate and the write gate. Grants are stored by django-guardian, which nothing else here imports."""
