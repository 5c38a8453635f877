//! Model stages: what they may raise, and that they can do nothing else.

use domain::{Action, Category, Classification, Issue, Safety, Service, Tone, Trade, Turn};
use proptest::prelude::*;

use super::never::{tone, trade, word_salad};
use crate::{
    Context, NoModel, Opinion, Runbook, Severity, Stage, ask, ask_cloud, assess, decide,
    eval::{self, Outcome, local_time},
    run_turn,
};

const CASES: &str = include_str!("../../../../models/eval/cases.tsv");

fn at(time: &str) -> Context {
    Context::at(local_time(time).unwrap(), Trade::Trades)
}

fn hazard(stage: Stage, issue: Issue, confidence: f32) -> Opinion {
    Opinion { issue: Some(issue), ..Opinion::new(stage, Severity::Emergency, confidence) }
}

/// `turns` are separated by `|`; the last of several answers the clarifying question.
fn check(turns: &str, opinions: &[Opinion], expected: &str) {
    let said: Vec<&str> = turns.split('|').map(str::trim).collect();
    let spoken: Vec<Turn> = said.iter().map(|t| Turn::caller(*t)).collect();
    let ctx = Context { clarifying_asked: said.len() > 1, ..at("19:00") };
    let decision = decide(assess(&spoken, &ctx, &Runbook::default()), opinions);
    assert_eq!(Outcome::of(&decision).to_string(), expected, "{turns:?}: {}", decision.reasoning);
}

const UNKNOWN: &str =
    "the doodad in the back hall has been making the whole place strange and my sister does not like it";

#[test]
fn one_stage_may_cause_the_question_and_two_wake_somebody() {
    let sense = |confidence| Opinion::new(Stage::Sense, Severity::Emergency, confidence);
    let judge = |confidence| Opinion::new(Stage::Judge, Severity::Emergency, confidence);
    check("my faucet drips", &[sense(0.95)], "ask");
    check("my faucet drips", &[sense(0.7)], "routine");
    check("my faucet drips", &[sense(0.85), judge(0.85)], "emergency");
    check("my faucet drips", &[sense(0.85), judge(0.7)], "ask");
    check("my AC stopped working", &[sense(0.95)], "ask");
    check("my AC stopped working", &[sense(0.7), judge(0.65)], "emergency");
    check(UNKNOWN, &[], "ask");
    check(UNKNOWN, &[sense(0.8)], "emergency");
    check(UNKNOWN, &[sense(0.7)], "ask");
}

#[test]
fn a_judge_that_would_resolve_does_not_confirm_an_emergency() {
    let sense = Opinion::new(Stage::Sense, Severity::Emergency, 0.8);
    let judge =
        Opinion { action: Some(Action::Resolve), ..Opinion::new(Stage::Judge, Severity::Emergency, 0.8) };
    check("my AC stopped working", &[sense, judge], "ask");
}

#[test]
fn the_cloud_is_never_alone_in_charge() {
    let cloud = hazard(Stage::Cloud, Issue::Gas, 1.0);
    check("my faucet drips", std::slice::from_ref(&cloud), "ask");
    check("my AC stopped working", std::slice::from_ref(&cloud), "ask");
    check(
        "my AC stopped working",
        &[cloud, Opinion::new(Stage::Sense, Severity::Emergency, 0.6)],
        "emergency",
    );
}

#[test]
fn a_hazard_to_life_is_enough_from_one_local_stage_unless_the_caller_denied_it() {
    check("the doodad is acting up again", &[hazard(Stage::Sense, Issue::Gas, 0.9)], "emergency");
    check("my faucet drips | it can wait", &[hazard(Stage::Sense, Issue::Gas, 0.9)], "emergency");
    check("I don't smell gas, my faucet drips", &[hazard(Stage::Sense, Issue::Gas, 0.99)], "ask");
    check("hello there", &[hazard(Stage::Sense, Issue::Gas, 0.99)], "ask");
    check("my faucet drips", &[hazard(Stage::Sense, Issue::Water, 0.99)], "ask");
}

