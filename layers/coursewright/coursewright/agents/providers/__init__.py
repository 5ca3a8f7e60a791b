"""One module per provider: its client, its quirks and its error mapping."""
