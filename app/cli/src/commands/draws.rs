//! Flags that say how tokens are drawn.

use clap::Args;
use nouns::Sampling;

/// How tokens are drawn. What is not said is as the model's `generation_config.json` has it.
#[derive(Args, Debug)]
pub(crate) struct Draws {
    /// Take the likeliest token at every step (temperature 0).
    #[arg(long, conflicts_with_all = ["temperature", "top_k", "top_p", "min_p"])]
    greedy: bool,
    /// Softmax temperature; 0 is greedy. The defaults of this, --top-k, --top-p and --min-p are the
    /// model's generation_config.json, or greedy without one.
    #[arg(long, value_name = "T", value_parser = not_negative)]
    temperature: Option<f32>,
    /// Sample from the K likeliest tokens only; 0 keeps all.
    #[arg(long, value_name = "K")]
    top_k: Option<u32>,
    /// Sample from the likeliest tokens that together reach the probability P (nucleus); 1 keeps
    /// all.
    #[arg(long, value_name = "P", value_parser = share)]
    top_p: Option<f32>,
    /// Sample from tokens at least P times as likely as the likeliest; 0 keeps all.
    #[arg(long, value_name = "P", value_parser = share)]
    min_p: Option<f32>,
    /// Maximum number of new tokens.
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..))]
    max_tokens: u32,
    /// Minimum number of new tokens: until then the end token and stop texts are ignored.
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "among")]
    min_tokens: u32,
    /// End the answer once it contains this text, which stays in it. The text need not begin or
    /// end with a token. May be given several times.
    #[arg(long, value_name = "TEXT")]
    stop: Vec<String>,
    /// Constrain the answer to be one of these texts: `--among yes --among no`.
    #[arg(long, value_name = "TEXT", conflicts_with = "stop")]
    among: Vec<String>,
}

impl Draws {
    /// The settings, over the model's own.
    pub(crate) fn over(&self, own: &Sampling) -> Sampling {
        let own = if self.greedy { &Sampling { temperature: 0.0, ..Sampling::default() } } else { own };
        // Asking for a nucleus of a model that is greedy by default means to draw.
        let narrowed = self.top_k.is_some() || self.top_p.is_some() || self.min_p.is_some();
        let temperature = if narrowed && own.temperature == 0.0 { 1.0 } else { own.temperature };
        Sampling {
            temperature: self.temperature.unwrap_or(temperature),
            top_k: self.top_k.unwrap_or(own.top_k),
            top_p: self.top_p.unwrap_or(own.top_p),
            min_p: self.min_p.unwrap_or(own.min_p),
            max_tokens: self.max_tokens,
            min_tokens: self.min_tokens,
            stop: self.stop.clone(),
            among: self.among.clone(),
        }
    }
}

pub(crate) fn not_negative(text: &str) -> Result<f32, String> {
    let number: f32 = text.parse().map_err(|_| "it is not a number".to_owned())?;
    if number.is_finite() && number >= 0.0 { Ok(number) } else { Err("it must be 0 or more".into()) }
}

pub(crate) fn share(text: &str) -> Result<f32, String> {
    not_negative(text).and_then(|number| if number <= 1.0 { Ok(number) } else { Err("it must be at most 1".into()) })
}
