use std::sync::Arc;

use faults::Outcome;
use nouns::{Check, Critics, Measure, Policy, Score, Stage, Task, ValueModel, World};

use crate::best_of::under;
use crate::drawing::draw;
use crate::settings::MeasureSettings;

recipe::part! {
    /// Measures how far the policy is from another model (KL divergence). `drift` is the divergence
    /// `KL(policy || other)` of whole answers in nats, from samples of the policy (the mean of `log
    /// p - log q`). The other is a model of the recipe that learns nothing, and so says how likely
    /// the base model finds an answer: `[models.base]`.
    pub struct Drift = "drift", version 1 {
        /// The other model's name in `[models]`.
        pub model: String = "base".into(), "ours";
        /// Samples per task.
        pub k: u32 = 4, "ours", 1..=100_000;
    }
}

impl MeasureSettings for Drift {
    fn build(&self, critics: &Critics) -> Box<dyn Measure> {
        Box::new(Drifted { part: self.clone(), other: critics.get(&self.model).cloned() })
    }

    fn model(&self) -> Option<&str> {
        Some(&self.model)
    }
}

/// [`Drift`] with the other model.
pub(crate) struct Drifted {
    pub(crate) part: Drift,
    pub(crate) other: Option<Arc<dyn ValueModel>>,
}

impl Measure for Drifted {
    fn measure(
        &self,
        stage: &Stage,
        policy: &dyn Policy,
        world: &dyn World,
        _: &dyn Check,
        on: &str,
        tasks: &[Task],
    ) -> Outcome<Vec<Score>> {
        let Some(other) = &self.other else { return Ok(Vec::new()) };
        let k = self.part.k.max(1);
        let traces = draw(stage, policy, world, tasks, k, 1.0)?;
        let contexts = tasks.iter().map(|task| policy.encode(&task.prompt)).collect::<Outcome<Vec<_>>>()?;
        let likelihoods = other.values(&under(&contexts, &traces, k), stage.progress)?;
        let ahead: Vec<f64> =
            traces.iter().zip(&likelihoods).map(|(trace, other)| trace.log_likelihood() - other).collect();
        let mean = |of_task: &[f64]| of_task.iter().sum::<f64>() / of_task.len() as f64;
        let means = ahead.chunks(k as usize).map(mean);
        let items = tasks.iter().zip(means).map(|(task, mean)| (task.id.clone(), Some(mean)));
        Ok(vec![Score::new(format!("drift from {}", self.part.model), on, items.collect())])
    }
}
