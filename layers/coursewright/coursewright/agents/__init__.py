"""What the agents are told, what they may do, and how a model's answer is let in."""
