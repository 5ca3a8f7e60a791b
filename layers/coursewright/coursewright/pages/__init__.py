"""Renders everything that people read: the review and authoring pages, emails and notifications."""
