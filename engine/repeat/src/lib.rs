//! Rounds, phases, gates, resume: the loop itself.
