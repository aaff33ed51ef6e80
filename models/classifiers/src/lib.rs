//! Classifiers over feature vectors: a linear model or one hidden layer, trained by cross-entropy.
//!
//! This is the smallest kind of model that is no decoder: it is shown numbers and says a label,
//! with a probability for each. It is here because self-training is older than language models, and
//! so that nothing in the loop can take a model for a decoder without being seen to.
//!
//! It has no tensor library below it: the models are of some thousand weights, whose gradients are
//! a few lines ([`train`]), and a plain loop in a fixed order gives the same bits everywhere.
//!
//! A folder of it ([`Classifier::to_files`]) is `config.json` with Hugging Face's `id2label`, and
//! `model.safetensors` with the names and shapes of PyTorch's `nn.Linear`.

mod answering;
mod classifier;
mod fault;
mod folder;
mod training;

pub use answering::{Answering, features};
pub use classifier::{Classifier, Layer, Shape};
pub use fault::ClassifierFault;
pub use training::{Labelled, Step, Training, train};
