"""Coursewright turns a published lesson into programming assignments a teacher can trust."""
