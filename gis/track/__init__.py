"""Where people walked: raw fixes as they come, the track drawn from them, and how long they are kept."""
