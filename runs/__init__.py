"""What was executed, on which inputs, with which result. Imports `governance`, never `portal`."""
