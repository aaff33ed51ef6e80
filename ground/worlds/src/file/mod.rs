//! A file of questions and answers as a world: JSON lines, plain or gzip, or Parquet.
//!
//! [`shape`] says which columns are known. A response to a problem without a reference is
//! unsettled, not wrong. What the references are is recognised ([`answer::Kind`]) and decides how
//! answers are compared; programming tasks are judged by their tests ([`crate::code`]), which is
//! refused at once on a machine that cannot do it safely. Records that carry a `split` keep it; the
//! others are split by hash. The same question twice is one task, and the first record's answer
//! counts; questions that show different pictures are different.

mod answer;
mod choices;
mod columns;
mod features;
mod labels;
mod media;
mod programs;
mod record;
mod records;
mod reference;
mod shape;

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use faults::Outcome;
use nouns::{Content, Digest, Oracle, Part, Role, Split, Task, Turn, Unsettled, Verdict, World};

use crate::code::Judge;
use crate::fault::WorldFault;
use crate::options::Options;
use crate::split::split_of;
use answer::Kind;
use answers::Judgement;
use features::has_features;
use labels::Labels;
use programs::Programs;
use record::Record;

/// A data file as a world. It needs a model that knows English: it has no language of its own.
pub(crate) struct FileWorld {
    name: String,
    tasks: Vec<(Split, Task)>,
    /// Of tasks that say one.
    domains: HashMap<String, String>,
    options: Options,
    judged: Judged,
    /// What is said below every question: the labels there are, where the file is a classification
    /// with few of them.
    below: String,
}

/// The most labels that are listed below a question.
const MOST_LABELS: usize = 200;

/// What decides about answers.
enum Judged {
    /// Reference answers.
    References(Arc<References>),
    /// The tests of programming tasks.
    Tests(Arc<Programs>),
    /// The labels of feature vectors.
    Labels(Arc<Labels>),
}

impl FileWorld {
    /// Reads a file.
    pub(crate) fn open(path: &Path, options: &Options) -> Result<Self, WorldFault> {
        let (name, records) = (path.display().to_string(), records::read(path, options)?);
        let tested = records.iter().filter(|record| record.tests.is_some()).count();
        if tested > 0 && tested < records.len() {
            return Err(WorldFault::Mixed { path: path.to_owned(), tested, records: records.len() });
        }
        if tested > 0 {
            let judge = Judge::open(options.sandbox).map_err(WorldFault::Code)?;
            return Ok(FileWorld::of_programs(name, records, options.clone(), judge));
        }
        if !records.is_empty() && records.iter().all(has_features) {
            return Ok(FileWorld::of_features(name, records, options.clone()));
        }
        Ok(FileWorld::of(name, records, options.clone()))
    }

    fn of_programs(name: String, records: Vec<Record>, options: Options, judge: Judge) -> Self {
        let (mut tasks, mut by_id, mut domains) = (Vec::new(), HashMap::new(), HashMap::new());
        for record in records {
            let task = task(&name, record.prompt);
            if let (Entry::Vacant(entry), Some(tests)) = (by_id.entry(task.id.clone()), record.tests) {
                domains.extend(record.domain.map(|domain| (task.id.clone(), domain)));
                entry.insert(tests);
                tasks.push((record.split.unwrap_or_else(|| split_of(&task.id)), task));
            }
        }
        let judged = Judged::Tests(Arc::new(Programs::new(judge, by_id)));
        FileWorld { name, tasks, domains, options, judged, below: String::new() }
    }

    fn of_features(name: String, records: Vec<Record>, options: Options) -> Self {
        let (mut tasks, mut by_id, mut domains) = (Vec::new(), HashMap::new(), HashMap::new());
        for record in records {
            let task = task(&name, record.prompt);
            if let Entry::Vacant(entry) = by_id.entry(task.id.clone()) {
                domains.extend(record.domain.map(|domain| (task.id.clone(), domain)));
                entry.insert(record.answers.into_iter().next());
                tasks.push((record.split.unwrap_or_else(|| split_of(&task.id)), task));
            }
        }
        let judged = Judged::Labels(Arc::new(Labels::new(by_id)));
        FileWorld { name, tasks, domains, options, judged, below: String::new() }
    }

