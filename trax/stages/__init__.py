"""The stages, a module each: what decides a stage's result, and how it is made."""
