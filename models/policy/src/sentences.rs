//! An encoder of sentences with its tokenizer: what "embedding" means where a run has one.

use std::path::Path;

use burn::tensor::Device;
use faults::Outcome;
use networks::Encoder;
use nouns::{Digest, Progress};
use tokens::SentenceTokens;

use crate::fault::PolicyFault;

/// An encoder, ready for texts.
#[derive(Debug)]
pub struct Sentences {
    encoder: Encoder,
    tokens: SentenceTokens,
}

impl Sentences {
    /// The encoder of a folder: BERT, as sentence-transformers saves it.
    pub fn open(folder: &Path, device: &Device) -> Outcome<Sentences> {
        let encoder = Encoder::from_folder(folder, device)?;
        let tokens = SentenceTokens::from_folder(folder, encoder.longest())?;
        Ok(Sentences { encoder, tokens })
    }

    /// A vector for each text. `[texts][width]`
    pub fn embed(&self, texts: &[String], progress: &dyn Progress) -> Outcome<Vec<Vec<f32>>> {
        let one = |text: &String| {
            if progress.stopping() {
                return Err(PolicyFault::Stopped.into());
            }
            Ok(self.encoder.embed(&self.tokens.encode(text)?)?)
        };
        texts.iter().map(one).collect()
    }

    /// Names the encoder.
    pub fn digest(&self) -> &Digest {
        self.encoder.digest()
    }
}
