//! What an adapter is: `adapter_config.json`, read and written.

use serde_json::{Map, Value, json};

use super::patterns::Patterns;
use crate::ModelFault;
use crate::fields::Fields;

/// What an adapter is, in PEFT's words.
#[derive(Clone, Debug, PartialEq)]
pub struct Lora {
    /// Rank of the product.
    pub rank: usize,
    /// What is added is multiplied by `alpha / rank`, or by `alpha / √rank` where `rslora` says so.
    pub alpha: f64,
    /// Share of the inputs that training drops.
    pub dropout: f64,
    /// The modules that it is on: the last words of their names in the family's files, or
    /// [`Lora::ALL`].
    pub targets: Vec<String>,
    /// Rank-stabilised scale (Kalajdzievski 2023, arXiv 2312.03732).
    pub rslora: bool,
    /// The model that it was trained on, as its folder or name.
    pub base: Option<String>,
    /// Whether every output has a magnitude beside its direction (DoRA).
    pub dora: bool,
    /// Modules that are saved whole beside the products: heads, embeddings.
    pub saved: Vec<String>,
    /// Ranks and alphas of single modules, in the place of the above.
    pub(crate) ranks: Patterns<usize>,
    pub(crate) alphas: Patterns<f64>,
    /// Whether a head that is the token table stays it when the table is saved whole.
    pub(crate) ties: bool,
    /// The fields of the `adapter_config.json` that was read: what this program does not know goes
    /// out as it came in.
    pub(crate) source: Map<String, Value>,
}

/// Fields whose value does not change what is computed with the weights at hand, or that are read
/// below.
const KNOWN: [&str; 25] = [
    "peft_type",
    "task_type",
    "auto_mapping",
    "peft_version",
    "base_model_name_or_path",
    "revision",
    "inference_mode",
    "r",
    "lora_alpha",
    "lora_dropout",
    "use_rslora",
    "target_modules",
    "exclude_modules",
    "fan_in_fan_out",
    "layers_to_transform",
    "layers_pattern",
    "megatron_core",
    "qalora_group_size",
    "bias",
    "init_lora_weights",
    "ensure_weight_tying",
    "rank_pattern",
    "alpha_pattern",
    "use_dora",
    "modules_to_save",
];

/// First values of PEFT's that leave the base model as it is. Others take something out of its
/// weights.
const PLAIN_BEGINNINGS: [&str; 3] = ["gaussian", "eva", "orthogonal"];

impl Lora {
    /// The word for every linear map of the layers.
    pub const ALL: &'static str = "all-linear";

    /// An adapter that is yet to be made.
    pub fn new(rank: usize, alpha: f64, dropout: f64, targets: Vec<String>, rslora: bool) -> Lora {
        Lora {
            rank,
            alpha,
            dropout,
            targets,
            rslora,
            base: None,
            dora: false,
            saved: Vec::new(),
            ranks: Patterns::default(),
            alphas: Patterns::default(),
            ties: false,
            source: Map::new(),
        }
    }

    /// What the product of both matrices is multiplied by, where no module has a rank or an alpha
    /// of its own.
    pub fn scale(&self) -> f64 {
        self.scale_at(self.rank, self.alpha)
    }

    fn scale_at(&self, rank: usize, alpha: f64) -> f64 {
        let rank = rank as f64;
        alpha / if self.rslora { rank.sqrt() } else { rank }
    }

    /// The rank of a module.
    pub(crate) fn rank_of(&self, module: &str) -> Result<usize, ModelFault> {
        Ok(self.ranks.of(module)?.unwrap_or(self.rank))
    }

    /// What a module's product is multiplied by.
    pub(crate) fn scale_of(&self, module: &str) -> Result<f64, ModelFault> {
        Ok(self.scale_at(self.rank_of(module)?, self.alphas.of(module)?.unwrap_or(self.alpha)))
    }

    /// Whether an adapter made by these settings is of the same shape and scale, so that training
    /// may go on with the one instead of the other.
    pub fn is_like(&self, other: &Lora) -> bool {
        let own = |lora: &Lora| (lora.rank, lora.alpha, lora.dropout, lora.rslora, lora.targets.clone());
        own(self) == own(other) && !self.differs_by_module() && !other.differs_by_module()
    }

    /// Whether modules have ranks or alphas of their own.
    pub fn differs_by_module(&self) -> bool {
        !(self.ranks.is_empty() && self.alphas.is_empty())
    }

    /// Why it is merged into the weights as it is read, if it is: it is more than low-rank
    /// products. None such is trained.
    pub fn merges(&self) -> Option<String> {
        match self.saved.as_slice() {
            _ if self.dora => Some("use_dora is true".into()),
            [] => None,
            saved => Some(format!("modules_to_save names {}", saved.join(", "))),
        }
    }

