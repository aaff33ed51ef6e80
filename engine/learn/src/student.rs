use burn::tensor::Device;
use models::Decoder;

/// A model that learns: its weights and where they are.
#[derive(Clone)]
pub struct Student {
    /// The weights, on `device`, outside any gradient graph.
    pub decoder: Decoder,
    /// Where it computes.
    pub device: Device,
}
