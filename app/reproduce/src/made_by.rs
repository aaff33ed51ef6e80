//! What an arm is named by.

use ::recipe::Describe;
use nouns::Digest;
use repeat::{Options, Recipe};
use serde_json::{Value, json};

/// Names what an arm runs, but for its seed.
pub(crate) fn made_by(recipe: &Recipe, options: &Options) -> String {
    let part = |part: &dyn Describe| json!([part.name(), part.version(), part.values()]);
    let parts: Vec<Value> = recipe.parts().into_iter().map(|(_, described)| part(described)).collect();
    let beside: Vec<Value> = recipe.models.values().flat_map(|entry| entry.parts()).map(part).collect();
    let asked = json!([parts, beside, options.on, options.device, options.budget]);
    Digest::of(asked.to_string().as_bytes()).short().to_string()
}
