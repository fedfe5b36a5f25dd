"""The guided screen: protocol, state machine, scoring, and the words of the report. Pure."""
