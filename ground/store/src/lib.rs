//! Run folders: atomic, fingerprinted, append-only; Parquet and JSON lines in and out.
