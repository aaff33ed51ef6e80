//! How every question of a file is put: what is said before it and below it.

use std::path::Path;

use nouns::{Content, Part, Role, Split, Task, Turn};

use super::record::Record;
use super::records;
use crate::fault::WorldFault;
use crate::options::Options;
use crate::prompting::{FewShot, Prompting};
use crate::split::split_of;

/// What stands between a question and its answer where both are one text.
const BETWEEN: &str = " ";
/// What stands between solved questions there.
const APART: &str = "\n\n";

/// How every question of a file is put.
#[derive(Default)]
pub(super) struct Putting {
    system: Option<String>,
    /// Solved questions with their answers.
    solved: Vec<(Content, String)>,
    /// What is said below every question.
    pub(super) below: String,
    as_text: bool,
}

impl Putting {
    /// Takes the solved questions out of the records, and all records like them.
    pub(super) fn of(
        path: &Path,
        options: &Options,
        below: String,
        records: &mut Vec<Record>,
    ) -> Result<Putting, WorldFault> {
        let Prompting { system, few_shot, as_text, template, .. } = &options.prompting;
        let below = if template.is_some() { String::new() } else { below };
        let mut putting = Putting { system: system.clone(), solved: Vec::new(), below, as_text: *as_text };
        if let Some(few) = few_shot {
            let shown = shown(few, path, options, records)?;
            let ids: Vec<String> = shown.iter().map(Record::id).collect();
            records.retain(|record| !ids.contains(&record.id()));
            for record in shown {
                let no_answer = || WorldFault::Table {
                    path: few.from.clone().unwrap_or_else(|| path.to_owned()),
                    problem: format!("`{}` has no answer that could be shown as an example", record.id()),
                };
                let answer = record.answers.first().cloned().ok_or_else(no_answer)?;
                putting.solved.push((putting.question(&record), answer));
            }
        }
        Ok(putting)
    }

    /// A record as a task.
    pub(super) fn task(&self, world: &str, record: &Record) -> Task {
        Task { world: world.to_owned(), id: record.id(), prompt: self.prompt(record) }
    }

    /// What is typed as a question is read back as it was shown.
    pub(super) fn bare<'a>(&self, line: &'a str) -> &'a str {
        line.trim().strip_suffix(self.below.trim_end()).unwrap_or(line).trim()
    }

    /// What a record asks, by itself.
    fn question(&self, record: &Record) -> Content {
        let asked = record.prompt.last().map_or_else(|| Content::text(""), |turn| turn.content.clone());
        match (&record.put, self.as_text) {
            (Some(text), _) => retold(&asked, text.clone()),
            (None, true) => {
                let text = format!("Question: {}{}\nAnswer:", asked.as_text(), self.below);
                retold(&asked, text)
            }
            (None, false) if self.below.is_empty() => asked,
            (None, false) => beneath(&asked, &self.below),
        }
    }

    pub(super) fn prompt(&self, record: &Record) -> Vec<Turn> {
        let asked = self.question(record);
        let earlier = &record.prompt[..record.prompt.len().saturating_sub(1)];
        let own = earlier.iter().filter(|turn| self.system.is_none() || turn.role != Role::System);
        if self.as_text {
            let mut before: String = self.system.iter().flat_map(|text| [text.trim_end(), APART]).collect();
            for turn in own {
                before += &format!("{}{APART}", turn.content.as_text());
            }
            for (question, answer) in &self.solved {
                before += &joined(&question.as_text(), answer);
                before += APART;
            }
            let text = before + &asked.as_text();
            return vec![Turn { role: Role::User, content: retold(&asked, text) }];
        }
        let system = self.system.iter().map(|text| Turn { role: Role::System, content: Content::text(text.clone()) });
        let said = self.solved.iter().flat_map(|(question, answer)| {
            let answer = Content::text(answer.clone());
            [Turn { role: Role::User, content: question.clone() }, Turn { role: Role::Assistant, content: answer }]
        });
        // the records' own instructions stand before everything
        let (instructions, others): (Vec<&Turn>, Vec<&Turn>) = own.partition(|turn| turn.role == Role::System);
        let role = record.prompt.last().map_or(Role::User, |turn| turn.role);
        let last = Turn { role, content: asked };
        system
            .chain(instructions.into_iter().cloned())
            .chain(said)
            .chain(others.into_iter().cloned())
            .chain([last])
            .collect()
    }
}

/// A question with its answer behind it.
fn joined(question: &str, answer: &str) -> String {
    let spaced = question.ends_with(char::is_whitespace) || answer.starts_with(char::is_whitespace);
    format!("{question}{}{answer}", if spaced { "" } else { BETWEEN })
}

/// Another text in the place of a content's own; its pictures stand before it.
fn retold(content: &Content, text: String) -> Content {
    let others = content.0.iter().filter(|part| !matches!(part, Part::Text(_))).cloned();
    Content(others.chain([Part::Text(text)]).collect())
}

/// The records whose questions are shown with their answers.
fn shown(few: &FewShot, path: &Path, options: &Options, records: &[Record]) -> Result<Vec<Record>, WorldFault> {
    let most = few.count.unwrap_or(usize::MAX);
    let shown: Vec<Record> = match &few.from {
        Some(file) => records::read(file, options)?.into_iter().take(most).collect(),
        None => {
            let trained = |record: &&Record| record.split.unwrap_or_else(|| split_of(&record.id())) == Split::Train;
            records.iter().filter(trained).take(most).cloned().collect()
        }
    };
    let file = few.from.as_deref().unwrap_or(path).to_owned();
    match few.count.filter(|&count| shown.len() < count) {
        Some(count) => Err(WorldFault::FewExamples { path: file, wanted: count, there: shown.len() }),
        None => Ok(shown),
    }
}

impl Record {
    /// The canonical form of what is asked, whatever is said around it.
    pub(super) fn id(&self) -> String {
        canonical(&nouns::identity(&self.prompt))
    }
}

/// A question is the same question whatever its white space.
fn canonical(problem: &str) -> String {
    let words: Vec<&str> = problem.split_whitespace().collect();
    words.join(" ")
}

/// Content with a text right after it; its pictures stay where they are.
pub(super) fn beneath(content: &Content, text: &str) -> Content {
    match content.plain_text() {
        Some(before) => Content::text(format!("{before}{text}")),
        None => Content([&content.0[..], &[Part::Text(text.to_owned())]].concat()),
    }
}
