//! Whether a record still says what this program would measure.
//!
//! An arm is named by all settings of its recipe, defaults included, the versions of its parts, and
//! what it was run on. What a record's arms were named and what they are named now is compared when
//! tables are made: a record whose arm has changed is called stale, whoever changed what.

use faults::Outcome;

use crate::arms::asked;
use crate::made_by::made_by;
use crate::plan::Plan;
use crate::record::Record;

/// Why a record is stale, if it is; `source` is the reproduction as this program has it.
pub fn stale(record: &Record, source: &str) -> Outcome<Option<String>> {
    let (plan, _) = ::recipe::read::<Plan>(&format!("reproductions/{}.toml", record.name), source, &[])?;
    let unnamed = record.arms.values().any(|arm| arm.made_by.is_none());
    if unnamed {
        return Ok(Some(
            "it was measured before records named the settings and versions that made them; whether this program \
             would measure the same was not tried"
                .into(),
        ));
    }
    let mut changed = Vec::new();
    for (name, arm) in &plan.arms {
        let seed = record.seeds.first().copied().unwrap_or_default();
        let (recipe, _, options) = asked(&plan, arm, seed, false)?;
        let known = record.arms.get(name).and_then(|arm| arm.made_by.as_ref());
        if known != Some(&made_by(&recipe, &options)) {
            changed.push(name.as_str());
        }
    }
    let says: Vec<&str> = plan.claims.iter().chain(&plan.controls).map(|claim| claim.says.as_str()).collect();
    let said: Vec<&str> = record.claims.iter().chain(&record.controls).map(|claim| claim.says.as_str()).collect();
    Ok(match (changed.is_empty(), says == said) {
        (false, _) => Some(format!("settings or versions of parts have changed since, of: {}", changed.join(", "))),
        (true, false) => Some("its claims have changed since".into()),
        (true, true) => None,
    })
}
