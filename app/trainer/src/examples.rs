//! Lines of TRL's data formats as lessons.
//!
//! A file says by its columns what it holds, and the objective says what it needs; a line that does
//! not have it is refused by its number before any training begins, with what would be needed.
//! Texts are encoded as they are, prompt and answer apart. Conversations are rendered as a whole by
//! the model's template, and where the answer lies in it is read off the rendering: a template may
//! write the end of a prompt otherwise once an answer follows, and rendering the two apart and
//! joining them would train on text that the model never meets in a chat.

use choose::Advantages;
use faults::Outcome;
use nouns::{Judged, Lesson, LessonKind, Pair, Progress, Rollout, Stream, Valued, Viewed};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sources::rows::Rows;
use tokens::Tokens;
use tokens::chat::Ask;

use checkpoint::Model;

use crate::fault::TrainerFault;
use crate::messages::{TextOrMessages, shared};

/// The columns of a table that are read.
const COLUMNS: [&str; 20] = [
    "text",
    "messages",
    "tools",
    "prompt",
    "completion",
    "chosen",
    "rejected",
    "label",
    "labels",
    "completions",
    "rewards",
    "margin",
    "better",
    "value",
    "weight",
    "teacher_prompt",
    "input",
    "problem",
    "steps",
    "mistake_index",
];

/// A line: a text is a string, a conversation a list of messages. Other keys are the owner's own,
/// and are not looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Line {
    text: Option<String>,
    messages: Option<TextOrMessages>,
    tools: Option<Box<RawValue>>,
    prompt: Option<TextOrMessages>,
    completion: Option<TextOrMessages>,
    chosen: Option<TextOrMessages>,
    rejected: Option<TextOrMessages>,
    label: Option<Value>,
    labels: Option<Vec<Value>>,
    margin: Option<f64>,
    better: Option<Vec<f64>>,
    value: Option<Value>,
    weight: Option<f32>,
    teacher_prompt: Option<TextOrMessages>,
    completions: Option<Vec<TextOrMessages>>,
    rewards: Option<Vec<f64>>,
    input: Option<TextOrMessages>,
    problem: Option<TextOrMessages>,
    steps: Option<Vec<TextOrMessages>>,
    #[serde(deserialize_with = "said")]
    mistake_index: Option<Value>,
}

/// A key that is there, if only to say null.
fn said<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(value).map(Some)
}

/// Stands after every step, as in TRL.
const STEP_END: &str = "\n";

/// Makes lessons of lines, for a model with this context length.
pub(super) struct Reader<'a> {
    pub(super) tokens: &'a Tokens,
    pub(super) sees: usize,
    pub(super) advantages: &'a Advantages,
}

/// Context and answer. The answer has its end token.
type Answered = (Vec<u32>, Vec<u32>);

/// Advantages are numbers of 32 bits, and the rewards that they come from may not be larger.
const LARGEST_REWARD: f64 = f32::MAX as f64;

