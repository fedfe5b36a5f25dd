"""Where every stage meets: settings become adapters, adapters feed one conductor."""
