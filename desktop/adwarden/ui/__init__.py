"""The window: widgets and models over the services, nothing else."""