#[test]
fn the_callers_own_word_stands_against_models_on_harmless_matters() {
    let sure = [
        hazard(Stage::Sense, Issue::Water, 0.99),
        hazard(Stage::Judge, Issue::Water, 0.99),
        hazard(Stage::Cloud, Issue::Water, 0.99),
    ];
    check("my AC stopped working | it can wait until tomorrow", &sure, "routine");
}

#[test]
fn hazards_from_models_bring_the_instruction_of_the_closed_list() {
    let ctx = at("19:00");
    let turns = [Turn::caller("the doodad is acting up and my sister does not like it")];
    let decision = decide(
        assess(&turns, &ctx, &Runbook::default()),
        &[hazard(Stage::Sense, Issue::CarbonMonoxide, 0.9)],
    );
    assert_eq!(decision.safety, Some(Safety::CarbonMonoxide));
    assert_eq!(decision.models, ["sense: emergency (carbon monoxide), 0.90"]);
    assert!(decision.reasoning.contains("sense: carbon monoxide"), "{}", decision.reasoning);
}

#[test]
fn stages_are_asked_only_where_they_can_change_something() {
    let asked = |text: &str| {
        let assessment = assess(&[Turn::caller(text)], &at("19:00"), &Runbook::default());
        ask(&assessment, &Runbook::default()).map(|q| q.stages)
    };
    assert_eq!(asked("I smell gas"), None);
    assert_eq!(asked("my AC stopped working"), Some(vec![Stage::Sense, Stage::Judge]));
    assert_eq!(asked("hello there"), Some(vec![Stage::Sense]));
    assert_eq!(asked("I'm calling from ABC Marketing about your Google Ads"), Some(vec![Stage::Sense]));
}

#[test]
fn the_cloud_is_asked_when_local_stages_are_unsure_or_disagree() {
    let cloud = |text: &str, opinions: &[Opinion]| {
        ask_cloud(&assess(&[Turn::caller(text)], &at("19:00"), &Runbook::default()), opinions)
    };
    let say = Opinion::new;
    assert!(cloud("my AC stopped working", &[]));
    assert!(cloud("my AC stopped working", &[say(Stage::Sense, Severity::Unclear, 0.5)]));
    assert!(!cloud("my AC stopped working", &[say(Stage::Sense, Severity::Unclear, 0.9)]));
    assert!(cloud(
        "my AC stopped working",
        &[say(Stage::Sense, Severity::Routine, 0.9), say(Stage::Judge, Severity::Emergency, 0.9)]
    ));
    assert!(cloud("my faucet drips", &[say(Stage::Sense, Severity::Emergency, 0.7)]));
    assert!(!cloud("my faucet drips", &[say(Stage::Sense, Severity::Routine, 0.7)]));
    assert!(!cloud("I smell gas", &[]));
    assert!(!cloud("hello", &[]));
}

#[test]
fn without_opinions_every_labelled_call_comes_out_as_the_rules_say() {
    for case in eval::parse(CASES).unwrap() {
        let ctx = Context::at(case.local, case.trade);
        let turns: Vec<Turn> = case.turns.iter().map(|t| Turn::caller(t.as_str())).collect();
        let rules = run_turn(&turns, &ctx, &Runbook::default(), &NoModel);
        let assessment = assess(&turns, &ctx, &Runbook::default());
        assert_eq!(decide(assessment.clone(), &[]), rules, "{}", case.id);
        let silent = [Opinion::new(Stage::Sense, Severity::Emergency, f32::NAN)];
        let heard = decide(assessment, &silent);
        assert_eq!(Outcome::of(&heard), Outcome::of(&rules), "{}", case.id);
    }
}

