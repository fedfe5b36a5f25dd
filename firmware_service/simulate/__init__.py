"""Patients made of public-domain portraits: real pixels whose true movement is known."""
