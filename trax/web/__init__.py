"""A service over HTTP: routes and JSON, and no rules of its own."""
