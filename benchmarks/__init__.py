"""Speed, memory and request counts, as ratios and laws: `scripts/benchmark` prints one table."""
