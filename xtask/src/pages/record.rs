use serde_json::Value;

use crate::tree::Tree;

/// What a reproduction of that name measured: a claim and its verdict a row, controls after them.
pub(super) struct Record {
    /// What each claim says, and what became of it.
    pub(super) claims: Vec<(String, String)>,
    /// What each control says, and whether it came out.
    pub(super) controls: Vec<(String, String)>,
}

impl Record {
    /// The record in `reproductions/results`, if there is one.
    pub(super) fn read(tree: &Tree, name: &str) -> Option<Self> {
        let text = tree.text(&format!("reproductions/results/{name}.json"))?;
        let record: Value = serde_json::from_str(text).ok()?;
        let rows = |key: &str| {
            let claims = record.get(key).and_then(Value::as_array).into_iter().flatten();
            let field = |claim: &Value, key: &str| claim.get(key).and_then(Value::as_str).unwrap_or("–").to_owned();
            claims.map(|claim| (field(claim, "says"), field(claim, "verdict").replace(['-', '_'], " "))).collect()
        };
        Some(Record { claims: rows("claims"), controls: rows("controls") })
    }

    /// `3 of 7 claims held`.
    pub(super) fn summary(&self) -> String {
        let held = self.claims.iter().filter(|(_, verdict)| verdict == "held").count();
        format!("{held} of {} claims held", self.claims.len())
    }
}