    fn of(name: String, records: Vec<Record>, options: Options) -> Self {
        let choices = records.iter().all(|record| record.choices);
        let kind = Kind::of(records.iter().flat_map(|record| &record.answers).map(String::as_str), choices);
        let below = labels_below(&records);
        let (mut tasks, mut by_id, mut domains) = (Vec::new(), HashMap::new(), HashMap::new());
        for record in records {
            let task = followed(task(&name, record.prompt), &below);
            if let Entry::Vacant(entry) = by_id.entry(task.id.clone()) {
                domains.extend(record.domain.map(|domain| (task.id.clone(), domain)));
                entry.insert(record.answers.iter().filter_map(|answer| Reference::of(kind, answer)).collect());
                tasks.push((record.split.unwrap_or_else(|| split_of(&task.id)), task));
            }
        }
        let judged = Judged::References(Arc::new(References { kind, by_id }));
        FileWorld { name, tasks, domains, options, judged, below }
    }
}

/// The labels of a classification, to be said below every question: nobody could guess their
/// spelling.
fn labels_below(records: &[Record]) -> String {
    let labels: BTreeSet<&str> = records.iter().flat_map(|record| &record.answers).map(String::as_str).collect();
    let few = (2..=MOST_LABELS).contains(&labels.len()) && labels.len() < records.len();
    let words = labels.iter().all(|label| label.chars().any(char::is_alphabetic));
    match records.iter().all(|record| record.label) && few && words {
        true => format!("\n\nAnswer with one of: {}.", Vec::from_iter(labels).join(", ")),
        false => String::new(),
    }
}

/// A task with something said below its question, by which it is not known.
fn followed(mut task: Task, below: &str) -> Task {
    if let Some(last) = task.prompt.last_mut().filter(|_| !below.is_empty()) {
        *last = Turn { role: last.role, content: beneath(&last.content, below) };
    }
    task
}

/// The task of a question.
fn task(world: &str, prompt: Vec<Turn>) -> Task {
    Task { world: world.to_owned(), id: canonical(&nouns::identity(&prompt)), prompt }
}

/// A question is the same question whatever its white space.
fn canonical(problem: &str) -> String {
    let words: Vec<&str> = problem.split_whitespace().collect();
    words.join(" ")
}

impl World for FileWorld {
    fn name(&self) -> &str {
        &self.name
    }

    fn tasks(&self, split: Split) -> Outcome<Vec<Task>> {
        Ok(self.tasks.iter().filter(|(own, _)| *own == split).map(|(_, task)| task.clone()).collect())
    }

    fn read(&self, line: &str) -> Outcome<Task> {
        let bad = |problem| WorldFault::bad_task(&self.name, line, problem, "a question in plain words");
        if line.trim_start().starts_with('{') {
            // A hold-out file may have the usual names although this one has not.
            let renamed = self.options.columns.rename(line.to_owned()).unwrap_or_else(|_| line.to_owned());
            let folder = records::folder_of(Path::new(&self.name));
            let prompt = records::parse(&renamed, &self.options, folder).map_err(bad)?.prompt;
            return Ok(followed(task(&self.name, prompt), &self.below));
        }
        if line.trim().is_empty() {
            return Err(bad("it is empty".to_owned()).into());
        }
        // A prompt is read back as it was shown.
        let said = line.trim().strip_suffix(self.below.trim_end()).unwrap_or(line).trim();
        Ok(followed(task(&self.name, vec![Turn::user(said)]), &self.below))
    }

    fn without_reference(&self) -> usize {
        match &self.judged {
            Judged::References(references) => references.by_id.values().filter(|known| known.is_empty()).count(),
            Judged::Tests(_) => 0,
            Judged::Labels(labels) => labels.missing(),
        }
    }

    fn answer(&self, task: &Task, response: &str) -> Option<String> {
        match &self.judged {
            Judged::References(references) => references.kind.final_answer(&references.read(task, response)),
            Judged::Tests(programs) => programs.program(task, response),
            Judged::Labels(labels) => labels.given(response),
        }
    }

    /// The labels of feature vectors.
    fn labels(&self) -> Option<Vec<String>> {
        match &self.judged {
            Judged::Labels(labels) => Some(labels.known().to_vec()),
            _ => None,
        }
    }

    /// Its record's column `domain`.
    fn domain(&self, id: &str) -> Option<String> {
        self.domains.get(id).cloned()
    }

    /// Longer than nearly every worked solution of a school problem, or every solution of HumanEval
    /// and MBPP.
    fn longest_answer(&self) -> u32 {
        self.options.longest_answer.unwrap_or(512)
    }

    fn recognised(&self) -> Option<String> {
        Some(match &self.judged {
            Judged::References(references) => references.kind.summary().to_owned(),
            Judged::Tests(programs) => format!("programs: {}", programs.summary()),
            Judged::Labels(labels) => format!("feature vectors with {} labels", labels.known().len()),
        })
    }

