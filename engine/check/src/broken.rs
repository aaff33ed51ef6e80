//! What no checker gives a verdict on: an episode that was aborted.

use faults::Outcome;
use nouns::{Check, Digest, Judgement, Stage, Task, Trace, Verdict};

/// A checker whose verdict on an aborted episode is replaced by unsettled: what such an episode
/// would have been worth is not known.
pub(crate) struct ButBroken(pub(crate) Box<dyn Check>);

impl Check for ButBroken {
    fn check(&self, stage: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        Ok(self.judge(stage, tasks, traces)?.into_iter().map(|judgement| judgement.verdict).collect())
    }

    fn judge(&self, stage: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Judgement>> {
        let judged = self.0.judge(stage, tasks, traces)?;
        let but = |(trace, judgement): (&Trace, Judgement)| match why(trace) {
            Some(verdict) => Judgement { verdict, ..judgement },
            None => judgement,
        };
        Ok(traces.iter().zip(judged).map(but).collect())
    }

    fn outside(&self) -> Option<Digest> {
        self.0.outside()
    }

    fn metric(&self) -> &'static str {
        self.0.metric()
    }
}

fn why(trace: &Trace) -> Option<Verdict> {
    trace.episode.as_ref()?.unsettled.clone().map(Verdict::Unsettled)
}
