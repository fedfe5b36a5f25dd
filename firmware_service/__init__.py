"""The appliance in the ambulance: it guides, measures, and sends stroke-risk signals."""

__version__ = "0.1.0"
