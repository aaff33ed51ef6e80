use serde_json::Value;

/// JSON text that is the same for the same value: keys sorted, no spaces.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            let texts = fields.iter().map(|(name, value)| format!("{}:{}", quoted(name), canonical(value)));
            format!("{{{}}}", texts.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        leaf => leaf.to_string(),
    }
}

fn quoted(name: &str) -> String {
    Value::String(name.to_owned()).to_string()
}

/// Where two values first differ, as a path of keys, with what stands there.
pub(crate) struct Difference {
    pub(crate) path: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

pub(crate) fn first_difference(from: &Value, to: &Value) -> Option<Difference> {
    at("", Some(from), Some(to))
}

fn at(path: &str, from: Option<&Value>, to: Option<&Value>) -> Option<Difference> {
    match (from, to) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let mut names: Vec<_> = a.keys().chain(b.keys()).collect();
            names.sort_unstable();
            names.dedup();
            names.into_iter().find_map(|name| at(&below(path, name), a.get(name), b.get(name)))
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            let place = |i| below(path, &label(i, a.get(i), b.get(i)));
            (0..a.len().max(b.len())).find_map(|i| at(&place(i), a.get(i), b.get(i)))
        }
        _ => {
            let (from, to) = (text(from), text(to));
            (from != to).then(|| Difference { path: path.to_owned(), from, to })
        }
    }
}

/// What to call an item of a list: by its name, if it has one that did not change, and by its
/// number otherwise.
fn label(index: usize, from: Option<&Value>, to: Option<&Value>) -> String {
    let name = |item: Option<&Value>| item.and_then(|item| item.get("name")?.as_str().map(str::to_owned));
    name(from).filter(|from| name(to).as_ref() == Some(from)).unwrap_or_else(|| index.to_string())
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn text(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".into(), canonical)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_keys_does_not_count() {
        let a: Value = serde_json::from_str(r#"{"b": [1, {"d": 0.5, "c": null}], "a": "x\""}"#).expect("JSON");
        assert_eq!(canonical(&a), r#"{"a":"x\"","b":[1,{"c":null,"d":0.5}]}"#);
    }

    #[test]
    fn a_difference_names_its_place() {
        let from = json!({"imitate": {"lr": 1e-5, "steps": 300}, "x": [1]});
        let to = json!({"imitate": {"lr": 3e-5, "steps": 300}, "x": [1]});
        let found = first_difference(&from, &to).expect("they differ");
        assert_eq!((found.path.as_str(), found.from.as_str(), found.to.as_str()), ("imitate.lr", "0.00001", "0.00003"));
        let longer = first_difference(&json!([1]), &json!([1, 2])).expect("they differ");
        assert_eq!((longer.path.as_str(), longer.from.as_str()), ("1", "nothing"));
        assert!(first_difference(&from, &from).is_none());
        let part = |lr: f64| json!([{"name": "imitate", "settings": {"lr": lr}}]);
        let named = first_difference(&part(0.5), &part(0.25)).expect("they differ");
        assert_eq!(named.path, "imitate.settings.lr");
    }
}
