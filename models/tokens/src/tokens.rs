//! A tokenizer with what a model needs beside it: special tokens, chat template, pictures' places.
//!
//! The library that encodes is Hugging Face's, since token ids have to be the model's own. What is
//! added here is safety and identity. A `tokenizer.json` that is not trusted is bounded before the
//! library parses it (`limits`); a tokenizer that cannot take every text is found out once, when it
//! is opened, instead of in the middle of a run ([`PROBE`]); files are kept as bytes, so that a
//! saved model has the tokenizer it came with; and an answer is only ever decoded, never encoded
//! again, because its text can have other tokens than those that were drawn.
use std::path::Path;
use std::sync::Arc;

use faults::Outcome;
use nouns::{Content, Part, Role, See, Stream, Turn, Vocabulary};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokenizers::Tokenizer;

use crate::chat::{Ask, ChatFiles, ChatTemplate, Conversation, Rendered};
use crate::fault::TokensFault;
use crate::limits;
use crate::read::read_bounded;
use crate::special::{BEGINS, ENDS, PADS, UNKNOWNS};
use crate::vocabulary;

/// A letter that no language uses: a tokenizer that can take it can take any text.
const PROBE: &str = "\u{10fffd}";

/// Why encoding cannot fail: the probe was taken when the tokenizer was.
const PROBED: &str = "a tokenizer that takes the probe takes every text";

/// A tokenizer, with the special tokens that a model needs.
#[derive(Clone, Debug)]
pub struct Tokens {
    tokenizer: Tokenizer,
    /// The file as it was read or made: saved again, it is the same file.
    json: String,
    begin: Option<u32>,
    pad: Option<u32>,
    unknown: Option<u32>,
    /// Tokens that end an answer; the first is the one that is taught.
    ends: Vec<u32>,
    /// How conversations become text; without one, turns are joined as they are.
    chat: Option<ChatTemplate>,
    /// The files that came beside `tokenizer.json`, to be saved again unchanged.
    beside: Vec<(String, Vec<u8>)>,
    /// What stands for pictures, if the model sees.
    vision: Option<Arc<dyn See>>,
}

impl Tokens {
    /// The tokenizer of a small world's words: ids 0 to 3 are `<pad> <bos> <eos> <unk>`, then every
    /// word in order.
    pub fn of_vocabulary(vocabulary: &Vocabulary) -> Outcome<Tokens> {
        let tokenizer = vocabulary::tokenizer(vocabulary).map_err(unreadable)?;
        let json = tokenizer.to_string(true).map_err(unreadable)?;
        Ok(Tokens::new(tokenizer, json, Vec::new())?)
    }

    /// The tokenizer of a `tokenizer.json`.
    pub fn from_bytes(tokenizer_json: &[u8]) -> Outcome<Tokens> {
        let json = std::str::from_utf8(tokenizer_json).map_err(|error| TokensFault::Unreadable(error.to_string()))?;
        let tokenizer = parsed(tokenizer_json)?;
        Ok(Tokens::new(tokenizer, json.to_owned(), Vec::new())?)
    }

    /// The tokenizer of a model folder: `tokenizer.json`, its chat template if there is one, and
    /// what the folder's configuration says of tokens that end an answer. Or that of a GGUF file.
    pub fn from_folder(folder: &Path) -> Outcome<Tokens> {
        if gguf::is_gguf(folder) {
            return Tokens::from_gguf(&gguf::Gguf::open(folder)?);
        }
        let path = folder.join("tokenizer.json");
        let missing = || TokensFault::Unreadable(format!("{} is missing", path.display()));
        let bytes = read_bounded(&path)?.ok_or_else(missing)?;
        let found = ChatFiles::of(folder)?;
        let json = String::from_utf8(bytes).map_err(|error| TokensFault::Unreadable(error.to_string()))?;
        let tokenizer = parsed(json.as_bytes())?;
        Ok(Tokens::with_files(tokenizer, json, found)?)
    }

    /// The tokenizer of a GGUF file.
    pub fn from_gguf(file: &gguf::Gguf) -> Outcome<Tokens> {
        let mut texts: Vec<(String, Vec<u8>)> =
            file.texts()?.into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
        let missing = || TokensFault::Unreadable("the file has no tokenizer".into());
        let own = texts.iter().position(|(name, _)| name == "tokenizer.json").ok_or_else(missing)?;
        let json =
            String::from_utf8(texts.swap_remove(own).1).map_err(|error| TokensFault::Unreadable(error.to_string()))?;
        let tokenizer = parsed(json.as_bytes())?;
        Ok(Tokens::with_files(tokenizer, json, ChatFiles::of_texts(&texts)?)?)
    }

