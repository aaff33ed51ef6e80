//! What an adapter is: `adapter_config.json`, read and written.

use serde_json::{Map, Value, json};

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
    /// The fields of the `adapter_config.json` that was read: what this program does not know goes
    /// out as it came in.
    pub(crate) source: Map<String, Value>,
}

/// Fields whose value does not change what is computed with the weights at hand, or that are read
/// below.
const KNOWN: [&str; 21] = [
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
];

/// First values of PEFT's that leave the base model as it is. Others take something out of its
/// weights.
const PLAIN_BEGINNINGS: [&str; 3] = ["gaussian", "eva", "orthogonal"];

impl Lora {
    /// The word for every linear map of the layers.
    pub const ALL: &'static str = "all-linear";

    /// An adapter that is yet to be made.
    pub fn new(rank: usize, alpha: f64, dropout: f64, targets: Vec<String>, rslora: bool) -> Lora {
        Lora { rank, alpha, dropout, targets, rslora, base: None, source: Map::new() }
    }

    /// What the product of both matrices is multiplied by.
    pub fn scale(&self) -> f64 {
        let rank = self.rank as f64;
        self.alpha / if self.rslora { rank.sqrt() } else { rank }
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
            source,
        })
    }

    /// The `adapter_config.json`, as PEFT writes it. `turned`: the layers lie `[in, out]` in the
    /// family's files.
    pub(crate) fn to_json(&self, turned: bool) -> Value {
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
        set("fan_in_fan_out", json!(turned));
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

/// A list of names, or a word; a pattern is not looked at, because the tensors say where the
/// adapter is.
fn targets(found: &Value) -> Result<Vec<String>, ModelFault> {
    let needed = || wrong(format!("target_modules is {found}; a list of names is needed"));
    match found {
        Value::Array(list) => list.iter().map(|one| one.as_str().map(str::to_owned).ok_or_else(needed)).collect(),
        Value::String(_) | Value::Null => Ok(vec![Lora::ALL.into()]),
        _ => Err(needed()),
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
