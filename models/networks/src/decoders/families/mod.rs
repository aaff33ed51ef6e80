//! The families of decoders: for each, a map from its `config.json` and its tensor names to ours,
//! one file each.

mod gemma;
mod gpt2;
mod lacking;
mod llama;
mod mistral;
mod olmo2;
mod phi3;
mod place;
mod qwen;
mod read;
mod smollm3;

use serde_json::{Map, Value};

use self::lacking::lacking;
use crate::decoders::family::Family;
use crate::fields::Fields;
use crate::{Config, ModelFault};

pub(crate) use place::{Layout, Place};

/// What a family's file says.
pub(crate) struct Definition {
    /// Reads the shape.
    read: fn(&Fields) -> Result<Config, ModelFault>,
    /// Where a weight of ours lies in the family's files.
    place: fn(&Config, &str) -> Place,
    /// What every name but the head's begins with; some files leave it out.
    pub(crate) prefix: &'static str,
}

impl Family {
    pub(crate) fn definition(self) -> &'static Definition {
        match self {
            Family::Llama => &llama::FAMILY,
            Family::Mistral => &mistral::FAMILY,
            Family::Qwen2 => &qwen::QWEN2,
            Family::Qwen3 => &qwen::QWEN3,
            Family::SmolLm3 => &smollm3::FAMILY,
            Family::Gemma => &gemma::GEMMA,
            Family::Gemma2 => &gemma::GEMMA2,
            Family::Gemma3 => &gemma::GEMMA3,
            Family::Phi3 => &phi3::FAMILY,
            Family::Olmo2 => &olmo2::FAMILY,
            Family::Gpt2 => &gpt2::FAMILY,
        }
    }

    /// The family that a `config.json` names.
    pub(crate) fn of(json: &Map<String, Value>) -> Result<Family, ModelFault> {
        let named = json.get("architectures").and_then(|list| list[0].as_str()).unwrap_or("none named");
        let family = Family::ALL.into_iter().find(|family| family.is_called(named));
        family.ok_or_else(|| match lacking(named, json) {
            Some(what) => ModelFault::Lacking { named: named.to_owned(), what },
            None => ModelFault::Architecture(named.to_owned()),
        })
    }

    /// Reads the shape from the fields of a `config.json`.
    pub(crate) fn read(self, json: &Map<String, Value>) -> Result<Config, ModelFault> {
        if json.get("quantization_config").is_some_and(|found| !found.is_null()) {
            let what = "quantization_config: quantised weights are not read; supported are f32, f16 and bf16";
            return Err(ModelFault::Config(what.into()));
        }
        let config = (self.definition().read)(&Fields(json))?;
        let config = Config { family: self, ..config };
        config.validate()?;
        Ok(config)
    }

    /// Where a weight of ours lies in the family's files.
    pub(crate) fn place(self, config: &Config, name: &str) -> Place {
        (self.definition().place)(config, name)
    }
}
