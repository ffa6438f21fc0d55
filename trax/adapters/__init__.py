"""Domain adapters: LoRA weights that teach a recognition model how some people speak."""
