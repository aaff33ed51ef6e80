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
mod exported;
mod features;
mod labels;
mod media;
mod programs;
mod putting;
mod questions;
mod record;
mod records;
mod reference;
mod shape;
mod templated;
mod verifiable;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use faults::Outcome;
use nouns::{AnswerOption, Digest, Oracle, Role, Split, Task, Turn, Unsettled, Verdict, World};

use crate::code::Judge;
use crate::fault::WorldFault;
use crate::options::Options;
use crate::prompting::{Extracting, Prompting};
use crate::split::split_of;
use answer::Kind;
use answers::Judgement;
use features::has_features;
use labels::Labels;
use programs::Programs;
use putting::{Putting, beneath};
pub use questions::Questions;
use record::Record;
use templated::templated;
use verifiable::Verifiable;

/// A data file as a world. It needs a model that knows English: it has no language of its own.
pub(crate) struct FileWorld {
    name: String,
    tasks: Vec<(Split, Task)>,
    /// Of tasks that say one.
    domains: HashMap<String, String>,
    /// What there is to choose from, of tasks that name it.
    choices: HashMap<String, Vec<AnswerOption>>,
    options: Options,
    judged: Judged,
    putting: Putting,
}

/// The most labels that are listed below a question.
const MOST_LABELS: usize = 200;

/// What decides about answers.
enum Judged {
    /// Reference answers.
    References(Arc<References>),
    /// The tests of programming tasks.
    Tests(Arc<Programs>),
    /// Instructions that are verified.
    Instructions(Arc<Verifiable>),
    /// The labels of feature vectors.
    Labels(Arc<Labels>),
}

impl FileWorld {
    /// Reads a file.
    pub(crate) fn open(path: &Path, options: &Options) -> Result<Self, WorldFault> {
        let (name, mut records) = (path.display().to_string(), records::read(path, options)?);
        let tested = records.iter().filter(|record| record.tests.is_some()).count();
        if tested > 0 && tested < records.len() {
            return Err(WorldFault::Mixed { path: path.to_owned(), tested, records: records.len() });
        }
        if !records.is_empty() && records.iter().all(has_features) {
            return match options.prompting == Prompting::default() {
                true => Ok(FileWorld::of_features(name, records, options.clone())),
                false => Err(WorldFault::NotPut { world: name, what: "feature vectors" }),
            };
        }
        let below = labels_below(&records);
        let putting = Putting::of(path, options, below, &mut records)?;
        if records.is_empty() {
            return Err(WorldFault::Empty { path: path.to_owned() });
        }
        if tested > 0 {
            let judge = Judge::open(options.sandbox).map_err(WorldFault::Code)?;
            return Ok(FileWorld::of_programs(name, records, options.clone(), (judge, putting)));
        }
        if records.iter().any(|record| record.instructions.is_some()) {
            return Ok(FileWorld::of_instructions(name, records, options.clone(), putting));
        }
        Ok(FileWorld::of(name, records, options.clone(), putting))
    }

    fn of_instructions(name: String, records: Vec<Record>, options: Options, putting: Putting) -> Self {
        let mut by_id = HashMap::new();
        let keep = |id: &str, record: Record| by_id.extend(record.instructions.map(|asked| (id.to_owned(), asked)));
        let kept = Kept::of(&name, records, &putting, keep);
        FileWorld::with(name, kept, options, Judged::Instructions(Arc::new(Verifiable::new(by_id))), putting)
    }

    fn of_programs(name: String, records: Vec<Record>, options: Options, (judge, putting): (Judge, Putting)) -> Self {
        let mut by_id = HashMap::new();
        let keep = |id: &str, record: Record| by_id.extend(record.tests.map(|tests| (id.to_owned(), tests)));
        let kept = Kept::of(&name, records, &putting, keep);
        let judged = Judged::Tests(Arc::new(Programs::new(judge, by_id)));
        FileWorld::with(name, kept, options, judged, putting)
    }

    fn of_features(name: String, records: Vec<Record>, options: Options) -> Self {
        let (mut by_id, putting) = (HashMap::new(), Putting::default());
        let keep = |id: &str, record: Record| drop(by_id.insert(id.to_owned(), record.answers.into_iter().next()));
        let kept = Kept::of(&name, records, &putting, keep);
        let judged = Judged::Labels(Arc::new(Labels::new(by_id)));
        FileWorld::with(name, kept, options, judged, putting)
    }

    fn of(name: String, records: Vec<Record>, options: Options, putting: Putting) -> Self {
        let choices = records.iter().all(|record| record.choices);
        let kind = match records.iter().any(|record| record.exact) {
            true => Kind::Exact,
            false => Kind::of(records.iter().flat_map(|record| &record.answers).map(String::as_str), choices),
        };
        let labels = labels_of(&records);
        let mut by_id = HashMap::new();
        let keep = |id: &str, record: Record| {
            let known = record.answers.iter().filter_map(|answer| Reference::of(kind, answer)).collect();
            by_id.insert(id.to_owned(), known);
        };
        let mut kept = Kept::of(&name, records, &putting, keep);
        if !labels.is_empty() {
            let label = |label: &String| AnswerOption { letter: label.clone(), text: label.clone() };
            let all: Vec<AnswerOption> = labels.iter().map(label).collect();
            kept.choices = kept.tasks.iter().map(|(_, task)| (task.id.clone(), all.clone())).collect();
        }
        let judged = Judged::References(Arc::new(References { kind, by_id }));
        FileWorld::with(name, kept, options, judged, putting)
    }

