//! Chat templates: a conversation as the text that a model was trained on.
//!
//! Templates are Jinja, kept in a model folder, and rendered as `transformers` renders them
//! (`apply_chat_template`). They are untrusted files: work, depth and output are bounded.

mod bounds;
mod conversation;
mod files;
mod generation;
mod growth;
mod history;
mod integers;
mod json;
mod mask;
mod output;
mod python;

use std::fmt::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;
use chrono::format::StrftimeItems;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value, context};

pub use conversation::Conversation;
pub(crate) use files::ChatFiles;
pub use history::History;

use crate::fault::TokensFault;
use generation::{BEGIN, END, MARKERS, with_marks};
use output::Bounded;

/// Instructions of the template engine that one rendering may take: thousands of turns fit, endless
/// loops do not.
const FUEL: u64 = 20_000_000;
/// Depth of macros that call macros.
const DEPTH: usize = 64;
/// Longest text that a template may make, in bytes.
const LONGEST: usize = 64 << 20;
/// The name under which the environment knows the template.
const NAME: &str = "chat_template";

/// A chat template with the special tokens that it may name.
#[derive(Clone)]
pub struct ChatTemplate {
    environment: Arc<Environment<'static>>,
    source: String,
    specials: Value,
    marked: bool,
}

impl fmt::Debug for ChatTemplate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ChatTemplate").field("source", &self.source).finish_non_exhaustive()
    }
}

/// A conversation as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// The stretches of it, in bytes, that the template itself says the assistant writes
    /// (`{% generation %}`).
    pub own: Vec<Range<usize>>,
}

/// What is asked of a rendering beside the conversation.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// End with what makes the model answer.
    pub add_generation_prompt: bool,
    /// The last message is to be continued: end right after its content.
    pub continue_final_message: bool,
    /// More variables of the template, such as `enable_thinking`.
    pub variables: Vec<(String, Value)>,
}

impl Ask {
    /// The prompt of an answer.
    pub fn answer() -> Ask {
        Ask { add_generation_prompt: true, ..Ask::default() }
    }

    /// With a variable of the template set, from its JSON.
    pub fn with(mut self, name: &str, json: &serde_json::Value) -> Ask {
        self.variables.push((name.to_owned(), Value::from_serialize(json)));
        self
    }
}

impl ChatTemplate {
    /// A template, with the special tokens it may name (`bos_token`, `eos_token`, …).
    pub fn new(source: &str, specials: &[(String, String)]) -> Result<ChatTemplate, TokensFault> {
        bounds::check(source)?;
        let (marked_source, marked) = with_marks(source);
        let marked_source = growth::watched(&marked_source);
        let mut environment = Environment::new();
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_undefined_behavior(UndefinedBehavior::Lenient);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(DEPTH);
        environment.set_unknown_method_callback(bounds::method);
        environment.set_formatter(python::write);
        environment.add_filter("tojson", json::tojson);
        python::add_filters(&mut environment);
        bounds::add_filters(&mut environment);
        growth::add(&mut environment);
        environment.add_function("raise_exception", raise_exception);
        environment.add_function("strftime_now", strftime_now);
        for (name, mark) in MARKERS {
            environment.add_template(name, mark).map_err(|error| fault(&error))?;
        }
        environment.add_template_owned(NAME, marked_source).map_err(|error| fault(&error))?;
        let specials = specials.iter().map(|(name, token)| (name.clone(), Value::from(token.clone()))).collect();
        Ok(ChatTemplate { environment: Arc::new(environment), source: source.to_owned(), specials, marked })
    }

    /// The template's text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the template says itself what the assistant writes.
    pub fn marks_own_text(&self) -> bool {
        self.marked
    }

    /// The conversation as text.
    pub fn render(&self, conversation: &Conversation, ask: &Ask) -> Result<Rendered, TokensFault> {
        let conversation = if ask.continue_final_message { &conversation.open_ended()? } else { conversation };
        let variables: Value = ask.variables.iter().cloned().collect();
        let asked = context! {
            messages => conversation.messages(),
            tools => conversation.tools(),
            documents => (), // as transformers: none
            add_generation_prompt => ask.add_generation_prompt,
        };
        let given = context! { ..variables, ..context! { ..asked, ..self.specials.clone() } };
        let template = self.environment.get_template(NAME).map_err(|error| fault(&error))?;
        let mut out = Bounded::new(LONGEST);
        template.render_captured_to(given, &mut out).map_err(|error| fault(&error))?;
        let mut rendered = unmarked(&out.into_text());
        if ask.continue_final_message {
            rendered.text = conversation::until_tag(&rendered.text)?;
            let length = rendered.text.len();
            rendered.own.iter_mut().for_each(|own| own.end = own.end.min(length));
            rendered.own.retain(|own| own.start < own.end);
        }
        Ok(rendered)
    }
}

/// Takes the marks out of a text and says where they stood.
fn unmarked(marked: &str) -> Rendered {
    let (mut text, mut own) = (String::with_capacity(marked.len()), Vec::new());
    let mut began = None;
    for letter in marked.chars() {
        match letter {
            BEGIN => began = Some(text.len()),
            END => own.extend(began.take().map(|start| start..text.len())),
            other => text.push(other),
        }
    }
    Rendered { text, own }
}

fn fault(error: &minijinja::Error) -> TokensFault {
    // What a template says through `raise_exception` is in the detail; the chain says where.
    let mut why = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        why = format!("{why}: {deeper}");
        cause = deeper.source();
    }
    match error.kind() {
        ErrorKind::OutOfFuel => TokensFault::TemplateTooMuch { what: "it does not come to an end" },
        ErrorKind::WriteFailure => TokensFault::TemplateTooMuch { what: "its text has no end" },
        _ => TokensFault::Template(why),
    }
}

fn raise_exception(message: String) -> Result<Value, minijinja::Error> {
    Err(minijinja::Error::new(ErrorKind::InvalidOperation, message))
}

/// The day that templates are told it is. A template that asks for the date would make runs of
/// different days differ, so every conversation takes place on the day that Llama 3's template
/// falls back to.
const TODAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(2024, 7, 26);

fn strftime_now(format: String) -> Result<String, minijinja::Error> {
    let unknown = || {
        let why = format!("strftime_now: `{format}` asks for what a date does not have");
        minijinja::Error::new(ErrorKind::InvalidOperation, why)
    };
    let items = StrftimeItems::new(&format).parse().map_err(|_| unknown())?;
    let midnight = TODAY.and_then(|day| day.and_hms_opt(0, 0, 0)).ok_or_else(unknown)?;
    let mut text = String::new();
    // Time zones are known to be unknown only when they are written.
    write!(text, "{}", midnight.format_with_items(items.iter())).map_err(|_| unknown())?;
    Ok(text)
}
