//! What must never happen, whatever is said. What models may not do is in `stages.rs`.

use domain::{Tone, Trade, Turn};
use proptest::prelude::*;

use crate::{
    Context, NoModel, Runbook,
    eval::{self, local_time},
    run_turn,
};

const CASES: &str = include_str!("../../../../models/eval/cases.tsv");

fn at(time: &str, trade: Trade) -> Context {
    Context::at(local_time(time).unwrap(), trade)
}

/// One-turn emergencies of the labelled set.
fn emergencies() -> Vec<eval::Case> {
    let cases = eval::parse(CASES).unwrap();
    cases.into_iter().filter(|c| c.expected == eval::Expected::Emergency && c.turns.len() == 1).collect()
}

fn is_emergency(text: &str, ctx: &Context) -> bool {
    run_turn(&[Turn::caller(text)], ctx, &Runbook::default(), &NoModel).is_emergency()
}

pub(super) fn tone() -> impl Strategy<Value = Tone> {
    prop::sample::select(vec![
        Tone::Calm,
        Tone::Neutral,
        Tone::Concerned,
        Tone::Frustrated,
        Tone::Worried,
        Tone::Panicked,
    ])
}

pub(super) fn trade() -> impl Strategy<Value = Trade> {
    prop::sample::select(vec![Trade::Trades, Trade::Msp])
}

/// Text made of words that matter to the rules, in any order.
pub(super) fn word_salad() -> impl Strategy<Value = String> {
    let words = "no not if smell gas water last year my the is pouring alarm carbon monoxide co off it stopped quote press one \
                 15 degrees minus baby can't wait tomorrow ... ? , - server down everyone huele a é ß 水 ' '' n't -5 burst pipe";
    let words: Vec<&'static str> = words.split_whitespace().collect();
    prop::collection::vec(prop::sample::select(words), 0..40).prop_map(|w| w.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gets_a_decision(text in any::<String>(), salad in word_salad(), trade in trade(), finished: bool, asked: bool) {
        let ctx = Context { finished, clarifying_asked: asked, ..at("21:00", trade) };
        let turns = [Turn::caller(text), Turn::agent(salad.as_str()), Turn::caller(salad)];
        let decision = run_turn(&turns, &ctx, &Runbook::default(), &NoModel);
        prop_assert!((0.0..=1.0).contains(&decision.confidence));
        prop_assert!(decision.safety.is_none() || decision.is_emergency());
        prop_assert!(!decision.reasoning.is_empty());
    }

    #[test]
    fn polite_filler_never_lowers_an_emergency(
        index in any::<prop::sample::Index>(),
        before in prop::sample::select(vec!["um", "hi", "yeah hi", "sorry to bother you,", "so, uh,", "hi good evening,", "okay so", "please,", "well,"]),
        after in prop::sample::select(vec!["", "please", "thank you", "you know", "if you could please help", "thanks so much", "I'm so sorry to call late", "sir"]),
    ) {
        let cases = emergencies();
        let case = index.get(&cases);
        let ctx = Context::at(case.local, case.trade);
        if is_emergency(&case.turns[0], &ctx) {
            let text = format!("{before} {} {after}", case.turns[0]);
            prop_assert!(is_emergency(&text, &ctx), "{}", text);
        }
    }

    #[test]
    fn denied_hazards_alone_never_page(
        denial in prop::sample::select(vec!["I don't smell", "there's no", "we don't have any", "I haven't noticed any", "there isn't any", "no"]),
        hazard in prop::sample::select(vec!["gas smell", "gas leak", "burning smell", "sparks", "smoke", "flooding", "sewage backup", "exposed wires", "burst pipe"]),
        rest in prop::sample::select(vec!["", " or anything", ", the faucet just drips", ", I'd like a quote", " that I know of"]),
        hour in 0..24_i8,
    ) {
        let text = format!("{denial} {hazard}{rest}");
        let ctx = at(&format!("{hour:02}:30"), Trade::Trades);
        prop_assert!(!is_emergency(&text, &ctx), "{}", text);
    }

    #[test]
    fn life_safety_survives_whatever_is_said_after_it(salad in word_salad(), asked: bool, trade in trade(), repeat: bool) {
        let ctx = Context { clarifying_asked: asked, repeat_caller: repeat, ..at("10:00", trade) };
        let turns = [Turn::caller("I smell gas in my kitchen"), Turn::caller(salad)];
        prop_assert!(run_turn(&turns, &ctx, &Runbook::default(), &NoModel).is_emergency());
    }
}
