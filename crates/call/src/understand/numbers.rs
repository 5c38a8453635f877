//! Numbers as people say them: "two eighteen", "fourteen forty-seven", "double four", "oh".

/// The value of a single number word.
enum Piece {
    /// 0–9, or a run of written digits.
    Digits(String),
    /// 10–19.
    Teen(u32),
    /// 20, 30 … 90.
    Tens(u32),
    Hundred,
    Thousand,
}

fn unit(low: &str) -> Option<u32> {
    Some(match low {
        "zero" | "oh" | "o" => 0,
        "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" | "niner" => 9,
        _ => return None,
    })
}

fn teen(low: &str) -> Option<u32> {
    Some(match low {
        "ten" => 10,
        "eleven" => 11,
        "twelve" => 12,
        "thirteen" => 13,
        "fourteen" => 14,
        "fifteen" => 15,
        "sixteen" => 16,
        "seventeen" => 17,
        "eighteen" => 18,
        "nineteen" => 19,
        _ => return None,
    })
}

fn tens(low: &str) -> Option<u32> {
    Some(match low {
        "twenty" => 20,
        "thirty" => 30,
        "forty" | "fourty" => 40,
        "fifty" => 50,
        "sixty" => 60,
        "seventy" => 70,
        "eighty" => 80,
        "ninety" => 90,
        _ => return None,
    })
}

fn piece(low: &str) -> Option<Piece> {
    if !low.is_empty() && low.len() <= 15 && low.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Piece::Digits(low.to_string()));
    }
    if let Some(u) = unit(low) {
        return Some(Piece::Digits(u.to_string()));
    }
    match low {
        "hundred" => Some(Piece::Hundred),
        "thousand" => Some(Piece::Thousand),
        _ => teen(low).map(Piece::Teen).or_else(|| tens(low).map(Piece::Tens)),
    }
}

/// True for a written number or a number word.
pub fn is_number_word(low: &str) -> bool {
    piece(low).is_some()
}

/// Digits of a number spoken in groups, and how many words it took: "two eighteen" → ("218", 2),
/// "fourteen forty seven" → ("1447", 3), "one oh five" → ("105", 3), "two hundred eighteen" → ("218", 3).
/// Words are lower case, hyphens already split. Stops at the first word that is no number.
pub fn grouped(words: &[&str]) -> Option<(String, usize)> {
    let mut digits = String::new();
    let mut used = 0;
    while let Some(p) = words.get(used).and_then(|w| piece(w)) {
        let step = match p {
            Piece::Digits(d) => {
                digits.push_str(&d);
                1
            }
            Piece::Teen(n) => {
                digits.push_str(&n.to_string());
                1
            }
            Piece::Tens(n) => push_tens(&mut digits, n, words.get(used + 1).copied()),
            Piece::Hundred => push_scaled(&mut digits, 2, &words[used + 1..]),
            Piece::Thousand => push_scaled(&mut digits, 3, &words[used + 1..]),
        };
        used += step;
        if digits.len() > 15 {
            return None;
        }
    }
    (!digits.is_empty()).then_some((digits, used))
}

/// "forty" + "seven" is 47; "forty" alone is 40. Returns how many words were used.
fn push_tens(digits: &mut String, n: u32, next: Option<&str>) -> usize {
    match next.and_then(unit).filter(|u| *u > 0 && next != Some("oh")) {
        Some(u) => {
            digits.push_str(&(n + u).to_string());
            2
        }
        None => {
            digits.push_str(&n.to_string());
            1
        }
    }
}

/// "two" "hundred" "and" "eighteen" → 218; "twelve hundred" → 1200. Returns how many words were used,
/// the scale word included.
fn push_scaled(digits: &mut String, zeros: usize, rest: &[&str]) -> usize {
    if digits.is_empty() {
        digits.push('1');
    }
    let skip = usize::from(rest.first() == Some(&"and"));
    let mut below = String::new();
    let used = match rest.get(skip).and_then(|w| piece(w)) {
        Some(Piece::Digits(d)) if d.len() < zeros => {
            below = d;
            1
        }
        Some(Piece::Teen(n)) => {
            below = n.to_string();
            1
        }
        Some(Piece::Tens(n)) => push_tens(&mut below, n, rest.get(skip + 1).copied()),
        Some(Piece::Digits(_) | Piece::Hundred | Piece::Thousand) | None => 0,
    };
    let hundred_next = zeros == 3 && rest.get(skip + used) == Some(&"hundred");
    if used == 0 || hundred_next {
        // "two thousand three hundred": the hundreds are read as the next group
        digits.push_str(&"0".repeat(zeros));
        if hundred_next {
            let keep = digits.len() - zeros;
            let mut lower = below;
            let more = push_scaled(&mut lower, 2, &rest[skip + used + 1..]);
            digits.truncate(keep);
            digits.push_str(&format!("{lower:0>3}"));
            return 1 + skip + used + more;
        }
        return 1;
    }
    digits.push_str(&format!("{below:0>zeros$}"));
    1 + skip + used
}

