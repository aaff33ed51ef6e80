//! What an arm is named by.

use ::recipe::{Describe, name_in_fingerprints, with_former_names};
use nouns::Digest;
use repeat::{Options, Recipe};
use serde_json::{Value, json};

/// Names what an arm runs, but for its seed.
pub(crate) fn made_by(recipe: &Recipe, options: &Options) -> String {
    let values = |part: &dyn Describe| with_former_names(part.name(), &part.values());
    let part = |part: &dyn Describe| json!([name_in_fingerprints(part.name()), part.version(), values(part)]);
    let parts: Vec<Value> = recipe.parts().into_iter().map(|(_, described)| part(described)).collect();
    let beside: Vec<Value> = recipe.models.values().flat_map(|entry| entry.parts()).map(part).collect();
    let mut asked = vec![json!(parts), json!(beside), json!(options.on), json!(options.device), json!(options.budget)];
    // Only where a model was named, so that what was measured of models made from nothing is named as before.
    if let Some(model) = &options.model {
        asked.push(json!([model, options.max_tokens]));
    }
    let asked = Value::Array(asked);
    Digest::of(asked.to_string().as_bytes()).short().to_string()
}
