//! Where tasks come from.
