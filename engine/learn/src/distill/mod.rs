//! Knowledge distillation: learning a teacher's distribution at every token.

mod divergence;
mod objective;
mod said;

use crate::between::Between;

use faults::Outcome;
use nouns::{Lesson, LessonKind, Stage, Update};

pub use divergence::Divergence;

use crate::ema::{EmaModel, EmaSchedule};
use crate::fault::LearnFault;
use crate::settings::LearnerSettings;
use crate::student::Student;
use crate::takes::only;
use crate::training::{Descends, Training, learner};
pub(crate) use objective::Teacher;
use objective::Views;
#[cfg(test)]
pub(crate) use said::Said;

learner! {
    /// Pulls the student's distribution at every taught token to a teacher's (distillation). The
    /// teacher reads the same answer, under a prompt of its own if the lesson has one. Whoever
    /// wrote the answers decides whether it is on-policy. The loss is the mean over tokens. What
    /// the teacher says is computed once, before the first step, unless it follows the student or
    /// is the student itself; no gradient comes from it.
    pub struct Distill = "distill", version 3, lr 3e-4, "ours, for models of about a million parameters; use 1e-6 for pretrained ones" {
        /// Passes over the lessons; may be a fraction.
        pub epochs: f64 = 1.0, "ours", 0.0..=100_000.0;
        /// The teacher's name in `[models]`; without such a model the teacher is the base model (in
        /// `train` the reference).
        pub teacher: String = "teacher".into(), "ours";
        /// Whether the teacher is the student itself, as it is at every step, under the teacher's
        /// view.
        pub itself: bool = false, "ours: another model";
        /// Decay per step of an EMA teacher, which follows the student; 0 keeps the teacher fixed.
        pub average: f64 = 0.0, "none; Tarvainen & Valpola 2017, arXiv 1703.01780, take 0.99 to 0.999", 0.0..=1.0;
        /// Look-ahead steps of the student before every step: the EMA teacher sees them, and then
        /// they are undone.
        pub future: u32 = 0, "none; Du et al. 2022, arXiv 2209.06993, take 3";
        /// How far the student is from the teacher.
        pub divergence: Divergence = Divergence::JensenShannon, "Agarwal et al. 2023, arXiv 2306.13649, section 3.2";
        /// The teacher's share of the mixture in `jensen-shannon`.
        pub beta: f64 = 0.5, "Agarwal et al. 2023, arXiv 2306.13649, section 4";
        /// Weight of the divergence.
        pub weight: f64 = 1.0, "the divergence alone";
        /// Weight of the answer's own mean negative log-likelihood under the student's view.
        pub nll: f64 = 0.0, "none; Ye & Ng 2024, arXiv 2409.00935, take 0.3 beside 2 of the divergence";
        /// Weight of the same under the teacher's view, where the teacher is the student itself.
        pub teacher_nll: f64 = 0.0, "none; Ye & Ng 2024, arXiv 2409.00935, take 1";
        /// The teacher's `top_k` likeliest tokens are kept, all others count as one outcome; 0
        /// keeps the whole vocabulary.
        pub top_k: usize = 64, "ours: the rest of a large vocabulary is nearly nothing";
    }
}

impl LearnerSettings for Distill {
    fn takes(&self) -> LessonKind {
        LessonKind::Viewed
    }

    fn learn(&self, stage: &Stage, student: &mut Student, lessons: &[Lesson]) -> Outcome<Update> {
        self.refuse_apart()?;
        let training = Training { future: self.future, ..self.training() };
        let model = student.teacher.clone().unwrap_or_else(|| student.base.clone());
        let micro_batch_tokens = training.micro_batch_tokens;
        let views = if self.itself {
            self.objective(lessons, Teacher::Itself)?
        } else if self.average > 0.0 {
            let schedule = EmaSchedule { every: 1, share: 1.0 - self.average, warm_up: true };
            let ema = EmaModel::new(model, schedule, student.device.clone());
            self.objective(lessons, Teacher::Following { ema, micro_batch_tokens, said: Between::default() })?
        } else {
            let mut views = self.objective(lessons, Teacher::Fixed(Vec::new()))?;
            views.hear(&model, micro_batch_tokens);
            views
        };
        training.descend(stage, student, &views)
    }

    fn teacher(&self) -> Option<&str> {
        (!self.itself).then_some(self.teacher.as_str())
    }

    fn needs_base(&self) -> bool {
        !self.itself
    }
}

impl Distill {
    /// The loss over these answers.
    pub(crate) fn objective<'a>(&'a self, lessons: &'a [Lesson], teacher: Teacher) -> Result<Views<'a>, LearnFault> {
        let viewed = only("distill", LessonKind::Viewed, lessons, |lesson| match lesson {
            Lesson::Viewed(viewed) => Some(viewed),
            _ => None,
        })?;
        Ok(Views::new(self, viewed, teacher))
    }

    fn refuse_apart(&self) -> Result<(), LearnFault> {
        let follows = self.average > 0.0;
        match () {
            () if self.itself && follows => Err(LearnFault::Apart { setting: "average", other: "itself" }),
            () if self.future > 0 && !follows => Err(LearnFault::Needs { setting: "future", other: "average" }),
            () if self.teacher_nll != 0.0 && !self.itself => {
                Err(LearnFault::Needs { setting: "teacher_nll", other: "itself" })
            }
            () => Ok(()),
        }
    }
}
