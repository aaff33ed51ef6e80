//! What language a text is in.
//!
//! The reference asks `langdetect`, which draws: of short or mixed texts it says now this, now
//! that. Here `whatlang` answers, always the same, among the languages that both know.

use whatlang::{Detector, Lang};

/// The languages, with their codes of ISO 639-1.
const LANGUAGES: [(Lang, &str); 50] = [
    (Lang::Eng, "en"),
    (Lang::Spa, "es"),
    (Lang::Por, "pt"),
    (Lang::Fra, "fr"),
    (Lang::Deu, "de"),
    (Lang::Ita, "it"),
    (Lang::Rus, "ru"),
    (Lang::Ukr, "uk"),
    (Lang::Bul, "bg"),
    (Lang::Jpn, "ja"),
    (Lang::Kor, "ko"),
    (Lang::Cmn, "zh"),
    (Lang::Vie, "vi"),
    (Lang::Tha, "th"),
    (Lang::Ara, "ar"),
    (Lang::Pes, "fa"),
    (Lang::Urd, "ur"),
    (Lang::Heb, "he"),
    (Lang::Hin, "hi"),
    (Lang::Mar, "mr"),
    (Lang::Nep, "ne"),
    (Lang::Ben, "bn"),
    (Lang::Guj, "gu"),
    (Lang::Pan, "pa"),
    (Lang::Tam, "ta"),
    (Lang::Tel, "te"),
    (Lang::Kan, "kn"),
    (Lang::Mal, "ml"),
    (Lang::Fin, "fi"),
    (Lang::Swe, "sv"),
    (Lang::Dan, "da"),
    (Lang::Nob, "no"),
    (Lang::Nld, "nl"),
    (Lang::Pol, "pl"),
    (Lang::Ces, "cs"),
    (Lang::Slk, "sk"),
    (Lang::Ron, "ro"),
    (Lang::Hun, "hu"),
    (Lang::Ell, "el"),
    (Lang::Tur, "tr"),
    (Lang::Ind, "id"),
    (Lang::Afr, "af"),
    (Lang::Cat, "ca"),
    (Lang::Est, "et"),
    (Lang::Hrv, "hr"),
    (Lang::Lav, "lv"),
    (Lang::Lit, "lt"),
    (Lang::Mkd, "mk"),
    (Lang::Slv, "sl"),
    (Lang::Tgl, "tl"),
];

/// Whether a text is in the language of a code. A text without letters is in any.
pub(crate) fn is_in(text: &str, code: &str) -> bool {
    let known = Detector::with_allowlist(LANGUAGES.iter().map(|(language, _)| *language).collect());
    let is = |found: Lang| LANGUAGES.iter().any(|(language, own)| *language == found && *own == bare(code));
    known.detect_lang(text).is_none_or(is)
}

/// Whether texts in the language of a code can be told from others.
pub(crate) fn is_known(code: &str) -> bool {
    LANGUAGES.iter().any(|(_, own)| *own == bare(code))
}

/// A code without its country.
fn bare(code: &str) -> &str {
    code.split('-').next().unwrap_or(code)
}

pub(crate) fn is_english(text: &str) -> bool {
    is_in(text, "en")
}
