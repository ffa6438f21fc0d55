"""What is done with a recording from one end to the other: graphs of stages, and their runner."""
