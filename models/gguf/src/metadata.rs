//! Metadata: keys and values of a file's header.

use std::collections::BTreeMap;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Integer(i64),
    Number(f64),
    Flag(bool),
    Text(String),
    Integers(Vec<i64>),
    Numbers(Vec<f32>),
    Flags(Vec<bool>),
    Texts(Vec<String>),
}

/// What a file says of itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metadata(pub(crate) BTreeMap<String, Value>);

/// Why a value cannot be taken: a fragment without the file.
pub(crate) type Wrong<T> = Result<T, String>;

impl Metadata {
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    pub(crate) fn text(&self, key: &str) -> Wrong<Option<&str>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(format!("`{key}` is no text")),
        }
    }

    pub(crate) fn flag(&self, key: &str) -> Wrong<Option<bool>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Flag(flag)) => Ok(Some(*flag)),
            Some(_) => Err(format!("`{key}` is neither true nor false")),
        }
    }

    /// A whole number that is not negative.
    pub(crate) fn size(&self, key: &str) -> Wrong<Option<u64>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Integer(size)) if *size >= 0 => Ok(Some(*size as u64)),
            // some files have one for each layer; those that are the same for all are one
            Some(Value::Integers(all)) if all.first().is_some_and(|one| all.iter().all(|other| other == one)) => {
                u64::try_from(all[0]).map(Some).map_err(|_| format!("`{key}` is {}", all[0]))
            }
            Some(Value::Integers(_)) => Err(format!("`{key}` differs from layer to layer, which is not supported")),
            Some(_) => Err(format!("`{key}` is no whole number from 0")),
        }
    }

    pub(crate) fn needed_size(&self, key: &str) -> Wrong<u64> {
        self.size(key)?.ok_or_else(|| format!("`{key}` is missing"))
    }

    /// A number; what was stored as f32 is the shortest decimal that is stored so (1e-5, not
    /// 9.999999747378752e-6).
    pub(crate) fn number(&self, key: &str) -> Wrong<Option<f64>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Number(number)) if number.is_finite() => Ok(Some(*number)),
            Some(Value::Integer(number)) => Ok(Some(*number as f64)),
            Some(_) => Err(format!("`{key}` is no finite number")),
        }
    }

    pub(crate) fn texts(&self, key: &str) -> Wrong<Option<&[String]>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Texts(texts)) => Ok(Some(texts)),
            Some(_) => Err(format!("`{key}` is no list of texts")),
        }
    }

    pub(crate) fn integers(&self, key: &str) -> Wrong<Option<&[i64]>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Integers(all)) => Ok(Some(all)),
            Some(_) => Err(format!("`{key}` is no list of whole numbers")),
        }
    }

    pub(crate) fn numbers(&self, key: &str) -> Wrong<Option<&[f32]>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Numbers(all)) => Ok(Some(all)),
            Some(_) => Err(format!("`{key}` is no list of numbers")),
        }
    }
}

/// The shortest decimal that rounds to this f32, as f64.
pub(crate) fn decimal(number: f32) -> f64 {
    number.to_string().parse().unwrap_or(f64::from(number))
}
