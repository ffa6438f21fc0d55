"""Shared documents over WebSockets: what is said over the wire, and the rooms that are open."""
