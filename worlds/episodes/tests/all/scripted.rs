//! A world whose environment can fail, and a policy that says what it is told to.

use std::collections::HashMap;
use std::sync::Arc;

use faults::Outcome;
use nouns::{
    Action, Call, Completion, Content, Cost, Digest, Environment, Finish, Generate, Key, Observed, Oracle, Policy,
    Progress, Prompt, Reply, Request, Split, Task, Tool, Turn, Unsettled, Verdict, Vocabulary, World,
    generate_by_tokens,
};
use serde_json::json;
use tokens::Tokens;

/// A world of tasks by name; what happens in its environment goes by the task.
pub(crate) struct Stage;

/// A problem of it.
pub(crate) fn task(id: &str) -> Task {
    Task { world: "stage".into(), id: id.into(), prompt: vec![Turn::user(format!("task {id}"))] }
}

/// The call of its tool.
pub(crate) fn call(word: &str) -> String {
    format!(r#"<tool_call> {{"name": "echo", "arguments": {{"word": "{word}"}}}} </tool_call>"#)
}

impl World for Stage {
    fn name(&self) -> &str {
        "stage"
    }

    fn tasks(&self, _: Split) -> Outcome<Vec<Task>> {
        Ok(Vec::new())
    }

    fn read(&self, line: &str) -> Outcome<Task> {
        Ok(task(line))
    }

    fn answer(&self, _: &Task, response: &str) -> Option<String> {
        Some(response.into())
    }

    fn environment<'a>(&'a self, oracle: Option<&'a dyn Oracle>) -> Option<Box<dyn Environment + 'a>> {
        Some(Box::new(Room { task: String::new(), seen: 0, rewards: oracle.is_some() }))
    }

    fn longest_answer(&self) -> u32 {
        60
    }

    fn oracle(&self) -> Arc<dyn Oracle> {
        Arc::new(Always)
    }
}

/// Says that everything is right.
pub(crate) struct Always;

impl Oracle for Always {
    fn judge(&self, _: &Task, _: &str) -> Verdict {
        Verdict::Right
    }

    fn hinted(&self, _: &Task) -> Option<Vec<Turn>> {
        None
    }
}

/// Repeats words; counts them over the tasks of a chain.
struct Room {
    task: String,
    seen: u32,
    rewards: bool,
}

impl Environment for Room {
    fn tools(&self) -> Vec<Tool> {
        let parameters =
            json!({ "type": "object", "properties": { "word": { "type": "string" } }, "required": ["word"] });
        vec![Tool { name: "echo".into(), description: "Repeats a word.".into(), parameters }]
    }

    fn reset(&mut self, _: &Key, task: &Task) -> Result<Vec<Turn>, Unsettled> {
        self.task = task.id.clone();
        match task.id.as_str() {
            "shut" => Err(Unsettled::EnvironmentFailed("it does not open".into())),
            _ => Ok(task.prompt.clone()),
        }
    }

    fn step(&mut self, action: &Action) -> Result<Observed, Unsettled> {
        let reward = self.rewards.then_some(0.25);
        match (self.task.as_str(), action) {
            ("late", _) => Err(Unsettled::OutOfBounds("no answer within 5 s".into())),
            ("crash", _) => panic!("the room caves in"),
            (_, Action::Call(Call { arguments, .. })) => {
                self.seen += 1;
                let said = format!("{} {}", arguments["word"].as_str().unwrap_or_default(), self.seen);
                Ok(Observed { reward, ..Observed::result(Content::text(said)) })
            }
            (_, Action::Say(_)) => Ok(Observed::end(reward)),
        }
    }

    fn longest(&self) -> u32 {
        3
    }
}

/// Says in each turn of a task what it is told to; the last of it again and again.
pub(crate) struct Scripted {
    tokens: Tokens,
    script: HashMap<&'static str, Vec<String>>,
}

impl Scripted {
    pub(crate) fn new(script: &[(&'static str, &[&str])]) -> Scripted {
        let lines: Vec<String> =
            script.iter().flat_map(|(_, lines)| lines.iter().map(|line| (*line).to_owned())).collect();
        let mut words: Vec<String> = lines.iter().flat_map(|line| line.split(' ')).map(str::to_owned).collect();
        words.extend(script.iter().map(|(task, _)| (*task).to_owned()));
        words.extend(["task", "a", "b", "1", "2", "3", "error:"].map(str::to_owned));
        words.sort();
        words.dedup();
        let tokens = Tokens::of_vocabulary(&Vocabulary { words }).expect("a tokenizer");
        let owned = |lines: &&[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        Scripted { tokens, script: script.iter().map(|(task, lines)| (*task, owned(lines))).collect() }
    }

    pub(crate) fn text(&self, tokens: &[u32]) -> String {
        self.tokens.decode(tokens)
    }
}

impl Generate for Scripted {
    fn digest(&self) -> Digest {
        Digest::of(b"scripted")
    }

    fn generate(&self, prompts: &[Prompt], progress: &dyn Progress) -> Outcome<Vec<Reply>> {
        generate_by_tokens(self, prompts, progress)
    }

    fn as_policy(&self) -> Option<&dyn Policy> {
        Some(self)
    }
}

impl Policy for Scripted {
    fn encode(&self, context: &[Turn]) -> Outcome<Vec<u32>> {
        self.tokens.encode_context(context)
    }

    fn encode_fragment(&self, text: &str) -> Vec<u32> {
        self.tokens.encode_fragment(text)
    }

    fn encode_between(&self, context: &[Turn], answer: &[u32], said: &[Turn]) -> Outcome<Vec<u32>> {
        self.tokens.encode_between(context, answer, said)
    }

    fn decode(&self, tokens: &[u32]) -> Content {
        Content::text(self.tokens.decode(tokens))
    }

    fn context_length(&self) -> usize {
        200
    }

    fn sample(&self, requests: &[Request], _: &dyn Progress) -> Outcome<Vec<Completion>> {
        let said = |request: &Request| {
            let turn = request.context.iter().filter(|&&token| self.tokens.is_end(token)).count();
            let text = self.text(&request.context);
            let task = text.split(' ').nth(1).expect("a task");
            let lines = &self.script[task];
            let mut tokens = self.tokens.encode_answer(&lines[turn.min(lines.len() - 1)]);
            let room = request.sampling.max_tokens as usize;
            let finish = if tokens.len() > room { Finish::Length } else { Finish::Stop };
            tokens.truncate(room);
            let cost = Cost { generated_tokens: tokens.len() as u64, ..Cost::default() };
            Completion { log_probs: vec![-0.5; tokens.len()], tokens, finish, cost }
        };
        Ok(requests.iter().map(said).collect())
    }

    fn score(&self, _: &[(&[u32], &[u32])], _: &dyn Progress) -> Outcome<Vec<Vec<f32>>> {
        Ok(Vec::new())
    }
}
