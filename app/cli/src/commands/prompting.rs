//! Flags that say how the questions of a data file are put.

use std::path::{Path, PathBuf};

use clap::Args;
use faults::Outcome;
use prompts::Template;
use sources::Prompting;
use sources::prompting::{Extract, FewShot, Take};

use crate::fault::CliFault;

/// How the questions of a data file are put to a model, and what of its answers is judged.
#[derive(Args, Clone, Debug)]
pub(crate) struct Asking {
    /// A system prompt: a text, or a file that holds it.
    #[arg(long, value_name = "TEXT|FILE")]
    pub(crate) system: Option<String>,
    /// Show N solved questions before the one that is asked: of another file, or the first of the
    /// data file's training part, which are then not asked. They are earlier turns of the chat; in
    /// one text they stand as `Question: …`, `Answer: …`.
    #[arg(long, value_name = "N|FILE|FILE:N")]
    pub(crate) few_shot: Option<FewShot>,
    /// What is asked, in Jinja over a record's columns; `asked` is the question as it is without a
    /// template.
    #[arg(long, value_name = "FILE")]
    pub(crate) template: Option<PathBuf>,
    /// Judge what this regular expression matches last in an answer (its first group, if it has
    /// one), and nothing else.
    #[arg(long, value_name = "REGEX")]
    pub(crate) extract: Option<String>,
    /// The same with the first match.
    #[arg(long, value_name = "REGEX", conflicts_with = "extract")]
    pub(crate) extract_first: Option<String>,
    /// Everything in one text that the answer continues, without the model's chat template.
    #[arg(long)]
    pub(crate) as_text: bool,
}

impl Asking {
    /// What was typed, with the files read.
    pub(crate) fn read(&self) -> Outcome<Prompting> {
        let extract = match (&self.extract, &self.extract_first) {
            (Some(pattern), _) => Some(Extract::new(pattern, Take::Last)?),
            (None, Some(pattern)) => Some(Extract::new(pattern, Take::First)?),
            (None, None) => None,
        };
        Ok(Prompting {
            system: self.system_text()?,
            few_shot: self.few_shot.clone(),
            template: self.template_text()?.map(Template::new).transpose()?,
            as_text: self.as_text,
            extract,
        })
    }

    /// The same as settings of a recipe's table `prompt`, for which the flags are short.
    pub(crate) fn settings(&self) -> Outcome<Vec<String>> {
        // what JSON writes as a text is one in TOML too
        let said = |key: &str, text: String| format!("prompt.{key}={}", serde_json::json!(text));
        let mut settings = Vec::new();
        settings.extend(self.system_text()?.map(|text| said("system", text)));
        settings.extend(self.template_text()?.map(|text| said("template", text)));
        if let Some(FewShot { from, count }) = &self.few_shot {
            settings.extend(from.as_ref().map(|file| said("few_shot_from", file.to_string_lossy().into_owned())));
            settings.extend(count.map(|count| format!("prompt.few_shot={count}")));
        }
        settings.extend(self.extract.as_ref().or(self.extract_first.as_ref()).map(|p| said("extract", p.clone())));
        settings.extend(self.extract_first.as_ref().map(|_| "prompt.extract_first=true".to_owned()));
        settings.extend(self.as_text.then(|| "prompt.as_text=true".to_owned()));
        Ok(settings)
    }

    /// The system prompt, read where a file is named.
    pub(crate) fn system_text(&self) -> Outcome<Option<String>> {
        let read = |said: &String| match Path::new(said).is_file() {
            true => Ok(text(Path::new(said))?.trim_end().to_owned()),
            false => Ok(said.clone()),
        };
        self.system.as_ref().map(read).transpose()
    }

    /// The template's text.
    pub(crate) fn template_text(&self) -> Outcome<Option<String>> {
        Ok(self.template.as_deref().map(text).transpose()?)
    }
}

fn text(path: &Path) -> Result<String, CliFault> {
    std::fs::read_to_string(path).map_err(|source| CliFault::Output { path: path.to_owned(), source })
}
