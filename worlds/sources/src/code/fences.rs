//! Blocks of code between fences, as Markdown has them.

/// A block of code.
pub(super) struct Block {
    /// The first word after the fence that opens it, in small letters.
    language: String,
    /// What it holds, without the indentation of its fence.
    pub(super) code: String,
}

impl Block {
    /// Whether it says that it is Python.
    pub(super) fn is_python(&self) -> bool {
        is_python(&self.language)
    }

    /// Whether it says nothing else.
    pub(super) fn may_be_python(&self) -> bool {
        self.language.is_empty() || self.is_python()
    }
}

fn is_python(word: &str) -> bool {
    ["python", "python3", "py", "py3", "ipython", "{python}", "{.python}"].contains(&word)
}

/// A line that opens or closes a block.
struct Fence {
    letter: char,
    length: usize,
    indentation: usize,
    /// What stands after it.
    info: String,
}

impl Fence {
    fn read(line: &str) -> Option<Fence> {
        let text = line.trim_start();
        let letter = text.chars().next().filter(|letter| ['`', '~'].contains(letter))?;
        let info = text.trim_start_matches(letter);
        let (length, indentation) = (text.len() - info.len(), line.len() - text.len());
        // A line with both its fences opens nothing.
        let opens = length >= 3 && !(letter == '`' && info.contains('`'));
        opens.then(|| Fence { letter, length, indentation, info: info.trim().to_owned() })
    }

    fn language(&self) -> String {
        self.info.split([' ', ',', ':']).next().unwrap_or_default().to_lowercase()
    }

    /// Whether another ends the block that this one opens.
    fn ended_by(&self, other: &Fence) -> bool {
        other.letter == self.letter && other.length >= self.length && other.indentation <= self.indentation + 3
    }
}

/// The blocks of a text that hold something, in order. One that is not closed ends with the text,
/// or where the next is opened.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let (mut blocks, mut open): (Vec<Block>, Option<(Fence, Block)>) = (Vec::new(), None);
    let begun = |fence: Fence| {
        let language = fence.language();
        Some((fence, Block { language, code: String::new() }))
    };
    for line in text.lines() {
        match (Fence::read(line), &mut open) {
            (Some(fence), Some((opening, _))) if opening.ended_by(&fence) => {
                blocks.extend(open.take().map(|(_, block)| block));
                open = if fence.info.is_empty() { None } else { begun(fence) };
            }
            (_, Some((opening, block))) => {
                let blank = line.len() - line.trim_start().len();
                block.code.push_str(&line[blank.min(opening.indentation)..]);
                block.code.push('\n');
            }
            (Some(fence), None) => open = begun(fence),
            (None, None) => {}
        }
    }
    blocks.extend(open.map(|(_, block)| block));
    blocks.retain(|block| !block.code.trim().is_empty());
    blocks
}

/// What stands before the first fence. An answer may go on in a block that its prompt has opened:
/// then it begins with code, or with the language, and the first fence ends it.
pub(super) fn before_fences(text: &str) -> String {
    let mut lines = text.lines().take_while(|line| Fence::read(line).is_none()).peekable();
    if lines.peek().is_some_and(|line| is_python(line.trim())) {
        lines.next();
    }
    lines.flat_map(|line| [line, "\n"]).collect()
}
