use std::collections::HashSet;
use std::sync::Arc;

use faults::{Code, Fault, Outcome};
use nouns::{Ask, AskContext, Content, Generate, Key, Prompt, Reply, Role, Sampling, Stage, Task, Turn};
use prompts::{PromptFault, Template};

recipe::part! {
    /// Has a model write tasks like some of the world's, and asks these beside the world's own.
    /// Every reply is read as a list; an item that is no task of the world, is held out, or was
    /// written before is dropped. Their right answers are not known, so what is learned from them
    /// needs a check without labels: a vote, a judge.
    pub struct Inventing = "inventing", version 1 {
        /// Tasks a round, invented ones included.
        pub limit: usize = 128, "ours", 1..=1_000_000;
        /// How many of them are invented, at most; if fewer come of the replies, the world's take
        /// their place.
        pub invented: usize = 64, "ours: half", 0..=1_000_000;
        /// The model that writes them, by its name in the recipe: `policy`, `base`, or one of
        /// `[models]`.
        pub model: String = "policy".into(), "Wang et al. 2022, arXiv 2212.10560, section 2: the model itself";
        /// What it is asked, in Jinja, or `{ file = "PATH" }`; `examples` stands for tasks of the
        /// world as a numbered list, `count` for how many are asked for.
        pub prompt: Template = Template::known(QUESTION), "ours, after Wang et al. 2022, arXiv 2212.10560";
        /// Tasks of the world that a prompt shows, drawn anew for each.
        pub shown: usize = 8, "Wang et al. 2022, arXiv 2212.10560, section 2.2: eight", 1..=1000;
        /// Tasks that one reply is asked for.
        pub count: usize = 8, "ours", 1..=1000;
        /// Replies, at most, as a multiple of what would be needed if every item were kept.
        pub patience: usize = 2, "ours", 1..=1000;
        /// Softmax temperature.
        pub temperature: f32 = 0.7, "ours", 0.0..=1000.0;
        /// At most this many tokens of a reply.
        pub max_tokens: u32 = 512, "ours";
    }
}

const QUESTION: &str = "\
Come up with {{ count }} new tasks of the same kind as these, each different from all of them. Write a numbered list, and \
nothing else.

{{ examples }}";

impl Ask for Inventing {
    fn ask(&self, stage: &Stage, cx: &AskContext) -> Outcome<Vec<Task>> {
        self.prompt.must_show(&["examples"]).map_err(AskFault::Prompt)?;
        let model = cx.models.get(&self.model).ok_or_else(|| AskFault::NoSuchModel(self.model.clone()))?;
        let mut plain: Vec<&Task> = cx.trainable.iter().collect();
        stage.key.of("order").random().shuffle(&mut plain);
        let known: HashSet<&str> = cx.trainable.iter().map(|task| task.id.as_str()).collect();
        let mut tasks = self.invent(stage, cx, model, &known)?;
        let left = self.limit.saturating_sub(tasks.len());
        tasks.extend(plain.into_iter().take(left).cloned());
        Ok(tasks)
    }

    fn models(&self) -> Vec<&str> {
        vec![&self.model]
    }
}

impl Inventing {
    /// New tasks, until there are enough of them or replies bring no more.
    fn invent(
        &self,
        stage: &Stage,
        cx: &AskContext,
        model: &Arc<dyn Generate>,
        known: &HashSet<&str>,
    ) -> Outcome<Vec<Task>> {
        let wanted = self.invented.min(self.limit);
        let (mut tasks, mut written) = (Vec::new(), HashSet::new());
        let mut asked = 0;
        for _ in 0..self.patience {
            let replies = (wanted - tasks.len()).div_ceil(self.count);
            let prompts = (asked..asked + replies)
                .map(|number| self.question(cx, &stage.key.of("invented").at(number as u64)))
                .collect::<Outcome<Vec<Prompt>>>()?;
            asked += replies;
            for Reply { content, cost, .. } in model.generate(&prompts, stage.progress)? {
                (cx.pay)(cost);
                let items = prompts::items(&content.into_text());
                // What the world cannot read is no task of it: a model's list is no fault of the user's.
                let read = items.iter().filter_map(|item| cx.world.read(item).ok());
                let new = |task: &Task| !known.contains(task.id.as_str()) && written.insert(task.id.clone());
                tasks.extend(read.filter(new).filter(|task| !(cx.held_out)(task)));
            }
            tasks.truncate(wanted);
            if tasks.len() == wanted {
                break;
            }
        }
        Ok(tasks)
    }

    /// What asks for tasks like some that this key draws.
    fn question(&self, cx: &AskContext, key: &Key) -> Outcome<Prompt> {
        let mut shown: Vec<&Task> = cx.trainable.iter().collect();
        key.of("shown").random().shuffle(&mut shown);
        let line = |(number, task): (usize, &&Task)| format!("{}. {}", number + 1, one_line(&task.prompt_text()));
        let examples: Vec<String> = shown.iter().take(self.shown).enumerate().map(line).collect();
        let filled = self.prompt.fill(&[("examples", &examples.join("\n")), ("count", &self.count.to_string())]);
        let content = Content::text(filled.map_err(AskFault::Prompt)?);
        let sampling = Sampling { temperature: self.temperature, max_tokens: self.max_tokens, ..Sampling::default() };
        Ok(Prompt { turns: vec![Turn { role: Role::User, content }], sampling, key: key.of("reply") })
    }
}

/// A list has one line an item.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Tasks cannot be made as the recipe says.
#[derive(Debug, thiserror::Error)]
pub enum AskFault {
    /// No model has this name.
    #[error("`inventing` asks the model `{0}`, and there is none of this name")]
    NoSuchModel(String),
    /// The part's prompt cannot be used.
    #[error("the prompt of `inventing`: {0}")]
    Prompt(PromptFault),
}

impl Fault for AskFault {
    fn code(&self) -> Code {
        Code::Recipe
    }

    fn hint(&self) -> Option<String> {
        match self {
            AskFault::NoSuchModel(_) => Some("name `policy`, `base`, or one of the recipe's `[models]`".into()),
            AskFault::Prompt(fault) => fault.hint(),
        }
    }
}

#[cfg(test)]
mod tests;
