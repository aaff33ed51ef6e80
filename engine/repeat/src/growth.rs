//! The stage in which tasks grow out of attempts, from round to round.

use check::{CheckPart, OfNext, Quality};
use events::Facts;
use faults::Outcome;
use nouns::{GrowsBy, Trace, Verdict};

use crate::grown::Growth;
use crate::stages::{Done, Stages};
use crate::state::{Loop, RoundAttempts, RoundResult};

impl Loop<'_> {
    /// What has grown once the round's attempts are there: a stage of its own, since the next
    /// round's tasks come of it.
    pub(crate) fn grow(
        &self,
        stages: &mut Stages,
        attempts: &RoundAttempts,
        checked: &Done<Vec<Verdict>>,
        grown: &mut Growth,
        result: &mut RoundResult,
    ) -> Outcome<()> {
        let Some(by) = self.recipe.ask.grows() else { return Ok(()) };
        let mut inputs = self.inputs([self.recipe.ask.describe()]);
        inputs.upstream.insert("attempted".into(), attempts.attempted.fingerprint.clone());
        if by == GrowsBy::Verdicts {
            inputs.upstream.insert("checked".into(), checked.fingerprint.clone());
        }
        inputs.upstream.extend(grown.fingerprint.clone().map(|digest| ("grown before".into(), digest)));
        let read = |stage: &store::Stage| Ok(store::read_json(&stage.file("json"))?);
        let before = std::mem::take(&mut grown.tasks);
        let done = stages.run(attempts.round, "grown", &inputs, read, |work| {
            let traces = &attempts.attempted.output;
            let verdicts = match by {
                GrowsBy::Verdicts => checked.output.clone(),
                GrowsBy::Quality => {
                    let itself = CheckPart::Quality(Quality { of_next: OfNext::Itself });
                    let grader = self.data.checker(&[itself], attempts.policy, None)?;
                    grader.check(&work.stage, attempts.tasks, traces)?
                }
            };
            let settled = traces.iter().zip(&verdicts).filter_map(|(trace, verdict)| Some((trace, verdict.reward()?)));
            let graded: Vec<(&Trace, f64)> = settled.collect();
            let after = self.recipe.ask.grow(&work.stage.key, self.data.world.as_ref(), before, &graded);
            work.draft.json(&after)?;
            Ok((after, Facts::new()))
        })?;
        result.spend(done.seconds, &done.facts);
        *grown = Growth { tasks: done.output, fingerprint: Some(done.fingerprint) };
        Ok(())
    }
}
