/// The valid name that was probably meant, if one is near enough to be more help than noise.
pub fn nearest<'a>(name: &str, valid: &'a [String]) -> Option<&'a str> {
    let scored = valid.iter().map(|candidate| (strsim::jaro_winkler(name, candidate), candidate));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.filter(|&(likeness, _)| likeness > 0.75).map(|(_, candidate)| candidate.as_str())
}