    /// A tokenizer with what a folder says of it. The token that ends an answer is, in this order,
    /// the template's end of turn, what the configuration names, and what published tokenizers call
    /// it.
    fn with_files(tokenizer: Tokenizer, json: String, found: ChatFiles) -> Result<Tokens, TokensFault> {
        let named = |key: &str| found.specials.get(key).and_then(|name| tokenizer.token_to_id(name));
        let (begin, pad, eos) = (named("bos_token"), named("pad_token"), named("eos_token"));
        let of_turn = found.template.as_ref().and_then(|template| end_of_turn(&tokenizer, template));
        let mut ends: Vec<u32> = Vec::new();
        for end in of_turn.into_iter().chain(found.ends).chain(eos) {
            if !ends.contains(&end) {
                ends.push(end);
            }
        }
        let tokens = Tokens::new(tokenizer, json, ends)?;
        let (begin, pad) = (begin.or(tokens.begin), pad.or(tokens.pad));
        Ok(Tokens { begin, pad, chat: found.template, beside: found.files, ..tokens })
    }

    fn new(mut tokenizer: Tokenizer, json: String, mut ends: Vec<u32>) -> Result<Tokens, TokensFault> {
        // A file may ask for padding or truncation; either would change what is taught.
        tokenizer.with_padding(None).with_truncation(None).map_err(unreadable)?;
        guarded(|| tokenizer.encode(PROBE, true).map(drop))?;
        let ids =
            |names: &[&str]| -> Vec<u32> { names.iter().filter_map(|name| tokenizer.token_to_id(name)).collect() };
        let first = |names: &[&str]| ids(names).first().copied();
        let (begin, pad, unknown) = (first(BEGINS), first(PADS), first(UNKNOWNS));
        let published: Vec<u32> = ids(ENDS).into_iter().filter(|id| !ends.contains(id)).collect();
        ends.extend(published);
        if ends.is_empty() {
            return Err(TokensFault::NoEnd { known: ENDS });
        }
        Ok(Tokens { tokenizer, json, begin, pad, unknown, ends, chat: None, beside: Vec::new(), vision: None })
    }

