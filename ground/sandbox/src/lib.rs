//! Runs untrusted code; says what it does not protect against.
