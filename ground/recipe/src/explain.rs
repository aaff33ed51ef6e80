use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::wrap::wrap;
use crate::{Describe, Setting};

/// How wide the text is.
const WIDTH: usize = 100;

/// Everything a part says of itself, with the values it has in a recipe.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explained {
    /// Its name in recipes.
    pub name: &'static str,
    /// What it does.
    pub doc: String,
    /// The file that holds it.
    pub file: &'static str,
    /// Its version.
    pub version: u32,
    /// Its settings.
    pub settings: Vec<ExplainedSetting>,
}

/// One setting of an explained part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedSetting {
    /// The key in the recipe; of a setting in a shared table, `table.key`.
    pub name: String,
    /// What it does.
    pub doc: String,
    /// The value it has.
    pub value: Value,
    /// The value where a recipe says nothing.
    pub default: Value,
    /// Where the default comes from.
    pub source: &'static str,
    /// The range that values may be in, in words, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    /// Whether the recipe changed it.
    pub changed: bool,
}

/// Explains a part: its file and documentation, and every setting with value, default and source.
/// Of a table that parts share only what is not as it is for all of them: what this part has
/// another default for, and what the recipe changed.
pub fn explain_part(part: &dyn Describe) -> Explained {
    let values = part.values();
    let settings = part.settings().into_iter().flat_map(|setting| {
        let value = values.get(setting.name).cloned().unwrap_or_default();
        match setting.table.is_empty() {
            true => vec![explained(setting.name.to_owned(), &setting, value, setting.default.clone(), setting.source)],
            false => of_table(&setting, &value),
        }
    });
    Explained {
        name: part.name(),
        doc: paragraph(part.doc()),
        file: part.file(),
        version: part.version(),
        settings: settings.collect(),
    }
}

fn explained(name: String, setting: &Setting, value: Value, default: Value, source: &'static str) -> ExplainedSetting {
    let (doc, range) = (paragraph(setting.doc), setting.range.clone());
    ExplainedSetting { name, doc, changed: value != default, value, default, source, range }
}

/// The settings of a shared table that are not as they are for all parts.
fn of_table(table: &Setting, values: &Value) -> Vec<ExplainedSetting> {
    let of = |values: &Value, name: &str| values.get(name).cloned().unwrap_or_default();
    let own = |inner: &Setting| {
        let (value, default) = (of(values, inner.name), of(&table.default, inner.name));
        let source = if default == inner.default { inner.source } else { table.source };
        let own = value != inner.default || default != inner.default;
        own.then(|| explained(format!("{}.{}", table.name, inner.name), inner, value, default, source))
    };
    table.table.iter().filter_map(own).collect()
}

/// Doc comments joined into paragraphs: single line breaks are where the author's editor wrapped.
fn paragraph(doc: &str) -> String {
    let lines: Vec<&str> = doc.lines().map(str::trim).collect();
    let paragraphs = lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty());
    paragraphs.map(|lines| lines.join(" ")).collect::<Vec<_>>().join("\n")
}

/// ```text
/// sample                                                             engine/attempt/src/sample.rs
///     Several independent answers per task.
///
///   * per_task    = 64   Answers per task. (default 16: ours)
///     temperature = 1.0  Softmax temperature; 0 is greedy. (ours)
/// ```
impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gap = WIDTH.saturating_sub(self.name.chars().count() + self.file.chars().count()).max(2);
        writeln!(f, "{}{}{}", self.name, " ".repeat(gap), self.file)?;
        write!(f, "{}", indented(&self.doc, 4))?;
        let equations = self.equations();
        let widest = equations.iter().map(|text| text.chars().count()).filter(|&width| width <= 32).max().unwrap_or(0);
        for (index, (setting, equation)) in self.settings.iter().zip(&equations).enumerate() {
            if index == 0 {
                writeln!(f)?;
            }
            setting.write(f, equation, widest)?;
        }
        Ok(())
    }
}

impl Explained {
    /// `name = value`, the equals signs below each other.
    fn equations(&self) -> Vec<String> {
        let widest = self.settings.iter().map(|setting| setting.name.len()).max().unwrap_or(0);
        self.settings.iter().map(|s| format!("{:widest$} = {}", s.name, plain_value(&s.value))).collect()
    }
}

impl ExplainedSetting {
    /// One setting: `equation` padded to `widest`, then its documentation beside it, or below it if
    /// there is no room.
    fn write(&self, f: &mut fmt::Formatter<'_>, equation: &str, widest: usize) -> fmt::Result {
        let mark = if self.changed { '*' } else { ' ' };
        let text = indented(&format!("{} ({})", self.doc, self.origin()), 6 + widest);
        if equation.chars().count() > widest {
            return write!(f, "  {mark} {}{text}", broken(equation));
        }
        write!(f, "  {mark} {equation:widest$}{}", &text[4 + widest..])
    }

    fn origin(&self) -> String {
        let range = self.range.iter().map(|range| format!("{range}; ")).collect::<String>();
        match self.changed {
            true => format!("{range}default {}: {}", plain_value(&self.default), self.source),
            false => range + self.source,
        }
    }
}

/// `name = value`; a table of many settings takes several lines, each below the value's beginning.
fn broken(equation: &str) -> String {
    let value = equation.find(" = {").map_or(equation.len(), |at| at + 3);
    let (name, value) = equation.split_at(value);
    let hang = 4 + name.chars().count();
    let lines = wrap(value, WIDTH.saturating_sub(hang)).join(&format!("\n{}", " ".repeat(hang)));
    format!("{name}{lines}\n")
}

fn indented(text: &str, by: usize) -> String {
    let lines = text.lines().flat_map(|line| wrap(line, WIDTH.saturating_sub(by)));
    lines.map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
}

/// A value as a recipe would have it. Settings are often 32-bit floats: 1e-5, not
/// 9.999999747378752e-6.
pub fn plain_value(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Number(number) if number.is_f64() => number.as_f64().map(plain_float).unwrap_or_default(),
        Value::Array(items) => format!("[{}]", items.iter().map(plain_value).collect::<Vec<_>>().join(", ")),
        Value::Object(object) if object.is_empty() => "{}".to_owned(),
        Value::Object(object) => {
            let entries = object.iter().map(|(key, value)| format!("{key} = {}", plain_value(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        leaf => leaf.to_string(),
    }
}

fn plain_float(number: f64) -> String {
    let short = number as f32;
    if f64::from(short) == number { format!("{short:?}") } else { format!("{number:?}") }
}
