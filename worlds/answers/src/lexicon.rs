//! Words of English that are never the unit or the noun after a number.

/// Closed classes: articles aside, the words a language does not add to. After a number they begin
/// a clause.
const CLOSED: &str = " about above across after afterwards again against all almost along already also although always \
am among amongst and another any anybody anyone anything are around as at away be because been before being below \
beneath beside besides between beyond both but by can cannot could despite did do does doing done down due during each either else \
enough even ever every everybody everyone everything except exactly few fewer finally for from further given had has \
have having he hence her here hers herself him himself his how however i if in indeed inside instead into is it its \
itself just last least less like may me might mine more moreover most much must my myself neither never nevertheless \
next no nobody none nor not nothing now of off often on once only onto or other others otherwise our ours ourselves \
out outside over own per perhaps please plus minus times quite rather really same shall she should simply since so \
some somebody someone something still such than that the their theirs them themselves then there therefore these they this those \
though through throughout thus to together too toward towards under unless unlike until up upon us use using very was we well were \
what whatever when whenever where whereas wherever whether which while who whom whose why will with within without would yes yet you your yours \
isnt arent wasnt werent dont doesnt didnt cant couldnt wont wouldnt shouldnt altogether overall approximately tall long wide high deep \
assuming provided meaning making according therefrom hereby i.e e.g ";

/// Words that take back what stands before them, or say that it is something else.
const JUDGING: &str = " wrong incorrect false mistaken mistake error invalid impossible unlikely incorrectly right correct true \
seems seem appears looks fails works holds ";

/// Words that make another number of the one before them.
const OPERATING: &str = " squared cubed factorial halved doubled tripled quadrupled inverted reciprocal negated divided multiplied \
raised plus minus times mod modulo choose point base root halves thirds fourths quarters fifths sixths sevenths eighths ninths tenths \
elevenths twelfths sixteenths twentieths hundredths thousandths millionths half third fourth quarter fifth sixth seventh eighth ninth \
tenth hundredth thousandth zero one two three four five six seven eight nine ten eleven twelve remainder digits tens ones ";

fn among(list: &str, word: &str) -> bool {
    let plain: String =
        word.chars().filter(|letter| !matches!(letter, '\'' | '’')).flat_map(char::to_lowercase).collect();
    !plain.is_empty() && list.split_ascii_whitespace().any(|other| other == plain)
}

/// Whether a word can name what a number counts.
pub(crate) fn is_noun(word: &str) -> bool {
    !among(CLOSED, word) && !among(JUDGING, word) && !among(OPERATING, word)
}

/// Whether a word belongs to a closed class.
pub(crate) fn is_closed(word: &str) -> bool {
    among(CLOSED, word)
}

/// Whether a text takes something back.
pub(crate) fn denies(text: &str) -> bool {
    const DENYING: &str = " wrong incorrect incorrectly false mistaken mistake error invalid impossible never neither nor exclude excluded eliminate eliminated except doubt doubtful discard reject rejected ";
    words(text).any(|word| among(DENYING, word) || negates(word))
}

/// `not`, `isn't`, `cannot`.
pub(crate) fn negates(word: &str) -> bool {
    let lower = word.to_lowercase();
    matches!(lower.as_str(), "not" | "cannot") || lower.ends_with("n't") || lower.ends_with("n’t")
}

/// The words of a text, without the signs around them.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let inner = |letter: char| letter.is_alphanumeric() || matches!(letter, '\'' | '’');
    text.split(move |letter| !inner(letter)).filter(|word| !word.is_empty())
}
