//! Small exact worlds with oracles; readers of public data-set formats.
