"""What may not be said and what must be said at once: the rules on a question, and the checks on a draft."""
