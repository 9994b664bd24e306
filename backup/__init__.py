"""Backups as files: what is in them, how they are packed, where they lie. Knows no database and no service."""