impl Reader<'_> {
    /// The lessons of all rows. What does not fit the model is refused, not cut off.
    pub(super) fn lessons(&self, kind: LessonKind, rows: Rows) -> Outcome<Vec<Lesson>> {
        let mut lessons = Vec::new();
        let nothing = |why| TrainerFault::NoExamples { path: rows.path().to_owned(), why };
        let (empty, untaught) = (nothing("has no line"), nothing("has no token to learn"));
        for row in rows.only(&COLUMNS)? {
            let row = row?;
            let number = u32::try_from(row.number).unwrap_or(u32::MAX);
            let bad = |why: String| TrainerFault::BadExample { line: number, why };
            let read: Line = serde_json::from_str(&row.text).map_err(|error| bad(error.to_string()))?;
            let of_line = self.of_line(kind, number, read).map_err(|failure| bad(failure.to_string()))?;
            for stream in of_line.iter().flat_map(Lesson::streams) {
                let length = stream.tokens.len();
                if length > self.sees {
                    return Err(bad(format!("it has {length} tokens; the model sees {}", self.sees)).into());
                }
            }
            lessons.extend(of_line);
        }
        match lessons.iter().flat_map(Lesson::streams).any(|stream| stream.taught() > 0) {
            true => Ok(lessons),
            false => Err(if lessons.is_empty() { empty } else { untaught }.into()),
        }
    }

    fn of_line(&self, kind: LessonKind, number: u32, line: Line) -> Outcome<Vec<Lesson>> {
        let name = format!("line {number}");
        let weight = line.weight.unwrap_or(1.0);
        if !(weight.is_finite() && weight >= 0.0) {
            return Err(TrainerFault::UnclearLine { wanted: "a `weight` of 0 or more" }.into());
        }
        let tools = line.tools.clone();
        let tools = tools.as_deref();
        let stream = |(context, answer): &Answered| Stream::new(name.clone(), context, answer, weight);
        match kind {
            LessonKind::Stream => {
                let mut streams = self.imitated(&name, line)?;
                streams.iter_mut().flat_map(|stream| &mut stream.weights).for_each(|own| *own *= weight);
                Ok(streams.into_iter().map(Lesson::Stream).collect())
            }
            LessonKind::Pair => {
                let (gap, better) = (line.margin.unwrap_or(1.0), line.better.clone().unwrap_or_default());
                let (prompt, chosen, rejected) = sides(line)?;
                let chosen = stream(&self.answered(&prompt, &chosen, tools)?);
                let rejected = stream(&self.answered(&prompt, &rejected, tools)?);
                Ok(vec![Lesson::Pair(Pair { chosen, rejected, gap, better })])
            }
            LessonKind::Judged => {
                let (prompt, completion) = (line.prompt.ok_or_else(|| needed(kind))?, line.completion);
                let answered = self.answered(&prompt, &completion.ok_or_else(|| needed(kind))?, tools)?;
                let desirable = line.label.as_ref().and_then(Value::as_bool).ok_or_else(|| needed(kind))?;
                Ok(vec![Lesson::Judged(Judged { stream: stream(&answered), context: answered.0.len(), desirable })])
            }
            LessonKind::Viewed => {
                let view = line.teacher_prompt.clone();
                let mut streams = self.imitated(&name, line)?;
                let view = view.map(|view| self.prompt(&view, tools)).transpose()?;
                if view.is_some() {
                    streams.drain(..streams.len().saturating_sub(1)); // a view is of the last answer
                }
                let viewed = |stream: Stream| {
                    let context = stream.weights.iter().take_while(|&&weight| weight == 0.0).count();
                    let teacher = view.clone().unwrap_or_else(|| stream.tokens[..context].to_vec());
                    Lesson::Viewed(Viewed { teacher, stream })
                };
                Ok(streams.into_iter().map(viewed).collect())
            }
            LessonKind::Valued => Ok(vec![Lesson::Valued(self.valued(&name, line)?)]),
            LessonKind::Rollout => {
                let (Some(prompt), Some(answers), Some(rewards)) = (line.prompt, line.completions, line.rewards) else {
                    return Err(needed(kind).into());
                };
                if answers.len() != rewards.len() || rewards.iter().any(|reward| !reward.is_finite()) {
                    return Err(needed(kind).into());
                }
                if rewards.iter().any(|reward| reward.abs() > LARGEST_REWARD) {
                    return Err(TrainerFault::UnclearLine { wanted: "`rewards` between -3.4e38 and 3.4e38" }.into());
                }
                let credit = self.advantages.of_group(&rewards, &rewards);
                let lesson = |(answer, advantage): (&TextOrMessages, f64)| {
                    let (context, answer) = self.answered(&prompt, answer, tools)?;
                    let unknown = vec![f32::NAN; answer.len()];
                    let (name, advantage) = (name.clone(), advantage as f32);
                    Ok(Lesson::Rollout(Rollout::new(name, &context, &answer, &unknown, advantage, number)))
                };
                answers.iter().zip(credit).map(lesson).collect()
            }
        }
    }

    /// An answer with its value at the end, or steps with the value of each where the line end
    /// after it ends.
    fn valued(&self, name: &str, line: Line) -> Outcome<Valued> {
        let wanted = || needed(LessonKind::Valued);
        let line = to_first_error(line)?;
        let prompt = line.prompt.ok_or_else(wanted)?;
        let tools = line.tools.as_deref();
        match (line.completion, line.value, line.completions, line.labels) {
            (Some(completion), Some(value), None, None) => {
                let (context, answer) = self.answered(&prompt, &completion, tools)?;
                let values = match &value {
                    Value::Array(several) => several.iter().map(Value::as_f64).collect(),
                    one => Some(one.as_f64().into_iter().collect::<Vec<f64>>()),
                };
                let values = values.filter(|values| !values.is_empty()).ok_or_else(wanted)?;
                // Only the last token's values are looked at.
                let mut valued = Valued::new(name, &context, &answer, &[(answer.len() - 1, 0.0)]);
                valued.targets = vec![0.0; (valued.stream.tokens.len() - 1) * values.len()];
                valued.targets.extend(values.iter().map(|&value| value as f32));
                Ok(valued)
            }
            (None, None, Some(steps), Some(labels)) if steps.len() == labels.len() => {
                let prompt = prompt.text().ok_or_else(wanted)?;
                let (mut answer, mut known) = (Vec::new(), Vec::new());
                for (step, label) in steps.iter().zip(labels) {
                    answer.extend(self.tokens.encode_fragment(step.text().ok_or_else(wanted)?));
                    answer.extend(self.tokens.encode_fragment(STEP_END));
                    // Right or wrong, or a number.
                    let value = label.as_bool().map(|right| f64::from(u8::from(right))).or(label.as_f64());
                    let value = value.ok_or_else(wanted)? as f32;
                    known.push((answer.len().saturating_sub(1), value));
                }
                Ok(Valued::new(name, &self.tokens.encode_text(prompt), &answer, &known))
            }
            _ => Err(wanted().into()),
        }
    }

    /// A row has one answer to learn, or several where each has to be learned after a prompt of
    /// its own.
    fn imitated(&self, name: &str, line: Line) -> Outcome<Vec<Stream>> {
        let tools = line.tools.as_deref();
        match (line.messages, line.prompt, line.completion, line.text) {
            (Some(messages), None, None, None) => {
                let lessons = self.tokens.encode_lessons(&messages.conversation(tools)?)?;
                if lessons.is_empty() {
                    return Err(TrainerFault::UnclearLine { wanted: "a message of the assistant" }.into());
                }
                let stream = |(tokens, own): (Vec<u32>, Vec<bool>)| {
                    let last = own.iter().rposition(|&own| own).map(|last| tokens[last]);
                    self.refuse_endless(last)?;
                    let weights = own.iter().map(|&own| f32::from(u8::from(own))).collect();
                    Ok(Stream::weighted(name, tokens, weights))
                };
                lessons.into_iter().map(stream).collect()
            }
            (None, Some(prompt), Some(completion), None) => {
                let (context, answer) = self.answered(&prompt, &completion, tools)?;
                Ok(vec![Stream::new(name, &context, &answer, 1.0)])
            }
            (None, None, None, Some(text)) => Ok(vec![Stream::new(name, &[], &self.tokens.encode_whole(&text), 1.0)]),
            _ => Err(needed(LessonKind::Stream).into()),
        }
    }

    /// A template that writes no end token after an answer would teach never to end.
    fn refuse_endless(&self, last: Option<u32>) -> Result<(), TrainerFault> {
        match last {
            Some(last) if self.tokens.is_end(last) => Ok(()),
            _ => Err(TrainerFault::Endless),
        }
    }

    /// A prompt by itself: a text, or a conversation that the model is to answer.
    fn prompt(&self, prompt: &TextOrMessages, tools: Option<&RawValue>) -> Outcome<Vec<u32>> {
        match prompt {
            TextOrMessages::Text(text) => Ok(self.tokens.encode_text(text)),
            messages => self.tokens.encode_prompt(&messages.conversation(tools)?, &Ask::answer()),
        }
    }

    /// A prompt and its answer: both texts, which no template touches, or both conversations.
    fn answered(
        &self,
        prompt: &TextOrMessages,
        answer: &TextOrMessages,
        tools: Option<&RawValue>,
    ) -> Outcome<Answered> {
        match (prompt, answer) {
            (TextOrMessages::Text(prompt), TextOrMessages::Text(answer)) => {
                Ok((self.tokens.encode_text(prompt), self.tokens.encode_answer(answer)))
            }
            (TextOrMessages::Messages(asked), TextOrMessages::Messages(answer)) => {
                let context = self.prompt(prompt, tools)?;
                let whole = prompt.followed_by(answer).conversation(tools)?;
                let (whole, own) = match answer.as_slice() {
                    [_] => self.tokens.encode_last_answer(&whole)?,
                    _ => self.tokens.encode_conversation(&whole, &Ask::default())?,
                };
                // What a template writes after the end of a turn is nobody's.
                let end = own.iter().rposition(|&own| own).map_or(0, |last| last + 1);
                let start = match (whole[..end].starts_with(&context), answer.len(), asked.len()) {
                    (true, ..) => context.len(),
                    // A prompt that ends with more than its answer begins with: the two part where the answer begins.
                    (false, 1, 1..) => own.iter().position(|&own| own).unwrap_or(end),
                    _ => return Err(TrainerFault::Unfaithful.into()),
                };
                match whole[start..end].last() {
                    Some(&last) => {
                        self.refuse_endless(Some(last))?;
                        Ok((whole[..start].to_vec(), whole[start..end].to_vec()))
                    }
                    None => Err(TrainerFault::Unfaithful.into()),
                }
            }
            _ => {
                Err(TrainerFault::UnclearLine { wanted: "a prompt and answers of one kind, texts or messages," }.into())
            }
        }
    }
}

