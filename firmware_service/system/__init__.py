"""The device as a machine: what it keeps on its disk and what it tells its operating system."""
