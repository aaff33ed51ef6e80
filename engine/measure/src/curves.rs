//! What a few graded or plain answers say about many ways to draw from them: unbiased estimates, in
//! closed form.

/// The chance that the best-graded of `n` answers is right, over all ways to draw `n` of these: of
/// the answers from the best grade down, number `i` (from 0) of `k` is the best of a draw in
/// `C(k - 1 - i, n - 1)` of `C(k, n)`. Equal grades share their places. None if there are fewer
/// than `n`.
pub(crate) fn best_of(graded: &[(f64, bool)], n: usize) -> Option<f64> {
    let k = graded.len();
    if n == 0 || k < n {
        return None;
    }
    let mut order: Vec<(f64, f64)> = graded.iter().map(|&(grade, right)| (grade, f64::from(u8::from(right)))).collect();
    order.sort_by(|one, other| other.0.total_cmp(&one.0));
    for equal in order.chunk_by_mut(|one, other| one.0.total_cmp(&other.0).is_eq()) {
        let share = equal.iter().map(|(_, right)| right).sum::<f64>() / equal.len() as f64;
        equal.iter_mut().for_each(|(_, right)| *right = share);
    }
    // The chance that number i is the best, from that of number i - 1: (k - i - n + 1) of the k - i that are left.
    let (mut chance, mut sum) = (n as f64 / k as f64, 0.0);
    for (number, (_, right)) in order.iter().enumerate() {
        sum += chance * right;
        let left = (k - 1 - number) as f64;
        chance *= if left > 0.0 { (left - (n as f64 - 1.0)).max(0.0) / left } else { 0.0 };
    }
    Some(sum)
}

/// The chance that any of `n` answers is right, over all ways to draw `n` of these:
/// `1 - C(wrong, n) / C(all, n)`. None if there are fewer than `n`.
pub(crate) fn pass_at(rights: &[bool], n: usize) -> Option<f64> {
    let (all, wrong) = (rights.len(), rights.iter().filter(|&&right| !right).count());
    if n == 0 || all < n {
        return None;
    }
    // The product of what is left at every draw.
    let missed = (0..n).map(|drawn| (wrong.saturating_sub(drawn)) as f64 / (all - drawn) as f64);
    Some(1.0 - missed.product::<f64>())
}

/// The chance that a right answer is graded above a wrong one, equal grades counting half; none
/// without both.
pub(crate) fn auroc(graded: &[(f64, bool)]) -> Option<f64> {
    let of = |right: bool| graded.iter().filter(move |(_, is)| *is == right).map(|(grade, _)| *grade);
    let (rights, wrongs) = (of(true).count(), of(false).count());
    if rights == 0 || wrongs == 0 {
        return None;
    }
    let above = |one: f64, other: f64| if one > other { 1.0 } else { 0.5 * f64::from(u8::from(one == other)) };
    let wins: f64 = of(true).map(|right| of(false).map(|wrong| above(right, wrong)).sum::<f64>()).sum();
    Some(wins / (rights * wrongs) as f64)
}

/// The rank correlation of pairs (Spearman's), equal ones sharing their rank; none where one side
/// is always the same.
pub(crate) fn spearman(pairs: &[(f64, f64)]) -> Option<f64> {
    let ones = ranks(pairs.iter().map(|pair| pair.0).collect());
    let others = ranks(pairs.iter().map(|pair| pair.1).collect());
    // Ranks have the same mean on both sides.
    let mean = (pairs.len() as f64 + 1.0) / 2.0;
    let product = |one: &[f64], other: &[f64]| -> f64 {
        one.iter().zip(other).map(|(one, other)| (one - mean) * (other - mean)).sum()
    };
    let spread = (product(&ones, &ones) * product(&others, &others)).sqrt();
    (spread > 0.0).then(|| product(&ones, &others) / spread)
}

/// Ranks from 1; equal values have the mean of theirs.
fn ranks(values: Vec<f64>) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&one, &other| values[one].total_cmp(&values[other]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|&one, &other| values[one] == values[other]) {
        let shared = before as f64 + (equal.len() as f64 + 1.0) / 2.0;
        equal.iter().for_each(|&place| ranks[place] = shared);
        before += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use nouns::Key;

    /// By trying every way to draw.
    fn counted(graded: &[(f64, bool)], n: usize) -> f64 {
        let draws = (0u32..1 << graded.len()).filter(|draw| draw.count_ones() as usize == n);
        let rights: Vec<f64> = draws
            .map(|draw| {
                let drawn = (0..graded.len()).filter(|place| draw >> place & 1 == 1).map(|place| graded[place]);
                let best = drawn.clone().map(|(grade, _)| grade).fold(f64::MIN, f64::max);
                let tops: Vec<bool> = drawn.filter(|(grade, _)| *grade == best).map(|(_, right)| right).collect();
                tops.iter().filter(|&&right| right).count() as f64 / tops.len() as f64
            })
            .collect();
        rights.iter().sum::<f64>() / rights.len() as f64
    }

    #[test]
    fn the_closed_form_is_the_mean_over_every_draw() {
        let mut random = Key::root(3).random();
        for _ in 0..20 {
            let graded: Vec<(f64, bool)> = (0..7).map(|_| (random.normal(), random.uniform() < 0.5)).collect();
            for n in 1..=7 {
                let found = best_of(&graded, n).expect("enough");
                assert!((found - counted(&graded, n)).abs() < 1e-12, "{graded:?} {n}");
            }
        }
        assert_eq!(best_of(&[(0.0, true)], 2), None);
    }

    #[test]
    fn any_of_several_is_right_as_often_as_counting_says() {
        for rights in [[true, false, false, true, false], [false; 5], [true; 5]] {
            // A judge who knows picks a right one wherever there is one.
            let known: Vec<(f64, bool)> = rights.iter().map(|&right| (f64::from(u8::from(right)), right)).collect();
            for n in 1..=5 {
                let (found, wanted) = (pass_at(&rights, n).expect("enough"), best_of(&known, n).expect("enough"));
                assert!((found - wanted).abs() < 1e-12, "{rights:?} {n}");
            }
        }
        assert_eq!(pass_at(&[true], 2), None);
    }

    #[test]
    fn ranks_count_and_not_distances() {
        assert_eq!(spearman(&[(1.0, 10.0), (2.0, 100.0), (3.0, 1000.0)]), Some(1.0));
        assert_eq!(spearman(&[(1.0, 3.0), (2.0, 2.0), (3.0, 1.0)]), Some(-1.0));
        // By scipy.stats.spearmanr: 0.9486832980505138.
        let tied = spearman(&[(1.0, 1.0), (2.0, 2.0), (3.0, 2.0), (4.0, 3.0)]).expect("ranks");
        assert!((tied - 0.9f64.sqrt()).abs() < 1e-12, "{tied}");
        assert_eq!((spearman(&[(1.0, 1.0), (1.0, 2.0)]), spearman(&[])), (None, None));
    }

    #[test]
    fn a_judge_that_cannot_tell_is_as_good_as_chance() {
        let same = [(0.0, true), (0.0, false), (0.0, false), (0.0, false)];
        assert!([1, 2, 4].iter().all(|&n| (best_of(&same, n).expect("enough") - 0.25).abs() < 1e-12));
        assert_eq!(auroc(&same), Some(0.5));
        assert_eq!(auroc(&[(1.0, true), (0.0, false), (2.0, false)]), Some(0.5));
        assert_eq!(auroc(&[(1.0, true)]), None);
    }
}