    /// The files of a model folder that make this tokenizer, by name: those it was read from,
    /// unchanged, or those with which `transformers` loads the tokenizer of a small world.
    pub fn to_files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = vec![("tokenizer.json".to_owned(), self.json.clone().into_bytes())];
        match self.beside.is_empty() {
            true => files.push(("tokenizer_config.json".into(), self.tokenizer_config_json().into_bytes())),
            false => files.extend(self.beside.clone()),
        }
        files
    }

    /// The chat template, if there is one.
    pub fn chat(&self) -> Option<&ChatTemplate> {
        self.chat.as_ref()
    }

    /// The same without its chat template: turns are joined as they are.
    #[must_use]
    pub fn without_chat(self) -> Tokens {
        Tokens { chat: None, ..self }
    }

    /// The `tokenizer.json`: the bytes it was read from, or the same bytes for the same vocabulary.
    pub fn to_json(&self) -> String {
        self.json.clone()
    }

    /// A `tokenizer_config.json` with which `transformers` loads the tokenizer and names its
    /// special tokens.
    pub fn tokenizer_config_json(&self) -> String {
        let name = |id: Option<u32>| id.and_then(|id| self.tokenizer.id_to_token(id)).map_or(Value::Null, Value::from);
        let config = json!({
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": name(self.begin),
            "eos_token": name(Some(self.end_id())),
            "pad_token": name(self.pad),
            "unk_token": name(self.unknown),
            "clean_up_tokenization_spaces": false, // else ` :` would be glued to the word before it
            "model_input_names": ["input_ids", "attention_mask"],
        });
        format!("{config:#}\n")
    }

    /// The same for a model that sees: what stands for pictures.
    pub fn seeing(self, vision: Arc<dyn See>) -> Tokens {
        Tokens { vision: Some(vision), ..self }
    }

    /// Whether pictures can be shown to the model.
    pub fn sees(&self) -> bool {
        self.vision.is_some()
    }

    /// A context, ready for its answer: what the chat template makes of the turns, or, without one,
    /// the begin token, if the tokenizer has one, and each turn's parts in order. Tokens are taken
    /// as they are, pictures are the rows that the model sees. What cannot be shown to this model
    /// (a picture, if it does not see; actions, numbers) is an error that names it.
    pub fn encode_context(&self, context: &[Turn]) -> Outcome<Vec<u32>> {
        match &self.chat {
            Some(template) => self.encode_turns(template, context),
            None => self.encode_joined(context),
        }
    }

    /// The tokens of a part that is not text; tools are the template's to show.
    fn ready(&self, part: &Part) -> Outcome<Option<Vec<u32>>> {
        match (part, &self.vision) {
            (Part::Text(_) | Part::Tools(_), _) => Ok(None),
            (Part::Tokens(ids), _) => Ok(Some(ids.clone())),
            (Part::Image(_) | Part::Frames(_) | Part::Mask(_), Some(vision)) => {
                let rows: Vec<_> = part.images().iter().map(|image| vision.rows(image)).collect::<Outcome<_>>()?;
                Ok(Some(rows.concat()))
            }
            _ => Err(TokensFault::CannotSee { what: part.to_string(), picture: !part.images().is_empty() }.into()),
        }
    }

    /// Turns through a template. Parts that are tokens already are stood in for by a word while it
    /// renders.
    fn encode_turns(&self, template: &ChatTemplate, context: &[Turn]) -> Outcome<Vec<u32>> {
        self.splice(&rendered(template, context)?, 0, context)
    }

    /// A text's tokens, with those of the turns' parts that are not text in the places that stand
    /// for them, the first of which has this number.
    fn splice(&self, text: &str, first: usize, turns: &[Turn]) -> Outcome<Vec<u32>> {
        let parts = turns.iter().flat_map(|turn| &turn.content.0);
        let pieces: Vec<_> = parts.filter_map(|part| self.ready(part).transpose()).collect::<Outcome<_>>()?;
        let (mut tokens, mut rest) = (Vec::new(), text);
        for (number, piece) in pieces.into_iter().enumerate() {
            let (before, after) = rest.split_once(place(first + number).as_str()).ok_or_else(lost)?;
            tokens.extend(self.encode(before, false));
            tokens.extend(piece);
            rest = after;
        }
        tokens.extend(self.encode(rest, false));
        Ok(tokens)
    }

    /// The tokens between an answer as it was drawn and the next: what ends its turn if it did not
    /// end itself, what is said then, and what asks for the next answer. `context` is everything
    /// before the answer.
    ///
    /// The next context is the one before, the answer, and these: nothing is encoded again, and
    /// where the template would write the turns that are past differently (see
    /// [`crate::chat::History`]), they stay as they were. Of its rendering only what stands after
    /// the answer is taken; a template that leaves the answer out is refused.
    pub fn encode_between(&self, context: &[Turn], answer: &[u32], said: &[Turn]) -> Outcome<Vec<u32>> {
        let ended = answer.last().is_some_and(|&last| self.is_end(last));
        let Some(template) = &self.chat else {
            let end: Vec<u32> = (!ended).then(|| self.end_id()).into_iter().collect();
            return Ok([end, self.encode_parts(said)?].concat());
        };
        let answered = Turn { role: Role::Assistant, content: Content(vec![Part::Tokens(answer.to_vec())]) };
        let parts = context.iter().flat_map(|turn| &turn.content.0);
        let before = parts.filter(|part| !matches!(part, Part::Text(_) | Part::Tools(_))).count();
        let said = template.sayable(said);
        let text = rendered(template, &[context, &[answered], &said].concat())?;
        let (_, behind) = text.split_once(place(before).as_str()).ok_or_else(lost)?;
        let tokens = self.splice(behind, before + 1, &said)?;
        let twice = ended && tokens.first().is_some_and(|&first| self.is_end(first));
        Ok(tokens[usize::from(twice)..].to_vec())
    }

    /// A rendered conversation, and for each token whether the assistant wrote it. The begin token
    /// is the template's affair: none is added.
    pub fn encode_conversation(&self, conversation: &Conversation, ask: &Ask) -> Outcome<(Vec<u32>, Vec<bool>)> {
        let template = self.chat.as_ref().ok_or(TokensFault::NoTemplate)?;
        Ok(self.encode_rendered(&template.with_own_text(conversation, ask)?))
    }

    /// A rendered conversation alone: what the assistant wrote need not be told apart in it.
    pub fn encode_prompt(&self, conversation: &Conversation, ask: &Ask) -> Outcome<Vec<u32>> {
        let template = self.chat.as_ref().ok_or(TokensFault::NoTemplate)?;
        Ok(self.encode(&template.render(conversation, ask)?.text, false))
    }

    /// What there is to learn of a conversation: all of it, with each token that the assistant
    /// wrote; or, where the template writes earlier turns differently once they are past, each
    /// answer by itself after what its prompt was.
    pub fn encode_lessons(&self, conversation: &Conversation) -> Outcome<Vec<(Vec<u32>, Vec<bool>)>> {
        let template = self.chat.as_ref().ok_or(TokensFault::NoTemplate)?;
        let (ask, encode) = (Ask::default(), |rendered: &Rendered| self.encode_rendered(rendered));
        match template.with_own_text(conversation, &ask) {
            Ok(whole) => Ok(vec![encode(&whole)]),
            Err(TokensFault::NoMask { .. }) => {
                Ok(template.answers_apart(conversation, &ask)?.iter().map(encode).collect())
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// A conversation whose last message is the answer to those before it, with each token of that
    /// answer.
    pub fn encode_last_answer(&self, conversation: &Conversation) -> Outcome<(Vec<u32>, Vec<bool>)> {
        let template = self.chat.as_ref().ok_or(TokensFault::NoTemplate)?;
        Ok(self.encode_rendered(&template.last_answer(conversation, &Ask::default())?))
    }

    fn encode_rendered(&self, rendered: &Rendered) -> (Vec<u32>, Vec<bool>) {
        let encoding = self.tokenizer.encode(rendered.text.as_str(), false).expect(PROBED);
        let own = |&(from, to): &(usize, usize)| rendered.own.iter().any(|own| from < own.end && to > own.start);
        let mut mask: Vec<bool> = encoding.get_offsets().iter().map(own).collect();
        self.close_turns(encoding.get_ids(), &mut mask);
        (encoding.get_ids().to_vec(), mask)
    }

    /// A turn is taught up to its end token: the line end that a template writes after it is not
    /// part of the turn.
    fn close_turns(&self, ids: &[u32], mask: &mut [bool]) {
        let mut ended = false;
        for (&id, own) in ids.iter().zip(mask) {
            ended &= *own;
            *own &= !ended;
            ended |= *own && self.is_end(id);
        }
    }

    /// A text's tokens, with what the tokenizer itself puts before and after texts.
    pub fn encode_text(&self, text: &str) -> Vec<u32> {
        self.encode(text, true)
    }

    /// A text's tokens and nothing else.
    pub fn encode_fragment(&self, text: &str) -> Vec<u32> {
        self.encode(text, false)
    }

    fn encode_joined(&self, context: &[Turn]) -> Outcome<Vec<u32>> {
        let mut tokens = self.encode("", true);
        tokens.extend(self.encode_parts(context)?);
        Ok(tokens)
    }

    fn encode_parts(&self, turns: &[Turn]) -> Outcome<Vec<u32>> {
        let mut tokens = Vec::new();
        for part in turns.iter().flat_map(|turn| &turn.content.0) {
            match part {
                Part::Text(text) => tokens.extend(self.encode(text, false)),
                other => tokens.extend(self.ready(other)?.unwrap_or_default()),
            }
        }
        Ok(tokens)
    }

    /// An answer: its tokens and the end token, which is not added to a text that ends with one.
    pub fn encode_answer(&self, text: &str) -> Vec<u32> {
        self.ended(self.encode(text, false))
    }

    /// A text by itself, as it is learned: what the tokenizer puts before texts, its tokens, and
    /// the end token unless it ends with one. No template touches it.
    pub fn encode_whole(&self, text: &str) -> Vec<u32> {
        self.ended(self.encode(text, true))
    }

    fn ended(&self, mut tokens: Vec<u32>) -> Vec<u32> {
        if !tokens.last().is_some_and(|&last| self.is_end(last)) {
            tokens.push(self.end_id());
        }
        tokens
    }

    /// The text of tokens, without special tokens. Of a small world: words joined by single spaces.
    pub fn decode(&self, tokens: &[u32]) -> String {
        // A decoder that cannot take these tokens is replaced by their spelling, so that nothing is lost unseen.
        self.tokenizer.decode(tokens, true).unwrap_or_else(|_| self.spellings(tokens).join(" "))
    }

    /// The token that ends an answer.
    pub fn end_id(&self) -> u32 {
        self.ends[0] // `new` refuses a tokenizer without one
    }

    /// Whether a token ends an answer: chat models have several.
    pub fn is_end(&self, token: u32) -> bool {
        self.ends.contains(&token)
    }

    /// The tokens that end an answer.
    pub fn end_ids(&self) -> &[u32] {
        &self.ends
    }

    /// The token that begins a context, if there is one.
    pub fn begin_id(&self) -> Option<u32> {
        self.begin
    }

    /// The token that fills, if there is one.
    pub fn pad_id(&self) -> Option<u32> {
        self.pad
    }

    /// How many rows an embedding table needs: one more than the largest id.
    pub fn vocabulary_size(&self) -> usize {
        let largest = self.tokenizer.get_vocab(true).into_values().max();
        largest.map_or(0, |id| id as usize + 1)
    }

    /// Whether the model knows every word of a text that someone typed; the error names the first
    /// that it does not.
    pub fn check_known(&self, text: &str) -> Outcome<()> {
        let encoding = self.tokenizer.encode(text, false).expect(PROBED);
        let words = encoding.get_ids().iter().zip(encoding.get_offsets());
        for (&id, &(from, to)) in words {
            let word = text.get(from..to).unwrap_or(text).to_owned();
            if Some(id) == self.unknown {
                return Err(TokensFault::UnknownWord { word, known: self.tokenizer.get_vocab_size(false) }.into());
            }
            if [self.begin, self.pad].contains(&Some(id)) || self.is_end(id) {
                return Err(TokensFault::Reserved { word }.into());
            }
        }
        Ok(())
    }

    /// Each token of a stream as people can read it, and whether it is taught.
    pub fn show_mask(&self, stream: &Stream) -> Vec<(String, bool)> {
        let taught = stream.weights.iter().map(|&weight| weight != 0.0);
        stream.tokens.iter().map(|&token| self.legible(token)).zip(taught).collect()
    }

    /// What a token says, with `·` for a space and `↵` for the end of a line; as it is spelled
    /// where it says nothing by itself, such as a part of a letter.
    fn legible(&self, token: u32) -> String {
        let spelled = self.spelling(token).unwrap_or_else(|| format!("<{token}?>"));
        let said = self.tokenizer.decode(&[token], false).unwrap_or_default();
        if said.is_empty() || said.contains('\u{fffd}') {
            return spelled;
        }
        // SentencePiece's decoder drops the space before a text's first word.
        let space = if spelled.starts_with('▁') && !said.starts_with(' ') { "·" } else { "" };
        format!("{space}{}", said.replace(' ', "·").replace('\n', "↵"))
    }

    /// A token as it is spelled in the vocabulary.
    pub fn spelling(&self, token: u32) -> Option<String> {
        self.tokenizer.id_to_token(token)
    }

    /// Each token as it is spelled in the vocabulary, special tokens included.
    fn spellings(&self, tokens: &[u32]) -> Vec<String> {
        let spelling = |&id: &u32| self.tokenizer.id_to_token(id).unwrap_or_else(|| format!("<{id}?>"));
        tokens.iter().map(spelling).collect()
    }

    fn encode(&self, text: &str, special: bool) -> Vec<u32> {
        self.tokenizer.encode_fast(text, special).expect(PROBED).get_ids().to_vec()
    }
}

/// The word that stands for a part that is tokens already, while a template renders it.
fn place(number: usize) -> String {
    format!("\u{f8e02}{number}\u{f8e03}")
}

fn lost() -> TokensFault {
    TokensFault::Template("it leaves out a part of the conversation that is tokens already".into())
}

/// Turns as text, ready for the next answer.
fn rendered(template: &ChatTemplate, turns: &[Turn]) -> Result<String, TokensFault> {
    let conversation = template.showing_tools(Conversation::of_turns(turns, place))?;
    Ok(template.render(&conversation, &Ask::answer())?.text)
}

/// The special token that a template writes first after an answer.
fn end_of_turn(tokenizer: &Tokenizer, template: &ChatTemplate) -> Option<u32> {
    let behind = template.end_of_turn()?;
    let id = *tokenizer.encode_fast(behind.trim(), false).ok()?.get_ids().first()?;
    tokenizer.get_added_tokens_decoder().get(&id).filter(|token| token.special).map(|_| id)
}

/// A tokenizer from the bytes of a file.
pub(crate) fn parsed(bytes: &[u8]) -> Result<Tokenizer, TokensFault> {
    serde_json::from_slice::<&RawValue>(bytes).map_err(|error| TokensFault::Unreadable(error.to_string()))?;
    limits::check(bytes)?;
    guarded(|| Tokenizer::from_bytes(bytes))
}

/// The library panics at some malformed files; for its caller that is an error like others.
pub(crate) fn guarded<T>(work: impl FnOnce() -> tokenizers::Result<T>) -> Result<T, TokensFault> {
    match faults::caught(work) {
        Some(result) => result.map_err(unreadable),
        None => Err(TokensFault::Unreadable("its parts contradict one another".to_owned())),
    }
}

pub(crate) fn unreadable(error: tokenizers::Error) -> TokensFault {
    TokensFault::Unreadable(error.to_string())
}

#[cfg(test)]
mod tests;
