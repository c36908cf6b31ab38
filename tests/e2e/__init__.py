"""The whole product as people meet it: the demonstration's processes, a real browser, the real model."""
