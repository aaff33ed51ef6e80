//! The rollout engine: batched sampling with a key-value cache, and scoring.
