"""What the paramedic touches, sees and hears: the button, the light, the loudspeaker."""