/// Prompt, chosen and rejected answer. Two conversations without a prompt have what they share for
/// one.
fn sides(line: Line) -> Result<(TextOrMessages, TextOrMessages, TextOrMessages), TrainerFault> {
    match (line.prompt, line.chosen, line.rejected) {
        (Some(prompt), Some(chosen), Some(rejected)) => Ok((prompt, chosen, rejected)),
        (None, Some(chosen @ TextOrMessages::Text(_)), Some(rejected @ TextOrMessages::Text(_))) => {
            Ok((TextOrMessages::Text(String::new()), chosen, rejected))
        }
        (None, Some(TextOrMessages::Messages(chosen)), Some(TextOrMessages::Messages(rejected))) => {
            let shared = shared(&chosen, &rejected);
            let behind = |messages: &[String]| TextOrMessages::Messages(messages[shared..].to_vec());
            Ok((TextOrMessages::Messages(chosen[..shared].to_vec()), behind(&chosen), behind(&rejected)))
        }
        _ => Err(needed(LessonKind::Pair)),
    }
}

/// A record of where an answer first goes wrong, as steps with a label each: right before it, wrong
/// from it on. It is `steps` with `input` and `mistake_index` (null where nothing is wrong:
/// BIG-Bench Mistake), or with `problem` and `label` (-1 there: ProcessBench). Any other line stays
/// as it is.
fn to_first_error(line: Line) -> Result<Line, TrainerFault> {
    let wanted = || needed(LessonKind::Valued);
    let Some(steps) = line.steps else { return Ok(line) };
    let Line { input, problem, mistake_index, label, .. } = line;
    let first = match (&input, &problem, mistake_index, label) {
        (Some(_), None, Some(Value::Null), None) => None,
        (Some(_), None, Some(first), None) => Some(first.as_u64().ok_or_else(wanted)? as usize),
        (None, Some(_), None, Some(first)) => match first.as_i64().ok_or_else(wanted)? {
            -1 => None,
            first => Some(usize::try_from(first).map_err(|_| wanted())?),
        },
        _ => return Err(wanted()),
    };
    if first.is_some_and(|first| first >= steps.len()) {
        return Err(wanted());
    }
    let labels = (0..steps.len()).map(|step| Value::from(first.is_none_or(|first| step < first))).collect();
    Ok(Line { prompt: input.or(problem), completions: Some(steps), labels: Some(labels), ..Line::default() })
}

