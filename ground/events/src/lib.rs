//! One event enum and its sinks: terminal, JSON lines, TensorBoard.
