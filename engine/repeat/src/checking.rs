//! The stage that checks: what the attempts are worth.

use check::CheckPart;
use faults::Outcome;
use nouns::{Trace, Verdict};
use serde_json::json;
use store::Checked;

use crate::entry::POLICY;
use crate::fault::RepeatFault;
use crate::figures::{check_facts, component_facts, reward_auroc};
use crate::stages::{Done, Stages};
use crate::state::{Loop, RoundAttempts, digests};
use crate::table::Table;

impl Loop<'_> {
    /// What the attempts are worth by these checkers, as a stage of this name.
    pub(crate) fn check(
        &self,
        stages: &mut Stages,
        attempts: &RoundAttempts,
        name: &str,
        parts: &[CheckPart],
        table: &Table,
    ) -> Outcome<Done<Vec<Verdict>>> {
        let RoundAttempts { round, policy, tasks, attempted, solved } = *attempts;
        let mut inputs = self.inputs(parts.iter().flat_map(|part| part.with_components()));
        inputs.upstream.insert("attempted".into(), attempted.fingerprint.clone());
        if parts.iter().any(|part| !part.value_models().is_empty()) {
            inputs.upstream.extend(digests(&table.critics()));
        }
        let answering = parts.iter().flat_map(|part| part.models()).filter(|name| *name != POLICY);
        inputs.upstream.extend(table.digests_of(answering));
        let checker = self.data.checker(parts, policy, Some(table))?;
        inputs.upstream.extend(checker.outside().map(|outside| ("outside".into(), outside)));
        let read = |stage: &store::Stage| {
            Ok(store::read_verdicts(&stage.file("parquet"))?.into_iter().map(|row| row.judgement.verdict).collect())
        };
        stages.run(round, name, &inputs, read, |work| {
            let judged = checker.judge(&work.stage, tasks, &attempted.output)?;
            let verdicts: Vec<Verdict> = judged.iter().map(|judgement| judgement.verdict.clone()).collect();
            let mut facts = check_facts(&attempted.output, &verdicts, solved);
            facts.extend(component_facts(&judged));
            let row = |(trace, judgement): (&Trace, _)| Checked { trace: trace.id.clone(), judgement };
            let rows: Vec<Checked> = attempted.output.iter().zip(judged).map(row).collect();
            work.draft.file("parquet", &store::verdicts_to_parquet(&rows)?)?;
            // Where no right answer decides the reward, they say what it is still worth: people are told, nobody learns from it.
            if !parts.iter().any(|part| part.needs_oracle()) {
                let truth = self.data.truth.check(&work.stage, tasks, &attempted.output)?;
                facts.insert("reward_auroc".into(), json!(reward_auroc(&verdicts, &truth)));
            }
            Ok((verdicts, facts))
        })
    }

    pub(crate) fn refuse_unsettled(&self, round: u32, verdicts: &[Verdict]) -> Result<(), RepeatFault> {
        let unsettled: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.is_unsettled()).collect();
        match unsettled.first() {
            Some(example) if unsettled.len() as f64 > self.recipe.repeat.unsettled_limit * verdicts.len() as f64 => {
                Err(RepeatFault::Unsettled {
                    round,
                    unsettled: unsettled.len(),
                    attempts: verdicts.len(),
                    example: example.to_string(),
                })
            }
            _ => Ok(()),
        }
    }
}
