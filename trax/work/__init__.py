"""How any stage of any pipeline is run: values, checkpoints, retries, the hold on a job."""
