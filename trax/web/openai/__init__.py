"""OpenAI's interface to speech: what its clients send, and what they read."""
