//! What partial answers are worth: the evaluators that searches are guided by.

mod ends;
mod likelihood;
mod model;
mod promise;
mod prompted;

pub use ends::Ends;
use faults::{Code, Fault, Outcome};
use nouns::{Aggregate, AttemptContext, Cost, Key, Stage, Task};
use serde::{Deserialize, Serialize};

/// An answer as far as it was written.
pub struct Partial<'a> {
    /// The tree that it belongs to: votes compare answers of one tree.
    pub tree: usize,
    /// The task.
    pub task: &'a Task,
    /// The task's prompt as the policy reads it. `[context]`
    pub context: &'a [u32],
    /// The answer's tokens so far. `[length]`
    pub answer: &'a [u32],
    /// The same as text.
    pub text: &'a str,
    /// Sum of the log-probabilities of its tokens.
    pub log_likelihood: f64,
    /// Whether the answer ends here.
    pub ended: bool,
    /// Its own randomness.
    pub key: Key,
}

/// A value, and its cost.
pub struct Valued {
    /// What the partial answer is worth; from 0 to 1, unless a value model says otherwise.
    pub value: f64,
    /// Generated tokens and value calls.
    pub cost: Cost,
}

/// Says what partial answers are worth. What one is worth depends on those of its own tree at most.
pub trait Evaluate {
    /// One value per partial answer.
    fn evaluate(&self, partials: &[Partial]) -> Outcome<Vec<Valued>>;
}

/// Which evaluator a search is guided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The likelihood that the policy itself gives to the answer so far. Costs nothing: sampling
    /// computed it.
    Likelihood,
    /// The same per token (the geometric mean), so that long and short answers can be compared.
    MeanLikelihood,
    /// The policy, asked whether the answer so far is sure, likely or impossible to become right.
    ValuePrompt,
    /// The policy, asked which of the answers so far it would go on with.
    VotePrompt,
    /// The recipe's value model.
    Model,
    /// The world's exact oracle: a search that knows the right answers.
    Oracle,
}

impl By {
    /// Whether it judges by right answers.
    pub(crate) fn needs_oracle(self) -> bool {
        self == By::Oracle
    }

    /// The evaluator, with what it may call. `samples` are the times that the policy is asked,
    /// where it is; a value model is asked of the steps that `over` says.
    pub(crate) fn build<'a>(
        self,
        stage: &Stage<'a>,
        cx: &'a AttemptContext<'a>,
        samples: u32,
        over: Aggregate,
    ) -> Result<Box<dyn Evaluate + 'a>, AttemptFault> {
        Ok(match self {
            By::Likelihood => Box::new(likelihood::Likelihood { per_token: false }),
            By::MeanLikelihood => Box::new(likelihood::Likelihood { per_token: true }),
            By::ValuePrompt => Box::new(prompted::ValuePrompt { policy: cx.policy, progress: stage.progress, samples }),
            By::VotePrompt => Box::new(prompted::VotePrompt { policy: cx.policy, progress: stage.progress, samples }),
            By::Model => {
                let model = cx.value.ok_or(AttemptFault::NoModel)?;
                Box::new(model::Model { model, over, cx, progress: stage.progress })
            }
            By::Oracle => {
                Box::new(promise::Promise { oracle: cx.oracle.ok_or(AttemptFault::NoOracle)?, world: cx.world })
            }
        })
    }
}

/// An attempt needs something that the run does not have.
#[derive(Debug, thiserror::Error)]
pub enum AttemptFault {
    /// There is no value model.
    #[error("this search is guided by a value model, and the recipe has none")]
    NoModel,
    /// There is no oracle.
    #[error("this search is guided by the world's oracle, and is not handed it here")]
    NoOracle,
    /// The world's oracle cannot value partial answers.
    #[error("the world `{0}` cannot tell what a partial answer is worth")]
    NoPromise(String),
    /// The world has no words to ask a model about itself.
    #[error("in the world `{0}` a model cannot be asked what it can do")]
    NoAbility(String),
    /// No model has this name.
    #[error("no model is called `{0}`")]
    NoSuchModel(String),
    /// The world has no environment.
    #[error("the world `{0}` has no environment to act in")]
    NoEnvironment(String),
}

impl Fault for AttemptFault {
    fn code(&self) -> Code {
        Code::Recipe
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            AttemptFault::NoAbility(_) => {
                "use `--on chain`, `--on arithmetic`, or a data file with a model that speaks its language".into()
            }
            AttemptFault::NoSuchModel(_) => "name `policy`, `base`, or one of the recipe's `[models]`".into(),
            AttemptFault::NoEnvironment(_) => "use `--on calculator`, or `attempt = [\"sample\"]`".into(),
            _ => "set the search's `value` to `likelihood`, `mean-likelihood`, `value-prompt` or `vote-prompt`".into(),
        })
    }
}
