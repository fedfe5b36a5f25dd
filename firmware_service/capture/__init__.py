"""Pictures and sound with their capture time: live, from files, and the clocks they are told by."""
