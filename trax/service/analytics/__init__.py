"""What figures that are kept anyway say: how fast, how sure, what failed, what it cost."""
