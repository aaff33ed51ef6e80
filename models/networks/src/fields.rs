//! Reading `config.json` field by field: what is wrong is named, with the value and what is
//! supported.

use serde_json::{Map, Value};

use crate::ModelFault;

/// No size in a configuration is larger: beyond lies no model, but a damaged or hostile file.
const LARGEST: u64 = 1 << 28;
/// More layers than any model has.
const MOST_LAYERS: usize = 4096;

/// The fields of a `config.json`.
pub(crate) struct Fields<'a>(pub(crate) &'a Map<String, Value>);

fn wrong<T>(what: String) -> Result<T, ModelFault> {
    Err(ModelFault::Config(what))
}

impl Fields<'_> {
    /// The value, null if it is not there.
    pub(crate) fn get(&self, key: &str) -> &Value {
        self.0.get(key).unwrap_or(&Value::Null)
    }

    /// A positive whole number, `None` where it is null or absent.
    pub(crate) fn size(&self, key: &str) -> Result<Option<usize>, ModelFault> {
        match self.get(key) {
            Value::Null => Ok(None),
            found => match found.as_u64() {
                Some(0) | None => wrong(format!("{key} is {found}; a positive whole number is needed")),
                Some(size) if size > LARGEST => wrong(format!("{key} is {size}; at most {LARGEST} is supported")),
                Some(size) => Ok(Some(size as usize)),
            },
        }
    }

    /// A positive whole number that must be there.
    pub(crate) fn needed(&self, key: &str) -> Result<usize, ModelFault> {
        match self.size(key)? {
            Some(size) => Ok(size),
            None => wrong(format!("{key} is null; a positive whole number is needed")),
        }
    }

    /// A number of layers.
    pub(crate) fn layers(&self, key: &str) -> Result<usize, ModelFault> {
        match self.needed(key)? {
            layers if layers > MOST_LAYERS => wrong(format!("{key} is {layers}; at most {MOST_LAYERS} is supported")),
            layers => Ok(layers),
        }
    }

    /// A positive finite number, `None` where it is null or absent.
    pub(crate) fn number(&self, key: &str) -> Result<Option<f64>, ModelFault> {
        match self.get(key) {
            Value::Null => Ok(None),
            found => match found.as_f64() {
                Some(number) if number.is_finite() && number > 0.0 => Ok(Some(number)),
                _ => wrong(format!("{key} is {found}; a positive number is needed")),
            },
        }
    }

    /// A positive finite number that must be there.
    pub(crate) fn needed_number(&self, key: &str) -> Result<f64, ModelFault> {
        match self.number(key)? {
            Some(number) => Ok(number),
            None => wrong(format!("{key} is null; a positive number is needed")),
        }
    }

    /// Yes or no; `default` where it is null or absent.
    pub(crate) fn flag(&self, key: &str, default: bool) -> Result<bool, ModelFault> {
        match self.get(key) {
            Value::Null => Ok(default),
            Value::Bool(flag) => Ok(*flag),
            found => wrong(format!("{key} is {found}; true or false is needed")),
        }
    }

    /// Refuses a flag that would change what is computed in a way that is not supported.
    pub(crate) fn must_be(&self, key: &str, supported: bool) -> Result<(), ModelFault> {
        if self.flag(key, supported)? == supported {
            return Ok(());
        }
        wrong(format!("{key} is {}; only {supported} is supported", !supported))
    }

    /// A list of positive numbers.
    pub(crate) fn numbers(&self, key: &str, wanted: usize) -> Result<Vec<f64>, ModelFault> {
        let found = self.get(key);
        let numbers: Option<Vec<f64>> =
            found.as_array().and_then(|list| list.iter().map(|n| n.as_f64().filter(|n| *n > 0.0)).collect());
        match numbers {
            Some(numbers) if numbers.len() == wanted => Ok(numbers),
            _ => wrong(format!("{key} must be a list of {wanted} positive numbers")),
        }
    }

    /// A list with an entry per layer, `None` where it is null or absent.
    pub(crate) fn per_layer(&self, key: &str, layers: usize) -> Result<Option<&[Value]>, ModelFault> {
        match self.get(key) {
            Value::Null => Ok(None),
            Value::Array(list) if list.len() == layers => Ok(Some(list)),
            Value::Array(list) => wrong(format!("{key} has {} entries for {layers} layers", list.len())),
            found => wrong(format!("{key} is {found}; a list is needed")),
        }
    }

    /// Token ids: one, a list of them, or none.
    pub(crate) fn ids(&self, key: &str) -> Vec<u32> {
        let one = |id: &Value| id.as_u64().and_then(|id| u32::try_from(id).ok());
        match self.get(key) {
            Value::Array(many) => many.iter().filter_map(one).collect(),
            id => one(id).into_iter().collect(),
        }
    }
}