/// Runs of digits as a telephone number is spoken: "five five five", "double four", "oh", "555-234-5678",
/// "5 5 5. 2 3 4.". Words that people put between groups ("uh", "area code", "and then") do not end a run.
pub fn digit_runs(text: &str) -> Vec<String> {
    let spaced: String =
        text.chars().map(|c| if c.is_alphanumeric() || c == '\'' { c } else { ' ' }).collect();
    let lower = spaced.to_lowercase();
    let tokens: Vec<&str> = lower.split_whitespace().collect();
    let mut runs = vec![String::new()];
    let mut i = 0;
    while i < tokens.len() {
        let (digits, used) = phone_piece(&tokens[i..]);
        let run = runs.last_mut();
        match (digits, run) {
            (Some(d), Some(run)) => run.push_str(&d),
            (None, Some(run)) if !run.is_empty() && !between_groups(tokens[i]) => runs.push(String::new()),
            (None | Some(_), _) => {}
        }
        i += used;
    }
    runs.retain(|r| !r.is_empty());
    runs
}

fn between_groups(low: &str) -> bool {
    matches!(
        low,
        "uh" | "um" | "er" | "and" | "then" | "dash" | "area" | "code" | "extension" | "okay" | "so"
    )
}

/// One element of a telephone number and the words it took; `None` when the word is no number.
fn phone_piece(tokens: &[&str]) -> (Option<String>, usize) {
    let Some(first) = tokens.first() else { return (None, 1) };
    let next = tokens.get(1).copied();
    let times = match *first {
        "double" => 2,
        "triple" => 3,
        _ => 1,
    };
    if times > 1 {
        return match next.and_then(single_digit) {
            Some(d) => (Some(d.to_string().repeat(times)), 2),
            None => (None, 1),
        };
    }
    match piece(first) {
        Some(Piece::Digits(d)) => (Some(d), 1),
        Some(Piece::Teen(n)) => (Some(n.to_string()), 1),
        Some(Piece::Tens(n)) => {
            let mut digits = String::new();
            let used = push_tens(&mut digits, n, next);
            (Some(digits), used)
        }
        Some(Piece::Hundred) => (Some("00".into()), 1),
        Some(Piece::Thousand) => (Some("000".into()), 1),
        None => (None, 1),
    }
}

fn single_digit(low: &str) -> Option<u32> {
    unit(low).or_else(|| low.parse().ok().filter(|d| *d <= 9))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_grouped(words: &str, digits: &str) {
        let words: Vec<&str> = words.split(' ').collect();
        assert_eq!(grouped(&words).map(|(d, _)| d).unwrap_or_default(), digits, "{words:?}");
    }

    fn check_runs(text: &str, runs: &[&str]) {
        assert_eq!(digit_runs(text), runs, "{text}");
    }

    #[test]
    fn house_numbers_as_people_say_them() {
        check_grouped("two eighteen oak", "218");
        check_grouped("fourteen forty seven birch", "1447");
        check_grouped("nine twenty two maple", "922");
        check_grouped("one oh five", "105");
        check_grouped("two hundred eighteen", "218");
        check_grouped("two hundred and five", "205");
        check_grouped("twelve hundred", "1200");
        check_grouped("twenty one fifteen", "2115");
        check_grouped("two thousand three hundred", "2300");
        check_grouped("two thousand five", "2005");
        check_grouped("218 oak", "218");
        check_grouped("2 18 oak", "218");
        check_grouped("oak lane", "");
    }

    #[test]
    fn telephone_numbers_as_people_say_them() {
        check_runs("five five five two three four five six seven eight", &["5552345678"]);
        check_runs("555-234-5678", &["5552345678"]);
        check_runs("5 5 5. 2 3 4. 5 6 7 8.", &["5552345678"]);
        check_runs("(555) 234 5678", &["5552345678"]);
        check_runs("five double five, two oh four", &["555204"]);
        check_runs("eight hundred two three four, fifty-six seventy-eight", &["8002345678"]);
        check_runs("it's 4477 not 4567", &["4477", "4567"]);
        check_runs("area code 555 uh 234 and then 5678", &["5552345678"]);
        check_runs("nothing here", &[]);
    }
}
