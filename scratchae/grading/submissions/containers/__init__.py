"""Folders and archives: their members, in bounded time and memory. Nothing is unpacked, and no link is followed."""