fn opinions() -> impl Strategy<Value = Vec<Opinion>> {
    let confidence = prop_oneof![
        any::<f32>(),
        0.0..=1.0_f32,
        prop::sample::select(vec![1.0, 0.0, -0.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -1.0]),
    ];
    let issue = prop::sample::select(vec![
        None,
        Some(Issue::Gas),
        Some(Issue::Danger),
        Some(Issue::Water),
        Some(Issue::Quote),
        Some(Issue::SalesPitch),
        Some(Issue::Robocall),
        Some(Issue::Unknown),
    ]);
    let one = (
        prop::sample::select(vec![Stage::Sense, Stage::Judge, Stage::Cloud]),
        prop::sample::select(vec![Severity::Routine, Severity::Unclear, Severity::Emergency, Severity::Spam]),
        issue,
        prop::sample::select(vec![None, Some(Service::It), Some(Service::Plumbing), Some(Service::Unknown)]),
        prop::sample::select(vec![None, Some(Action::Gather), Some(Action::Resolve), Some(Action::Escalate)]),
        (prop::sample::select(Category::ALL.to_vec()), confidence.clone()),
        confidence,
    );
    let opinion = one.prop_map(|(stage, severity, issue, service, action, category, confidence)| Opinion {
        stage,
        severity,
        issue,
        service,
        category: Some(category),
        action,
        confidence,
    });
    prop::collection::vec(opinion, 0..6)
}

/// Spam, nothing yet, routine, question, emergency: what is lower is never reached by a model.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Spam => 0,
        Outcome::Listen => 1,
        Outcome::Routine => 2,
        Outcome::Ask => 3,
        Outcome::Emergency => 4,
    }
}

fn words() -> impl Strategy<Value = String> {
    let said: Vec<String> =
        eval::parse(CASES).unwrap().into_iter().map(|case| case.turns.join(". ")).collect();
    prop_oneof![word_salad(), prop::sample::select(said)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 384, ..ProptestConfig::default() })]

    #[test]
    fn no_opinion_lowers_a_call_or_changes_what_is_said(
        text in words(), opinions in opinions(), tone in tone(), trade in trade(), asked: bool, finished: bool,
    ) {
        let ctx = Context { tone, trade, clarifying_asked: asked, finished, ..at("21:00") };
        let assessment = assess(&[Turn::caller(text)], &ctx, &Runbook::default());
        let rules = decide(assessment.clone(), &[]);
        let heard = decide(assessment, &opinions);
        prop_assert!(rank(Outcome::of(&heard)) >= rank(Outcome::of(&rules)), "{} / {}", rules.reasoning, heard.reasoning);
        prop_assert!(heard.priority <= rules.priority);
        prop_assert!((0.0..=1.0).contains(&heard.confidence));
        if rules.is_emergency() {
            // A tie that the rules broke may turn out to be a hazard to life; nothing else changes.
            let open = rules.issue == Issue::Unknown || heard.issue.is_life_safety() && !rules.issue.is_life_safety();
            if !open {
                prop_assert_eq!((heard.issue, heard.safety), (rules.issue, rules.safety));
            }
        }
        prop_assert!(heard.safety.is_none() || heard.is_emergency() && heard.safety == heard.issue.safety());
        prop_assert_eq!(&heard.resolve_steps, &rules.resolve_steps);
        prop_assert_eq!(&heard.target, &rules.target);
        prop_assert_eq!(&heard.sentiment, &rules.sentiment);
        if rules.classification != Some(Classification::Spam) {
            prop_assert!(heard.classification != Some(Classification::Spam));
        }
    }

    #[test]
    fn no_opinion_lowers_a_life_safety_call(opinions in opinions(), salad in word_salad(), asked: bool) {
        let ctx = Context { clarifying_asked: asked, tone: Tone::Calm, ..at("10:00") };
        let turns = [Turn::caller("I smell gas in my kitchen"), Turn::caller(salad)];
        let decision = decide(assess(&turns, &ctx, &Runbook::default()), &opinions);
        prop_assert!(decision.is_emergency());
        prop_assert_eq!(decision.safety, Some(Safety::Gas));
    }
}
