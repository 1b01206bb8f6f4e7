"""Experts' review: cards, forms and decisions in Slack. Leaves sending to the deliveries that a decision owes."""
