"""Files in, one JSON object a line out: the same instruments that the ambulance uses, on a desk."""