    fn with(name: String, kept: Kept, options: Options, judged: Judged, putting: Putting) -> FileWorld {
        let Kept { mut tasks, domains, choices } = kept;
        if options.unsplit {
            tasks.iter_mut().for_each(|(split, _)| *split = Split::Test);
        }
        FileWorld { name, tasks, domains, choices, options, judged, putting }
    }
}

/// What is kept of a file's records: of the same question twice, the first.
#[derive(Default)]
struct Kept {
    tasks: Vec<(Split, Task)>,
    domains: HashMap<String, String>,
    choices: HashMap<String, Vec<AnswerOption>>,
}

impl Kept {
    /// The tasks of the records; what is right stays with `keep`.
    fn of(world: &str, records: Vec<Record>, putting: &Putting, mut keep: impl FnMut(&str, Record)) -> Kept {
        let (mut kept, mut known) = (Kept::default(), HashSet::new());
        for mut record in records {
            let task = putting.task(world, &record);
            if known.insert(task.id.clone()) {
                kept.domains.extend(record.domain.take().map(|domain| (task.id.clone(), domain)));
                if !record.options.is_empty() {
                    kept.choices.insert(task.id.clone(), std::mem::take(&mut record.options));
                }
                let split = record.split.unwrap_or_else(|| split_of(&task.id));
                keep(&task.id, record);
                kept.tasks.push((split, task));
            }
        }
        kept
    }
}

/// The labels of a classification: words, of which there are few. None of other files.
fn labels_of(records: &[Record]) -> Vec<String> {
    let labels: BTreeSet<&str> = records.iter().flat_map(|record| &record.answers).map(String::as_str).collect();
    let few = (2..=MOST_LABELS).contains(&labels.len()) && labels.len() < records.len();
    match records.iter().all(|record| record.label) && few {
        true => labels.into_iter().map(str::to_owned).collect(),
        false => Vec::new(),
    }
}

/// The labels of a classification, to be said below every question: nobody could guess their
/// spelling.
fn labels_below(records: &[Record]) -> String {
    let labels = labels_of(records);
    let words = labels.iter().all(|label| label.chars().any(char::is_alphabetic));
    match words && !labels.is_empty() {
        true => format!("\n\nAnswer with one of: {}.", labels.join(", ")),
        false => String::new(),
    }
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
            let record = records::parse(&renamed, &self.options, folder).map_err(bad)?;
            return Ok(self.putting.task(&self.name, &record));
        }
        if line.trim().is_empty() {
            return Err(bad("it is empty".to_owned()).into());
        }
        let said = self.putting.bare(line);
        let mut record = Record::of(vec![Turn::user(said)]);
        let columns = serde_json::Map::from_iter([("question".to_owned(), said.into())]);
        record.put = templated(&columns, &record.prompt, &self.options).map_err(bad)?;
        Ok(self.putting.task(&self.name, &record))
    }

    fn without_reference(&self) -> usize {
        match &self.judged {
            Judged::References(references) => references.by_id.values().filter(|known| known.is_empty()).count(),
            Judged::Tests(_) | Judged::Instructions(_) => 0,
            Judged::Labels(labels) => labels.missing(),
        }
    }

    fn answer(&self, task: &Task, response: &str) -> Option<String> {
        let response = self.options.prompting.extract.as_ref().map_or(response, |extract| extract.of(response));
        match &self.judged {
            Judged::References(references) => references.kind.final_answer(&references.read(task, response)),
            Judged::Tests(programs) => programs.program(task, response),
            Judged::Instructions(_) => None,
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
            Judged::Instructions(_) => "instructions that a program verifies, as IFEval has them".to_owned(),
            Judged::Labels(labels) => format!("feature vectors with {} labels", labels.known().len()),
        })
    }

    fn options(&self, task: &Task) -> Vec<AnswerOption> {
        self.choices.get(&task.id).cloned().unwrap_or_default()
    }

    fn oracle(&self) -> Arc<dyn Oracle> {
        let inner: Arc<dyn Oracle> = match &self.judged {
            Judged::References(references) => references.clone(),
            Judged::Tests(programs) => programs.clone(),
            Judged::Instructions(asked) => asked.clone(),
            Judged::Labels(labels) => labels.clone(),
        };
        match &self.options.prompting.extract {
            Some(extract) => Arc::new(Extracting { extract: extract.clone(), inner }),
            None => inner,
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

#[cfg(test)]
mod tests;
