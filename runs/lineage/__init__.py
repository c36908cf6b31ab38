"""Which step read and wrote which content: backwards to the inputs, forwards to everything made from them."""
