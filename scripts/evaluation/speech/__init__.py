"""The speech instrument against real voices, simulated slurring and the noise of an ambulance."""
