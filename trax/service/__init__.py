"""What an edge may ask for: rules in one place, said in words that are true at every edge."""
