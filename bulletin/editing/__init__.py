"""The desk: facts and last week's list in, an edition out. No clock, dice, network or disk."""