fn needed(kind: LessonKind) -> TrainerFault {
    let wanted = match kind {
        LessonKind::Stream | LessonKind::Viewed => "exactly one of `messages`, `prompt` with `completion`, and `text`",
        LessonKind::Pair => "`chosen` and `rejected`, with `prompt` or whole",
        LessonKind::Judged => "`prompt`, `completion` and `label` (true or false)",
        LessonKind::Rollout => "`prompt`, `completions` and `rewards`, a number for each",
        LessonKind::Valued => {
            "`prompt`, `completions` (steps) and `labels`, one for each, or `completion` and `value`; or `steps` with `input` and \
             `mistake_index`, or with `problem` and `label`, a step's number from 0"
        }
    };
    TrainerFault::UnclearLine { wanted }
}

/// Answers without recorded log-probabilities are taken to be the model's own samples: they are
/// scored before the first step.
pub(super) fn ungraded(lessons: &mut [Lesson], model: &Model, progress: &dyn Progress) -> Outcome<()> {
    let rollouts = || {
        lessons.iter().filter_map(|lesson| match lesson {
            Lesson::Rollout(rollout) => Some(rollout),
            _ => None,
        })
    };
    let context = |rollout: &Rollout| rollout.stream.weights.iter().take_while(|&&weight| weight == 0.0).count();
    let items: Vec<(&[u32], &[u32])> =
        rollouts().map(|rollout| rollout.stream.tokens.split_at(context(rollout))).collect();
    if items.is_empty() {
        return Ok(());
    }
    let scores = model.policy(1).score(&items, progress)?;
    let own = lessons.iter_mut().filter_map(|lesson| match lesson {
        Lesson::Rollout(rollout) => Some(rollout),
        _ => None,
    });
    for (rollout, scores) in own.zip(scores) {
        let from = rollout.behaviour.len() - scores.len();
        rollout.behaviour[from..].copy_from_slice(&scores);
    }
    Ok(())
}
