//! A head that gives scores instead of tokens: reward models, process reward models, value models.

use std::convert::Infallible;

use burn::tensor::{Device, Tensor};
use kernels::Precision;
use serde_json::{Map, Value, json};

use crate::families::Family;
use crate::weights::Builder;
use crate::{Config, Decoder, Linear, ModelFault};

/// Names its tensors: Hugging Face's in `…ForSequenceClassification` and `…ForTokenClassification`.
pub(crate) const SCORE: &str = "score";
/// What follows a family's stem in `architectures`.
const SEQUENCE: &str = "ForSequenceClassification";
const TOKEN: &str = "ForTokenClassification";

/// The shape of a head of scores, and what the model is in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScoreHead {
    /// Scores per token.
    pub outputs: usize,
    /// Whether they have a bias.
    pub bias: bool,
    /// What the model is.
    pub kind: ScoreKind,
}

/// What a model with a head of scores is in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreKind {
    /// It scores whole sequences, by their last token, and has no head of tokens: `…ForSequenceClassification`.
    Sequence,
    /// It scores every token, and has no head of tokens: `…ForTokenClassification`.
    Token,
    /// It is a policy that has a head of scores too; its file is the policy's, with `score.weight` beside.
    Beside,
}

impl ScoreHead {
    /// One score of a whole sequence: a reward model.
    pub const REWARD: ScoreHead = ScoreHead { outputs: 1, bias: false, kind: ScoreKind::Sequence };

    /// Scores of every token.
    pub fn per_token(outputs: usize) -> ScoreHead {
        ScoreHead { outputs, bias: true, kind: ScoreKind::Token }
    }

    /// One score of every token, beside the head of tokens: a policy's own value head.
    pub const VALUE: ScoreHead = ScoreHead { outputs: 1, bias: true, kind: ScoreKind::Beside };

    /// The head that `architectures` names, if it names one for this family.
    pub(crate) fn named(family: Family, json: &Map<String, Value>) -> Result<Option<ScoreHead>, ModelFault> {
        let named = json.get("architectures").and_then(|list| list[0].as_str()).unwrap_or_default();
        let kind = match named.strip_prefix(family.stem()) {
            Some(SEQUENCE) => ScoreKind::Sequence,
            Some(TOKEN) => ScoreKind::Token,
            _ => return Ok(None),
        };
        let labels = json.get("id2label").and_then(Value::as_object).map(Map::len);
        let counted = json.get("num_labels").and_then(Value::as_u64).map(|count| count as usize);
        // transformers' own default is two labels.
        let outputs = labels.or(counted).unwrap_or(2);
        if outputs == 0 || outputs > 1 << 16 {
            return Err(ModelFault::Config(format!("{outputs} labels are no head of scores")));
        }
        Ok(Some(ScoreHead { outputs, bias: kind == ScoreKind::Token, kind }))
    }

    /// What a `config.json` says of it.
    pub(crate) fn write(self, family: Family, json: &mut Map<String, Value>) {
        let suffix = match self.kind {
            ScoreKind::Sequence => SEQUENCE,
            ScoreKind::Token => TOKEN,
            ScoreKind::Beside => return,
        };
        json.insert("architectures".into(), json!([format!("{}{suffix}", family.stem())]));
        let names = |number: usize| (number.to_string(), format!("LABEL_{number}"));
        let by_number: Map<String, Value> =
            (0..self.outputs).map(names).map(|(number, name)| (number, name.into())).collect();
        let by_name: Map<String, Value> = (0..self.outputs).map(|n| (names(n).1, json!(n))).collect();
        // Labels that the file came with keep their names.
        if json.get("id2label").and_then(Value::as_object).map(Map::len) != Some(self.outputs) {
            json.insert("id2label".into(), by_number.into());
            json.insert("label2id".into(), by_name.into());
        }
    }

    pub(crate) fn build<E>(self, builder: &mut Builder<'_, E>, width: usize) -> Result<Linear, E> {
        Linear::build(builder, SCORE, SCORE.into(), [width, self.outputs], 1.0, self.bias)
    }
}

impl Family {
    /// What the names of its architectures begin with.
    fn stem(self) -> &'static str {
        match self {
            Family::Gemma3 => "Gemma3Text",
            Family::Gpt2 => "GPT2",
            other => other.architecture().strip_suffix("ForCausalLM").unwrap_or(other.architecture()),
        }
    }

    /// Whether this is one of the family's architectures.
    pub(crate) fn is_called(self, name: &str) -> bool {
        name == self.architecture() || [SEQUENCE, TOKEN].iter().any(|end| name == format!("{}{end}", self.stem()))
    }
}

impl Config {
    /// Whether the model has a head of tokens of its own: those that only score have none.
    pub(crate) fn has_token_head(&self) -> bool {
        !self.tie_word_embeddings && self.scores.is_none_or(|head| head.kind == ScoreKind::Beside)
    }
}

impl Decoder {
    /// The model with a head of scores, all of which are 0 at first; one that has such a head already keeps it. A model that
    /// only scores loses its head of tokens.
    pub fn with_scores(mut self, head: ScoreHead, device: &Device) -> Result<Decoder, ModelFault> {
        if let Some(own) = self.config.scores {
            return match own.outputs == head.outputs {
                true => Ok(self),
                false => Err(ModelFault::ScoreHead { found: own.outputs, wanted: head.outputs }),
            };
        }
        let zeros = &mut |wanted: &crate::weights::Wanted| Ok::<_, Infallible>(vec![0.0; wanted.shape.len()]);
        let Ok(score) = head.build(&mut Builder { device, values: zeros }, self.config.hidden_size);
        (self.config.scores, self.score) = (Some(head), Some(score));
        if !self.config.has_token_head() {
            self.head = None;
        }
        Ok(self)
    }

    /// The scores of every row: `hidden [rows, width]` to `[rows, outputs]`; none for a model without such a head.
    pub fn scores(&self, hidden: Tensor<2>) -> Option<Tensor<2>> {
        self.score.as_ref().map(|score| score.forward(hidden, Precision::F32))
    }
}
