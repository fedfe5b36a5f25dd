"""The receiver in the emergency department: it verifies, stores, receipts and shows screens."""
