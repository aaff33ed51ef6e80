//! Keys and values of contexts that were computed before, a page at a time: the prefix cache: what
//! begins alike is computed once.
//!
//! A page's numbers depend on the tokens up to its end alone, so that whoever finds one here gets
//! the bits that he would have computed.

use std::collections::HashMap;
use std::sync::Arc;

use kernels::slices::{PAGE, Page};

/// The tokens of a page.
type Tokens = [u32; PAGE];

/// A tree of pages: each is behind the page before it.
pub(crate) struct Prefixes {
    places: HashMap<(usize, Tokens), usize>,
    pages: HashMap<usize, Kept>,
    /// The next page's number; 0 is the empty beginning.
    next: usize,
    clock: u64,
    limit: usize,
}

struct Kept {
    page: Arc<Page>,
    place: (usize, Tokens),
    depth: usize,
    used: u64,
}

impl Prefixes {
    /// Keeps at most this many pages.
    pub(crate) fn new(limit: usize) -> Prefixes {
        Prefixes { places: HashMap::new(), pages: HashMap::new(), next: 1, clock: 0, limit }
    }

    /// Pages that are kept.
    pub(crate) fn len(&self) -> usize {
        self.pages.len()
    }

    /// The pages of the longest beginning of `tokens` that is kept.
    pub(crate) fn find(&mut self, tokens: &[u32]) -> Vec<Arc<Page>> {
        self.clock += 1;
        let (mut found, mut before) = (Vec::new(), 0);
        for page in tokens.as_chunks().0 {
            let Some(&number) = self.places.get(&(before, *page)) else { break };
            let Some(kept) = self.pages.get_mut(&number) else { break };
            kept.used = self.clock;
            found.push(kept.page.clone());
            before = number;
        }
        found
    }

    /// Keeps the pages that `tokens` fill.
    pub(crate) fn keep(&mut self, tokens: &[u32], pages: &[Arc<Page>]) {
        if self.limit == 0 {
            return;
        }
        self.clock += 1;
        let mut before = 0;
        for (depth, (filled, page)) in tokens.as_chunks().0.iter().zip(pages).enumerate() {
            let place = (before, *filled);
            before = *self.places.entry(place).or_insert(self.next);
            self.next = self.next.max(before + 1);
            let fresh = || Kept { page: page.clone(), place, depth, used: 0 };
            self.pages.entry(before).or_insert_with(fresh).used = self.clock;
        }
        if self.pages.len() > self.limit {
            self.evict();
        }
    }

    /// Evicts the least recently used pages, ends before beginnings, until the rest fits.
    fn evict(&mut self) {
        let mut order: Vec<_> =
            self.pages.iter().map(|(&number, kept)| (kept.used, usize::MAX - kept.depth, number)).collect();
        order.sort_unstable();
        for (.., number) in order.into_iter().take(self.pages.len() - self.limit / 2) {
            if let Some(kept) = self.pages.remove(&number) {
                self.places.remove(&kept.place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use kernels::slices::PageShape;
    use kernels::{Heads, Precision};

    use super::*;

    fn pages(count: usize) -> Vec<Arc<Page>> {
        let heads = Heads { heads: 1, kv_heads: 1, head_dim: 2 };
        let shape = PageShape { heads, layers: 1, precision: Precision::F32 };
        (0..count).map(|_| Arc::new(shape.page())).collect()
    }

    fn same(found: &[Arc<Page>], wanted: &[Arc<Page>]) -> bool {
        found.len() == wanted.len() && found.iter().zip(wanted).all(|(a, b)| Arc::ptr_eq(a, b))
    }

    #[test]
    fn the_longest_beginning_of_whole_pages_is_found() {
        let mut prefixes = Prefixes::new(100);
        let tokens: Vec<u32> = (0..70).collect();
        let kept = pages(5);
        prefixes.keep(&tokens, &kept);
        assert!(same(&prefixes.find(&tokens), &kept[..4]), "the fifth page is not full");
        assert!(same(&prefixes.find(&tokens[..40]), &kept[..2]));
        let mut other = tokens.clone();
        other[20] = 7;
        assert!(same(&prefixes.find(&other), &kept[..1]));
        assert!(prefixes.find(&tokens[1..]).is_empty(), "pages begin where the context begins");
    }

    #[test]
    fn the_least_recently_used_is_evicted_first_and_never_a_beginning_before_its_end() {
        let mut prefixes = Prefixes::new(8);
        let line = |first: u32| -> Vec<u32> { std::iter::once(first).chain(1..64).collect() };
        let (old, new, newest) = (pages(4), pages(4), pages(4));
        prefixes.keep(&line(100), &old);
        prefixes.keep(&line(200), &new);
        assert!(same(&prefixes.find(&line(200)), &new));
        prefixes.keep(&line(300), &newest);
        assert!(prefixes.find(&line(100)).is_empty());
        assert!(same(&prefixes.find(&line(300)), &newest));
        assert!(prefixes.pages.len() <= 8);
    }
}
