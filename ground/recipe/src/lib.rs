//! Typed TOML recipes: parse, validate, explain.
