"""Coursewright turns a published lesson into programming assignments that a teacher can trust."""
