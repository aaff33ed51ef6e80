//! What a template does with turns that are past, and what it writes between an answer and the
//! next.

use nouns::{Role, Turn};

use super::{Ask, ChatTemplate, Conversation};
use crate::fault::TokensFault;

/// What a template does with turns that are past. What a model drew stays in its context as it was
/// drawn, whatever the template would write: so this says how far a conversation as it is played
/// differs from one that is rendered anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    /// Whether it writes an answer that is past as it asked for it: what it put before the answer
    /// stays there.
    pub keeps_prompts: bool,
    /// Whether thoughts (`<think>…</think>`) stay in answers that are past.
    pub keeps_thoughts: bool,
    /// Whether blanks at an answer's ends stay.
    pub keeps_blanks: bool,
    /// Whether it has a turn of its own for what a tool says; else that is said as the user's.
    pub has_tool_turns: bool,
}

impl History {
    /// What it does otherwise than to append, in sentences for people; none for a template that
    /// only appends.
    pub fn said(&self) -> Vec<&'static str> {
        let all = [
            (self.keeps_prompts, "It writes what stands before an answer differently once the answer is past."),
            (self.keeps_thoughts, "It leaves thoughts out of answers that are past; as they were drawn, they stay."),
            (self.keeps_blanks, "It strips blanks off answers that are past; as they were drawn, they stay."),
            (self.has_tool_turns, "It has no turn for what tools say: that is said as the user's."),
        ];
        all.into_iter().filter(|(kept, _)| !kept).map(|(_, said)| said).collect()
    }
}

/// Words that no template writes by itself.
const ANSWER: &str = "zyqqxanswer";
const THOUGHT: &str = "zyqqxthought";

impl ChatTemplate {
    /// What it does with turns that are past.
    pub fn history(&self) -> History {
        History {
            keeps_prompts: self.keeps(ANSWER),
            keeps_thoughts: self
                .after(&format!("<think>\n{THOUGHT}\n</think>\n\n{ANSWER}"))
                .is_some_and(|text| text.contains(THOUGHT)),
            // Where the prompt itself is written differently, nothing can be told of blanks.
            keeps_blanks: self.keeps(&format!(" {ANSWER} \n")) || !self.keeps(ANSWER),
            has_tool_turns: self.has_tool_turns(),
        }
    }

    /// Whether the prompt, and after it the answer, still stand there when the next answer is
    /// asked for.
    fn keeps(&self, answer: &str) -> bool {
        let prompt = self.render(&asked(), &Ask::answer()).map(|rendered| rendered.text);
        let kept = |prompt: String| Some(self.after(answer)?.starts_with(&format!("{prompt}{answer}")));
        prompt.ok().and_then(kept) == Some(true)
    }

    /// The prompt of the next answer, with this one past.
    fn after(&self, answer: &str) -> Option<String> {
        let next = asked().and(Role::Assistant, answer).and(Role::User, "and then?");
        self.render(&next, &Ask::answer()).ok().map(|rendered| rendered.text)
    }

    fn has_tool_turns(&self) -> bool {
        let next = asked().and(Role::Assistant, ANSWER).and(Role::Tool, THOUGHT);
        self.render(&next, &Ask::answer()).is_ok_and(|rendered| rendered.text.contains(THOUGHT))
    }

    /// The conversation in the form in which this template shows its tools: in the template's own,
    /// or in words.
    pub(crate) fn showing_tools(&self, conversation: Conversation) -> Result<Conversation, TokensFault> {
        if !conversation.has_tools() {
            return Ok(conversation);
        }
        let plain = self.render(&conversation.without_tools(), &Ask::answer())?;
        let shown = self.render(&conversation, &Ask::answer())?;
        Ok(if plain.text == shown.text { conversation.with_tools_in_words() } else { conversation })
    }

    /// These turns as this template can say them: what tools say is the user's where it has no
    /// turns for tools.
    pub(crate) fn sayable(&self, said: &[Turn]) -> Vec<Turn> {
        if said.iter().all(|turn| turn.role != Role::Tool) || self.has_tool_turns() {
            return said.to_vec();
        }
        let mut turns: Vec<Turn> = Vec::new();
        for turn in said.iter().cloned() {
            let role = if turn.role == Role::Tool { Role::User } else { turn.role };
            match turns.last_mut().filter(|last| last.role == role) {
                // One turn of the user's: some templates refuse two in a row.
                Some(last) => {
                    last.content.0.push(nouns::Part::Text("\n".into()));
                    last.content.0.extend(turn.content.0);
                }
                None => turns.push(Turn { role, ..turn }),
            }
        }
        turns
    }
}

fn asked() -> Conversation {
    Conversation::of_turns(&[Turn::user("question")], |_| String::new())
}
