"""Finds the patient's face in a picture and speech in a sound, with verified models."""
