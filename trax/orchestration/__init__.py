"""The one room that knows Prefect: local runs, runs on a server, set-up, slots of devices."""
