"""From a document to the hospital: outbox, sender, broker, receipts."""
