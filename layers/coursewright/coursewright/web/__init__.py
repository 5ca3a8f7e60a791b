"""HTTP requests, sessions, form security and the controllers of the review and authoring pages."""
