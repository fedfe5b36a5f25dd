"""The face benchmark: droops of known size on people the refiner never saw."""
