use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A tool that a model may call, as OpenAI's and Hugging Face's function schemas describe one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// JSON schema of its arguments: an object with `properties` and `required`.
    pub parameters: Value,
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The tool's name.
    pub name: String,
    /// Its arguments by name.
    pub arguments: Map<String, Value>,
}

impl Tool {
    /// The tool as JSON in the form in which chat templates are given tools
    /// (`{"type": "function", "function": {…}}`), with the keys in the order in which models were
    /// shown them.
    pub fn as_function(&self) -> String {
        let Tool { name, description, parameters } = self;
        let (name, description) = (Value::from(name.as_str()), Value::from(description.as_str()));
        let parameters = in_order(parameters);
        format!(
            r#"{{"type": "function", "function": {{"name": {name}, "description": {description}, "parameters": {parameters}}}}}"#
        )
    }
}

/// Keys of a schema that come first, in this order; the others follow in theirs.
const FIRST: [&str; 6] = ["type", "description", "enum", "properties", "items", "required"];

/// A schema as JSON text.
fn in_order(schema: &Value) -> String {
    let Value::Object(fields) = schema else { return schema.to_string() };
    let mut keys: Vec<&String> = fields.keys().collect();
    keys.sort_by_key(|key| FIRST.iter().position(|first| first == key).unwrap_or(FIRST.len()));
    let written = |key: &String| match (key.as_str(), &fields[key]) {
        ("properties", Value::Object(properties)) => {
            let named =
                |(name, schema): (&String, &Value)| format!("{}: {}", Value::from(name.as_str()), in_order(schema));
            format!("\"properties\": {{{}}}", properties.iter().map(named).collect::<Vec<_>>().join(", "))
        }
        (_, value) => format!("{}: {}", Value::from(key.as_str()), in_order(value)),
    };
    format!("{{{}}}", keys.into_iter().map(written).collect::<Vec<_>>().join(", "))
}

impl Call {
    /// Whether one of these tools takes this call; if none does, what is wrong with it, in words
    /// for the model.
    pub fn fits(&self, tools: &[Tool]) -> Result<(), String> {
        let tool = tools.iter().find(|tool| tool.name == self.name).ok_or_else(|| {
            let known: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
            format!("there is no tool `{}`; there is: {}", self.name, known.join(", "))
        })?;
        fits(&Value::Object(self.arguments.clone()), &tool.parameters, "arguments")
    }
}

/// Whether a value is what a JSON schema asks for. Of JSON Schema these are read: `type` (a word or
/// a list of words), `enum`, `properties`, `required`, `additionalProperties: false`, `items`; the
/// rest is the tool's own to check.
fn fits(value: &Value, schema: &Value, place: &str) -> Result<(), String> {
    if let Some(wanted) = schema.get("type")
        && !types(wanted).any(|wanted| is_of(value, wanted))
    {
        let wanted: Vec<&str> = types(wanted).collect();
        return Err(format!("`{place}` is {value}, not of type {}", wanted.join(" or ")));
    }
    if let Some(Value::Array(among)) = schema.get("enum")
        && !among.contains(value)
    {
        return Err(format!("`{place}` is {value}, not one of {}", Value::Array(among.clone())));
    }
    if let (Value::Array(items), Some(of_items)) = (value, schema.get("items")) {
        items.iter().enumerate().try_for_each(|(n, item)| fits(item, of_items, &format!("{place}[{n}]")))?;
    }
    let Value::Object(fields) = value else { return Ok(()) };
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for name in required {
        if !fields.contains_key(name) {
            return Err(format!("`{place}` has no `{name}`"));
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, field) in fields {
        match properties.and_then(|properties| properties.get(name)) {
            Some(schema) => fits(field, schema, &format!("{place}.{name}"))?,
            None if schema.get("additionalProperties") == Some(&Value::Bool(false)) => {
                return Err(format!("`{place}` may not have `{name}`"));
            }
            None => {}
        }
    }
    Ok(())
}

fn types(wanted: &Value) -> impl Iterator<Item = &str> {
    let several = wanted.as_array().into_iter().flatten().filter_map(Value::as_str);
    wanted.as_str().into_iter().chain(several)
}

fn is_of(value: &Value, wanted: &str) -> bool {
    match wanted {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        // JSON Schema: a number without a fractional part is an integer, however it is written.
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn weather() -> Tool {
        let parameters = json!({
            "type": "object",
            "properties": {
                "place": { "type": "string" },
                "days": { "type": ["integer", "null"] },
                "unit": { "enum": ["C", "F"] },
                "hours": { "type": "array", "items": { "type": "number" } },
            },
            "required": ["place"],
            "additionalProperties": false,
        });
        Tool { name: "weather".into(), description: "The weather.".into(), parameters }
    }

    fn problem(name: &str, arguments: Value) -> Option<String> {
        let Value::Object(arguments) = arguments else { panic!("an object") };
        Call { name: name.into(), arguments }.fits(&[weather()]).err()
    }

    #[test]
    fn schemas_are_shown_in_the_usual_order_of_keys() {
        let parameters = json!({ "type": "object", "properties": { "b": { "type": "string" } }, "required": ["b"] });
        let tool = Tool { name: "a".into(), description: "A \"b\".".into(), parameters };
        assert_eq!(
            tool.as_function(),
            r#"{"type": "function", "function": {"name": "a", "description": "A \"b\".", "parameters": {"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]}}}"#
        );
    }

    #[test]
    fn calls_are_held_against_the_schema_and_told_what_is_wrong() {
        assert_eq!(problem("weather", json!({ "place": "Bern", "days": 2.0, "unit": "C", "hours": [1, 2.5] })), None);
        for (name, arguments, said) in [
            ("wether", json!({}), "there is no tool `wether`; there is: weather"),
            ("weather", json!({}), "`arguments` has no `place`"),
            ("weather", json!({ "place": 7 }), "`arguments.place` is 7, not of type string"),
            (
                "weather",
                json!({ "place": "Bern", "days": 1.5 }),
                "`arguments.days` is 1.5, not of type integer or null",
            ),
            ("weather", json!({ "place": "Bern", "unit": "K" }), "`arguments.unit` is \"K\", not one of [\"C\",\"F\"]"),
            (
                "weather",
                json!({ "place": "Bern", "hours": [1, "two"] }),
                "`arguments.hours[1]` is \"two\", not of type number",
            ),
            ("weather", json!({ "place": "Bern", "wind": true }), "`arguments` may not have `wind`"),
        ] {
            assert_eq!(problem(name, arguments).as_deref(), Some(said));
        }
    }
}
