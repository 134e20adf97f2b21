"""What identifies a person in a text: found, masked, replaced by a tag and restored, and weighed. No network."""
