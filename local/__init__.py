"""The laptop cloud: the real template and the real state machine, without Docker or an account."""
