//! The same operations over the tensor library's tensors, differentiable, on whatever device they
//! are.

mod agreement;
mod allocator;
mod autodiff;
pub mod composed;
mod flex;
mod functions;
mod fused;
mod memory;
mod shared;

pub use agreement::{Agreement, agreements};
pub use allocator::keep_freed_memory;
pub use functions::{add_bias, attention, embedding, gated, layer_norm, linear, rms_norm, rope, token_log_probs};
pub use fused::Fused;
pub use memory::{from_vec, is_here, with_slice};
pub use shared::{Angles, Layout};
