"""The agents: prompts, toolsets, output modes, validation and the replay ledger."""
