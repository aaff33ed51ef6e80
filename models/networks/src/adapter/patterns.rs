//! What an adapter says of single modules: ranks and alphas by patterns of their names, as PEFT
//! matches them.

use regex::Regex;
use serde_json::{Map, Value};

use crate::ModelFault;

/// Values by patterns of names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patterns<T> {
    all: Vec<(Regex, T)>,
}

/// Two are the same if they are written the same.
impl<T: PartialEq> PartialEq for Patterns<T> {
    fn eq(&self, other: &Patterns<T>) -> bool {
        let written =
            |one: &Patterns<T>| one.all.iter().map(|(regex, _)| regex.as_str().to_owned()).collect::<Vec<_>>();
        written(self) == written(other) && self.all.iter().zip(&other.all).all(|((_, one), (_, other))| one == other)
    }
}

impl<T: Copy + PartialEq> Patterns<T> {
    /// Reads an object `{pattern: value}`, of which `key` is the field; none where there is none.
    pub(crate) fn read(
        key: &str,
        found: &Value,
        value: impl Fn(&Value) -> Option<T>,
    ) -> Result<Patterns<T>, ModelFault> {
        let empty = Map::new();
        let object = match found {
            Value::Null => &empty,
            Value::Object(object) => object,
            other => return Err(ModelFault::Adapter(format!("{key} is {other}; an object is needed"))),
        };
        let one = |(pattern, found): (&String, &Value)| {
            // PEFT 0.21, `get_pattern_key`
            let regex = Regex::new(&format!(r"^(?:.*\.)?(?:{pattern})$"))
                .map_err(|_| ModelFault::Adapter(format!("{key} has the pattern `{pattern}`, which cannot be read")))?;
            let wrong =
                || ModelFault::Adapter(format!("{key} is {found} for `{pattern}`; a positive number is needed"));
            Ok((regex, value(found).ok_or_else(wrong)?))
        };
        Ok(Patterns { all: object.iter().map(one).collect::<Result<_, ModelFault>>()? })
    }

    /// The value of a module, if a pattern matches its name. PEFT takes the first of several; the
    /// order of the fields is not known here, so patterns that contradict one another are refused.
    pub(crate) fn of(&self, module: &str) -> Result<Option<T>, ModelFault> {
        let mut matching = self.all.iter().filter(|(regex, _)| regex.is_match(module)).map(|(_, value)| *value);
        let Some(first) = matching.next() else { return Ok(None) };
        match matching.all(|other| other == first) {
            true => Ok(Some(first)),
            false => {
                Err(ModelFault::Adapter(format!("several patterns of rank_pattern or alpha_pattern match `{module}`")))
            }
        }
    }

    /// Whether there are any.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(json: Value) -> Result<Patterns<u64>, ModelFault> {
        Patterns::read("rank_pattern", &json, Value::as_u64)
    }

    #[test]
    fn names_match_as_a_whole_or_by_their_last_words() {
        let patterns = read(json!({ "q_proj": 2, r"layers\.[12]\.mlp\.up_proj": 3, "^model.layers.0.mlp.up_proj": 4 }));
        let patterns = patterns.expect("patterns");
        let of = |name: &str| patterns.of(name).expect("one");
        assert_eq!(of("model.layers.5.self_attn.q_proj"), Some(2));
        assert_eq!(of("model.layers.5.self_attn.xq_proj"), None, "a word as a whole");
        assert_eq!(of("model.layers.2.mlp.up_proj"), Some(3));
        assert_eq!(of("model.layers.0.mlp.up_proj"), Some(4));
        assert_eq!(of("model.layers.3.mlp.up_proj"), None);
    }

    #[test]
    fn patterns_that_contradict_one_another_are_refused() {
        let patterns = read(json!({ "q_proj": 2, "layers.0.self_attn.q_proj": 3 })).expect("patterns");
        assert_eq!(patterns.of("model.layers.1.self_attn.q_proj").expect("one"), Some(2));
        let said = patterns.of("model.layers.0.self_attn.q_proj").expect_err("two").to_string();
        assert!(said.contains("model.layers.0.self_attn.q_proj"), "{said}");
    }

    #[test]
    fn what_is_no_pattern_or_no_number_is_said() {
        for (json, part) in [(json!(3), "an object"), (json!({ "(": 3 }), "`(`"), (json!({ "q": "x" }), "`q`")] {
            let said = read(json).expect_err("a fault").to_string();
            assert!(said.contains("rank_pattern") && said.contains(part), "{said}");
        }
    }
}
