"""Facts and rules of the course team's work, without any input or output."""
