"""What people read: the review page and the mails, their wording in templates and TOML."""
