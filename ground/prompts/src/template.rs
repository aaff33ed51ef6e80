use std::path::PathBuf;

use minijinja::{Environment, UndefinedBehavior, Value};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::fault::PromptFault;

/// A prompt with places to fill in, in Jinja. A recipe writes it as text, or names a file:
/// `{ file = "judge.jinja" }`. What counts, for fingerprints too, is its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
}

/// As a recipe writes it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    File(InFile),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InFile {
    file: PathBuf,
}

impl Template {
    /// A template that parses.
    pub fn new(text: impl Into<String>) -> Result<Template, PromptFault> {
        let text = text.into();
        match environment().template_from_str(&text) {
            Ok(_) => Ok(Template { text }),
            Err(error) => Err(PromptFault::Syntax { why: error.to_string() }),
        }
    }

    /// A template of ours, which tests fill in.
    pub fn known(text: &'static str) -> Template {
        Template { text: text.to_owned() }
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Refuses a template that does not show one of these variables.
    pub fn must_show(&self, names: &[&'static str]) -> Result<(), PromptFault> {
        let environment = environment();
        let template = environment.template_from_str(&self.text);
        let shown =
            template.map_err(|error| PromptFault::Syntax { why: error.to_string() })?.undeclared_variables(false);
        match names.iter().find(|name| !shown.contains(**name)) {
            Some(name) => Err(PromptFault::Silent { name }),
            None => Ok(()),
        }
    }

    /// The prompt with these values in their places. What a value says is never taken for a place
    /// itself.
    pub fn fill(&self, values: &[(&str, &str)]) -> Result<String, PromptFault> {
        let filling = |error: minijinja::Error| PromptFault::Filling { why: error.to_string() };
        let values: Value = values.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
        environment().render_str(&self.text, values).map_err(filling)
    }

    /// The prompt over the keys of a JSON object.
    pub fn render(&self, values: &serde_json::Value) -> Result<String, PromptFault> {
        let filling = |error: minijinja::Error| PromptFault::Filling { why: error.to_string() };
        environment().render_str(&self.text, Value::from_serialize(values)).map_err(filling)
    }
}

/// Undefined variables are refused, and nothing is escaped.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_keep_trailing_newline(true);
    environment
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Template, D::Error> {
        let text = match Written::deserialize(deserializer) {
            Ok(Written::Text(text)) => text,
            Ok(Written::File(InFile { file })) => fs_err::read_to_string(&file).map_err(D::Error::custom)?,
            Err(_) => return Err(D::Error::custom("a template is a text, or `{ file = \"PATH\" }`")),
        };
        Template::new(text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_and_what_fills_them_is_no_place() {
        let template = Template::new("{% if task %}Q: {{ task }}\n{% endif %}A: {{ answer }}\n").expect("a template");
        let filled = template.fill(&[("task", "1 + 1 < {{ answer }}"), ("answer", "2")]).expect("filled");
        assert_eq!(filled, "Q: 1 + 1 < {{ answer }}\nA: 2\n");
    }

    #[test]
    fn what_nobody_fills_in_and_what_is_not_shown_are_refused() {
        let template = Template::new("Is {{ answer }} right, {{ who }}?").expect("a template");
        let fault = template.fill(&[("answer", "2")]).expect_err("nobody knows who");
        assert!(matches!(fault, PromptFault::Filling { .. }), "{fault}");
        assert!(template.must_show(&["answer", "who"]).is_ok());
        let fault = Template::new("Is {answer} right?").expect("text").must_show(&["answer"]).expect_err("no place");
        assert_eq!(fault.to_string(), "the template never shows `answer`");
        assert!(Template::new("{{ answer").is_err());
    }

    #[test]
    fn a_file_counts_by_its_text() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("judge.jinja");
        std::fs::write(&path, "Good: {{ answer }}?").expect("written");
        let written = serde_json::json!({ "file": path });
        let template: Template = serde_json::from_value(written).expect("a template");
        assert_eq!(serde_json::to_value(&template).expect("JSON"), "Good: {{ answer }}?");
        let missing = serde_json::from_value::<Template>(serde_json::json!({ "file": "/nowhere.jinja" }));
        assert!(missing.expect_err("no file").to_string().contains("/nowhere.jinja"));
        assert!(serde_json::from_str::<Template>("7").is_err());
    }
}
