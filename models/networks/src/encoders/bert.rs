//! BERT (Devlin et al. 2018, arXiv 1810.04805) as an encoder of sentences (Reimers & Gurevych 2019,
//! arXiv 1908.10084): `BertModel` of transformers, pooled as the folder of sentence-transformers
//! says.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::{Device, Tensor};
use nouns::Digest;
use serde_json::{Map, Value};

use super::layer::EncoderLayer;
use super::norm::LayerNorm;
use super::pooling::Pooling;
use super::source::Source;
use crate::fields::Fields;
use crate::files::read_text;
use crate::{ModelFault, values};

const CONFIG: &str = "config.json";

/// An encoder of sentences.
#[derive(Clone, Debug)]
pub struct Encoder {
    /// `[vocabulary, width]`
    words: Tensor<2>,
    /// `[positions, width]`
    positions: Tensor<2>,
    /// Of the first of two texts: there is but one. `[1, width]`
    kind: Tensor<2>,
    norm: LayerNorm,
    layers: Vec<EncoderLayer>,
    pooling: Pooling,
    longest: usize,
    digest: Digest,
}

impl Encoder {
    /// Loads the encoder of a folder: `config.json`, the weights, and how tokens become one vector
    /// by `modules.json`; their mean, where there is none.
    pub fn from_folder(folder: &Path, device: &Device) -> Result<Encoder, ModelFault> {
        let config = read_text(&folder.join(CONFIG))?;
        let json: Map<String, Value> =
            serde_json::from_str(&config).map_err(|why| ModelFault::Config(why.to_string()))?;
        let fields = Fields(&json);
        refuse_others(&fields)?;
        let (width, inner) = (fields.needed("hidden_size")?, fields.needed("intermediate_size")?);
        let (heads, layers) = (fields.needed("num_attention_heads")?, fields.layers("num_hidden_layers")?);
        if !width.is_multiple_of(heads) {
            return Err(ModelFault::Config(format!("hidden_size {width} is not a multiple of {heads} heads")));
        }
        let eps = fields.number("layer_norm_eps")?.unwrap_or(1e-12) as f32;
        let mut source = Source::open(folder, device)?;
        let positions = fields.needed("max_position_embeddings")?;
        let pooling = Pooling::of(folder)?;
        let kinds = fields.size("type_vocab_size")?.unwrap_or(2);
        let encoder = Encoder {
            words: source.table("embeddings.word_embeddings", [fields.needed("vocab_size")?, width])?,
            positions: source.table("embeddings.position_embeddings", [positions, width])?,
            kind: source.table("embeddings.token_type_embeddings", [kinds, width])?.slice([0..1, 0..width]),
            norm: source.norm("embeddings.LayerNorm", width, eps)?,
            layers: (0..layers)
                .map(|layer| EncoderLayer::read(&mut source, layer, (width, inner, heads), eps))
                .collect::<Result<_, _>>()?,
            longest: pooling.longest.unwrap_or(positions).min(positions),
            digest: Digest::of(config.as_bytes()),
            pooling,
        };
        source.refuse_unused()?;
        let digest = encoder.named(&config);
        Ok(Encoder { digest, ..encoder })
    }

    /// Whether a folder holds an encoder.
    pub fn is_in(folder: &Path) -> bool {
        let json: Option<Value> =
            read_text(&folder.join(CONFIG)).ok().and_then(|text| serde_json::from_str(&text).ok());
        json.is_some_and(|json| json["model_type"] == "bert")
    }

    /// Most tokens of a text, those around it included; of a longer one the rest is not seen.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Names the weights, and how tokens become one vector.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The last hidden states of a text's tokens. `[tokens, width]`
    pub fn hidden(&self, tokens: &[u32]) -> Result<Tensor<2>, ModelFault> {
        let vocabulary = self.words.dims()[0];
        if let Some(unknown) = tokens.iter().find(|&&id| id as usize >= vocabulary) {
            return Err(ModelFault::Config(format!("the tokenizer has a token {unknown} of {vocabulary}")));
        }
        let places: Arc<[u32]> = (0..tokens.len().min(self.longest) as u32).collect();
        let tokens: Arc<[u32]> = tokens[..places.len()].into();
        let words = kernels::embedding(self.words.clone(), tokens);
        let x = words + kernels::embedding(self.positions.clone(), places) + self.kind.clone();
        let x = self.norm.forward(x);
        Ok(self.layers.iter().fold(x, |x, layer| layer.forward(x)))
    }

    /// A text's vector. `[width]`
    pub fn embed(&self, tokens: &[u32]) -> Result<Vec<f32>, ModelFault> {
        let hidden = self.hidden(tokens)?;
        let width = hidden.dims()[1];
        Ok(self.pooling.pool(&values(&hidden), width))
    }

    fn named(&self, config: &str) -> Digest {
        Digest::of_each(|see| {
            see(config.as_bytes());
            see(self.pooling.said().as_bytes());
            let mut show = |tensor: &[f32]| see(bytemuck::cast_slice(tensor));
            [&self.words, &self.positions, &self.kind].into_iter().for_each(|table| show(&values(table)));
            self.norm.show(&mut show);
            self.layers.iter().for_each(|layer| layer.show(&mut show));
        })
    }
}

/// Refuses what is not computed here.
fn refuse_others(fields: &Fields) -> Result<(), ModelFault> {
    let is = |key: &str, only: &str| match fields.get(key) {
        Value::Null => Ok(()),
        found if found == only => Ok(()),
        found => Err(ModelFault::Config(format!("{key} is {found}; of encoders only \"{only}\" is supported"))),
    };
    let kind = fields.get("model_type").as_str().unwrap_or("none named");
    if kind != "bert" {
        return Err(ModelFault::Encoder(format!("config.json: the encoder `{kind}` is not supported")));
    }
    is("hidden_act", "gelu")?;
    is("position_embedding_type", "absolute")?;
    fields.must_be("is_decoder", false)?;
    fields.must_be("add_cross_attention", false)
}