    fn oracle(&self) -> Arc<dyn Oracle> {
        match &self.judged {
            Judged::References(references) => references.clone(),
            Judged::Tests(programs) => programs.clone(),
            Judged::Labels(labels) => labels.clone(),
        }
    }
}

/// The reference answers of a file.
struct References {
    kind: Kind,
    /// Any of a task's is right.
    by_id: HashMap<String, Vec<Reference>>,
}

/// What a record says of its answer.
struct Reference {
    answer: String,
    /// How its solution begins, where it has one and that does not give the answer away.
    beginning: Option<String>,
}

impl Reference {
    fn of(kind: Kind, solution: &str) -> Option<Reference> {
        let answer = kind.reference(solution)?;
        let mut lines = solution.trim().lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.next().filter(|_| lines.next().is_some());
        let tells = |line: &str| line.contains(&answer) || kind.final_answer(line).is_some_and(|found| found == answer);
        Some(Reference { beginning: first.filter(|line| !tells(line)).map(str::to_owned), answer })
    }
}

impl References {
    fn of(&self, task: &Task) -> &[Reference] {
        self.by_id.get(&task.id).map(Vec::as_slice).unwrap_or_default()
    }

    /// A response as it is compared: where it names no letter of a choice but says the words of
    /// one, that one's letter.
    fn read<'a>(&self, task: &Task, response: &'a str) -> Cow<'a, str> {
        let silent = self.kind == Kind::Choices && answers::choice(response).is_none();
        let shown = task.prompt.last().filter(|_| silent).map(|turn| turn.content.as_text());
        shown.and_then(|shown| choices::said(&shown, response)).map_or(Cow::Borrowed(response), Cow::Owned)
    }
}

impl Oracle for References {
    /// Right if any of the references says so; unsettled if none does and one cannot tell.
    fn judge(&self, task: &Task, response: &str) -> Verdict {
        let references = self.of(task);
        let response = &*self.read(task, response);
        let judged: Vec<Judgement> =
            references.iter().map(|reference| self.kind.judge(&reference.answer, response)).collect();
        let of = |wanted: Option<bool>| judged.iter().find(|judgement| judgement.correct() == wanted);
        match of(Some(true)).or_else(|| of(None)) {
            Some(judgement) => (*judgement).into(),
            None if judged.is_empty() => Verdict::Unsettled(Unsettled::NoReference),
            None => {
                let known: Vec<&str> = references.iter().map(|reference| reference.answer.as_str()).collect();
                let known = known.join(" or ");
                Verdict::Wrong(match self.kind.final_answer(response) {
                    Some(answer) => format!("answers {answer}, not {known}"),
                    None => format!("gives no answer; it should be {known}"),
                })
            }
        }
    }

    fn digest(&self) -> Option<Digest> {
        let mut known: Vec<(&String, &Reference)> =
            self.by_id.iter().flat_map(|(id, references)| references.iter().map(move |known| (id, known))).collect();
        known.sort_by_key(|(id, known)| (*id, &known.answer));
        let fields = known.iter().flat_map(|(id, known)| [*id, &known.answer, known.beginning.as_ref().unwrap_or(id)]);
        Some(Digest::of_fields(fields.map(|field| field.as_bytes())))
    }

    /// The question with its final answer, in the words of STaR's hint.
    fn hinted(&self, task: &Task) -> Option<Vec<Turn>> {
        let reference = self.of(task).first()?;
        with_remark(task, &format!("(The answer is {}.)", reference.answer))
    }

    /// The question with the first line of its solution.
    fn guided(&self, task: &Task) -> Option<Vec<Turn>> {
        let beginning = self.of(task).first()?.beginning.as_ref()?;
        with_remark(task, &format!("(Hint: a solution begins like this. {beginning})"))
    }
}

/// The prompt with something said below it.
fn with_remark(task: &Task, remark: &str) -> Option<Vec<Turn>> {
    let (last, before) = task.prompt.split_last()?;
    let said = Turn { role: Role::User, content: beneath(&last.content, &format!("\n{remark}")) };
    Some([before, &[said]].concat())
}

/// Content with a text right after it; its pictures stay where they are.
fn beneath(content: &Content, text: &str) -> Content {
    match content.plain_text() {
        Some(before) => Content::text(format!("{before}{text}")),
        None => Content([&content.0[..], &[Part::Text(text.to_owned())]].concat()),
    }
}

#[cfg(test)]
mod tests;
