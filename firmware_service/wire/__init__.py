"""The contract between ambulance and hospital; imports pydantic and cryptography only."""
