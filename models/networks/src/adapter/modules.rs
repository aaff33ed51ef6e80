//! The linear maps of a model as its family's files name them: what an adapter can be on.

use crate::decoders::families::Layout;
use crate::decoders::layer::LINEARS;
use crate::{Config, ModelFault};

use super::Lora;

/// A module of the family's files: a linear map of a layer, or several that are one there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Module {
    /// Its whole name.
    pub(crate) name: String,
    pub(crate) layer: usize,
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) parts: Vec<LinearSlice>,
}

/// A linear map of ours within a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LinearSlice {
    /// Its number in [`LINEARS`].
    pub(crate) linear: usize,
    /// Its first output, and how many it has.
    pub(crate) start: usize,
    pub(crate) own: usize,
}

impl Module {
    /// All of them, layer by layer.
    pub(crate) fn all(config: &Config) -> Vec<Module> {
        let mut modules: Vec<Module> = Vec::new();
        for layer in 0..config.num_hidden_layers {
            for (linear, path) in LINEARS.iter().enumerate() {
                let Some([inputs, own]) = shape(config, path) else { continue };
                let place = config.family.place(config, &format!("model.layers.{layer}.{path}.weight"));
                let name = place.name.trim_end_matches(".weight").to_owned();
                let (start, outputs) = place.part.map_or((0, own), |part| (part.start, part.total));
                let part = LinearSlice { linear, start, own };
                match modules.last_mut() {
                    Some(last) if last.name == name => last.parts.push(part),
                    _ => modules.push(Module { name, layer, inputs, outputs, parts: vec![part] }),
                }
            }
        }
        modules
    }

    /// Those that an adapter is on. A word that names none is refused.
    pub(crate) fn targeted(config: &Config, lora: &Lora) -> Result<Vec<Module>, ModelFault> {
        let all = Module::all(config);
        for target in &lora.targets {
            let alone = Lora { targets: vec![target.clone()], ..lora.clone() };
            if !all.iter().any(|module| alone.targets(&module.name)) {
                return Err(ModelFault::NoModule { name: target.clone(), known: Module::words(&all) });
            }
        }
        Ok(all.into_iter().filter(|module| lora.targets(&module.name)).collect())
    }

    /// The last words of their names, each once.
    pub(crate) fn words(modules: &[Module]) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for module in modules {
            let word = module.name.rsplit('.').next().unwrap_or_default();
            if !words.iter().any(|known| known == word) {
                words.push(word.into());
            }
        }
        words
    }

    /// Whether the layers' matrices lie `[in, out]` in the files.
    pub(crate) fn transposed(config: &Config) -> bool {
        config.family.place(config, &format!("model.layers.0.{}.weight", LINEARS[0])).layout == Layout::InOut
    }
}

impl Lora {
    /// How many numbers such an adapter has on a model of this shape.
    pub fn parameters(&self, config: &Config) -> Result<u64, ModelFault> {
        Module::targeted(config, self)?.iter().try_fold(0u64, |sum, module| {
            let rank = self.rank_of(&module.name)? as u64;
            Ok(sum.saturating_add(((module.inputs + module.outputs) as u64).saturating_mul(rank)))
        })
    }
}

/// `[in, out]` of a linear map of every layer; none where the family has no such map.
fn shape(config: &Config, path: &str) -> Option<[usize; 2]> {
    let (width, inner) = (config.hidden_size, config.intermediate_size);
    let (queries, keys) = (config.heads().width(), config.heads().kv_width());
    Some(match path {
        "self_attn.q_proj" => [width, queries],
        "self_attn.k_proj" | "self_attn.v_proj" => [width, keys],
        "self_attn.o_proj" => [queries, width],
        "mlp.gate_proj" if !config.switches.gated => return None,
        "mlp.gate_proj" | "mlp.up_proj" => [width, inner],
        _ => [inner, width],
    })
}
