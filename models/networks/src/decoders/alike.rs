//! Which sequences of a batch share a prefix, so that it is computed once.

/// Sequences in their order, in groups that share a prefix.
#[derive(Clone, Default)]
pub struct Alike<'a> {
    pub(crate) groups: Vec<Group<'a>>,
}

/// Neighbours that share their first tokens.
#[derive(Clone)]
pub(crate) struct Group<'a> {
    pub(crate) sequences: Vec<&'a [u32]>,
    /// Tokens that are the same in all; the token after them, which their last row predicts, is
    /// too. 0 where the group has but one.
    pub(crate) prefix: usize,
}

/// Fewer tokens are not worth being shared.
const LEAST: usize = 8;

impl<'a> Alike<'a> {
    /// That of these sequences.
    pub fn of(sequences: impl IntoIterator<Item = &'a [u32]>) -> Alike<'a> {
        let mut alike = Alike::default();
        sequences.into_iter().for_each(|sequence| alike.add(sequence));
        alike
    }

    /// One more, into the last group if it shares about as much with it as that shares already.
    pub fn add(&mut self, sequence: &'a [u32]) {
        if let Some(group) = self.groups.last_mut() {
            let prefix = group.prefix_with(sequence);
            if prefix >= LEAST && 4 * prefix >= 3 * group.prefix {
                group.prefix = prefix;
                group.sequences.push(sequence);
                return;
            }
        }
        self.groups.push(Group { sequences: vec![sequence], prefix: 0 });
    }

    /// Tokens of all sequences.
    pub fn tokens(&self) -> usize {
        self.groups.iter().flat_map(|group| &group.sequences).map(|sequence| sequence.len()).sum()
    }

    /// Rows that they take: every prefix once.
    pub fn rows(&self) -> usize {
        let saved = |group: &Group| (group.sequences.len() - 1) * group.prefix;
        self.tokens() - self.groups.iter().map(saved).sum::<usize>()
    }
}

impl Group<'_> {
    /// The prefix if this one came in.
    fn prefix_with(&self, sequence: &[u32]) -> usize {
        let first = self.sequences[0];
        let common = first.iter().zip(sequence).take_while(|(one, other)| one == other).count();
        let prefix = common.saturating_sub(1);
        if self.sequences.len() > 1 { prefix.min(self.prefix) } else { prefix }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_what_all_of_them_begin_with() {
        let sequence = |prompt: u32, length: u32, answer: &[u32]| -> Vec<u32> {
            (0..length).map(|place| 100 * prompt + place).chain(answer.iter().copied()).collect()
        };
        let sequences = [
            sequence(1, 20, &[7, 8, 9]),
            sequence(1, 20, &[7, 8]),
            sequence(1, 20, &[6]),
            sequence(2, 9, &[5, 5]),
            sequence(2, 9, &[4]),
            sequence(3, 5, &[1]),
            sequence(3, 5, &[2]),
        ];
        let alike = Alike::of(sequences.iter().map(Vec::as_slice));
        let found: Vec<(usize, usize)> =
            alike.groups.iter().map(|group| (group.sequences.len(), group.prefix)).collect();
        assert_eq!(found, [(3, 19), (2, 8), (1, 0), (1, 0)], "what is behind the prefix is common, too");
        assert_eq!((alike.tokens(), alike.rows()), (23 + 22 + 21 + 11 + 10 + 6 + 6, 99 - 2 * 19 - 8));
    }

    #[test]
    fn a_little_in_common_breaks_no_group() {
        let one: Vec<u32> = (0..40).collect();
        let other: Vec<u32> = (0..12).chain(60..90).collect();
        let alike = Alike::of([&one[..], &one, &other, &other]);
        assert_eq!(alike.groups.iter().map(|group| group.prefix).collect::<Vec<_>>(), [39, 41]);
    }
}
