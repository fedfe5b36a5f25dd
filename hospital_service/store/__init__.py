"""What the hospital keeps: every message once, the newest word on every screen, every refusal."""
