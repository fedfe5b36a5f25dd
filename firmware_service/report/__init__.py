"""The page and the tables made of a report; imports the wire contract only, so the hospital may."""
