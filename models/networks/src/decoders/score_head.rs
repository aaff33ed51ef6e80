//! A head that gives scores instead of tokens: reward models, process reward models, value models.

use serde_json::{Map, Value, json};

use crate::decoders::family::{Family, SEQUENCE, TOKEN};
use crate::fault::ModelFault;
use crate::linear::Linear;
use crate::weights::Builder;

/// Names its tensors: Hugging Face's in `…ForSequenceClassification` and `…ForTokenClassification`.
pub(crate) const SCORE: &str = "score";

/// The shape of a score head, and what the model is in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScoreHead {
    /// Scores per token.
    pub outputs: usize,
    /// Whether they have a bias.
    pub bias: bool,
    /// What the model is.
    pub kind: ScoreKind,
}

/// What a model with a score head is in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreKind {
    /// It scores whole sequences, by their last token, and has no head of tokens:
    /// `…ForSequenceClassification`.
    Sequence,
    /// It scores every token, and has no head of tokens: `…ForTokenClassification`.
    Token,
    /// It is a policy that has a score head too; its file is the policy's, with `score.weight`
    /// beside.
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
            return Err(ModelFault::Config(format!("{outputs} labels are no score head")));
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
