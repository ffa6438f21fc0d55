"""What can be asked for, a module a kind of resource."""
