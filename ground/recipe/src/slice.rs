use serde_json::Value;

use crate::Describe;

/// The parts as fingerprints see them: JSON of name, version and every value, defaults included,
/// keys sorted. Two parts have the same slice exactly if they do the same.
pub fn slice(parts: &[&dyn Describe]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| one(*part)).collect();
    format!("[{}]", parts.join(","))
}

fn one(part: &dyn Describe) -> String {
    let name = Value::from(part.name());
    format!(r#"{{"name":{name},"settings":{},"version":{}}}"#, sorted(&part.values()), part.version())
}

/// JSON text with keys in order, whatever the map of this build keeps.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let entries =
                entries.into_iter().map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), sorted(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(sorted).collect::<Vec<_>>().join(",")),
        leaf => leaf.to_string(),
    }
}