    /// Whether it is on a module, by the rule of PEFT: the name, or its last words.
    pub(crate) fn targets(&self, module: &str) -> bool {
        let one = |target: &String| {
            target == Lora::ALL
                || module.strip_suffix(target.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.targets.iter().any(one)
    }

    /// Reads an `adapter_config.json`. What would change the numbers and is not computed here is
    /// refused.
    pub(crate) fn from_json(text: &str) -> Result<Lora, ModelFault> {
        let source: Map<String, Value> = serde_json::from_str(text).map_err(|why| wrong(why.to_string()))?;
        let fields = Fields(&source);
        let needed = |key: &str, only: &str| match fields.get(key) {
            found if found.as_str() == Some(only) => Ok(()),
            found => Err(wrong(format!("{key} is {found}; only \"{only}\" is supported"))),
        };
        needed("peft_type", "LORA")?;
        if !fields.get("bias").is_null() {
            needed("bias", "none")?;
        }
        let plain = match fields.get("init_lora_weights") {
            Value::Null | Value::Bool(_) => true,
            Value::String(word) => PLAIN_BEGINNINGS.contains(&word.as_str()),
            _ => false,
        };
        if !plain {
            let found = fields.get("init_lora_weights");
            return Err(wrong(format!("init_lora_weights is {found}, which changes the base model's weights")));
        }
        let changes = |(key, value): &(&String, &Value)| !KNOWN.contains(&key.as_str()) && !is_nothing(value);
        if let Some((key, value)) = source.iter().find(changes) {
            return Err(wrong(format!("{key} is {value}, which is not supported")));
        }
        let dropout = match fields.get("lora_dropout") {
            Value::Null => 0.0,
            found => found
                .as_f64()
                .filter(|share| (0.0..1.0).contains(share))
                .ok_or_else(|| wrong(format!("lora_dropout is {found}; a number from 0 to below 1 is needed")))?,
        };
        Ok(Lora {
            rank: fields.needed("r").map_err(renamed)?,
            alpha: fields.needed_number("lora_alpha").map_err(renamed)?,
            dropout,
            targets: targets(fields.get("target_modules"))?,
            rslora: fields.flag("use_rslora", false).map_err(renamed)?,
            base: fields.get("base_model_name_or_path").as_str().map(str::to_owned),
            dora: fields.flag("use_dora", false).map_err(renamed)?,
            saved: names("modules_to_save", fields.get("modules_to_save"))?,
            ranks: Patterns::read("rank_pattern", fields.get("rank_pattern"), |found| {
                found.as_u64().filter(|rank| (1..=1 << 20).contains(rank)).map(|rank| rank as usize)
            })?,
            alphas: Patterns::read("alpha_pattern", fields.get("alpha_pattern"), |found| {
                found.as_f64().filter(|alpha| alpha.is_finite())
            })?,
            ties: fields.flag("ensure_weight_tying", false).map_err(renamed)?,
            source,
        })
    }

    /// The `adapter_config.json`, as PEFT writes it. `transposed`: the layers lie `[in, out]` in
    /// the family's files.
    pub(crate) fn to_json(&self, transposed: bool) -> Value {
        let mut json = self.source.clone();
        let mut set = |key: &str, value: Value| _ = json.insert(key.into(), value);
        set("peft_type", json!("LORA"));
        set("task_type", json!("CAUSAL_LM"));
        set("base_model_name_or_path", json!(self.base));
        set("inference_mode", json!(true));
        set("r", json!(self.rank));
        set("lora_alpha", if self.alpha.fract() == 0.0 { json!(self.alpha as i64) } else { json!(self.alpha) });
        set("lora_dropout", json!(self.dropout));
        set("use_rslora", json!(self.rslora));
        set("fan_in_fan_out", json!(transposed));
        set("bias", json!("none"));
        if self.source.is_empty() {
            let all = self.targets == [Lora::ALL];
            set("target_modules", if all { json!(Lora::ALL) } else { json!(self.targets) });
            set("init_lora_weights", json!(true));
            set("modules_to_save", Value::Null);
        }
        Value::Object(json)
    }
}

/// A list of names; none where there is nothing.
fn names(key: &str, found: &Value) -> Result<Vec<String>, ModelFault> {
    let needed = || wrong(format!("{key} is {found}; a list of names is needed"));
    match found {
        Value::Null => Ok(Vec::new()),
        Value::Array(list) => list.iter().map(|one| one.as_str().map(str::to_owned).ok_or_else(needed)).collect(),
        _ => Err(needed()),
    }
}

/// A list of names, or a word; a pattern is not looked at, because the tensors say where the
/// adapter is.
fn targets(found: &Value) -> Result<Vec<String>, ModelFault> {
    match found {
        Value::String(_) | Value::Null => Ok(vec![Lora::ALL.into()]),
        _ => names("target_modules", found),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

fn wrong(what: String) -> ModelFault {
    ModelFault::Adapter(what)
}

fn renamed(fault: ModelFault) -> ModelFault {
    match fault {
        ModelFault::Config(what) => wrong(what),
        other => other,
    }
}
