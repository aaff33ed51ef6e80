//! Which attempts teach, and how strongly.
