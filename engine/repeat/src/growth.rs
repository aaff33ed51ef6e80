//! Tasks that grow out of attempts, from round to round.

use check::{CheckPart, OfNext, Quality};
use events::Facts;
use faults::Outcome;
use nouns::{Digest, Grown, GrowsBy, Task, Trace, Verdict, World, claimed, previous_answer};
use serde_json::json;

use crate::figures::facts;
use crate::round::{Loop, Played, Turned};
use crate::stages::{Done, Stages};

/// What has grown so far, and by which stage.
#[derive(Default)]
pub(crate) struct Growth {
    pub(crate) tasks: Vec<Grown>,
    pub(crate) fingerprint: Option<Digest>,
}

impl Growth {
    /// How much of what is asked has grown or is asked again, and how many answers came before what
    /// is asked, on average.
    pub(crate) fn facts(&self, world: &dyn World, asked: &[Task]) -> Facts {
        let depth = |task: &Task| {
            let (_, answer) = previous_answer(world.wording(), &task.prompt)?;
            let known = |one: &&Grown| one.task.id == task.id && one.answer.as_deref() == Some(&answer);
            self.tasks.iter().find(known).map(|one| one.depth)
        };
        let depths: Vec<u32> = asked.iter().filter_map(depth).collect();
        let mean = f64::from(depths.iter().sum::<u32>()) / asked.len().max(1) as f64;
        facts([
            ("asked_to_go_on", json!(depths.len())),
            ("asked_again", json!(asked.iter().filter(|task| claimed(&task.prompt).is_some()).count())),
            ("answers_behind", json!(mean)),
            ("buffer", json!(self.tasks.len())),
        ])
    }
}

impl Loop<'_> {
    /// What has grown once the round's attempts are there: a stage of its own, since the next
    /// round's tasks come of it.
    pub(crate) fn grow(
        &self,
        stages: &mut Stages,
        played: &Played,
        checked: &Done<Vec<Verdict>>,
        grown: &mut Growth,
        turned: &mut Turned,
    ) -> Outcome<()> {
        let Some(by) = self.recipe.ask.grows() else { return Ok(()) };
        let mut inputs = self.inputs([self.recipe.ask.describe()]);
        inputs.upstream.insert("attempted".into(), played.attempted.fingerprint.clone());
        if by == GrowsBy::Verdicts {
            inputs.upstream.insert("checked".into(), checked.fingerprint.clone());
        }
        inputs.upstream.extend(grown.fingerprint.clone().map(|print| ("grown before".into(), print)));
        let read = |stage: &store::Stage| Ok(store::read_json(&stage.file("json"))?);
        let before = std::mem::take(&mut grown.tasks);
        let done = stages.run(played.round, "grown", &inputs, read, |work| {
            let traces = &played.attempted.output;
            let verdicts = match by {
                GrowsBy::Verdicts => checked.output.clone(),
                GrowsBy::Quality => {
                    let itself = CheckPart::Quality(Quality { of_next: OfNext::Itself });
                    let grader = self.scene.checker(&[itself], played.policy, None)?;
                    grader.check(&work.stage, played.tasks, traces)?
                }
            };
            let settled = traces.iter().zip(&verdicts).filter_map(|(trace, verdict)| Some((trace, verdict.reward()?)));
            let attempts: Vec<(&Trace, f64)> = settled.collect();
            let after = self.recipe.ask.grow(&work.stage.key, self.scene.world.as_ref(), before, &attempts);
            work.draft.json(&after)?;
            Ok((after, Facts::new()))
        })?;
        turned.spend(done.seconds, &done.facts);
        *grown = Growth { tasks: done.output, fingerprint: Some(done.fingerprint) };
        Ok(())
    }
}
