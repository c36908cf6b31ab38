"""One model four times: without a history, and with each of three libraries keeping it."""
