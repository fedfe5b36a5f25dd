"""From landmarks and sound to numbers per side, in millimetres and seconds. Pure; numpy only."""
